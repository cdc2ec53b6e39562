#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// A row with one tap, blend mode normal and nothing clipped to it: most rows.
#include "sample.glsl"

flat in vec4 to_u;
flat in vec4 to_v;
flat in vec4 limits;
flat in vec4 strength;
layout(location = 0) inout vec4 colour;

void main() {
    vec3 place = vec3(gl_FragCoord.xy, 1.0);
    vec4 source = strength * sample_page(to_u.w, vec2(dot(to_u.xyz, place), dot(to_v.xyz, place)), limits);
    colour = source + colour * (1.0 - source.a);
}
