"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.programs import FUSED, QUAD, TILE, Program, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.shader_variants import FUSED_SIZES, GROUP_SIZES, fused_variants, quad_variants
from mien.composite.gl.strategy import RGBA16, Block
from mien.types import MAX_MIXED, Indices, Size


class Fetch:
    """Consecutive rectangles of one kind are one draw.

    Indices exist because on llvmpipe a branch only masks lanes and costs both its sides: a frame of two
    characters, 85 rows at 1280x720, took 78 ms of processor time (37 ms on two cores) with all but the
    plainest rows in the program that can do everything, and 38 ms (18 ms) with these. Leaving normal, screen
    and plus to the fixed blend unit was no faster.
    """

    name = "fetch"
    fuses = True

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        room = int(ctx.info["GL_MAX_FRAGMENT_INPUT_COMPONENTS"])
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * (5 * GROUP_SIZES[-1] + 1)

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
        # In the order of `quad_variants`.
        rows = "fetch_rows.frag.glsl"
        one: dict[str, str | int] = {"ROWS": 1, "SAMPLES": 1}
        paged: dict[str, str | int] = {"FILTER": "sample_page", "PAGES_ONLY": 1}
        self._variants = [
            programs.link(QUAD, rows, {"ROWS": 1, "SAMPLES": 1, "FILTER": "sample_exact", "PAGES_ONLY": 1}),
            *(programs.link(QUAD, rows, {"ROWS": n, "SAMPLES": 1, **paged}) for n in GROUP_SIZES),
            programs.link(QUAD, rows, {"ROWS": 1, "SAMPLES": MAX_MIXED, **paged}),
            programs.link(QUAD, rows, {**one, "MINIFIED": 1, "PAGES_ONLY": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_any.frag.glsl", {**one, "NOT_MINIFIED": 1}),
            programs.link(QUAD, "fetch_fade.frag.glsl", one),
            programs.link(QUAD, "fetch_any.frag.glsl", one),
        ]
        self._fused = [
            programs.link(FUSED, "fused.frag.glsl", {"PARTS": n, "FILTER": how})
            for how in ("sample_exact", "sample_page")
            for n in FUSED_SIZES
        ]
        self._fill = programs.link(TILE, "fill.frag.glsl")
        self._resolve = programs.link(TILE, "resolve.frag.glsl", samples_drawn=True)
        for program in (*self._variants, *self._fused, self._fill, self._resolve):
            program.set("frame", largest)
        self._largest = largest
        self._begins: deque[tuple[int, int, int, Indices, int, Indices]] = deque()

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def add(self, block: Block) -> None:
        """Gather the rectangles to clear, to draw and to round to 8 bits."""
        plan, fused = block.plan, block.plan.fused
        variants = quad_variants(plan.classes, plan.groups, plan.depths)
        # What has as many groups below it in its tile never overlaps, and may be drawn variant by variant.
        # Changing programs takes 16 us; of two characters in motion 109 draws become 33.
        order = np.argsort(plan.ranks * 64 + variants, kind="stable")
        used = np.count_nonzero(fused.parts >= 0, axis=1)
        tall = fused_variants(used, fused.exact)
        by_variant = np.argsort(tall, kind="stable")
        parts = np.where(fused.parts < 0, -1, fused.parts + MAX_MIXED * block.first)
        self._begins.append(
            (
                self._quads.add(plan.bare),
                self._quads.add(plan.quads[order], (plan.groups[order] + block.first, plan.depths[order])),
                self._quads.add(plan.spans[: plan.deep_spans]),
                variants[order],
                self._quads.add(fused.rects[by_variant], parts[by_variant]),
                tall[by_variant],
            )
        )

    def send(self) -> None:
        """The rectangles."""
        self._quads.send()

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw for each run of rectangles of a kind; one more to round what needed it to 8 bits."""
        plan = block.plan
        bare, quads, spans, variants, fused, tall = self._begins.popleft()
        if plan.deep_spans:
            self._layers.use()
            if len(plan.bare):
                self._fill.set("clear", block.clear)
                self._quads.draw(self._fill, bare, bare + len(plan.bare))
            self._draw_runs(self._variants, variants, quads)
        if target is not None:
            target.use()
            if plan.deep_spans:
                self._programs.use("picture", self._sum)
                self._quads.draw(self._resolve, spans, spans + plan.deep_spans)
            for kind in np.unique(tall).tolist():
                self._fused[kind].set("clear", block.clear)
            self._draw_runs(self._fused, tall, fused)

    def warm_up(self, target: moderngl.Framebuffer) -> None:
        """Draw a pixel with each program: drivers finish one when its first pixel is drawn."""
        pixel = np.array(((0, 0, 1, 1),), np.int32)
        at = self._quads.add(pixel, ((0,), (0,), *((-1,),) * 6))
        self._quads.send()
        self._layers.use()
        for program in (self._fill, *self._variants):
            self._quads.draw(program, at, at + 1)
        target.use()
        self._programs.use("picture", self._sum)
        for program in (self._resolve, *self._fused):
            self._quads.draw(program, at, at + 1)

    def abandon(self) -> None:
        """Forget what was added."""
        self._begins.clear()
        self._quads.abandon()

    def _draw_runs(self, programs: list[Program], variants: Indices, first: int) -> None:
        """Draw the quads from `first` on; `variants`: which of the programs draws each."""
        starts = np.diff(variants, prepend=-1).nonzero()[0].tolist()
        for start, stop in zip(starts, [*starts[1:], len(variants)], strict=True) if starts else ():
            self._quads.draw(programs[variants[start]], first + start, first + stop)

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()
        self._counters.freed += 2
