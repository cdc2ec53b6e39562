"""Ways to blend in the fragment shader: one interface, one result; the renderer decides which is faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.gl.programs import FULL, QUAD, Programs
from mien.composite.rows import BLEND, CLIPPED, FOLLOWERS, INVERSE_X, INVERSE_Y, RGBA, TAP_COUNT, FrameRows
from mien.types import F32, Blend

if TYPE_CHECKING:
    from mien.composite.gl.compositor import Counters


class Strategy(Protocol):
    """Draws rows that are already on the GPU, with pages and rows bound, into the compositor's target."""

    name: str

    def warm_up(self) -> None:
        """Draw once with every program and state."""
        ...

    def draw(self, frame: FrameRows) -> None:
        """Draw the rows."""
        ...

    def forget(self) -> None:
        """Pages have changed: what was kept of earlier frames is worth nothing."""
        ...

    def release(self) -> None:
        """Free what the strategy made beside programs."""
        ...


class Fetch:
    """Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one.

    Consecutive rows of one kind are one draw (some 25 a frame). Kinds exist because on llvmpipe a branch only
    masks lanes and costs both its sides: a frame of two characters, 85 rows at 1280x720, took 78 ms of
    processor time (37 ms on two cores) with all but the plainest rows in the program that can do everything,
    and takes 38 ms (18 ms) with these. Leaving normal, screen and plus to the fixed blend unit was no faster.
    """

    name = "fetch"

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        room = int(ctx.info["GL_MAX_FRAGMENT_INPUT_COMPONENTS"])
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * (5 * _MOST_ROWS + 1)

    def __init__(
        self, ctx: moderngl.Context, programs: Programs, target: moderngl.Framebuffer, counters: Counters
    ) -> None:
        self._target = target
        # Sixteen bits while layers add up: eight would round once a layer, and a dozen thin layers then
        # drift from the reference by more than 1 of 255. Fixed point is 12 % cheaper here than half floats.
        self._sum = ctx.texture(target.size, 4, dtype="f2", internal_format=_RGBA16)
        self._sum.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._layers = ctx.framebuffer([self._sum])
        # What the frame's fixed rows look like. At 1280x720 copying it takes 0.5 ms, and clearing and drawing
        # a background 4.4 ms of the 21 ms that a frame of two characters takes.
        self._kept = ctx.texture(target.size, 4, dtype="f2", internal_format=_RGBA16)
        self._below = ctx.framebuffer([self._kept])
        self._below_rows: F32 | None = None
        self._below_clear: RGBA | None = None
        self._ctx = ctx
        counters.allocations += 4
        # In the order of `row_kinds`.
        rows = "fetch_rows.frag.glsl"
        self._kinds = [
            programs.link(QUAD, rows, {"ROWS": 1, "SAMPLE": "sample_exact"}),
            *(
                programs.link(QUAD, rows, {"ROWS": n, "SAMPLE": "sample_page"})
                for n in range(1, _MOST_ROWS + 1)
            ),
            programs.link(QUAD, "fetch_fade.frag.glsl", {"ROWS": 1}),
            programs.link(QUAD, "fetch_any.frag.glsl", {"ROWS": 1}),
        ]
        for program in self._kinds:
            program.set("frame", target.size)
        self._resolve = programs.link(FULL, "resolve.frag.glsl", picture=2)

    def warm_up(self) -> None:
        """Draw row 0, whatever it is, with every program."""
        self._layers.use()
        for program in self._kinds:
            program.set("first", 0)
            program.render(4, strip=True)

    def draw(self, frame: FrameRows) -> None:
        """One draw for each run of rows of a kind, then one to round the sum to 8 bits."""
        fixed = frame.fixed
        if fixed:
            self._keep(frame, fixed)
            self._ctx.copy_framebuffer(self._layers, self._below)
            self._layers.use()
        else:
            self._layers.use()
            self._layers.clear(*frame.clear)
        self._draw_rows(frame, fixed, frame.count)
        self._target.use()
        self._sum.use(2)
        self._resolve.render(3)

    def forget(self) -> None:
        """Draw the fixed rows anew."""
        self._below_rows = None

    def _keep(self, frame: FrameRows, fixed: int) -> None:
        rows = frame.rows[:fixed]
        if (
            self._below_clear == frame.clear
            and self._below_rows is not None
            and np.array_equal(self._below_rows, rows)
        ):
            return
        self._below.use()
        self._below.clear(*frame.clear)
        self._draw_rows(frame, 0, fixed)
        self._below_rows, self._below_clear = rows.copy(), frame.clear

    def _draw_rows(self, frame: FrameRows, first: int, end: int) -> None:
        if end <= first:
            return
        kinds = row_kinds(frame.rows[first:end])
        starts = np.flatnonzero(np.diff(kinds, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], end - first], strict=True):
            program = self._kinds[kinds[start]]
            program.set("first", first + start)
            program.render(4, instances=stop - start, strip=True)

    def release(self) -> None:
        """Free the sum and what is kept."""
        for owned in (self._layers, self._sum, self._below, self._kept):
            owned.release()


_RGBA16 = 0x805B
_MOST_ROWS = 6
"""Rows of the largest clip group with a program of its own: what the 32 varyings of Mesa have room for."""
_EXACT, _FADE, _ANY = 0, _MOST_ROWS + 1, _MOST_ROWS + 2
_ARITHMETIC = np.isin(np.arange(len(Blend)), (Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS))


def row_kinds(rows: F32) -> npt.NDArray[np.intp]:
    """Which of the programs draws each row; a clipped row has its base's kind, which draws it.

    0: one upright row moved by whole pixels; 1 and up: a group of so many rows, each with one tap; then
    groups with crossfades; last, what has a blend mode that is not arithmetic.
    """
    followers = rows[:, FOLLOWERS].astype(np.intp)
    base = np.flatnonzero(rows[:, CLIPPED] == 0)
    simple = _ARITHMETIC[rows[:, BLEND].astype(np.intp)]
    single = rows[:, TAP_COUNT] == 1
    upright = (rows[:, _LINEAR] == (1.0, 0.0, 0.0, 1.0)).all(axis=1)
    whole = (rows[:, _MOVES] == np.floor(rows[:, _MOVES])).all(axis=1)
    group = 1 + followers[base]
    kinds = np.where((group == 1) & (upright & whole)[base], _EXACT, group)
    kinds[(group > _MOST_ROWS) | ~np.logical_and.reduceat(single, base)] = _FADE
    kinds[~np.logical_and.reduceat(simple, base)] = _ANY
    return np.repeat(kinds, group)


_LINEAR = [INVERSE_X.start, INVERSE_X.start + 1, INVERSE_Y.start, INVERSE_Y.start + 1]
_MOVES = [INVERSE_X.start + 2, INVERSE_Y.start + 2]


class Loop:
    """One draw over the whole frame; every pixel walks the rows and blends in registers."""

    name = "loop"

    def __init__(
        self, ctx: moderngl.Context, programs: Programs, target: moderngl.Framebuffer, counters: Counters
    ) -> None:
        self._target = target
        self._program = programs.link(FULL, "loop.frag.glsl")

    def warm_up(self) -> None:
        """Nothing that `draw` does not do."""

    def draw(self, frame: FrameRows) -> None:
        """One draw."""
        self._target.use()
        self._program.set("row_count", frame.count)
        self._program.set("clear", frame.clear)
        self._program.render(3)

    def forget(self) -> None:
        """Nothing is kept."""

    def release(self) -> None:
        """Nothing beside programs."""
