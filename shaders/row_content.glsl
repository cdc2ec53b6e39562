// What a row shows at a place on the frame, read from the rows where it stands. Needs rows.glsl, sample.glsl.

#include "placing.glsl"

bool within(int row, vec2 at) {
    vec4 bounds = row_bounds(row);
    return all(greaterThan(at, bounds.xy)) && all(lessThan(at, bounds.zw));
}

vec4 sample_content(int row, Sample shown, vec2 at) {
#ifdef WARPS
    Place place = row_place(row, ivec2(at / scale) / CELL);
    vec4 from = cell_place(at);
    float mirror = sign(shown.mirror);  // a mask's says more
    vec2 texel = vec2(mirror * dot(place.to_x, from) + shown.origin.x, dot(place.to_y, from) + shown.origin.y);
    // How a warp squeezes is not counted: what is bent is not far from its own size.
    vec2 width = footprint(row_inverse_x(row).xy, row_inverse_y(row).xy);
    return sample_any(shown.page, texel, shown.limits, width);
#else
    vec3 place = vec3(at, 1.0);
    vec3 to_x = row_inverse_x(row);
    vec3 to_y = row_inverse_y(row);
    vec2 texel = vec2(shown.mirror * dot(to_x, place) + shown.origin.x, dot(to_y, place) + shown.origin.y);
    return sample_any(shown.page, texel, shown.limits, footprint(to_x.xy, to_y.xy));
#endif
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
