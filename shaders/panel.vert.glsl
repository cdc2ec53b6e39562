#version 330 core
// The panel's triangles: places in points from the panel's top left.

uniform vec2 size;  // of the panel, in points

in vec2 place;
in vec2 texel;
in vec4 colour;

out vec2 at;
out vec4 tint;

void main() {
    at = texel;
    tint = colour;
    gl_Position = vec4(place / size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}
