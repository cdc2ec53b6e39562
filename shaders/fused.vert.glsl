#version 330 core
// Tiles of a few samples of rows, bottom first: a point each.
#include "rows.glsl"
#include "placing.glsl"
#include "fused_code.glsl"

uniform vec2 frame;
uniform float side;
// The centre of a tile in pixels; the first two parts, each one of the samples of a row: MAX_MIXED * row + nth; -1: none.
in vec4 quad;
#if PARTS > 2
in vec4 more;  // the next four
#endif
#if PARTS > 6
in vec2 most;  // the last two
#endif

#ifdef TWISTED
flat out vec4 to_u[PARTS];      // of a `cell_place` to the page
flat out vec4 to_v[PARTS];
flat out vec4 codes[(PARTS + 1) / 2];  // page and code of a part, and of the next
#else
flat out vec4 to_u[PARTS];      // a, c, tx of frame to page; then the page
flat out vec4 to_v[PARTS];      // b, d, ty of frame to page; then the code, see fused_code.glsl
#endif
flat out vec4 limits[PARTS];    // where the sample exists on its page
#ifndef SIMPLE
flat out vec4 strength[PARTS];  // tint, opacity and weight, premultiplied
#endif

int part_of(int i) {
#if PARTS > 6
    if (i > 5) return int(most[min(i - 6, 1)]);
#endif
#if PARTS > 2
    if (i > 1) return int(more[min(i - 2, 3)]);
#endif
    return int(quad[2 + min(i, 1)]);
}

void main() {
    gl_Position = vec4(quad.xy / frame * 2.0 - 1.0, 0.0, 1.0);
    gl_PointSize = side;
    for (int i = 0; i < PARTS; i++) {
        int which = part_of(i);
        int row = max(which, 0) / MAX_MIXED;
        int nth = max(which, 0) % MAX_MIXED;
        Sample shown = row_samples(row, nth);
#ifdef SIMPLE
        // A part that is none exists nowhere.
        limits[i] = which < 0 ? vec4(1.0, 1.0, 0.0, 0.0) : shown.limits;
        float code = 0.0;
#else
        vec4 tint = row_tint(row);
        float weight = which < 0 ? 0.0 : row_weights(row)[nth];
        limits[i] = shown.limits;
        strength[i] = vec4(tint.rgb * tint.a, tint.a) * row_opacity(row) * weight;
        float code = row_blend(row) + float(CLIPPED) * row_clipped(row) + (nth > 0 ? float(FURTHER) : 0.0);
#endif
#ifdef BENT
        Place place = row_place(row, ivec2(quad.xy) / CELL);
#endif
#ifdef TWISTED
        to_u[i] = place.to_x * shown.mirror + vec4(0.0, 0.0, shown.origin.x, 0.0);
        to_v[i] = place.to_y + vec4(0.0, 0.0, shown.origin.y, 0.0);
        if (i % 2 == 0) codes[i / 2].xy = vec2(shown.page, code);
        else codes[i / 2].zw = vec2(shown.page, code);
#elif defined(BENT)
        to_u[i] = vec4(place.to_x.xyz * shown.mirror + vec3(0.0, 0.0, shown.origin.x), shown.page);
        to_v[i] = vec4(place.to_y.xyz + vec3(0.0, 0.0, shown.origin.y), code);
#else
        to_u[i] = vec4(row_inverse_x(row) * shown.mirror + vec3(0.0, 0.0, shown.origin.x), shown.page);
        to_v[i] = vec4(row_inverse_y(row) + vec3(0.0, 0.0, shown.origin.y), code);
#endif
    }
}
