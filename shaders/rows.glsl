// The rows of a frame, a line of texels each. composite/rows.py has the layout, from which the accessors of
// fields are generated: row_bounds(row), row_samples(row, nth)...

uniform sampler2D rows;

vec4 row_vec4(int row, int column) {
    return texelFetch(rows, ivec2(column, row), 0);
}

#include "row_layout.glsl"
