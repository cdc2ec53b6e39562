#version 330 core
// Rectangles of a few taps of rows, bottom first.
#include "rows.glsl"

uniform vec2 frame;
in vec4 quad;  // a corner in pixels; the first two parts, each a row and one of its taps: 4 * row + tap; -1: none
#if PARTS > 2
in vec4 more;  // the next four
#endif
#if PARTS > 6
in vec2 most;  // the last two
#endif

flat out vec4 to_u[PARTS];      // a, c, tx of frame to page; then the page
flat out vec4 to_v[PARTS];      // b, d, ty of frame to page; then the blend code, 32 if clipped, 64 if not the row's first
flat out vec4 limits[PARTS];    // where the tap exists on its page
flat out vec4 strength[PARTS];  // tint, opacity and weight, premultiplied

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
    for (int i = 0; i < PARTS; i++) {
        int which = part_of(i);
        int row = max(which, 0) / 4;
        int nth = max(which, 0) % 4;
        vec4 inverse_x = row_vec4(row, 1);
        vec4 inverse_y = row_vec4(row, 2);
        vec4 tint = row_vec4(row, 3);
        vec4 tap = row_vec4(row, 6 + 2 * nth);
        float weight = which < 0 ? 0.0 : row_vec4(row, 5)[nth];
        float clipped = row_vec4(row, 4).y;
        to_u[i] = vec4(inverse_x.xyz * tap.x + vec3(0.0, 0.0, tap.y), tap.w);
        float code = inverse_y.w + 32.0 * clipped + (nth > 0 ? 64.0 : 0.0);
        to_v[i] = vec4(inverse_y.xyz + vec3(0.0, 0.0, tap.z), code);
        limits[i] = row_vec4(row, 7 + 2 * nth);
        strength[i] = vec4(tint.rgb * tint.a, tint.a) * inverse_x.w * weight;
    }
}
