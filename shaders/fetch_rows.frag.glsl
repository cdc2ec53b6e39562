#version 330 core
#extension GL_EXT_shader_framebuffer_fetch : require
// A row and the ROWS - 1 clipped to it, each with one sample, or a row with SAMPLES samples; with arithmetic
// blend modes: nearly all rows. All that it needs comes flat from the vertex shader: reading the rows here would gather for
// every pixel, at 14 times the cost.
#include "sample.glsl"
#include "arithmetic.glsl"

#define PARTS (ROWS * SAMPLES)

flat in vec4 to_u[PARTS];
flat in vec4 to_v[PARTS];
flat in vec4 limits[PARTS];
flat in vec4 strength[PARTS];
#ifdef WARPS
#include "cell_place.glsl"
flat in vec4 mixing[PARTS];
#define PAGE_OF(i) mixing[i].w
#else
flat in vec3 mixing[PARTS];
#define PAGE_OF(i) to_u[i].w
#endif
layout(location = 0) inout vec4 colour;

vec4 part(int i) {
#ifdef WARPS
    vec4 place = cell_place(gl_FragCoord.xy);
    vec2 at = vec2(dot(to_u[i], place), dot(to_v[i], place));
#else
    vec3 place = vec3(gl_FragCoord.xy, 1.0);
    vec2 at = vec2(dot(to_u[i].xyz, place), dot(to_v[i].xyz, place));
#endif
#ifdef MINIFIED
    return strength[i] * sample_minified(PAGE_OF(i), at, limits[i], footprint(to_u[i].xy, to_v[i].xy));
#else
    return strength[i] * FILTER(PAGE_OF(i), at, limits[i]);
#endif
}

void main() {
    vec4 group = part(0);
    for (int i = 1; i < SAMPLES; i++) group += part(i);
    for (int i = 1; i < ROWS; i++) group = arithmetic_within(mixing[i].xyz, group, part(i));
    colour = arithmetic_over(mixing[0].xyz, colour, group);
}
