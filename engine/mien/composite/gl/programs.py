"""Programs: compiled once, counted, and drawn without vertex buffers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import moderngl

from mien.composite.gl.shader_source import shader_source
from mien.errors import RendererUnavailable

if TYPE_CHECKING:
    from mien.composite.gl.compositor import Counters

FULL = "full.vert.glsl"
QUAD = "quad.vert.glsl"

PAGES_UNIT = 0
ROWS_UNIT = 1


class Program:
    """A linked program with its uniforms at hand; vertices come from `gl_VertexID`."""

    def __init__(self, ctx: moderngl.Context, program: moderngl.Program, counters: Counters) -> None:
        self._program = program
        self._array = ctx.vertex_array(program, [])
        self._counters = counters
        # Looking a uniform up by name costs more than setting it.
        self._uniforms = {name: program[name] for name in program}

    def set(self, name: str, value: int | float | Sequence[float]) -> None:
        """Set a uniform; one that the compiler has dropped is passed over."""
        uniform = self._uniforms.get(name)
        if isinstance(uniform, moderngl.Uniform):
            uniform.value = value

    def render(self, vertices: int, instances: int = 1, strip: bool = False) -> None:
        """One draw call."""
        mode = moderngl.TRIANGLE_STRIP if strip else moderngl.TRIANGLES
        self._array.render(mode, vertices=vertices, instances=instances)
        self._counters.draws += 1

    def release(self) -> None:
        """Free the GL objects."""
        self._array.release()
        self._program.release()


class Programs:
    """All programs of one compositor."""

    def __init__(self, ctx: moderngl.Context, counters: Counters) -> None:
        self._ctx = ctx
        self._counters = counters
        self._linked: list[Program] = []

    def link(
        self, vertex: str, fragment: str, defines: Mapping[str, str | int] | None = None, **units: int
    ) -> Program:
        """Compile and link two shader files with these macros; `units`: further samplers' texture units."""
        try:
            program = self._ctx.program(
                vertex_shader=shader_source(vertex, defines), fragment_shader=shader_source(fragment, defines)
            )
        except moderngl.Error as error:
            raise RendererUnavailable(
                f"{self._ctx.info['GL_RENDERER']} does not compile {fragment}: update the GL driver, or open "
                f"the compositor with the other strategy ({' '.join(str(error).split())[:400]})"
            ) from error
        linked = Program(self._ctx, program, self._counters)
        for name, unit in {"pages": PAGES_UNIT, "rows": ROWS_UNIT, **units}.items():
            linked.set(name, unit)
        self._counters.compiles += 1
        self._counters.allocations += 2
        self._linked.append(linked)
        return linked

    def release(self) -> None:
        """Free all of them."""
        for program in self._linked:
            program.release()
        self._linked.clear()
