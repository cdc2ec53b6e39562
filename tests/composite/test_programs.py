"""Every program is plain GLSL 3.30 that glslang takes too, and needs no more than GL 3.3 has everywhere."""

from __future__ import annotations

import ast
import operator
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unittest.mock import MagicMock

import moderngl
import pytest

from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.fetch import Fetch
from mien.composite.gl.programs import Programs
from mien.composite.gl.shader_source import shader_source
from mien.composite.gl.shallow_tiles import sizes_of
from mien.types import Size

VALIDATOR = shutil.which("glslangValidator") or shutil.which("glslang")
FETCH = re.compile(r"^#extension GL_EXT_shader_framebuffer_fetch : require$", re.MULTILINE)
OUT = re.compile(r"^\s*(?:flat\s+)?out\s+(\w+)\s+(\w+)(?:\s*\[([^]]*)\])?\s*;", re.MULTILINE)
FUNCTION = re.compile(r"^\w+ (\w+)\([^)]*\)\s*\{(.*?)(?:^\}|\}$)", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"\b([a-z]\w*)\s*\(")
READ = re.compile(r"\btex(?:elFetch|ture)(?!Size)\w*\s*\(")
UNIFORM = re.compile(r"^(\w+): offset -?\d+, type (\w+), size (\d+),", re.MULTILINE)
FLOATS = {"1404": 1, "1406": 1, "8b50": 2, "8b51": 3, "8b52": 4}
"""GL types of uniforms, and how many numbers each is."""
SAMPLERS = {"8b5e", "8dc1"}

# What GL 3.3 has at least (the tables of section 6.2 of its specification).
VARYING_VECTORS = 15
UNIFORM_COMPONENTS = 1024
TEXTURE_UNITS = 16
ATTRIBUTES = 16

needs_validator = pytest.mark.skipif(
    VALIDATOR is None, reason="glslangValidator is not installed: apt install glslang-tools"
)


@dataclass(frozen=True)
class Linked:
    """What one call of `Programs.link` asked for."""

    strategy: str
    vertex: str
    fragment: str
    macros: tuple[tuple[str, str | int], ...]

    def __str__(self) -> str:
        macros = ",".join(f"{name}={value}" for name, value in self.macros)
        return f"{self.strategy}: {self.vertex} {self.fragment} {macros}"


def links(
    strategy: Literal["fetch", "loop"],
    offscreens: bool,
    ctx: moderngl.Context,
    rows: int = 4,
    warp_cells: int = 0,
) -> Iterator[Linked]:
    """All that a compositor links; nothing is compiled, so that it is any strategy on any renderer."""
    made: list[Linked] = []

    def link(
        programs: Programs, vertex: str, fragment: str, defines: Mapping[str, Any] | None = None, **_: Any
    ) -> MagicMock:
        macros = {**programs._always, **(defines or {})}
        made.append(Linked(strategy, vertex, fragment, tuple(macros.items())))
        return MagicMock()

    frame = FrameRows(4, Size(8, 8))
    if offscreens:
        frame.add_offscreen(4, Size(8, 8))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Programs, "link", link)
        Compositor(
            ctx,
            frame.size,
            16,
            rows // 4,
            rows,
            offscreens=frame.offscreens,
            warp_cells=warp_cells,
            options=CompositorOptions(strategy=strategy, scales=(1.0, 0.5)),
        ).close()
    return iter(made)


@pytest.fixture(scope="module")
def linked(ctx: moderngl.Context) -> list[Linked]:
    found = [
        one
        for strategy in ("fetch", "loop")
        for offscreens in (False, True)
        for one in links("fetch" if strategy == "fetch" else "loop", offscreens, ctx)
    ]
    panel = Linked("loop", "panel.vert.glsl", "panel.frag.glsl", ())  # the preview's, without a compositor
    return [*dict.fromkeys(found), panel]


def plain(source: str) -> str:
    """Without framebuffer fetch, which glslang knows of in OpenGL ES only: a result may be read anyway."""
    return FETCH.sub("", source).replace("inout vec4 colour", "out vec4 colour")


def run(one: Linked, *options: str, stages: tuple[str, ...] = ("vert", "frag")) -> str:
    """What glslang says of the stages; fails with its errors."""
    sources = {
        stage: plain(shader_source(name, dict(one.macros)))
        for stage, name in zip(("vert", "frag"), (one.vertex, one.fragment), strict=True)
        if stage in stages
    }
    returned, said, errors = told(tuple(sources.items()), options)
    assert returned == 0, f"{one}\n{said}{errors}"
    assert "WARNING" not in said, f"{one}\n{said}"
    return said


