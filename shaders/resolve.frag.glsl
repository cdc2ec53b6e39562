#version 330 core
// The accumulated frame to 8 bits, once.
uniform sampler2D picture;
out vec4 colour;

void main() {
    colour = texelFetch(picture, ivec2(gl_FragCoord.xy), 0);
}
