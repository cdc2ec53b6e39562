// What a row shows at a place on the frame, read from the rows where it stands. Needs rows.glsl, sample.glsl.

bool within(int row, vec2 at) {
    vec4 bounds = row_vec4(row, 0);
    return all(greaterThan(at, bounds.xy)) && all(lessThan(at, bounds.zw));
}

vec4 row_tap(int row, int first, vec2 at) {
    vec3 place = vec3(at, 1.0);
    vec3 to_x = row_vec4(row, 1).xyz;
    vec3 to_y = row_vec4(row, 2).xyz;
    vec4 where = row_vec4(row, first);
    vec2 texel = vec2(where.x * dot(to_x, place) + where.y, dot(to_y, place) + where.z);
    return sample_any(where.w, texel, row_vec4(row, first + 1), footprint(to_x.xy, to_y.xy));
}

bool has_mask(int row) {
    return row_vec4(row, 14).w > -999999.0;
}

// The share that the row's mask lets through.
float row_mask(int row, vec2 at) {
    if (!within(row, at)) return 0.0;
    return has_mask(row) ? row_tap(row, 14, at).a : 1.0;
}

// Premultiplied, tinted and masked, before opacity. `at` is the centre of a pixel of the frame.
vec4 row_content(int row, vec2 at) {
    vec4 total = vec4(0.0);
    if (within(row, at)) {
        vec4 weights = row_vec4(row, 5);
        int taps = int(row_vec4(row, 4).z);
        for (int tap = 0; tap < taps; tap++) total += weights[tap] * row_tap(row, 6 + 2 * tap, at);
        vec4 tint = row_vec4(row, 3);
        total *= vec4(tint.rgb * tint.a, tint.a);
        if (has_mask(row)) total *= row_tap(row, 14, at).a;
    }
    return total;
}
