"""What is to be drawn of a frame and of its offscreen layers: a planner for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mien.composite.gl.checks import check_frame, check_rows, check_warps
from mien.composite.gl.pages import Pages
from mien.composite.gl.strategy import Block, Strategy
from mien.composite.plan.planner import Planner
from mien.composite.rows import FrameRows
from mien.composite.warps import cell_side
from mien.types import F32, I32, Size


class Planning:
    """The planners of a compositor. Pure: the GPU is not asked.

    Parameters: `sizes` and `capacities` of the offscreen layers, then of the frame; `firsts`, the line of the
    rows texture on which each begins; `warp_cells`, most cells of warps.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        capacities: Sequence[int],
        firsts: Sequence[int],
        pages: Pages,
        strategy: Strategy,
        warp_cells: int = 0,
    ) -> None:
        self._sizes, self._capacities, self._firsts, self._pages = sizes, capacities, firsts, pages
        coverage = pages.coverage
        # Where rows are bent, tiles are the cells in which that is one map.
        cell = cell_side(sizes[-1]) if warp_cells else None
        self._warp_cells = warp_cells
        self._planners = [Planner(size, coverage, strategy.drawn_offscreen, cell) for size in sizes[:-1]]
        for planner in self._planners[1:]:
            if planner.tiles.side == self._planners[0].tiles.side:
                planner.share(self._planners[0])
        frame = Planner(sizes[-1], coverage, strategy.drawn, cell or strategy.side)
        self._planners.append(frame)

    @property
    def anew(self) -> int:
        """Plans of which nothing could be kept, so far."""
        return sum(planner.anew for planner in self._planners)

    def check(self, frame: FrameRows) -> None:
        """Raises FrameFull or ValueError for a frame that there are no such planners for."""
        check_frame(frame, self._sizes[-1], self._sizes[:-1], self._capacities)
        check_warps(frame.warps, self._warp_cells, self._sizes[-1])

    def forget(self) -> None:
        """What was shown last is worth nothing."""
        for planner in self._planners:
            planner.forget()

    def foresee(self, samples: F32) -> None:
        """These samples (n, SAMPLE_FLOATS) may be shown, in the frame and in its offscreen layers."""
        self._planners[-1].foresee(samples)
        if len(self._planners) > 1:  # the offscreen layers share what they know
            self._planners[0].foresee(samples)

    def draw_all(self) -> None:
        """The next frame and its offscreen layers are drawn whole, changed or not."""
        for planner in self._planners:
            planner.draw_all()

    def draw_frame(self) -> None:
        """The next frame is."""
        self._planners[-1].draw_all()

    def blocks(self, frame: FrameRows, scale: float) -> list[Block | None]:
        """What is to be drawn of each offscreen layer, and of the frame at this scale.

        Where one of them is refused, everything is forgotten: some planners took over what is not drawn.
        """
        blocks: list[Block | None] = []
        redrawn: list[I32 | None] = []
        try:
            for k, (planner, part) in enumerate(zip(self._planners, (*frame.offscreens, frame), strict=True)):
                rows = self._pages.without_missing(part.rows[: part.count])
                check = partial(check_rows, k, self._pages.count, part.size, warps=frame.warps.count)
                plan = planner.plan(part, rows, redrawn, check, frame.warps)
                if part is not frame:
                    redrawn.append(None if plan is None else plan.box)
                number, at = (None, scale) if part is frame else (k, 1.0)
                first = self._firsts[k]
                blocks.append(None if plan is None else Block(rows, first, plan, part.clear, number, at))
        except BaseException:
            self.forget()
            raise
        return blocks
