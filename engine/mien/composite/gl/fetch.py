"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.programs import FUSED, QUAD, TILE, Program, Programs
from mien.composite.gl.quads import QuadList, Quads
from mien.composite.gl.shader_variants import FUSED_SIZES, GROUP_SIZES, fused_variants, quad_variants
from mien.composite.gl.strategy import RGBA16, Block, BlockDraws, Draw, Prepared, draw_each
from mien.composite.rows import RGBA
from mien.types import MAX_MIXED, Indices, Size

_NO_LISTS: Final = np.zeros(0, np.float32)


class Fetch:
    """Consecutive rectangles of one shader variant are one draw.

    Variants exist because on llvmpipe a branch only masks lanes and costs both its sides: a frame of two
    characters, 85 rows at 1280x720, took 78 ms of processor time (37 ms on two cores) with all but the
    plainest rows in the program that can do everything, and 38 ms (18 ms) with these. Leaving normal, screen
    and plus to the fixed blend unit was no faster.
    """

    name = "fetch"
    fuses = True

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        limits = ("GL_MAX_FRAGMENT_INPUT_COMPONENTS", "GL_MAX_VERTEX_OUTPUT_COMPONENTS")
        room = min(int(ctx.info[limit]) for limit in limits)
        widest = max(5 * GROUP_SIZES[-1] + 1, 4 * FUSED_SIZES[-1])
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * widest

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

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def prepare(self, blocks: Sequence[Block]) -> Prepared:
        """The rectangles to clear, to draw and to round to 8 bits."""
        quads = QuadList()
        draws = [self._draws(block, quads) for block in blocks]
        return Prepared(draws, quads.corners(), _NO_LISTS)

    def upload(self, prepared: Prepared) -> None:
        """The rectangles."""
        self._quads.send(prepared.corners)

    def draw(self, draws: BlockDraws, target: moderngl.Framebuffer) -> None:
        """One draw for each run of rectangles of a variant; one more to round what needed it to 8 bits."""
        if draws.layers:
            self._layers.use()
            draw_each(draws.layers)
        if draws.target:
            target.use()
            self._programs.use("picture", self._sum)
            draw_each(draws.target)

    def warm_up(self, target: moderngl.Framebuffer) -> None:
        """Draw a pixel with each program: drivers finish one when its first pixel is drawn."""
        quads = QuadList()
        pixel = quads.add(np.array(((0, 0, 1, 1),), np.int32), ((0,), (0,), *((-1,),) * 6))
        self._quads.send(quads.corners())
        layers = [Draw(program, pixel) for program in (self._fill, *self._variants)]
        self.draw(BlockDraws(layers, [Draw(one, pixel) for one in (self._resolve, *self._fused)]), target)

    def _draws(self, block: Block, quads: QuadList) -> BlockDraws:
        """How a block is drawn, its rectangles added to `quads`."""
        plan, fused = block.plan, block.plan.fused
        layers: list[Draw] = []
        target: list[Draw] = []
        if plan.deep_spans:
            if len(plan.bare):
                layers.append(Draw(self._fill, quads.add(plan.bare), block.clear))
            variants = quad_variants(plan.classes, plan.groups, plan.depths)
            # What has as many groups below it in its tile never overlaps, and may be drawn variant by
            # variant. Changing programs takes 16 us; of two characters in motion 109 draws become 33.
            order = np.argsort(plan.ranks * 64 + variants, kind="stable")
            own = quads.add(plan.quads[order], (plan.groups[order] + block.first, plan.depths[order]))
            layers += _runs(self._variants, variants[order], own, None)
            if block.offscreen is None:
                target.append(Draw(self._resolve, quads.add(plan.spans[: plan.deep_spans])))
        if len(fused.rects):
            used = np.count_nonzero(fused.parts >= 0, axis=1)
            variants = fused_variants(used, fused.exact)
            order = np.argsort(variants, kind="stable")
            parts = np.where(fused.parts < 0, -1, fused.parts + MAX_MIXED * block.first)
            own = quads.add(fused.rects[order], parts[order])
            target += _runs(self._fused, variants[order], own, block.clear)
        return BlockDraws(layers, target)

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()
        self._counters.freed += 2


def _runs(programs: Sequence[Program], variants: Indices, quads: range, clear: RGBA | None) -> list[Draw]:
    """A draw for each run of quads of one variant; `variants`: which of the programs draws each."""
    starts = np.diff(variants, prepend=-1).nonzero()[0].tolist()
    ends = [*starts[1:], len(variants)]
    return [Draw(programs[variants[a]], quads[a:b], clear) for a, b in zip(starts, ends, strict=False)]
