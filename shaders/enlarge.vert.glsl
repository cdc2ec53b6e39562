#version 330 core
// A part of a picture over the viewport, as two triangles: with these, and nothing but a texel in the fragment
// shader, llvmpipe fills its lines four times faster.
uniform vec4 part;  // in texture coordinates: left and top, width and height
out vec2 at;

void main() {
    int corner = gl_VertexID < 3 ? gl_VertexID : gl_VertexID == 3 ? 2 : gl_VertexID == 4 ? 1 : 3;
    vec2 place = vec2(corner & 1, corner >> 1);
    gl_Position = vec4(place * 2.0 - 1.0, 0.0, 1.0);
    at = part.xy + place * part.zw;
}
