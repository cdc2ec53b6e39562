"""For GPUs: tiles of few rows in one go; in others every pixel walks the rows that are seen in its tile."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.points import FLOATS, NO_POINTS, Points
from mien.composite.gl.programs import FUSED, TILE, PlacedPrograms, Programs
from mien.composite.gl.quads import QuadList, Quads
from mien.composite.gl.shallow_tiles import SIDE, shallow_tiles, sizes_of
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
from mien.composite.plan.planner import Drawn
from mien.types import F32

_LINE_BITS = 12
"""Of the number of entries on a line of the texture of lists; fewer where textures may not be so wide."""


class Loop:
    """For GPUs, whose shaders seldom can read their target. Needs GL 3.3 only.

    Rows of a tile of few samples are read once, in the corner of its point; lists by every pixel.
    """

    name = "loop"
    drawn: Drawn = "lists"
    drawn_offscreen: Drawn = "lists"
    few = False  # they are

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        programs: Programs,
        quads: Quads,
        points: Points,
        sizes: Sizes,
        counters: Counters,
    ) -> None:
        self._quads = quads
        self._points = points
        self._sizes = sizes_of(ctx.info, bent=sizes.cell is not None)
        self.side: int | None = SIDE * (2 if sizes.frame.height > 1440 else 1) if self._sizes else None
        self._programs = programs
        self._functions = functions
        self._counters = counters
        self._warm = Warm()
        self._sum = ctx.texture(sizes.largest, 4, dtype="f2", internal_format=RGBA16)
        self._layers = ctx.framebuffer([self._sum])
        self._layers.viewport = (0, 0, *sizes.viewport)
        most = int(ctx.info["GL_MAX_TEXTURE_SIZE"])
        line_bits = min(_LINE_BITS, most.bit_length() - 1)
        self._line = 1 << line_bits
        planners = sizes.planners(self.drawn, self.side)
        blocks = zip(sizes.capacities, planners, strict=True)
        entries = sum(rows * planner.tiles.count for rows, planner in blocks)
        lines = -(-max(1, entries) // self._line)
        if lines > most:
            raise ValueError(
                f"{entries} pairs of a row and a tile are more than this renderer's textures of {most} lines "
                f"of {self._line} hold; make the frame smaller, or open it for fewer rows"
            )
        self._lists = ctx.texture((self._line, lines), 1, dtype="f4")
        self._lists.filter = (moderngl.NEAREST, moderngl.NEAREST)
        counters.allocations += 3
        self._program = programs.link(TILE, "loop.frag.glsl", {"LINE_BITS": line_bits})
        bent: dict[str, int] = {} if sizes.cell is None else {"BENT": 1, "TWISTED": 1}
        self._fused = [
            programs.link(FUSED, "fused.frag.glsl", {"PARTS": n, "FILTER": "sample_page", **bent})
            for n in self._sizes
        ]
        self._placed = PlacedPrograms([self._program, *self._fused], sizes.viewport, planners[-1].tiles.side)

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where offscreen layers are drawn."""
        return self._layers

    def prepare(self, blocks: Sequence[Block]) -> Prepared:
        """The damaged tiles: points, and lists of the rows seen in the deep ones."""
        quads = QuadList()
        points = NO_POINTS
        draws: list[BlockDraws] = []
        lists: list[F32] = []
        count = 0
        for block in blocks:
            plan, fused = block.plan, list[Draw]()
            listed = None
            if block.offscreen is None and self._fused:
                shallow = shallow_tiles(plan, block.first, self._sizes)
                points, listed = shallow.points, shallow.deep
                fused = runs(self._fused, shallow.variants, 0, block.clear)
            tiles, counts, rows = plan.lists(listed)
            draw = list[Draw]()
            if len(tiles):
                own = quads.add(tiles, (np.cumsum(counts) - counts + count, counts))
                draw = [Draw(self._program, own, block.clear)]
            layers, target = ([], [*draw, *fused]) if block.offscreen is None else (draw, [])
            draws.append(BlockDraws(layers, target, block.scale))
            lists.append((rows + block.first).astype(np.float32))
            count += len(rows)
        return Prepared(draws, quads.corners(), points, np.concatenate(lists))

    def upload(self, prepared: Prepared) -> None:
        """The tiles and the lists."""
        self._quads.send(prepared.corners)
        self._points.send(prepared.points)
        count = len(prepared.lists)
        if count:
            lines = -(-count // self._line)
            width = count if lines == 1 else self._line
            entries = np.zeros(lines * width, np.float32)
            entries[:count] = prepared.lists
            self._functions.write_texture(self._lists, 0, (width, lines), entries)
            self._counters.uploaded(entries.nbytes)

    def draw(self, draws: BlockDraws, target: moderngl.Framebuffer) -> None:
        """One draw for lists, and one for the tiles of so many parts."""
        self._programs.use("lists", self._lists)
        self._placed.at(draws.scale)
        for into, own in ((self._layers, draws.layers), (target, draws.target)):
            if own:
                into.use()
                draw_each(own)

    def warm_up(self, target: moderngl.Framebuffer, only: Prepared | None = None) -> None:
        """Draw a pixel of nothing into both formats."""
        quads = QuadList()
        pixel = Draw(self._program, quads.add(np.array(((0, 0, 1, 1),), np.int32)))
        self._quads.send(quads.corners())
        self._points.send(np.array(((0.5, 0.5, *(-1.0,) * (FLOATS - 2)),), np.float32))
        fused = [Draw(one, range(1), (0.0, 0.0, 0.0, 0.0)) for one in self._fused]
        for draws in self._warm.left((pixel,), (pixel, *fused), only):
            self.draw(draws, target)
            self._programs.meanwhile()

    def release(self) -> None:
        """Free the lists and the sum."""
        for owned in (self._layers, self._sum, self._lists):
            owned.release()
            self._counters.freed += 1
