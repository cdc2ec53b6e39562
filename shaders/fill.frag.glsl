#version 330 core
uniform vec4 clear;
out vec4 colour;

void main() {
    colour = clear;
}
