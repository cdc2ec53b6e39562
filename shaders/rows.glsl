// The rows of a frame, a line of texels each. composite/rows.py has the layout, from which the accessors of
// fields are generated: row_bounds(row), row_samples(row, nth)...

uniform sampler2D rows;

vec4 row_vec4(int row, int column) {
    return texelFetch(rows, ivec2(column, row), 0);
}

#ifdef WARPS
// The table of warps stands below the rows, from this line on. See composite/warps.py. No macro: what a driver has
// compiled for one cast is good for all.
uniform int warps_line;

vec4 warp_vec4(int at) {
    return row_vec4(warps_line + at / ROW_VEC4S, at % ROW_VEC4S);
}
#endif

#include "row_layout.glsl"
