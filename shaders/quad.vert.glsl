#version 330 core
// Rectangles of a row: the parts of its bounds that are to be drawn.
// ROWS rows, or TAPS taps of one row, are handed to the fragment shader.
#include "rows.glsl"
#include "arithmetic.glsl"

#define PARTS (ROWS * TAPS)

uniform vec2 frame;
in vec4 quad;  // a corner in pixels; the base row; how many rows to draw, the others show nothing

flat out int base;
flat out vec4 to_u[PARTS];      // a, c, tx of frame to page; then the page
flat out vec4 to_v[PARTS];      // b, d, ty of frame to page; then the blend code
flat out vec4 limits[PARTS];    // where the tap exists on its page
flat out vec4 strength[PARTS];  // tint, opacity and weight, premultiplied
flat out vec3 mixing[PARTS];    // of the blend mode, see arithmetic.glsl

void main() {
    gl_Position = vec4(quad.xy / frame * 2.0 - 1.0, 0.0, 1.0);
    base = int(quad.z);
    int last = base + int(quad.w) - 1;
    for (int i = 0; i < PARTS; i++) {
        int row = min(base + i / TAPS, last);
        int which = i % TAPS;
        vec4 inverse_x = row_vec4(row, 1);
        vec4 inverse_y = row_vec4(row, 2);
        vec4 tint = row_vec4(row, 3);
        vec4 tap = row_vec4(row, 6 + 2 * which);
        float weight = base + i / TAPS > last ? 0.0 : row_vec4(row, 5)[which];
        to_u[i] = vec4(inverse_x.xyz * tap.x + vec3(0.0, 0.0, tap.y), tap.w);
        to_v[i] = vec4(inverse_y.xyz + vec3(0.0, 0.0, tap.z), inverse_y.w);
        limits[i] = row_vec4(row, 7 + 2 * which);
        strength[i] = vec4(tint.rgb * tint.a, tint.a) * inverse_x.w * weight;
        mixing[i] = arithmetic(int(inverse_y.w));
    }
}
