#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// Any row: crossfades, every blend mode, clipped rows.
#include "blend.glsl"
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "group_content.glsl"

flat in int base;
flat in vec4 to_v[ROWS];
layout(location = 0) inout vec4 colour;

void main() {
    colour = blend_over(int(to_v[0].w), colour, group_content(base, gl_FragCoord.xy));
}
