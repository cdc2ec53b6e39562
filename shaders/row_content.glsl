// What a row shows at a place on the frame, read from the rows where it stands. Needs rows.glsl, sample.glsl.

bool within(int row, vec2 at) {
    vec4 bounds = row_bounds(row);
    return all(greaterThan(at, bounds.xy)) && all(lessThan(at, bounds.zw));
}

vec4 sample_content(int row, Sample shown, vec2 at) {
    vec3 place = vec3(at, 1.0);
    vec3 to_x = row_inverse_x(row);
    vec3 to_y = row_inverse_y(row);
    vec2 texel = vec2(shown.mirror * dot(to_x, place) + shown.origin.x, dot(to_y, place) + shown.origin.y);
    return sample_any(shown.page, texel, shown.limits, footprint(to_x.xy, to_y.xy));
}

bool has_mask(int row) {
    return row_mask(row).page != NO_MASK;
}

// The share that the row's mask lets through.
float mask_share(int row, vec2 at) {
    if (!within(row, at)) return 0.0;
    return has_mask(row) ? sample_content(row, row_mask(row), at).a : 1.0;
}

// Premultiplied, tinted and masked, before opacity. `at` is the centre of a pixel of the frame.
vec4 row_content(int row, vec2 at) {
    vec4 total = vec4(0.0);
    if (within(row, at)) {
        vec4 weights = row_weights(row);
        int count = int(row_sample_count(row));
        for (int nth = 0; nth < count; nth++) total += weights[nth] * sample_content(row, row_samples(row, nth), at);
        vec4 tint = row_tint(row);
        total *= vec4(tint.rgb * tint.a, tint.a);
        if (has_mask(row)) total *= sample_content(row, row_mask(row), at).a;
    }
    return total;
}
