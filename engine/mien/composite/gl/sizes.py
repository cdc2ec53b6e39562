"""What a compositor is opened for, in pixels and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mien.composite.plan.planner import Drawn, Planner
from mien.composite.warps import cell_side
from mien.types import Size

_WHOLE: Final = 128
"""Pixels that tiles of any size divide."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a compositor is opened for. All sizes in pixels."""

    frame: Size
    page: Size
    pages: int
    """How many there are, on the GPU or not."""
    capacities: Sequence[int]
    """Most rows of each offscreen layer, then of the frame."""
    offscreens: Sequence[Size]
    scales: Sequence[float] = (1.0,)
    """At which frames may be drawn; see `Compositor.scale`."""
    warp_cells: int = 0
    """Most cells of warps that bend what is in them."""

    @property
    def cell(self) -> int | None:
        """Pixels on a side of the cells of warps, and so of all tiles; None without warps."""
        return cell_side(self.frame) if self.warp_cells else None

    @property
    def blocks(self) -> list[Size]:
        """Of the offscreen layers, then of the frame."""
        return [*self.offscreens, self.frame]

    @property
    def largest(self) -> Size:
        """As wide as the widest and as high as the highest of them."""
        return Size(max(one.width for one in self.blocks), max(one.height for one in self.blocks))

    @property
    def viewport(self) -> Size:
        """What programs draw into: whole tiles, so that those that an edge cuts have their centres in it."""
        width, height = self.largest
        return Size(-(-width // _WHOLE) * _WHOLE, -(-height // _WHOLE) * _WHOLE)

    def planners(self, drawn: Drawn, side: int | None = None) -> list[Planner]:
        """One for each block, of which nothing is known: to count tiles. `side`: of the frame's tiles."""
        offscreens = [Planner(size, None, drawn, self.cell) for size in self.offscreens]
        return [*offscreens, Planner(self.frame, None, drawn, self.cell or side)]
