"""Programs: compiled once, counted, and drawn as one triangle, as rectangles or as points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

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
    """A program with its uniforms at hand, linked by `finish`, or when it is first drawn with.

    Parameters: `link` it; `shapes` that it draws, None: triangles over the whole viewport; `samples_drawn`,
    as in `Programs.link`.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        link: Callable[[], moderngl.Program],
        shapes: Quads | Points | None,
        counters: Counters,
        samples_drawn: bool,
    ) -> None:
        self._samples_drawn = samples_drawn
        self._ctx = ctx
        self._functions = functions
        self._link = link
        self._shapes = shapes
        self._counters = counters
        self._names: tuple[int, int] | None = None
        """Of the program and its array; None: it is not linked yet."""
        # Looking a uniform up by name costs more than setting it.
        self._uniforms: dict[str, Any] = {}
        self._set: dict[str, int | float | tuple[float, ...]] = {}

    def finish(self) -> tuple[int, int]:
        """Link it, unless that was done; the GL names of the program and of its array. Raises
        RendererUnavailable."""
        if self._names is not None:
            return self._names
        shapes, ctx = self._shapes, self._ctx
        self._program = program = self._link()
        if shapes is None:
            self._array = ctx.vertex_array(program, [])
        else:
            names = [name for name in ("quad", "more", "most") if name in program]
            content = [(shapes.vertices, _LAYOUTS[len(names) - 1], *names)]
            indices = shapes.indices if isinstance(shapes, Quads) else None
            self._array = ctx.vertex_array(program, content, index_buffer=indices, index_element_size=4)
        self._names = int(program.glo), int(self._array.glo)
        self._counters.compiles += 1
        self._counters.allocations += 2
        self._uniforms = {name: program[name] for name in program}
        for name, value in self._set.items():
            self._tell(name, value)
        return self._names

    @property
    def is_linked(self) -> bool:
        """Whether it is."""
        return self._names is not None

    def set(self, name: str, value: int | float | Sequence[float]) -> None:
        """Set a uniform; one that the compiler has dropped is passed over."""
        if self._set.get(name) == value:
            return  # a tenth of the time of setting it
        kept = value if isinstance(value, int | float) else tuple(value)
        self._tell(name, kept)
        self._set[name] = kept

    def _tell(self, name: str, value: int | float | tuple[float, ...]) -> None:
        uniform = self._uniforms.get(name)
        if isinstance(uniform, moderngl.Uniform):
            uniform.value = value

    def draw_full(self, corners: int = 3) -> None:
        """Triangles without attributes, one over the viewport: one draw call."""
        self._functions.draw(*(self._names or self.finish()), corners)
        self._counters.draws += 1

    def draw_shapes(self, which: range) -> None:
        """Rectangles or points of those sent last: one draw, more only where the buffer is too small."""
        shapes = self._shapes
        assert shapes is not None, "a program over the whole viewport has no shapes"
        names = self._names or self.finish()
        for first, count in shapes.loaded(which):
            if isinstance(shapes, Quads):
                self._functions.draw_indexed(*names, 6 * first, 6 * count, samples_drawn=self._samples_drawn)
            else:
                self._functions.draw_points(*names, first, count)
            self._counters.draws += 1

    def release(self) -> None:
        """Free the GL objects."""
        if self._names is None:
            return
        self._names = None
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
    """All programs of one compositor.

    Parameters: `macros`, what all of them are compiled with: few values, since a driver compiles all programs
    anew for each; `meanwhile`, `later`: as in `CompositorOptions`.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        quads: Quads,
        points: Points,
        counters: Counters,
        macros: Mapping[str, str | int],
        meanwhile: Callable[[], object] | None = None,
        *,
        later: bool = False,
    ) -> None:
        self.meanwhile = meanwhile or _nothing
        self._later = later
        self._ctx = ctx
        self._functions = functions
        self._shapes: dict[str, Quads | Points] = {QUAD: quads, TILE: quads, FUSED: points}
        self._always = macros
        self.told: dict[str, int] = dict(_UNITS)
        """Uniforms of all programs that are linked from here on."""
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
        """Compile and link two shader files with these macros, samplers set to their units, or have that done
        later. Raises RendererUnavailable.

        `samples_drawn`: whether it samples what was drawn just before, and so may wait for that.
        """
        make = partial(self._made, vertex, fragment, {**self._always, **(defines or {})})
        shapes = self._shapes.get(vertex)
        program = Program(self._ctx, self._functions, make, shapes, self._counters, samples_drawn)
        for name, value in self.told.items():
            program.set(name, value)
        self._linked.append(program)
        if not self._later:
            program.finish()
            self.meanwhile()
        return program

    def finish(self, only: Iterable[Program] | None = None) -> None:
        """Link those that are not linked yet, or `only` these. Raises RendererUnavailable."""
        for program in self._linked if only is None else only:
            if not program.is_linked:
                program.finish()
                self.meanwhile()

    def _made(self, vertex: str, fragment: str, macros: Mapping[str, str | int]) -> moderngl.Program:
        try:
            return self._ctx.program(
                vertex_shader=shader_source(vertex, macros), fragment_shader=shader_source(fragment, macros)
            )
        except moderngl.Error as error:
            said = " ".join(str(error).split())[:400]
            raise RendererUnavailable(
                f"{self._ctx.info['GL_RENDERER']} does not compile {fragment} ({said}): update the GL "
                "driver, or try MIEN_STRATEGY=loop, another device (GLCONTEXT_DEVICE_INDEX), or "
                "LIBGL_ALWAYS_SOFTWARE=1"
            ) from error

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
