#version 330 core
#ifdef CONTINUED
#extension GL_EXT_shader_framebuffer_fetch : require
#endif
// All that is seen in a tile, blended in registers and written once: PARTS samples of rows with arithmetic blend
// modes, clipped or not, over the clear colour, or CONTINUED over what is there. SIMPLE: each is a row of its own,
// not clipped, blended normally as it is on its page. TWISTED: rows may be bent within their cell, not by a map alone.
#define PAGES_ONLY
#include "sample.glsl"
#include "arithmetic.glsl"
#include "fused_code.glsl"

uniform vec4 clear;
flat in vec4 to_u[PARTS];
flat in vec4 to_v[PARTS];
#ifdef TWISTED
#include "cell_place.glsl"
flat in vec4 codes[(PARTS + 1) / 2];
#endif
flat in vec4 limits[PARTS];
#ifndef SIMPLE
flat in vec4 strength[PARTS];
#endif
#ifdef CONTINUED
layout(location = 0) inout vec4 colour;
#else
out vec4 colour;
#endif

vec4 below;   // what is finished

#ifdef TWISTED
vec4 place;

vec4 texels(int i) {
    float page = i % 2 == 0 ? codes[i / 2].x : codes[i / 2].z;
    return FILTER(page, vec2(dot(to_u[i], place), dot(to_v[i], place)), limits[i]);
}

int code_of(int i) {
    return int(i % 2 == 0 ? codes[i / 2].y : codes[i / 2].w);
}
#else
vec4 texels(int i) {
    vec3 place = vec3(gl_FragCoord.xy, 1.0);
    return FILTER(to_u[i].w, vec2(dot(to_u[i].xyz, place), dot(to_v[i].xyz, place)), limits[i]);
}

int code_of(int i) {
    return int(to_v[i].w);
}
#endif

#ifdef SIMPLE
void add(const int i) {
    vec4 next = texels(i);
    below = next + below * (1.0 - next.a);
}
#else
vec4 group;   // the clipping group so far: a base with the rows clipped to it
vec3 mixing;  // of the group's base
vec4 row;     // the row so far: its samples add up
int code;     // of that row

vec4 part(int i) {
    return strength[i] * texels(i);
}

// The row is whole, if `whole`. Selected, not branched: a branch masks lanes and costs both its sides.
void finish_row(bool whole) {
    bool clipped = whole && (code & CLIPPED) != 0;
    bool starts = whole && !clipped;
    vec3 own = arithmetic(code & MODE);
    vec4 inside = arithmetic_within(own, group, row);
    below = starts ? arithmetic_over(mixing, below, group) : below;
    group = clipped ? inside : starts ? row : group;
    mixing = starts ? own : mixing;
}

void add(const int i) {
    vec4 next = part(i);
    int next_code = code_of(i);
    bool further = (next_code & FURTHER) != 0;
    finish_row(!further);
    row = further ? row + next : next;
    code = further ? code : next_code;
}
#endif

void main() {
#ifdef TWISTED
    place = cell_place(gl_FragCoord.xy);
#endif
#ifdef CONTINUED
    below = colour;
#else
    below = clear;
#endif
#ifdef SIMPLE
    add(0);
#else
    group = vec4(0.0);
    mixing = vec3(0.0);
    row = part(0);
    code = code_of(0);
#endif
    // Not a loop: Mesa leaves long ones as they are, and then every access to a part is a gather.
#if PARTS > 1
    add(1);
#endif
#if PARTS > 2
    add(2);
#endif
#if PARTS > 3
    add(3);
#endif
#if PARTS > 4
    add(4);
#endif
#if PARTS > 5
    add(5);
#endif
#if PARTS > 6
    add(6);
#endif
#if PARTS > 7
    add(7);
#endif
#ifdef SIMPLE
    colour = below;
#else
    finish_row(true);
    colour = arithmetic_over(mixing, below, group);
#endif
}
