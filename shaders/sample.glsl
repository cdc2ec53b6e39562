// Sampling an atlas page. Filtered by hand: the sampler of a GPU, and of llvmpipe, has 8 bits of weight,
// which over noise is off by more than one of 255 after a few layers.

uniform sampler2DArray pages;

// The premultiplied texel at `at` (page pixels, texel centres at .5), transparent beyond `limits`
// (left, top, right, bottom), which keep all four texels inside the region and its gutter.
vec4 sample_page(float page, vec2 at, vec4 limits) {
    bool inside = all(greaterThanEqual(at, limits.xy)) && all(lessThanEqual(at, limits.zw));
    vec2 from = clamp(at, limits.xy, limits.zw) - 0.5;
    vec2 corner = floor(from);
    vec2 f = from - corner;
    ivec3 texel = ivec3(corner, page);
    vec4 upper = mix(texelFetch(pages, texel, 0), texelFetch(pages, texel + ivec3(1, 0, 0), 0), f.x);
    vec4 lower = mix(
        texelFetch(pages, texel + ivec3(0, 1, 0), 0), texelFetch(pages, texel + ivec3(1, 1, 0), 0), f.x);
    return inside ? mix(upper, lower, f.y) : vec4(0.0);
}
