// A unit (a base row with those clipped to it) over what is below. Needs blend.glsl, row_content.glsl,
// group_content.glsl.
vec4 composed(vec4 backdrop, int base, vec2 at) {
    vec4 group = group_content(base, at);
    int mode = int(row_vec4(base, 2).w);
    // A pass-through group: what is below fades into the group's picture.
    if (mode == 27) return backdrop * (1.0 - row_mask(base, at) * row_vec4(base, 1).w) + group;
    return blend_over(mode, backdrop, group);
}
