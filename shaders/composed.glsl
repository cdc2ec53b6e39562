// A clipping group (a base row with those clipped to it) over what is below. Needs blend.glsl, row_content.glsl,
// group_content.glsl.
vec4 composed(vec4 backdrop, int base, vec2 at) {
    vec4 group = group_content(base, at);
    int mode = int(row_blend(base));
    // A pass-through group: what is below fades into the group's picture.
    if (mode == MODE_PASS_THROUGH) return backdrop * (1.0 - mask_share(base, at) * row_opacity(base)) + group;
    return blend_over(mode, backdrop, group);
}
