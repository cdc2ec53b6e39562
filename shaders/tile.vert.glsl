#version 330 core
// Rectangles without a row; what else comes with a corner is handed on.
uniform vec2 frame;
in vec4 quad;  // a corner in pixels; two numbers

flat out ivec2 numbers;

void main() {
    gl_Position = vec4(quad.xy / frame * 2.0 - 1.0, 0.0, 1.0);
    numbers = ivec2(quad.zw);
}
