"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.damage import ARITHMETIC
from mien.composite.filtering import MINIFIED
from mien.composite.gl.counters import Counters
from mien.composite.gl.programs import QUAD, TILE, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.strategy import RGBA16, Block
from mien.composite.rows import (
    BLEND,
    INVERSE_X,
    INVERSE_Y,
    MASK_PAGE,
    NO_MASK,
    TAP_COUNT,
    TAPS,
)
from mien.types import F32, Blend, Size


class Fetch:
    """Consecutive rectangles of one kind are one draw.

    Kinds exist because on llvmpipe a branch only masks lanes and costs both its sides: a frame of two
    characters, 85 rows at 1280x720, took 78 ms of processor time (37 ms on two cores) with all but the
    plainest rows in the program that can do everything, and 38 ms (18 ms) with these. Leaving normal, screen
    and plus to the fixed blend unit was no faster.
    """

    name = "fetch"
    shallow = 2
    """Two layers, the lower opaque, are drawn at 8 bits straight away: off by 1 of 255 at most. That is 7 of
    10 tiles of a whole frame of two characters, and 4 of 10 of those that change when they sway."""

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        room = int(ctx.info["GL_MAX_FRAGMENT_INPUT_COMPONENTS"])
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * (5 * _GROUPS[-1] + 1)

    def __init__(
        self, ctx: moderngl.Context, programs: Programs, quads: Quads, largest: Size, counters: Counters
    ) -> None:
        self._quads = quads
        self._programs = programs
        self._sum = ctx.texture(largest, 4, dtype="f2", internal_format=RGBA16)
        self._sum.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._layers = ctx.framebuffer([self._sum])
        counters.allocations += 2
        # In the order of `quad_kinds`.
        rows = "fetch_rows.frag.glsl"
        one: dict[str, str | int] = {"ROWS": 1, "TAPS": 1}
        paged: dict[str, str | int] = {"SAMPLE": "sample_page", "PAGES_ONLY": 1}
        self._kinds = [
            programs.link(QUAD, rows, {"ROWS": 1, "TAPS": 1, "SAMPLE": "sample_exact", "PAGES_ONLY": 1}),
            *(programs.link(QUAD, rows, {"ROWS": n, "TAPS": 1, **paged}) for n in _GROUPS),
            *(programs.link(QUAD, rows, {"ROWS": 1, "TAPS": n, **paged}) for n in _MIXES),
            programs.link(QUAD, rows, {**one, "MINIFIED": 1, "PAGES_ONLY": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_any.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", one),
            programs.link(QUAD, "fetch_any.frag.glsl", one),
        ]
        self._fill = programs.link(TILE, "fill.frag.glsl")
        self._resolve = programs.link(TILE, "resolve.frag.glsl")
        for program in (*self._kinds, self._fill, self._resolve):
            program.set("frame", largest)
        self._largest = largest
        self._begins: deque[tuple[int, int, int]] = deque()

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def add(self, block: Block) -> None:
        """Gather the rectangles to clear, to draw and to round to 8 bits."""
        plan = block.plan
        self._begins.append(
            (
                self._quads.add(plan.bare),
                self._quads.add(plan.quads, (plan.units + block.first, plan.depths)),
                self._quads.add(plan.spans),
            )
        )

    def send(self) -> None:
        """The rectangles."""
        self._quads.send()

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw for each run of rectangles of a kind; one more to round what needed it to 8 bits."""
        plan = block.plan
        bare, quads, spans = self._begins.popleft()
        bare_deep, quads_deep = bare + plan.deep_bare, quads + plan.deep_quads
        kinds = quad_kinds(block.rows, plan.units, plan.depths) if len(plan.units) else plan.units
        if plan.deep_spans:
            self._layers.use()
            self._clear(block, bare, bare_deep)
            self._blend(kinds, quads, quads, quads_deep)
        if target is not None:
            target.use()
            if plan.deep_spans:
                self._programs.use("picture", self._sum)
                self._quads.draw(self._resolve, spans, spans + plan.deep_spans)
            self._clear(block, bare_deep, bare + len(plan.bare))
            self._blend(kinds, quads, quads_deep, quads + len(kinds))

    def _clear(self, block: Block, start: int, stop: int) -> None:
        if stop > start:
            self._fill.set("clear", block.clear)
            self._quads.draw(self._fill, start, stop)

    def _blend(self, kinds: npt.NDArray[np.intp], first: int, start: int, stop: int) -> None:
        """Draw quads start..stop-1 of the buffer; `kinds` are those of the quads from `first` on."""
        if stop <= start:
            return
        own = kinds[start - first : stop - first]
        starts = (np.diff(own, prepend=-1).nonzero()[0] + start).tolist()
        for begin, end in zip(starts, [*starts[1:], stop], strict=True):
            self._quads.draw(self._kinds[kinds[begin - first]], begin, end)

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()


_GROUPS = (1, 2, 3, 6)
"""Rows of clip groups with a program of their own; groups of other sizes take the next larger one. The 32
varyings of Mesa have room for 6."""
_MIXES = (2, 4)
"""Taps of single rows with a program of their own."""
_EXACT, _GROUP = 0, 1
_MIX = _GROUP + len(_GROUPS)
_MINIFIED = _MIX + len(_MIXES)
_FADE, _ANY, _MINIFIED_MORE = _MINIFIED + 1, _MINIFIED + 2, 2
"""The last two kinds are these two once more, with the filter for what is minified."""
_ARITHMETIC = np.isin(np.arange(len(Blend)), ARITHMETIC)
_LINEAR = [INVERSE_X.start, INVERSE_X.start + 1, INVERSE_Y.start, INVERSE_Y.start + 1]
_MOVES = [INVERSE_X.start + 2, INVERSE_Y.start + 2]
_PAGES = np.arange(TAPS.start + 3, TAPS.stop, 8)
_UPRIGHT: F32 = np.array((1.0, 0.0, 0.0, 1.0), np.float32)


def quad_kinds(rows: F32, units: npt.NDArray[np.intp], depths: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Which of the programs draws `depths` rows, the first of them in `units`; all (n,).

    First one upright row moved by whole pixels; then groups by size, each row with one tap of an atlas page,
    not minified nor masked; then single rows of that sort with several taps; then minified ones with one tap;
    then groups with anything else that has arithmetic blend modes; then what has other blend modes; and the
    last two for what is minified.
    """
    linear, taps = rows[:, _LINEAR], rows[:, TAP_COUNT]
    paged = (rows[:, MASK_PAGE] == NO_MASK) & (rows[:, _PAGES].min(axis=1) >= 0)
    square = linear * linear
    small = np.maximum(square[:, 0] + square[:, 1], square[:, 2] + square[:, 3]) > MINIFIED * MINIFIED
    tiny = paged & small & (taps == 1)
    paged &= ~small
    single = paged & (taps == 1)
    ends = units + depths
    odd, hard = _counted(~single), _counted(~_ARITHMETIC[rows[:, BLEND].astype(np.intp)])
    kinds = np.where(depths <= _GROUPS[-1], _GROUP + np.searchsorted(_GROUPS, depths), _FADE)
    kinds[odd[ends] > odd[units]] = _FADE
    moves = rows[:, _MOVES]
    exact = single & (linear == _UPRIGHT).all(axis=1) & (moves == np.floor(moves)).all(axis=1)
    alone = depths == 1
    kinds[alone & exact[units]] = _EXACT
    mixed = alone & (paged & (taps > 1))[units]
    kinds[mixed] = _MIX + np.searchsorted(_MIXES, taps[units[mixed]])
    kinds[alone & tiny[units]] = _MINIFIED
    kinds[hard[ends] > hard[units]] = _ANY
    if small.any():
        shrunk = _counted(small)
        kinds[(kinds >= _FADE) & (shrunk[ends] > shrunk[units])] += _MINIFIED_MORE
    return kinds


def _counted(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """How many are set before each, and before the end."""
    counted = np.zeros(len(flags) + 1, np.intp)
    np.cumsum(flags, out=counted[1:])
    return counted
