"""Ways to blend in the fragment shader. One interface, one result; which is faster depends on the renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import moderngl
import numpy as np

from mien.composite.gl.programs import FULL, QUAD, Programs
from mien.composite.rows import BLEND, CLIPPED, FOLLOWERS, TAP_COUNT, FrameRows
from mien.types import Blend, Size

if TYPE_CHECKING:
    from mien.composite.gl.compositor import Counters


class Strategy(Protocol):
    """Draws rows that are already on the GPU, with pages and rows bound, into the compositor's target."""

    name: str

    def warm_up(self, size: Size) -> None:
        """Draw once with every program and state."""
        ...

    def draw(self, frame: FrameRows) -> None:
        """Draw the rows."""
        ...

    def release(self) -> None:
        """Free what the strategy made beside programs."""
        ...


class Fetch:
    """Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one.

    Consecutive rows of one kind are one draw: the special program for the most common kind of row is what
    makes it fast on llvmpipe, where a branch only masks lanes and costs both its sides.
    """

    name = "fetch"

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions

    def __init__(
        self, ctx: moderngl.Context, programs: Programs, target: moderngl.Framebuffer, counters: Counters
    ) -> None:
        self._target = target
        # Sixteen bits while layers add up: eight would round once a layer, and a dozen thin layers then
        # drift from the reference by more than 1 of 255.
        self._sum = ctx.texture(target.size, 4, dtype="f2")
        self._sum.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._layers = ctx.framebuffer([self._sum])
        counters.allocations += 2
        self._kinds = [
            programs.link(QUAD, "fetch_plain.frag.glsl"),
            programs.link(QUAD, "fetch_any.frag.glsl"),
        ]
        for program in self._kinds:
            program.set("frame", target.size)
        self._resolve = programs.link(FULL, "resolve.frag.glsl", picture=2)

    def warm_up(self, size: Size) -> None:
        """Draw row 0, whatever it is, with every program."""
        self._layers.use()
        for program in self._kinds:
            program.set("first", 0)
            program.render(4, strip=True)

    def draw(self, frame: FrameRows) -> None:
        """One draw for each run of rows of a kind, then one to round the sum to 8 bits."""
        self._layers.use()
        self._layers.clear(*frame.clear)
        rows = frame.rows[: frame.count]
        if len(rows):
            plain = (rows[:, BLEND] == Blend.NORMAL) & (rows[:, TAP_COUNT] == 1) & (rows[:, FOLLOWERS] == 0)
            kind = (~plain | (rows[:, CLIPPED] != 0)).astype(np.intp)
            starts = np.flatnonzero(np.diff(kind, prepend=-1)).tolist()
            for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
                program = self._kinds[kind[start]]
                program.set("first", start)
                program.render(4, instances=end - start, strip=True)
        self._target.use()
        self._sum.use(2)
        self._resolve.render(3)

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()


class Loop:
    """One draw over the whole frame; every pixel walks the rows and blends in registers."""

    name = "loop"

    def __init__(
        self, ctx: moderngl.Context, programs: Programs, target: moderngl.Framebuffer, counters: Counters
    ) -> None:
        self._target = target
        self._program = programs.link(FULL, "loop.frag.glsl")

    def warm_up(self, size: Size) -> None:
        """Nothing that `draw` does not do."""

    def draw(self, frame: FrameRows) -> None:
        """One draw."""
        self._target.use()
        self._program.set("row_count", frame.count)
        self._program.set("clear", frame.clear)
        self._program.render(3)

    def release(self) -> None:
        """Nothing beside programs."""
