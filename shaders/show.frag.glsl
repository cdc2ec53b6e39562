#version 330 core
// The finished frame onto a window, top row up.
uniform sampler2D picture;
uniform vec4 viewport;  // left, bottom, width, height
out vec4 colour;

void main() {
    vec2 at = (gl_FragCoord.xy - viewport.xy) / viewport.zw;
    colour = texture(picture, vec2(at.x, 1.0 - at.y));
}
