// Where rows lie on their canvas, in a cell of the frame: as they are, or bent by a warp. Needs rows.glsl.
// See composite/warps.py.

struct Place {
    vec3 to_x;  // of the frame to x of the canvas: a, c, tx
    vec3 to_y;  // to y: b, d, ty
};

#ifdef WARPS
uniform float scale;  // of the frame's width and height, at which it is drawn

// The table of warps stands below the rows, from line WARPS on.
vec4 warp_vec4(int at) {
    return row_vec4(WARPS + (at >> 4), at & 15);
}
#endif

Place row_place(int row, ivec2 cell) {
    vec3 to_x = row_inverse_x(row);
    vec3 to_y = row_inverse_y(row);
#ifdef WARPS
    int warp = int(abs(row_mask(row).mirror)) - 1;
    if (warp > 0) {
        ivec4 span = ivec4(warp_vec4(2 * warp - 2));
        int start = int(warp_vec4(2 * warp - 1).x);
        ivec2 nth = clamp(cell, span.xy, span.zw - 1) - span.xy;
        int at = 2 * (start + nth.y * (span.z - span.x) + nth.x);
        vec3 x = warp_vec4(at).xyz * vec3(1.0, 1.0, scale);
        vec3 y = warp_vec4(at + 1).xyz * vec3(1.0, 1.0, scale);
        to_x = to_x.x * x + to_x.y * y + vec3(0.0, 0.0, to_x.z);
        to_y = to_y.x * x + to_y.y * y + vec3(0.0, 0.0, to_y.z);
    }
#endif
    return Place(to_x, to_y);
}
