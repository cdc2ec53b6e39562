#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// A row and the ROWS - 1 clipped to it, each with one tap and an arithmetic blend mode: nearly all rows.
// All that it needs comes flat from the vertex shader: reading the rows here would gather for every pixel.
#include "sample.glsl"
#include "arithmetic.glsl"

flat in vec4 to_u[ROWS];
flat in vec4 to_v[ROWS];
flat in vec4 limits[ROWS];
flat in vec4 strength[ROWS];
flat in vec3 mixing[ROWS];
layout(location = 0) inout vec4 colour;

vec4 row(int i) {
    vec3 place = vec3(gl_FragCoord.xy, 1.0);
    vec2 at = vec2(dot(to_u[i].xyz, place), dot(to_v[i].xyz, place));
    return strength[i] * SAMPLE(to_u[i].w, at, limits[i]);
}

void main() {
    vec4 group = row(0);
    for (int i = 1; i < ROWS; i++) group = arithmetic_within(mixing[i], group, row(i));
    colour = arithmetic_over(mixing[0], colour, group);
}
