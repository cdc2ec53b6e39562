// Sampling an atlas page. Filtered by hand: the sampler of a GPU, and of llvmpipe, has 8 bits of weight,
// which over noise is off by more than one of 255 after a few layers.

uniform sampler2DArray pages;

// The premultiplied colour at `at` (page pixels, texel centres at .5). It fades out over the last pixel
// inside `limits` (left, top, right, bottom), which keep all four texels in the region and its gutter.
vec4 sample_page(float page, vec2 at, vec4 limits) {
    vec2 inside = clamp(min(at - limits.xy, limits.zw - at), 0.0, 1.0);
    vec2 from = clamp(at, limits.xy, limits.zw) - 0.5;
    vec2 corner = floor(from);
    vec2 f = from - corner;
    ivec3 texel = ivec3(corner, page);
    vec4 upper = mix(texelFetch(pages, texel, 0), texelFetch(pages, texel + ivec3(1, 0, 0), 0), f.x);
    vec4 lower = mix(
        texelFetch(pages, texel + ivec3(0, 1, 0), 0), texelFetch(pages, texel + ivec3(1, 1, 0), 0), f.x);
    return mix(upper, lower, f.y) * (inside.x * inside.y);
}

// The same where `at` is always the centre of a texel: an upright row moved by whole pixels.
vec4 sample_exact(float page, vec2 at, vec4 limits) {
    vec2 inside = clamp(min(at - limits.xy, limits.zw - at), 0.0, 1.0);
    return texelFetch(pages, ivec3(clamp(at, limits.xy, limits.zw), page), 0) * (inside.x * inside.y);
}
