#version 330 core
// Letters, shapes and pictures of the panel; a shape samples the white texel of the letters' texture.

uniform sampler2D picture;

in vec2 at;
in vec4 tint;

out vec4 result;

void main() {
    result = tint * texture(picture, at);
}
