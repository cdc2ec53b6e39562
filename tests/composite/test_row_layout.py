"""One layout of a row: what numpy writes into a field is what shaders read from it."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from mien.composite import rows as layout
from mien.composite.gl.generated_source import blend_modes, row_layout
from mien.composite.gl.shader_source import shader_source
from mien.composite.rows import FLOATS, ROW, SAMPLE, VEC4S, offscreen_page, sample_values
from mien.types import MAX_MIXED, Blend, Rect

OFFSETS = {
    "bounds": 0,
    "inverse_x": 4,
    "opacity": 7,
    "inverse_y": 8,
    "blend": 11,
    "tint": 12,
    "clipped_rows": 16,
    "clipped": 17,
    "sample_count": 18,
    "identity": 19,
    "weights": 20,
    "samples": 24,
    "mask": 56,
}
"""In floats: renderings that are kept as rows (tools/bench_compositor) rely on them."""

PLAIN = [name for name in ROW.names or () if name not in ("samples", "mask")]


def test_a_row_is_256_bytes_and_every_field_is_where_it_always_was() -> None:
    assert (ROW.itemsize, FLOATS, VEC4S, SAMPLE.itemsize) == (256, 64, 16, 32)
    assert {name: ROW.fields[name][1] // 4 for name in ROW.names or () if ROW.fields} == OFFSETS


def test_columns_are_those_of_the_fields() -> None:
    block = np.arange(2 * FLOATS, dtype=np.float32).reshape(2, FLOATS)
    fields = block.view(ROW)[:, 0]
    for name in OFFSETS:
        columns = getattr(layout, name.upper())
        assert block[1, columns].ravel().tobytes() == fields[name][1].tobytes(), name
    for nth, columns in enumerate(layout.EACH_SAMPLE):
        assert block[1, columns].tobytes() == fields["samples"][1, nth].tobytes()
    assert block[1, layout.SAMPLE_PAGES].tolist() == fields["samples"]["page"][1].tolist()
    assert block[1, layout.MASK_PAGE] == fields["mask"]["page"][1]


def read(ctx: moderngl.Context, block: np.ndarray, expression: str) -> list[float]:
    """What a shader makes of an expression, as a vec4."""
    fragment = (
        f"#version 330\n{shader_source('rows.glsl')}\nout vec4 o;\nvoid main() {{ o = {expression}; }}\n"
    )
    program = ctx.program(vertex_shader=shader_source("full.vert.glsl"), fragment_shader=fragment)
    texture = ctx.texture((VEC4S, len(block)), 4, block.tobytes(), dtype="f4")
    out = ctx.texture((1, 1), 4, dtype="f4")
    target, array = ctx.framebuffer([out]), ctx.vertex_array(program, [])
    target.use()
    texture.use(0)
    array.render(moderngl.TRIANGLES, vertices=3)
    values = np.frombuffer(out.read(), np.float32).tolist()
    for owned in (array, program, texture, target, out):
        owned.release()
    return [float(value) for value in values]


@pytest.mark.parametrize("name", PLAIN)
def test_shaders_read_the_field_that_was_written(ctx: moderngl.Context, name: str) -> None:
    block = np.arange(3 * FLOATS, dtype=np.float32).reshape(3, FLOATS)
    wanted = np.atleast_1d(block.view(ROW)[2, 0][name]).tolist()
    padded = ", ".join([f"row_{name}(2)", *["0.0"] * (4 - len(wanted))])
    assert read(ctx, block, f"vec4({padded})")[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "call",
    [*(f"row_samples(1, {nth})" for nth in range(MAX_MIXED)), "row_mask(1)"],
    ids=lambda call: str(call),
)
def test_shaders_read_the_sample_that_was_written(ctx: moderngl.Context, call: str) -> None:
    block = np.arange(2 * FLOATS, dtype=np.float32).reshape(2, FLOATS)
    row = block.view(ROW)[1, 0]
    wanted = row["mask"] if "mask" in call else row["samples"][int(call[-2])]
    values = read(ctx, block, f"vec4({call}.mirror, {call}.origin, {call}.page)")
    assert values == [wanted["mirror"], *wanted["origin"], wanted["page"]]
    assert read(ctx, block, f"{call}.limits") == wanted["limits"].tolist()


def test_no_shader_file_holds_a_number_of_the_layout_or_of_a_blend_mode() -> None:
    from mien.composite.gl.shader_source import shader_folder

    for file in shader_folder().iterdir():
        if file.name.endswith(".glsl"):
            text = file.read_text(encoding="utf-8")
            assert file.name == "rows.glsl" or "row_vec4(" not in text, file.name
            for word in ("mode == ", "mode <= ", "mode >= "):
                for rest in text.split(word)[1:]:
                    assert rest.startswith("MODE_"), f"{file.name}: {word}{rest[:20]}"


def test_every_blend_mode_has_its_code_as_a_constant() -> None:
    text = blend_modes()
    for mode in Blend:
        assert f"const int MODE_{mode.name} = {mode.value};" in text


def test_a_field_across_two_vec4_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.composite.gl import generated_source

    broken = np.dtype([("one", np.float32, 3), ("two", np.float32, 2)])
    monkeypatch.setattr(generated_source, "ROW", broken)
    with pytest.raises(ValueError, match="two lies across two vec4"):
        row_layout()


def test_a_sample_exists_a_margin_past_its_region() -> None:
    values = sample_values(3, (1.0, 2.0), Rect(10, 20, 30, 40), mirror=-1.0)
    assert values == (-1.0, 1.0, 2.0, 3.0, 8.5, 18.5, 41.5, 61.5)
    assert sample_values(offscreen_page(2), (0.0, 0.0), Rect(0, 0, 4, 4))[3] == -3.0
