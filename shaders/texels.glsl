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
#ifdef BANDS
    // See composite/gl/page_layout.py.
    return texelFetch(pages, ivec3(at.x & 15, ((at.x >> 4) << 6) + (at.y & 63), int(page) * BANDS + (at.y >> 6)), 0);
#else
    return texelFetch(pages, ivec3(at, int(page)), 0);
#endif
}

// How large a page is.
ivec2 page_size() {
#ifdef BANDS
    return PAGE;
#else
    return textureSize(pages, 0).xy;
#endif
}
