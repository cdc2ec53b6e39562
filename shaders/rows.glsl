// The rows of a frame (see composite/rows.py for the layout): 16 texels by one line per row.

uniform sampler2D rows;

vec4 row_vec4(int row, int column) {
    return texelFetch(rows, ivec2(column, row), 0);
}
