// A place of the frame as warps count it: x, y, 1, and how far it is from the middle of its cell along x times how
// far along y. See composite/warps.py.

uniform float scale;  // of the frame's width and height, at which it is drawn

vec4 cell_place(vec2 at) {
    float side = float(CELL) * scale;
    vec2 from = (fract(at / side) - 0.5) * side;
    return vec4(at, 1.0, from.x * from.y);
}