@cache
def told(sources: tuple[tuple[str, str], ...], options: tuple[str, ...]) -> tuple[int, str, str]:
    """Status and words of one process of glslang; the same sources are asked about once."""
    assert VALIDATOR is not None
    with TemporaryDirectory() as folder:
        files = []
        for stage, source in sources:
            file = Path(folder) / f"program.{stage}"
            file.write_text(source)
            files.append(str(file))
        ran = subprocess.run([VALIDATOR, *options, *files], capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr


def test_all_programs_are_found_and_start_as_glsl_330(linked: list[Linked]) -> None:
    assert {one.strategy for one in linked} == {"fetch", "loop"}
    assert {one.fragment for one in linked} == {
        path.name for path in Path(__file__).parents[2].glob("shaders/*.frag.glsl")
    }
    for one in linked:
        for name in (one.vertex, one.fragment):
            assert shader_source(name, dict(one.macros)).startswith("#version 330 core\n"), str(one)


@pytest.mark.parametrize("strategy", ["fetch", "loop"])
def test_the_programs_of_another_cast_are_the_same(
    ctx: moderngl.Context, strategy: Literal["fetch", "loop"]
) -> None:
    """A driver compiles for ten seconds, and keeps what came of it by the text of the shaders."""
    first, other = (
        [*links(strategy, True, ctx, rows, warp_cells=cells)] for rows, cells in ((4, 9), (200, 700))
    )
    assert first == other
    assert "WARPS" in dict(first[0].macros)


@needs_validator
def test_glslang_links_every_program(linked: list[Linked]) -> None:
    for one in linked:
        run(one, "-l", "-q")


@needs_validator
def test_glslang_would_find_an_error(linked: list[Linked]) -> None:
    """A name that is none, and a varying that nobody writes."""
    broken = Linked(
        "none", "tile.vert.glsl", "fetch_rows.frag.glsl", (("ROWS", 1), ("SAMPLES", 1), ("FILTER", "no"))
    )
    with pytest.raises(AssertionError, match="'no' : no matching overloaded function found"):
        run(broken, "-l", "-q")


def vectors(one: Linked) -> int:
    """Varyings of four numbers that the vertex shader hands over: each element of an array is one."""
    source = run(one, "-E", stages=("vert",))
    found = OUT.findall(source)
    assert len(found) == len(re.findall(r"\bout\b", source)), source
    return sum(number(size) if size else 1 for _, _, size in found)


def number(text: str) -> int:
    """The value of a constant expression of whole numbers, as preprocessing leaves it."""
    how = {ast.Mult: operator.mul, ast.Add: operator.add, ast.Sub: operator.sub}

    def value(node: ast.expr) -> int:
        if isinstance(node, ast.BinOp):
            return int(how[type(node.op)](value(node.left), value(node.right)))
        assert isinstance(node, ast.Constant) and isinstance(node.value, int), text
        return node.value

    return value(ast.parse(text.strip(), mode="eval").body)


@needs_validator
def test_programs_of_loop_hand_over_no_more_than_gl_33_has_everywhere(
    linked: list[Linked],
) -> None:
    """Of fused tiles: as many as a renderer of the least limits is given, see `sizes_of`."""
    everywhere = sizes_of({"GL_POINT_SIZE_RANGE": (1.0, 255.0)})
    for one in linked:
        if one.strategy == "loop" and dict(one.macros).get("PARTS", 0) in (0, *everywhere):
            assert vectors(one) <= VARYING_VECTORS, str(one)


def reads(one: Linked) -> int:
    """How often its fragment shader reads textures, loops run once and both sides of every branch."""
    source = run(one, "-E", stages=("frag",))
    bodies = dict(FUNCTION.findall(source))

    def count(name: str) -> int:
        called = CALL.findall(bodies[name])
        return sum(count(other) for other in called if other in bodies) + len(READ.findall(bodies[name]))

    return count("main")


@needs_validator
def test_a_pixel_of_a_fused_tile_reads_four_texels_a_layer_and_no_row(
    linked: list[Linked],
) -> None:
    fused = [one for one in linked if one.strategy == "loop" and "PARTS" in dict(one.macros)]
    assert len(fused) > 2
    for one in fused:
        assert reads(one) == 4 * int(dict(one.macros)["PARTS"]), str(one)


@needs_validator
def test_what_walks_a_list_reads_rows_beside_the_texels(linked: list[Linked]) -> None:
    """The counter sees what a fused tile is spared."""
    for one in linked:
        if one.fragment == "loop.frag.glsl":
            assert reads(one) > 17, str(one)


@needs_validator
def test_fetch_is_available_only_where_its_widest_program_fits(linked: list[Linked]) -> None:
    widest = max(vectors(one) for one in linked if one.strategy == "fetch")
    assert widest > VARYING_VECTORS  # or it could be had everywhere, and need not ask
    for room in (4 * widest - 1, 4 * widest):
        for narrow in ("GL_MAX_FRAGMENT_INPUT_COMPONENTS", "GL_MAX_VERTEX_OUTPUT_COMPONENTS"):
            renderer = MagicMock(extensions={"GL_EXT_shader_framebuffer_fetch"})
            renderer.info = {
                "GL_MAX_FRAGMENT_INPUT_COMPONENTS": 4096,
                "GL_MAX_VERTEX_OUTPUT_COMPONENTS": 4096,
                narrow: room,
            }
            assert Fetch.available(renderer) == (room == 4 * widest), (room, narrow)


@needs_validator
def test_uniforms_samplers_and_attributes_fit_gl_33(linked: list[Linked]) -> None:
    for one in linked:
        said = run(one, "-l", "-q")
        uniforms, _, rest = said.partition("Uniform block reflection:")
        attributes = rest.partition("Pipeline input reflection:")[2].partition("Pipeline output")[0]
        found = UNIFORM.findall(uniforms)
        assert found, said
        numbers = [FLOATS[kind] * int(size) for _, kind, size in found if kind not in SAMPLERS]
        assert sum(numbers) <= UNIFORM_COMPONENTS, str(one)
        assert len(found) - len(numbers) <= TEXTURE_UNITS, str(one)
        assert len(UNIFORM.findall(attributes)) <= ATTRIBUTES, str(one)
