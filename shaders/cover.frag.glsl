#version 330 core
// One row where it is opaque, and reads only texels well inside its region: as fetch_rows.frag.glsl, to the bit,
// without what does nothing there.
#define PAGES_ONLY
#include "texels.glsl"

flat in vec4 to_u[1];
flat in vec4 to_v[1];
flat in vec4 strength[1];
out vec4 colour;

vec4 whole(float page, vec2 at) {
    return page_texel(page, ivec2(at));
}

vec4 four_texels(float page, vec2 at) {
    vec2 corner = floor(at - 0.5);
    vec2 f = at - 0.5 - corner;
    ivec2 texel = ivec2(corner);
    vec4 upper = mix(page_texel(page, texel), page_texel(page, texel + ivec2(1, 0)), f.x);
    vec4 lower = mix(page_texel(page, texel + ivec2(0, 1)), page_texel(page, texel + ivec2(1, 1)), f.x);
    return mix(upper, lower, f.y);
}

void main() {
    vec3 place = vec3(gl_FragCoord.xy, 1.0);
    colour = strength[0] * SAMPLE(to_u[0].w, vec2(dot(to_u[0].xyz, place), dot(to_v[0].xyz, place)));
}
