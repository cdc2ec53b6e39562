// A base row with the clipped rows that follow it, times the base's opacity. Needs blend.glsl, row_content.glsl.
vec4 group_content(int base, vec2 at) {
    vec4 group = row_content(base, at);
    int followers = int(row_vec4(base, 4).x);
    for (int row = base + 1; row <= base + followers; row++) {
        vec4 source = row_content(row, at) * row_vec4(row, 1).w;
        group = blend_within(int(row_vec4(row, 2).w), group, source);
    }
    return group * row_vec4(base, 1).w;
}
