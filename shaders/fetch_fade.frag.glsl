#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// A row with any number of samples and of rows clipped to it, all with arithmetic blend modes.
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "arithmetic.glsl"

flat in int base;
#ifdef WARPS
flat in vec4 mixing[ROWS * SAMPLES];
#else
flat in vec3 mixing[ROWS * SAMPLES];
#endif
layout(location = 0) inout vec4 colour;

void main() {
    vec4 group = row_content(base, gl_FragCoord.xy);
    int last = base + int(row_clipped_rows(base));
    for (int row = base + 1; row <= last; row++) {
        vec4 source = row_content(row, gl_FragCoord.xy) * row_opacity(row);
        group = arithmetic_within(arithmetic(int(row_blend(row))), group, source);
    }
    colour = arithmetic_over(mixing[0].xyz, colour, group * row_opacity(base));
}
