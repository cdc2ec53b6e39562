// What a row shows at a place on the frame, read from the rows where it stands. Needs rows.glsl, sample.glsl.

// Premultiplied, tinted, before opacity. `at` is the centre of a pixel of the frame.
vec4 row_content(int row, vec2 at) {
    vec4 bounds = row_vec4(row, 0);
    vec4 total = vec4(0.0);
    if (all(greaterThan(at, bounds.xy)) && all(lessThan(at, bounds.zw))) {
        vec3 place = vec3(at, 1.0);
        vec2 canvas = vec2(dot(row_vec4(row, 1).xyz, place), dot(row_vec4(row, 2).xyz, place));
        vec4 weights = row_vec4(row, 5);
        int taps = int(row_vec4(row, 4).z);
        for (int tap = 0; tap < taps; tap++) {
            vec4 where = row_vec4(row, 6 + 2 * tap);
            vec2 texel = vec2(where.x * canvas.x + where.y, canvas.y + where.z);
            total += weights[tap] * sample_page(where.w, texel, row_vec4(row, 7 + 2 * tap));
        }
        vec4 tint = row_vec4(row, 3);
        total *= vec4(tint.rgb * tint.a, tint.a);
    }
    return total;
}
