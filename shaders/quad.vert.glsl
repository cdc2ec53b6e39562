#version 330 core
// Rectangles of a row: the parts of its bounds that are to be drawn.
// ROWS: the base and the clipped rows whose first taps are handed to the fragment shader.
#include "rows.glsl"
#include "arithmetic.glsl"

uniform vec2 frame;
in vec4 quad;  // a corner in pixels; the row

flat out int base;
flat out vec4 to_u[ROWS];      // a, c, tx of frame to page; then the page
flat out vec4 to_v[ROWS];      // b, d, ty of frame to page; then the blend code
flat out vec4 limits[ROWS];    // where the tap exists on its page
flat out vec4 strength[ROWS];  // tint, opacity and weight, premultiplied
flat out vec3 mixing[ROWS];    // of the blend mode, see arithmetic.glsl

void main() {
    gl_Position = vec4(quad.xy / frame * 2.0 - 1.0, 0.0, 1.0);
    base = int(quad.z);
    for (int i = 0; i < ROWS; i++) {
        vec4 inverse_x = row_vec4(base + i, 1);
        vec4 inverse_y = row_vec4(base + i, 2);
        vec4 tint = row_vec4(base + i, 3);
        vec4 tap = row_vec4(base + i, 6);
        to_u[i] = vec4(inverse_x.xyz * tap.x + vec3(0.0, 0.0, tap.y), tap.w);
        to_v[i] = vec4(inverse_y.xyz + vec3(0.0, 0.0, tap.z), inverse_y.w);
        limits[i] = row_vec4(base + i, 7);
        strength[i] = vec4(tint.rgb * tint.a, tint.a) * inverse_x.w * row_vec4(base + i, 5).x;
        mixing[i] = arithmetic(int(inverse_y.w));
    }
}
