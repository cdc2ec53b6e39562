// Where rows lie on their canvas, in a cell of the frame: as they are, or bent by a warp. Needs rows.glsl.
// See composite/warps.py.

#ifdef WARPS
#include "cell_place.glsl"

struct Place {
    vec4 to_x;  // of a `cell_place` to x of the canvas
    vec4 to_y;  // to y
};

Place row_place(int row, ivec2 cell) {
    vec4 to_x = vec4(row_inverse_x(row), 0.0);
    vec4 to_y = vec4(row_inverse_y(row), 0.0);
    int warp = int(abs(row_mask(row).mirror)) - 1;
    if (warp > 0) {
        ivec4 span = ivec4(warp_vec4(2 * warp - 2));
        int start = int(warp_vec4(2 * warp - 1).x);
        ivec2 nth = clamp(cell, span.xy, span.zw - 1) - span.xy;
        int at = 2 * (start + nth.y * (span.z - span.x) + nth.x);
        vec4 of_scale = vec4(1.0, 1.0, scale, 1.0 / scale);
        vec4 x = warp_vec4(at) * of_scale;
        vec4 y = warp_vec4(at + 1) * of_scale;
        to_x = to_x.x * x + to_x.y * y + vec4(0.0, 0.0, to_x.z, 0.0);
        to_y = to_y.x * x + to_y.y * y + vec4(0.0, 0.0, to_y.z, 0.0);
    }
    return Place(to_x, to_y);
}
#endif
