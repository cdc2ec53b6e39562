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

// How wide a pixel of the frame is along both page axes, in texels, from the rows of the inverse affine: 1 for
// what is not minified. Up to 1.0625 four texels are enough; the width catches up by 1.125, so that there is
// no step. At most 16. See composite/filtering.py, which this is held to.
vec2 footprint(vec2 to_u, vec2 to_v) {
    vec2 across = vec2(length(to_u), length(to_v));
    return clamp(min(across, 2.0 * across - 1.125), 1.0, 16.0);
}

// Minified: the mean of all texels that a pixel of this width covers, by how much of each; those past the
// region and one texel of its gutter are transparent.
vec4 sample_minified(float page, vec2 at, vec4 limits, vec2 width) {
    ivec2 first = ivec2(max(floor(at - 0.5 * width), floor(limits.xy + 0.5)));
    ivec2 end = ivec2(min(ceil(at + 0.5 * width), ceil(limits.zw - 0.5)));
    vec2 reach = 0.5 * width + 0.5;
    // A region as wide as its page has no gutter: the page's edge stands in for it.
    ivec2 most = page < 0.0 ? ivec2(65535) : page_size() - 1;
    vec4 total = vec4(0.0);
    for (int y = first.y; y < end.y; y++) {
        vec4 line = vec4(0.0);
        for (int x = first.x; x < end.x; x++) {
            vec4 texel = page_texel(page, clamp(ivec2(x, y), ivec2(0), most));
            line += clamp(reach.x - abs(float(x) + 0.5 - at.x), 0.0, 1.0) * texel;
        }
        total += clamp(reach.y - abs(float(y) + 0.5 - at.y), 0.0, 1.0) * line;
    }
    return total / (width.x * width.y);
}

// Whatever the scale.
vec4 sample_any(float page, vec2 at, vec4 limits, vec2 width) {
#ifndef NOT_MINIFIED
    if (max(width.x, width.y) > 1.0) return sample_minified(page, at, limits, width);
#endif
    return sample_page(page, at, limits);
}
