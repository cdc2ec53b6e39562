#version 330 core
// Rectangles of a row: the parts of its bounds that are to be drawn.
// ROWS rows, or SAMPLES samples of one row, are handed to the fragment shader.
#include "rows.glsl"
#include "placing.glsl"
#include "arithmetic.glsl"

#define PARTS (ROWS * SAMPLES)

uniform vec2 frame;
in vec4 quad;  // a corner in pixels; the base row; how many rows to draw, the others show nothing
#ifdef WARPS
in vec4 more;  // the cell that it is of, where one of them is bent
#endif

flat out int base;
#ifdef WARPS
flat out vec4 to_u[PARTS];      // of a `cell_place` to the page
flat out vec4 to_v[PARTS];
flat out vec4 mixing[PARTS];    // of the blend mode, see arithmetic.glsl; then the page
#else
flat out vec4 to_u[PARTS];      // a, c, tx of frame to page; then the page
flat out vec4 to_v[PARTS];      // b, d, ty of frame to page; then the blend code
flat out vec3 mixing[PARTS];    // of the blend mode, see arithmetic.glsl
#endif
flat out vec4 limits[PARTS];    // where the sample exists on its page
flat out vec4 strength[PARTS];  // tint, opacity and weight, premultiplied

void main() {
    gl_Position = vec4(quad.xy / frame * 2.0 - 1.0, 0.0, 1.0);
    base = int(quad.z);
    int last = base + int(quad.w) - 1;
    for (int i = 0; i < PARTS; i++) {
        int row = min(base + i / SAMPLES, last);
        int nth = i % SAMPLES;
        vec4 tint = row_tint(row);
        Sample shown = row_samples(row, nth);
        float weight = base + i / SAMPLES > last ? 0.0 : row_weights(row)[nth];
#ifdef WARPS
        Place place = row_place(row, ivec2(more.xy));
        to_u[i] = place.to_x * shown.mirror + vec4(0.0, 0.0, shown.origin.x, 0.0);
        to_v[i] = place.to_y + vec4(0.0, 0.0, shown.origin.y, 0.0);
        mixing[i] = vec4(arithmetic(int(row_blend(row))), shown.page);
#else
        to_u[i] = vec4(row_inverse_x(row) * shown.mirror + vec3(0.0, 0.0, shown.origin.x), shown.page);
        to_v[i] = vec4(row_inverse_y(row) + vec3(0.0, 0.0, shown.origin.y), row_blend(row));
        mixing[i] = arithmetic(int(row_blend(row)));
#endif
        limits[i] = shown.limits;
        strength[i] = vec4(tint.rgb * tint.a, tint.a) * row_opacity(row) * weight;
    }
}
