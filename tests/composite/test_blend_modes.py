"""What each of Photoshop's modes does at its edges, and that the shader does the same."""

from __future__ import annotations

from itertools import product

import moderngl
import numpy as np
import pytest

from mien.composite.gl.shader_source import shader_source
from mien.composite.reference import blend_function, blend_over, blend_within
from mien.types import F32, F64, Blend

BLENDING = [mode for mode in Blend if mode != Blend.PASS_THROUGH]
LEVELS = (0.0, 1 / 255, 0.25, 0.5, 128 / 255, 0.75, 254 / 255, 1.0)
FRAGMENT = """
uniform sampler2D backdrops;
uniform sampler2D sources;
uniform int mode;
uniform bool within;
out vec4 colour;

void main() {
    vec4 backdrop = texelFetch(backdrops, ivec2(gl_FragCoord.xy), 0);
    vec4 source = texelFetch(sources, ivec2(gl_FragCoord.xy), 0);
    colour = within ? blend_within(mode, backdrop, source) : blend_over(mode, backdrop, source);
}
"""
VERTEX = """
#version 330
void main() {
    gl_Position = vec4(4.0 * float(gl_VertexID & 1) - 1.0, 2.0 * float(gl_VertexID & 2) - 1.0, 0.0, 1.0);
}
"""


def blended(mode: Blend, backdrop: float, source: float) -> float:
    """B of two greys."""
    return float(blend_function(mode, np.full(3, backdrop), np.full(3, source))[0])


@pytest.mark.parametrize(
    ("mode", "backdrop", "source", "expected"),
    [
        (Blend.LINEAR_BURN, 0.75, 0.5, 0.25),
        (Blend.LINEAR_BURN, 0.25, 0.5, 0.0),
        (Blend.LINEAR_DODGE, 0.25, 0.5, 0.75),
        (Blend.LINEAR_DODGE, 0.75, 0.5, 1.0),
        (Blend.VIVID_LIGHT, 0.75, 0.25, 0.5),
        (Blend.VIVID_LIGHT, 0.25, 0.75, 0.5),
        (Blend.VIVID_LIGHT, 1.0, 0.0, 0.0),
        (Blend.VIVID_LIGHT, 0.0, 1.0, 1.0),
        (Blend.LINEAR_LIGHT, 0.25, 128 / 255, 0.25),
        (Blend.LINEAR_LIGHT, 0.25, 0.0, 0.0),
        (Blend.LINEAR_LIGHT, 0.25, 1.0, 1.0),
        (Blend.PIN_LIGHT, 0.75, 0.25, 0.5),
        (Blend.PIN_LIGHT, 0.25, 0.25, 0.25),
        (Blend.PIN_LIGHT, 0.25, 0.75, 0.5),
        (Blend.PIN_LIGHT, 0.75, 0.75, 0.75),
        (Blend.HARD_MIX, 0.75, 0.5, 1.0),
        (Blend.HARD_MIX, 0.25, 0.5, 0.0),
        (Blend.HARD_MIX, 0.75, 0.25, 1.0),
        (Blend.HARD_MIX, 0.25, 0.75, 0.0),
        (Blend.HARD_MIX, 0.5, 0.5, 0.0),
        (Blend.SUBTRACT, 0.75, 0.5, 0.25),
        (Blend.SUBTRACT, 0.25, 0.5, 0.0),
        (Blend.DIVIDE, 0.25, 0.5, 0.5),
        (Blend.DIVIDE, 0.75, 0.5, 1.0),
        (Blend.DIVIDE, 0.25, 0.0, 1.0),
        (Blend.DIVIDE, 0.0, 0.0, 0.0),
    ],
    ids=lambda value: value.label if isinstance(value, Blend) else f"{value:.3g}",
)
def test_greys(mode: Blend, backdrop: float, source: float, expected: float) -> None:
    assert blended(mode, backdrop, source) == pytest.approx(expected, abs=1e-12)


def test_hard_mix_knows_a_tie_of_bytes_from_a_near_miss() -> None:
    for backdrop in range(256):
        tie, above, below = (
            blended(Blend.HARD_MIX, backdrop / 255, (255 - backdrop + extra) / 255) for extra in (0, 1, -1)
        )
        assert (tie, above, below) == (float(backdrop >= 128), 1.0, 0.0)


def test_darker_and_lighter_colour_take_a_colour_whole() -> None:
    green, magenta = np.array((0.0, 0.6, 0.0)), np.array((0.9, 0.0, 0.9))
    for backdrop, source in ((green, magenta), (magenta, green)):
        assert np.array_equal(blend_function(Blend.DARKER_COLOR, backdrop, source), green)
        assert np.array_equal(blend_function(Blend.LIGHTER_COLOR, backdrop, source), magenta)


