#version 330 core
// All that is seen in a tile in one pass, blended in registers: for GPUs that cannot read their target.
#include "blend.glsl"
#include "sample.glsl"
#include "rows.glsl"
#include "row_content.glsl"
#include "group_content.glsl"
#include "composed.glsl"

uniform sampler2D lists;  // the rows of every tile, bottom to top, one tile after another
uniform vec4 clear;
flat in ivec2 numbers;    // where this tile's begin, and how many they are
out vec4 colour;

void main() {
    vec4 picture = clear;
    for (int i = numbers.x; i < numbers.x + numbers.y; i++) {
        int row = int(texelFetch(lists, ivec2(i & ((1 << LINE_BITS) - 1), i >> LINE_BITS), 0).r);
        picture = composed(picture, row, gl_FragCoord.xy);
    }
    colour = picture;
}
