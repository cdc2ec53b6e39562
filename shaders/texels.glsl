// One texel of an atlas page, or of an offscreen layer: a picture that rows of this frame were drawn on.

uniform sampler2DArray pages;
#if defined(OFFSCREENS) && !defined(PAGES_ONLY)
uniform sampler2DArray offscreens;
#endif

// Page 0 and up: atlas pages; -1 and down: offscreen layers. See composite/rows.py.
vec4 page_texel(float page, ivec2 at) {
#if defined(OFFSCREENS) && !defined(PAGES_ONLY)
    if (page < 0.0) return texelFetch(offscreens, ivec3(at, int(-1.0 - page)), 0);
#endif
    return texelFetch(pages, ivec3(at, int(page)), 0);
}
