"""Rectangles drawn bottom to top; the shader reads the pixel under it and writes the blended one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.points import NO_POINTS, Points, points_of
from mien.composite.gl.programs import FUSED, QUAD, TILE, PlacedPrograms, Programs
from mien.composite.gl.quads import QuadList, Quads
from mien.composite.gl.shader_variants import (
    CONTINUED_SIZES,
    EXACT,
    FUSED_SIZES,
    GROUP,
    GROUP_SIZES,
    ONLY_ALONE,
    ONLY_SEVERAL,
    TWISTED_SIZES,
    fused_variants,
    put_twisted,
    quad_variants,
)
from mien.composite.gl.sizes import Sizes
from mien.composite.gl.strategy import (
    RGBA16,
    Block,
    BlockDraws,
    Draw,
    Prepared,
    Warm,
    draw_each,
    runs,
)
from mien.composite.plan.fused_tiles import MOST_TWISTED
from mien.composite.plan.planner import Drawn
from mien.types import F32, MAX_MIXED

_NO_LISTS: Final = np.zeros(0, np.float32)


class Fetch:
    """Consecutive rectangles of one shader variant are one draw.

    Variants exist because on llvmpipe a branch only masks lanes and costs both its sides: a frame of two
    characters, 85 rows at 1280x720, took 78 ms of processor time (37 ms on two cores) with all but the
    plainest rows in the program that can do everything, and 38 ms (18 ms) with these. Leaving normal, screen
    and plus to the fixed blend unit was no faster.
    """

    name = "fetch"
    drawn: Drawn = "fused"
    drawn_offscreen: Drawn = "groups"
    side: int | None = None
    few = False

    @staticmethod
    def available(ctx: moderngl.Context) -> bool:
        """Whether fragment shaders can read their target."""
        limits = ("GL_MAX_FRAGMENT_INPUT_COMPONENTS", "GL_MAX_VERTEX_OUTPUT_COMPONENTS")
        room = min(int(ctx.info[limit]) for limit in limits)
        widest = max(5 * GROUP_SIZES[-1] + 1, 4 * FUSED_SIZES[-1])
        return "GL_EXT_shader_framebuffer_fetch" in ctx.extensions and room >= 4 * widest

    def __init__(
        self,
        ctx: moderngl.Context,
        programs: Programs,
        quads: Quads,
        points: Points,
        sizes: Sizes,
        counters: Counters,
    ) -> None:
        self._quads = quads
        self._points = points
        self._programs = programs
        self._counters = counters
        self._warm = Warm()
        self._sum = ctx.texture(sizes.largest, 4, dtype="f2", internal_format=RGBA16)
        self._sum.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._layers = ctx.framebuffer([self._sum])
        self._layers.viewport = (0, 0, *sizes.viewport)
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
        # In the order of `fused_variants`.
        fused = "fused.frag.glsl"
        # Of tiles of warps the corners of points look for them: the pixels' part is the same, and so few
        # tiles are bent that programs of their own cost more, a draw each, than what it takes there.
        page: dict[str, str | int] = {"FILTER": "sample_page", **({} if sizes.cell is None else {"BENT": 1})}
        self._fused = [
            *(programs.link(FUSED, fused, {"PARTS": n, "FILTER": "sample_exact"}) for n in FUSED_SIZES),
            *(programs.link(FUSED, fused, {"PARTS": n, **page}) for n in FUSED_SIZES),
            *(programs.link(FUSED, fused, {"PARTS": n, "CONTINUED": 1, **page}) for n in CONTINUED_SIZES),
            *(programs.link(FUSED, fused, {"PARTS": n, "SIMPLE": 1, **page}) for n in FUSED_SIZES),
        ]
        if sizes.cell is not None:
            last = {"PARTS": MOST_TWISTED, "CONTINUED": 1}
            self._fused += [
                *(programs.link(FUSED, fused, {"PARTS": n, "TWISTED": 1, **page}) for n in TWISTED_SIZES),
                programs.link(FUSED, fused, {"TWISTED": 1, **last, **page}),
            ]
        self._fill = programs.link(TILE, "fill.frag.glsl")
        self._resolve = programs.link(TILE, "resolve.frag.glsl", samples_drawn=True)
        self._placed = PlacedPrograms(
            [*self._variants, *self._fused, self._fill, self._resolve],
            sizes.viewport,
            sizes.planners(self.drawn)[-1].tiles.side,
        )

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where layers add up."""
        return self._layers

    def prepare(self, blocks: Sequence[Block]) -> Prepared:
        """The rectangles to clear, to draw and to round to 8 bits, and the tiles drawn in one go."""
        quads = QuadList()
        points = NO_POINTS
        draws = []
        for block in blocks:
            layers = self._by_groups(block, quads)
            target: list[Draw] = []
            if block.offscreen is None:
                points, several, once = self._fused_tiles(block)
                layers += several
                summed = block.plan.summed
                if len(summed):
                    target.append(Draw(self._resolve, quads.add(summed)))
                target += once
            draws.append(BlockDraws(layers, target, block.scale))
        return Prepared(draws, quads.corners(), points, _NO_LISTS)

    def upload(self, prepared: Prepared) -> None:
        """The rectangles and points."""
        self._quads.send(prepared.corners)
        self._points.send(prepared.points)

    def draw(self, draws: BlockDraws, target: moderngl.Framebuffer) -> None:
        """One draw for each run of rectangles of a variant; one more to round what needed it to 8 bits."""
        self._placed.at(draws.scale)
        if draws.layers:
            self._layers.use()
            draw_each(draws.layers)
        if draws.target:
            target.use()
            self._programs.use("picture", self._sum)
            draw_each(draws.target)

    def warm_up(self, target: moderngl.Framebuffer, only: Prepared | None = None) -> None:
        """Draw a pixel with each program into what it draws into: drivers finish one for each format, with
        its first pixel there."""
        quads = QuadList()
        pixel = quads.add(np.array(((0, 0, 1, 1),), np.int32), ((0,), (0,), *((-1,),) * 6))
        self._quads.send(quads.corners())
        self._points.send(np.array(((0.5, 0.5, *(-1.0,) * 8),), np.float32))
        fused = [Draw(one, range(1), (0.0, 0.0, 0.0, 0.0)) for one in self._fused]
        layers = [Draw(program, pixel) for program in (self._fill, *self._variants)]
        layers += [draw for nth, draw in enumerate(fused) if nth not in ONLY_ALONE]
        once = [draw for nth, draw in enumerate(fused) if nth not in ONLY_SEVERAL]
        # One at a time: what goes on meanwhile may draw elsewhere.
        for draws in self._warm.left(layers, (Draw(self._resolve, pixel), *once), only):
            self.draw(draws, target)
            self._programs.meanwhile()

    def _by_groups(self, block: Block, quads: QuadList) -> list[Draw]:
        """What of a block is drawn group by group, its rectangles added to `quads`."""
        plan, own = block.plan, block.plan.quads
        layers: list[Draw] = []
        if len(plan.bare):
            layers.append(Draw(self._fill, quads.add(plan.bare), block.clear))
        if len(own.rects):
            variants = quad_variants(plan.classes, own.groups, own.depths)
            if block.scale != 1.0:
                variants[variants == EXACT] = GROUP
            # What has as many groups below it in its tile never overlaps, and may be drawn variant by
            # variant. Changing programs takes 16 us; of two characters in motion 109 draws become 33.
            order = np.argsort(own.ranks * 64 + variants, kind="stable")
            rects = own.rects[order]
            # The last two: the tile that each is of, where a row of it is bent.
            cells = rects[:, :2] // plan.grid.side
            which = quads.add(rects, (own.groups[order] + block.first, own.depths[order], *cells.T))
            layers += runs(self._variants, variants[order], which.start, None)
        return layers

    def _fused_tiles(self, block: Block) -> tuple[F32, list[Draw], list[Draw]]:
        """The points of the tiles that are fused; the draws of those that take several goes, which add up as
        layers do, and of those that take one."""
        plan, fused = block.plan, block.plan.fused
        if not len(fused.tiles):
            return NO_POINTS, [], []
        variants = fused_variants(fused, exact=block.scale == 1.0, few=self.few)
        tiles, parts = fused.tiles, fused.parts
        if len(plan.twisted):
            order = put_twisted(variants, fused, plan.twisted, few=self.few)
            variants, tiles, parts = variants.take(order), tiles.take(order), parts.take(order, axis=0)
        points = points_of(plan.grid, tiles, parts, block.first)
        first = fused.several
        return (
            points,
            runs(self._fused, variants[:first], 0, block.clear),
            runs(self._fused, variants[first:], first, block.clear),
        )

    def release(self) -> None:
        """Free the sum."""
        self._layers.release()
        self._sum.release()
        self._counters.freed += 2
