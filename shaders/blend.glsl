// Blending, written once. The formulas and their names are those of composite/reference.py, which is the
// specification; the codes are those of mien.types.Blend. Colours are sRGB-encoded, used as they are.

vec3 straight(vec4 c) {
    return c.a > 0.0 ? clamp(c.rgb / c.a, 0.0, 1.0) : vec3(0.0);
}

float lum(vec3 c) {
    return dot(c, vec3(0.3, 0.59, 0.11));
}

float sat(vec3 c) {
    return max(max(c.r, c.g), c.b) - min(min(c.r, c.g), c.b);
}

vec3 set_lum(vec3 c, float l) {
    c += l - lum(c);
    float low = min(min(c.r, c.g), c.b);
    float high = max(max(c.r, c.g), c.b);
    if (low < 0.0) c = l + (c - l) * (l / max(l - low, 1e-7));
    if (high > 1.0) c = l + (c - l) * ((1.0 - l) / max(high - l, 1e-7));
    return c;
}

vec3 set_sat(vec3 c, float s) {
    float low = min(min(c.r, c.g), c.b);
    float spread = sat(c);
    return spread > 0.0 ? (c - low) * (s / spread) : vec3(0.0);
}

vec3 hard_light(vec3 cb, vec3 cs) {
    vec3 twice = 2.0 * cs;
    vec3 over = twice - 1.0;
    return mix(cb * twice, cb + over - cb * over, step(vec3(0.5), cs));
}

vec3 color_dodge(vec3 cb, vec3 cs) {
    vec3 dodge = mix(min(vec3(1.0), cb / max(1.0 - cs, vec3(1e-9))), vec3(1.0), step(vec3(1.0), cs));
    return mix(dodge, vec3(0.0), lessThanEqual(cb, vec3(0.0)));
}

vec3 color_burn(vec3 cb, vec3 cs) {
    vec3 burn = mix(1.0 - min(vec3(1.0), (1.0 - cb) / max(cs, vec3(1e-9))), vec3(0.0), lessThanEqual(cs, vec3(0.0)));
    return mix(burn, vec3(1.0), step(vec3(1.0), cb));
}

vec3 soft_light(vec3 cb, vec3 cs) {
    vec3 curve = mix(((16.0 * cb - 12.0) * cb + 4.0) * cb, sqrt(cb), greaterThan(cb, vec3(0.25)));
    vec3 darker = cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb);
    return mix(darker, cb + (2.0 * cs - 1.0) * (curve - cb), greaterThan(cs, vec3(0.5)));
}

// The extremes of the source win over those of the backdrop.
vec3 vivid_light(vec3 cb, vec3 cs) {
    vec3 burn = 1.0 - min(vec3(1.0), (1.0 - cb) / max(2.0 * cs, vec3(1e-9)));
    vec3 dodge = min(vec3(1.0), cb / max(2.0 - 2.0 * cs, vec3(1e-9)));
    vec3 mixed = mix(burn, dodge, greaterThan(cs, vec3(0.5)));
    mixed = mix(mixed, vec3(0.0), lessThanEqual(cs, vec3(0.0)));
    return mix(mixed, vec3(1.0), greaterThanEqual(cs, vec3(1.0)));
}

vec3 pin_light(vec3 cb, vec3 cs) {
    vec3 twice = 2.0 * cs;
    return mix(min(cb, twice), max(cb, twice - 1.0), greaterThan(cs, vec3(0.5)));
}

// A tie (see TIE in the specification) is decided by the backdrop.
vec3 hard_mix(vec3 cb, vec3 cs) {
    vec3 over = cb + cs - 1.0;
    vec3 tied = step(abs(over), vec3(1e-4));
    return mix(vec3(greaterThan(over, vec3(0.0))), vec3(greaterThan(cb, vec3(0.5))), tied);
}

// Black stays black, even divided by black.
vec3 divide(vec3 cb, vec3 cs) {
    return min(vec3(1.0), cb / max(cs, vec3(1e-9)));
}

// B(Cb, Cs) of straight colours; every mode but plus and pass-through.
vec3 blend_function(int mode, vec3 cb, vec3 cs) {
    if (mode == 1) return cb * cs;
    if (mode == 2) return cb + cs - cb * cs;
    if (mode == 3) return hard_light(cs, cb);
    if (mode == 4) return min(cb, cs);
    if (mode == 5) return max(cb, cs);
    if (mode == 6) return color_dodge(cb, cs);
    if (mode == 7) return color_burn(cb, cs);
    if (mode == 8) return hard_light(cb, cs);
    if (mode == 9) return soft_light(cb, cs);
    if (mode == 10) return abs(cb - cs);
    if (mode == 11) return cb + cs - 2.0 * cb * cs;
    if (mode == 12) return set_lum(set_sat(cs, sat(cb)), lum(cb));
    if (mode == 13) return set_lum(set_sat(cb, sat(cs)), lum(cb));
    if (mode == 14) return set_lum(cs, lum(cb));
    if (mode == 15) return set_lum(cb, lum(cs));
    if (mode == 17) return max(cb + cs - 1.0, vec3(0.0));
    if (mode == 18) return min(cb + cs, vec3(1.0));
    if (mode == 19) return vivid_light(cb, cs);
    if (mode == 20) return clamp(cb + 2.0 * (cs - 128.0 / 255.0), 0.0, 1.0);
    if (mode == 21) return pin_light(cb, cs);
    if (mode == 22) return hard_mix(cb, cs);
    if (mode == 23) return lum(cs) < lum(cb) ? cs : cb;
    if (mode == 24) return lum(cs) > lum(cb) ? cs : cb;
    if (mode == 25) return max(cb - cs, vec3(0.0));
    if (mode == 26) return divide(cb, cs);
    return cs;
}

// The source composited over the backdrop; all premultiplied.
vec4 blend_over(int mode, vec4 backdrop, vec4 source) {
    if (mode == 0) return source + backdrop * (1.0 - source.a);
    if (mode == 16) return min(backdrop + source, 1.0);
    vec3 mixed = blend_function(mode, straight(backdrop), straight(source));
    return vec4(
        source.rgb * (1.0 - backdrop.a) + source.a * backdrop.a * mixed + (1.0 - source.a) * backdrop.rgb,
        source.a + backdrop.a * (1.0 - source.a));
}

// A clipped row onto its group: colours mix as over an opaque backdrop, the alpha stays the base's.
vec4 blend_within(int mode, vec4 base, vec4 source) {
    vec3 colour = straight(base);
    vec3 mixed = mode == 16
        ? min(colour + source.rgb, 1.0)
        : (1.0 - source.a) * colour + source.a * blend_function(mode, colour, straight(source));
    return vec4(mixed * base.a, base.a);
}
