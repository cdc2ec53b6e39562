// Blending, written once. The formulas and their names are those of composite/reference.py, which is the
// specification. Colours are sRGB-encoded, used as they are.

#include "blend_modes.glsl"

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

vec3 soft_light(vec3 cb, vec3 cs) {
    vec3 curve = mix(((16.0 * cb - 12.0) * cb + 4.0) * cb, sqrt(cb), greaterThan(cb, vec3(0.25)));
    vec3 darker = cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb);
    return mix(darker, cb + (2.0 * cs - 1.0) * (curve - cb), greaterThan(cs, vec3(0.5)));
}

// Color dodge, color burn, vivid light and divide: one division for the four of them. What is divided is 0
// exactly where the backdrop decides, so only vivid light, in which the source does, has extremes to set.
vec3 quotient(int mode, vec3 cb, vec3 cs) {
    bool vivid = mode == MODE_VIVID_LIGHT;
    bvec3 dark = lessThanEqual(cs, vec3(0.5));
    bool burn = mode == MODE_COLOR_BURN;
    bvec3 burns = bvec3(burn || (vivid && dark.r), burn || (vivid && dark.g), burn || (vivid && dark.b));
    vec3 divisor = mix(mode == MODE_DIVIDE ? cs : 1.0 - cs, cs, burns) * (vivid ? 2.0 : 1.0);
    vec3 share = min(vec3(1.0), mix(cb, 1.0 - cb, burns) / max(divisor, vec3(1e-9)));
    vec3 mixed = mix(share, 1.0 - share, burns);
    return vivid ? mix(mix(mixed, vec3(0.0), lessThanEqual(cs, vec3(0.0))), vec3(1.0), step(vec3(1.0), cs)) : mixed;
}

// Hue, saturation, color and luminosity.
vec3 not_separable(int mode, vec3 cb, vec3 cs) {
    vec3 saturated = set_sat(mode == MODE_HUE ? cs : cb, sat(mode == MODE_HUE ? cb : cs));
    vec3 colour = mode == MODE_COLOR ? cs : mode == MODE_LUMINOSITY ? cb : saturated;
    return set_lum(colour, lum(mode == MODE_LUMINOSITY ? cs : cb));
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

// B(Cb, Cs) of straight colours; every mode but plus and pass-through. A software renderer evaluates every
// branch, whatever the mode, unless the mode is a constant: so modes share what is costly.
vec3 blend_function(int mode, vec3 cb, vec3 cs) {
    if (mode == MODE_MULTIPLY) return cb * cs;
    if (mode == MODE_SCREEN) return cb + cs - cb * cs;
    if (mode == MODE_OVERLAY || mode == MODE_HARD_LIGHT) return hard_light(mode == MODE_OVERLAY ? cs : cb, mode == MODE_OVERLAY ? cb : cs);
    if (mode == MODE_DARKEN) return min(cb, cs);
    if (mode == MODE_LIGHTEN) return max(cb, cs);
    if (mode == MODE_COLOR_DODGE || mode == MODE_COLOR_BURN || mode == MODE_VIVID_LIGHT || mode == MODE_DIVIDE)
        return quotient(mode, cb, cs);
    if (mode == MODE_SOFT_LIGHT) return soft_light(cb, cs);
    if (mode == MODE_DIFFERENCE) return abs(cb - cs);
    if (mode == MODE_EXCLUSION) return cb + cs - 2.0 * cb * cs;
    if (mode >= MODE_HUE && mode <= MODE_LUMINOSITY) return not_separable(mode, cb, cs);
    if (mode == MODE_LINEAR_BURN) return max(cb + cs - 1.0, vec3(0.0));
    if (mode == MODE_LINEAR_DODGE) return min(cb + cs, vec3(1.0));
    if (mode == MODE_LINEAR_LIGHT) return clamp(cb + 2.0 * (cs - 128.0 / 255.0), 0.0, 1.0);
    if (mode == MODE_PIN_LIGHT) return pin_light(cb, cs);
    if (mode == MODE_HARD_MIX) return hard_mix(cb, cs);
    if (mode == MODE_DARKER_COLOR || mode == MODE_LIGHTER_COLOR)
        return (lum(cs) < lum(cb)) == (mode == MODE_DARKER_COLOR) && lum(cs) != lum(cb) ? cs : cb;
    if (mode == MODE_SUBTRACT) return max(cb - cs, vec3(0.0));
    return cs;
}

// The source composited over the backdrop; all premultiplied.
vec4 blend_over(int mode, vec4 backdrop, vec4 source) {
    if (mode == MODE_NORMAL) return source + backdrop * (1.0 - source.a);
    if (mode == MODE_PLUS) return min(backdrop + source, 1.0);
    vec3 mixed = blend_function(mode, straight(backdrop), straight(source));
    return vec4(
        source.rgb * (1.0 - backdrop.a) + source.a * backdrop.a * mixed + (1.0 - source.a) * backdrop.rgb,
        source.a + backdrop.a * (1.0 - source.a));
}

// A clipped row onto its group: colours mix as over an opaque backdrop, the alpha stays the base's.
vec4 blend_within(int mode, vec4 base, vec4 source) {
    vec3 colour = straight(base);
    vec3 mixed = mode == MODE_PLUS
        ? min(colour + source.rgb, 1.0)
        : (1.0 - source.a) * colour + source.a * blend_function(mode, colour, straight(source));
    return vec4(mixed * base.a, base.a);
}
