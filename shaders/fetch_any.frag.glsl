#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// Any row: crossfades, every blend mode, clipped rows, groups.
#include "blend.glsl"
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "group_content.glsl"
#include "composed.glsl"

flat in int base;
layout(location = 0) inout vec4 colour;

void main() {
    colour = composed(colour, base, gl_FragCoord.xy);
}
