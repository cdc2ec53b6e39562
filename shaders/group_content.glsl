// A base row with the rows clipped to it, times the base's opacity. Needs blend.glsl, row_content.glsl.
vec4 group_content(int base, vec2 at) {
    vec4 group = row_content(base, at);
    int clipped = int(row_clipped_rows(base));
    for (int row = base + 1; row <= base + clipped; row++) {
        vec4 source = row_content(row, at) * row_opacity(row);
        group = blend_within(int(row_blend(row)), group, source);
    }
    return group * row_opacity(base);
}
