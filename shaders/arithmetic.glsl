// Normal, multiply, screen and plus without a branch or a division. On premultiplied colours all four are
//   s (1 - x ab) + b (1 - y as) + z s b
// with (x, y, z): normal (0, 1, 0), multiply (1, 1, 1), screen (0, 0, -1), plus (0, 0, 0), held to 1.

#include "blend_modes.glsl"

// (x, y, z) of a blend code.
vec3 arithmetic(int mode) {
    bool multiply = mode == MODE_MULTIPLY;
    return vec3(multiply, multiply || mode == MODE_NORMAL, multiply ? 1.0 : mode == MODE_SCREEN ? -1.0 : 0.0);
}

vec4 arithmetic_over(vec3 mixing, vec4 backdrop, vec4 source) {
    return min(
        source * (1.0 - mixing.x * backdrop.a)
            + backdrop * (1.0 - mixing.y * source.a + mixing.z * source), 1.0);
}

// As blend_within: the alpha stays the base's.
vec4 arithmetic_within(vec3 mixing, vec4 base, vec4 source) {
    return min(
        source * (base.a - mixing.x * base.a)
            + base * (1.0 - mixing.y * source.a + mixing.z * source), base.a);
}
