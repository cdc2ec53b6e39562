// Sampling an atlas page. Filtered by hand: the sampler of a GPU, and of llvmpipe, has 8 bits of weight,
// which over noise is off by more than one of 255 after a few layers.

#include "texels.glsl"

// The premultiplied colour at `at` (page pixels, texel centres at .5). It fades out over the last pixel
// inside `limits` (left, top, right, bottom), which keep all four texels in the region and its gutter.
vec4 sample_page(float page, vec2 at, vec4 limits) {
    vec2 inside = clamp(min(at - limits.xy, limits.zw - at), 0.0, 1.0);
    vec2 from = clamp(at, limits.xy, limits.zw) - 0.5;
    vec2 corner = floor(from);
    vec2 f = from - corner;
    ivec2 texel = ivec2(corner);
    vec4 upper = mix(page_texel(page, texel), page_texel(page, texel + ivec2(1, 0)), f.x);
    vec4 lower = mix(
        page_texel(page, texel + ivec2(0, 1)), page_texel(page, texel + ivec2(1, 1)), f.x);
    return mix(upper, lower, f.y) * (inside.x * inside.y);
}

// The same where `at` is always the centre of a texel: an upright row moved by whole pixels.
vec4 sample_exact(float page, vec2 at, vec4 limits) {
    vec2 inside = clamp(min(at - limits.xy, limits.zw - at), 0.0, 1.0);
    return page_texel(page, ivec2(clamp(at, limits.xy, limits.zw))) * (inside.x * inside.y);
}

// How many page pixels a pixel of the frame covers, at least one: from the rows of the inverse affine.
vec2 footprint(vec2 to_u, vec2 to_v) {
    return max(vec2(1.0), vec2(length(to_u), length(to_v)));
}

// Whatever the scale.
vec4 sample_any(float page, vec2 at, vec4 limits, vec2 radius) {
    return sample_page(page, at, limits);
}
