"""Programs: compiled once, counted, and drawn as one triangle, as rectangles or as points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import moderngl

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.points import Points
from mien.composite.gl.quads import Quads
from mien.composite.gl.shader_source import shader_source
from mien.errors import RendererUnavailable
from mien.types import Size

FULL = "full.vert.glsl"
QUAD = "quad.vert.glsl"
FUSED = "fused.vert.glsl"
TILE = "tile.vert.glsl"
ENLARGE = "enlarge.vert.glsl"

_LAYOUTS = ("4f 24x", "4f 4f 8x", "4f 4f 2f")
"""Of the corners in `Quads`, and of `Points`, by how many attributes a program takes."""
_UNITS = {"pages": 0, "rows": 1, "offscreens": 2, "lists": 3, "picture": 4}
"""Texture units by the names of samplers."""


class Program:
    """A linked program with its uniforms at hand."""

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        program: moderngl.Program,
        shapes: Quads | Points | None,
        counters: Counters,
        samples_drawn: bool,
    ) -> None:
        self._samples_drawn = samples_drawn
        self._functions = functions
        self._shapes = shapes
        self._program = program
        if shapes is None:
            self._array = ctx.vertex_array(program, [])
        else:
            names = [name for name in ("quad", "more", "most") if name in program]
            content = [(shapes.vertices, _LAYOUTS[len(names) - 1], *names)]
            indices = shapes.indices if isinstance(shapes, Quads) else None
            self._array = ctx.vertex_array(program, content, index_buffer=indices, index_element_size=4)
        self._counters = counters
        self._names = int(program.glo), int(self._array.glo)
        # Looking a uniform up by name costs more than setting it.
        self._uniforms = {name: program[name] for name in program}
        self._set: dict[str, int | float | tuple[float, ...]] = {}

    def set(self, name: str, value: int | float | Sequence[float]) -> None:
        """Set a uniform; one that the compiler has dropped is passed over."""
        if self._set.get(name) == value:
            return  # a tenth of the time of setting it
        kept = value if isinstance(value, int | float) else tuple(value)
        uniform = self._uniforms.get(name)
        if isinstance(uniform, moderngl.Uniform):
            uniform.value = value
        self._set[name] = kept

    def draw_full(self, corners: int = 3) -> None:
        """Triangles without attributes, one over the viewport: one draw call."""
        self._functions.draw(*self._names, corners)
        self._counters.draws += 1

    def draw_shapes(self, which: range) -> None:
        """Rectangles or points of those sent last: one draw, more only where the buffer is too small."""
        shapes = self._shapes
        assert shapes is not None, "a program over the whole viewport has no shapes"
        for first, count in shapes.loaded(which):
            if isinstance(shapes, Quads):
                self._functions.draw_indexed(
                    *self._names, 6 * first, 6 * count, samples_drawn=self._samples_drawn
                )
            else:
                self._functions.draw_points(*self._names, first, count)
            self._counters.draws += 1

    def release(self) -> None:
        """Free the GL objects."""
        self._array.release()
        self._program.release()
        self._counters.freed += 2


class PlacedPrograms:
    """Programs that place shapes, which are in pixels of the frame, in what they draw into.

    Parameters: `viewport`, what they draw into, in pixels; `side` of a tile, for those that draw points.
    """

    def __init__(self, programs: Sequence[Program], viewport: Size, side: int = 0) -> None:
        self._programs, self._viewport, self._side = programs, viewport, side
        self._scale = 0.0
        self.at(1.0)

    def at(self, scale: float) -> None:
        """From now on a pixel of the frame is `scale` pixels wide and high. Next to nothing when it was."""
        if scale == self._scale:
            return
        self._scale = scale
        width, height = self._viewport
        for program in self._programs:
            program.set("frame", (width / scale, height / scale))
            program.set("side", self._side * scale)
            program.set("scale", scale)


class Programs:
    """All programs of one compositor. `macros`: what all of them are compiled with; `meanwhile`: as in
    `CompositorOptions`."""

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        quads: Quads,
        points: Points,
        counters: Counters,
        macros: Mapping[str, str | int],
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self.meanwhile = meanwhile or _nothing
        self._ctx = ctx
        self._functions = functions
        self._shapes: dict[str, Quads | Points] = {QUAD: quads, TILE: quads, FUSED: points}
        self._always = macros
        self._counters = counters
        self._linked: list[Program] = []

    def link(
        self,
        vertex: str,
        fragment: str,
        defines: Mapping[str, str | int] | None = None,
        *,
        samples_drawn: bool = False,
    ) -> Program:
        """Compile and link two shader files with these macros, samplers set to their units.

        `samples_drawn`: whether it samples what was drawn just before, and so may wait for that.
        """
        macros = {**self._always, **(defines or {})}
        try:
            program = self._ctx.program(
                vertex_shader=shader_source(vertex, macros), fragment_shader=shader_source(fragment, macros)
            )
        except moderngl.Error as error:
            said = " ".join(str(error).split())[:400]
            raise RendererUnavailable(
                f"{self._ctx.info['GL_RENDERER']} does not compile {fragment} ({said}): update the GL "
                "driver, or try MIEN_STRATEGY=loop, another device (GLCONTEXT_DEVICE_INDEX), or "
                "LIBGL_ALWAYS_SOFTWARE=1"
            ) from error
        shapes = self._shapes.get(vertex)
        linked = Program(self._ctx, self._functions, program, shapes, self._counters, samples_drawn)
        for name, unit in _UNITS.items():
            linked.set(name, unit)
        self._counters.compiles += 1
        self._counters.allocations += 2
        self._linked.append(linked)
        self.meanwhile()
        return linked

    def use(self, sampler: str, texture: moderngl.Texture | moderngl.TextureArray) -> None:
        """Bind a texture to the unit of the sampler's name."""
        texture.use(_UNITS[sampler])

    def release(self) -> None:
        """Free all of them."""
        for program in self._linked:
            program.release()
        self._linked.clear()


def _nothing() -> None:
    pass