def edges() -> tuple[F64, F64]:
    """Every pair of grey levels and alphas at and near the ends: backdrops and sources, (1, n, 4)."""
    pairs = [
        (cb * ab, cb * ab, cb * ab, ab, cs * a_s, cs * a_s, cs * a_s, a_s)
        for cb, cs, ab, a_s in product(LEVELS, LEVELS, (0.0, 0.5, 1.0), (0.0, 0.5, 1.0))
    ]
    both = np.array(pairs)[None]
    return both[..., :4], both[..., 4:]


@pytest.mark.parametrize("mode", BLENDING, ids=lambda mode: mode.label)
def test_over_nothing_a_source_is_itself_and_no_source_changes_nothing(mode: Blend) -> None:
    backdrop, source = edges()
    nothing = np.zeros_like(source)
    assert np.array_equal(blend_over(mode, nothing, source), source)
    assert np.array_equal(blend_over(mode, backdrop, nothing), backdrop)
    assert np.abs(blend_within(mode, backdrop, nothing) - backdrop).max() < 1e-15
    for result in (blend_over(mode, backdrop, source), blend_within(mode, backdrop, source)):
        assert (result >= -1e-12).all() and (result[..., :3] <= result[..., 3:] + 1e-12).all()


def shade(ctx: moderngl.Context, mode: Blend, backdrop: F32, source: F32, within: bool) -> F64:
    """What `blend.glsl` makes of two pictures, (h, w, 4) float64."""
    height, width = backdrop.shape[:2]
    fragment = f"#version 330\n{shader_source('blend.glsl')}\n{FRAGMENT}"
    program = ctx.program(vertex_shader=VERTEX, fragment_shader=fragment)
    textures = [
        ctx.texture((width, height), 4, picture.tobytes(), dtype="f4") for picture in (backdrop, source)
    ]
    out = ctx.texture((width, height), 4, dtype="f4")
    target = ctx.framebuffer([out])
    array = ctx.vertex_array(program, [])
    try:
        for unit, (name, texture) in enumerate(zip(("backdrops", "sources"), textures, strict=True)):
            texture.use(unit)
            program[name] = unit
        program["mode"], program["within"] = int(mode), within
        target.use()
        ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        array.render(moderngl.TRIANGLES, 3)
        data = np.frombuffer(target.read(components=4, dtype="f4"), np.float32)
    finally:
        for made in (array, target, out, *textures, program):
            made.release()  # type: ignore[attr-defined]
    return data.reshape(height, width, 4).astype(np.float64)


def pictures(seed: int) -> tuple[F32, F32]:
    """Two premultiplied pictures of bytes, with plenty of the extremes; no two greys of one luminosity."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(2):
        rgb, alpha = rng.integers(0, 256, (48, 48, 3)) / 255, rng.integers(0, 256, (48, 48, 1)) / 255
        kind = rng.integers(0, 6, (48, 48))
        alpha[kind == 0], alpha[kind == 1] = 0.0, 1.0
        rgb[kind == 2, 0], rgb[kind == 3, 1] = 0.0, 1.0
        made.append(np.concatenate((rgb * alpha, alpha), axis=-1).astype(np.float32))
    return made[0], made[1]


@pytest.mark.parametrize("within", [False, True], ids=["over", "clipped"])
@pytest.mark.parametrize("mode", BLENDING, ids=lambda mode: mode.label)
def test_the_shader_blends_as_the_specification_says(
    ctx: moderngl.Context, mode: Blend, within: bool
) -> None:
    backdrop, source = pictures(mode)
    blend = blend_within if within else blend_over
    expected = blend(mode, backdrop.astype(np.float64), source.astype(np.float64))
    difference = np.abs(shade(ctx, mode, backdrop, source, within) - expected).max(axis=2) * 255.0
    # A mode with a jump may land on its other side where float32 divides the alpha out.
    jumps = 2 if mode in (Blend.HARD_MIX, Blend.DARKER_COLOR, Blend.LIGHTER_COLOR) else 0
    assert (difference > 0.01).sum() <= jumps


@pytest.mark.parametrize("mode", BLENDING, ids=lambda mode: mode.label)
def test_in_the_shader_too_no_source_changes_no_bit_and_extremes_are_the_specifications(
    ctx: moderngl.Context, mode: Blend
) -> None:
    backdrop, source = (side.astype(np.float32) for side in edges())
    nothing = np.zeros_like(source)
    assert np.array_equal(shade(ctx, mode, backdrop, nothing, False), backdrop)
    for within, blend in ((False, blend_over), (True, blend_within)):
        expected = blend(mode, backdrop.astype(np.float64), source.astype(np.float64))
        assert np.abs(shade(ctx, mode, backdrop, source, within) - expected).max() * 255.0 < 0.01


def test_a_drawing_cannot_be_pass_through() -> None:
    assert Blend.from_label("linear-burn") is Blend.LINEAR_BURN
    assert all(Blend.from_label(mode.label) is mode for mode in BLENDING)
    with pytest.raises(KeyError):
        Blend.from_label("pass-through")
