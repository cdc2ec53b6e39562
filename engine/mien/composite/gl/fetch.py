"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.programs import QUAD, STACK, TILE, Program, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.shader_variants import GROUPS, STACKS, quad_kinds, stack_kinds
from mien.composite.gl.strategy import RGBA16, Block
from mien.types import Indices, Size


class Fetch:
    """Consecutive rectangles of one kind are one draw.

    Indices exist because on llvmpipe a branch only masks lanes and costs both its sides: a frame of two
    characters, 85 rows at 1280x720, took 78 ms of processor time (37 ms on two cores) with all but the
    plainest rows in the program that can do everything, and 38 ms (18 ms) with these. Leaving normal, screen
    and plus to the fixed blend unit was no faster.
    """

    name = "fetch"
    stacks = True

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
        self._counters = counters
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
            programs.link(QUAD, rows, {"ROWS": 1, "TAPS": 4, **paged}),
            programs.link(QUAD, rows, {**one, "MINIFIED": 1, "PAGES_ONLY": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_any.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", one),
            programs.link(QUAD, "fetch_any.frag.glsl", one),
        ]
        self._stacks = [
            programs.link(STACK, "stack.frag.glsl", {"PARTS": n, "SAMPLE": how})
            for how in ("sample_exact", "sample_page")
            for n in STACKS
        ]
        self._fill = programs.link(TILE, "fill.frag.glsl")
        self._resolve = programs.link(TILE, "resolve.frag.glsl", samples_drawn=True)
        for program in (*self._kinds, *self._stacks, self._fill, self._resolve):
            program.set("frame", largest)
        self._largest = largest
        self._begins: deque[tuple[int, int, int, Indices, int, Indices]] = deque()

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def add(self, block: Block) -> None:
        """Gather the rectangles to clear, to draw and to round to 8 bits."""
        plan, stacks = block.plan, block.plan.stacks
        kinds = quad_kinds(plan.classes, plan.units, plan.depths)
        # What has as many units below it in its tile never overlaps, and may be drawn kind by kind. Changing
        # programs takes 16 us; of two characters in motion 109 draws become 33.
        order = np.argsort(plan.ranks * 64 + kinds, kind="stable")
        used = np.count_nonzero(stacks.parts >= 0, axis=1)
        tall = stack_kinds(used, stacks.exact)
        by_kind = np.argsort(tall, kind="stable")
        parts = np.where(stacks.parts < 0, -1, stacks.parts + 4 * block.first)
        self._begins.append(
            (
                self._quads.add(plan.bare),
                self._quads.add(plan.quads[order], (plan.units[order] + block.first, plan.depths[order])),
                self._quads.add(plan.spans[: plan.deep_spans]),
                kinds[order],
                self._quads.add(stacks.rects[by_kind], parts[by_kind]),
                tall[by_kind],
            )
        )

    def send(self) -> None:
        """The rectangles."""
        self._quads.send()

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw for each run of rectangles of a kind; one more to round what needed it to 8 bits."""
        plan = block.plan
        bare, quads, spans, kinds, stacks, tall = self._begins.popleft()
        if plan.deep_spans:
            self._layers.use()
            if len(plan.bare):
                self._fill.set("clear", block.clear)
                self._quads.draw(self._fill, bare, bare + len(plan.bare))
            self._draw_runs(self._kinds, kinds, quads)
        if target is not None:
            target.use()
            if plan.deep_spans:
                self._programs.use("picture", self._sum)
                self._quads.draw(self._resolve, spans, spans + plan.deep_spans)
            for kind in np.unique(tall).tolist():
                self._stacks[kind].set("clear", block.clear)
            self._draw_runs(self._stacks, tall, stacks)

    def warm_up(self, target: moderngl.Framebuffer) -> None:
        """Draw a pixel with each program: drivers finish one when its first pixel is drawn."""
        pixel = np.array(((0, 0, 1, 1),), np.int32)
        at = self._quads.add(pixel, ((0,), (0,), *((-1,),) * 6))
        self._quads.send()
        self._layers.use()
        for program in (self._fill, *self._kinds):
            self._quads.draw(program, at, at + 1)
        target.use()
        self._programs.use("picture", self._sum)
        for program in (self._resolve, *self._stacks):
            self._quads.draw(program, at, at + 1)

    def abandon(self) -> None:
        """Forget what was added."""
        self._begins.clear()
        self._quads.abandon()

    def _draw_runs(self, programs: list[Program], kinds: Indices, first: int) -> None:
        """Draw the quads from `first` on; `kinds`: which of the programs draws each."""
        starts = np.diff(kinds, prepend=-1).nonzero()[0].tolist()
        for start, stop in zip(starts, [*starts[1:], len(kinds)], strict=True) if starts else ():
            self._quads.draw(programs[kinds[start]], first + start, first + stop)

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()
        self._counters.freed += 2
