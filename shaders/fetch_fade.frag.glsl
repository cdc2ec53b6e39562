#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// A row with several taps and an arithmetic blend mode, nothing clipped to it.
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "arithmetic.glsl"

flat in int base;
flat in vec3 mixing[ROWS];
layout(location = 0) inout vec4 colour;

void main() {
    colour = arithmetic_over(mixing[0], colour, row_content(base, gl_FragCoord.xy) * row_vec4(base, 1).w);
}
