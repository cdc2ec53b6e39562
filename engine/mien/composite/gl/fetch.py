"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.gl.counters import Counters
from mien.composite.gl.kinds import GROUPS, MIXES, RowClasses, quad_kinds
from mien.composite.gl.programs import QUAD, TILE, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.strategy import RGBA16, Block
from mien.types import Size


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
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * (5 * GROUPS[-1] + 1)

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
            *(programs.link(QUAD, rows, {"ROWS": n, "TAPS": 1, **paged}) for n in GROUPS),
            *(programs.link(QUAD, rows, {"ROWS": 1, "TAPS": n, **paged}) for n in MIXES),
            programs.link(QUAD, rows, {**one, "MINIFIED": 1, "PAGES_ONLY": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_any.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", one),
            programs.link(QUAD, "fetch_any.frag.glsl", one),
            *(
                programs.link(QUAD, "cover.frag.glsl", {**one, "SAMPLE": how})
                for how in ("whole", "four_texels")
            ),
        ]
        self._fill = programs.link(TILE, "fill.frag.glsl")
        self._resolve = programs.link(TILE, "resolve.frag.glsl")
        for program in (*self._kinds, self._fill, self._resolve):
            program.set("frame", largest)
        self._largest = largest
        self._classes: dict[int, RowClasses] = {}
        self._begins: deque[tuple[int, int, int, npt.NDArray[np.intp]]] = deque()

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def add(self, block: Block) -> None:
        """Gather the rectangles to clear, to draw and to round to 8 bits."""
        plan = block.plan
        classes = self._classes.setdefault(block.first, RowClasses()).update(block.rows, plan.changed)
        kinds = quad_kinds(classes, plan.units, plan.depths, plan.covers)
        # What has as many units below it in its tile never overlaps, and may be drawn kind by kind. Changing
        # programs takes 16 us; of two characters in motion 109 draws become 33.
        shallow = np.arange(len(kinds)) >= plan.deep_quads
        order = np.argsort(
            (shallow * (plan.ranks.max(initial=0) + 1) + plan.ranks) * 64 + kinds, kind="stable"
        )
        self._begins.append(
            (
                self._quads.add(plan.bare),
                self._quads.add(plan.quads[order], (plan.units[order] + block.first, plan.depths[order])),
                self._quads.add(plan.spans),
                kinds[order],
            )
        )

    def send(self) -> None:
        """The rectangles."""
        self._quads.send()

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw for each run of rectangles of a kind; one more to round what needed it to 8 bits."""
        plan = block.plan
        bare, quads, spans, kinds = self._begins.popleft()
        bare_deep, quads_deep = bare + plan.deep_bare, quads + plan.deep_quads
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

    def abandon(self) -> None:
        """Forget what was added."""
        self._begins.clear()
        self._classes.clear()
        self._quads.abandon()

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
