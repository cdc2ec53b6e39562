#version 330 core
// All rows of the frame in one pass, blended in registers: for GPUs that cannot read their target.
#include "blend.glsl"
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "group_content.glsl"

uniform int row_count;
uniform vec4 clear;
out vec4 colour;

void main() {
    vec4 picture = clear;
    int row = 0;
    while (row < row_count) {
        vec4 bounds = row_vec4(row, 0);
        if (all(greaterThan(gl_FragCoord.xy, bounds.xy)) && all(lessThan(gl_FragCoord.xy, bounds.zw))) {
            picture = blend_over(int(row_vec4(row, 2).w), picture, group_content(row, gl_FragCoord.xy));
        }
        row += 1 + int(row_vec4(row, 4).x);
    }
    colour = picture;
}
