#version 330 core
// One rectangle a row: its bounds on the frame. A clipped row collapses, its base draws it.
#include "rows.glsl"

uniform int first;
uniform vec2 frame;

flat out int base;
flat out vec4 to_u;      // a, c, tx of frame to page; then the page
flat out vec4 to_v;      // b, d, ty of frame to page; then the blend code
flat out vec4 limits;    // where the first tap exists on its page
flat out vec4 strength;  // tint, opacity and the first weight, premultiplied

void main() {
    base = first + gl_InstanceID;
    vec4 bounds = row_vec4(base, 0);
    vec4 kind = row_vec4(base, 4);
    vec2 corner = kind.y > 0.0 ? vec2(0.0) : vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(mix(bounds.xy, bounds.zw, corner) / frame * 2.0 - 1.0, 0.0, 1.0);

    vec4 inverse_x = row_vec4(base, 1);
    vec4 inverse_y = row_vec4(base, 2);
    vec4 tap = row_vec4(base, 6);
    vec4 tint = row_vec4(base, 3);
    to_u = vec4(inverse_x.xyz * tap.x + vec3(0.0, 0.0, tap.y), tap.w);
    to_v = vec4(inverse_y.xyz + vec3(0.0, 0.0, tap.z), inverse_y.w);
    limits = row_vec4(base, 7);
    strength = vec4(tint.rgb * tint.a, tint.a) * inverse_x.w * row_vec4(base, 5).x;
}
