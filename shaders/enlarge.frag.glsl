#version 330 core
// What was drawn smaller, filtered up.
uniform sampler2D picture;
in vec2 at;
out vec4 colour;

void main() {
    colour = texture(picture, at);
}
