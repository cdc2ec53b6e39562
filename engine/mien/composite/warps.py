"""Warps: how pictures are bent in a frame.

A warp says for places of the frame where on it they would lie if nothing were bent; a row that it bends shows
there what it would show at that place. The frame is cut into cells, squares that lie still and are the tiles
in which it is drawn. A warp is given at their corners; in between goes what lies between (bilinear), so that
neighbours meet wherever they touch. With a cell's middle m, of its place p

    where it would lie = A p + t + twist (p.x - m.x) (p.y - m.y)

which is a map of a row as any other and one product more. That is left out of cells in which it moves nothing
by FLAT: nearly all, so that nearly all bent rows are drawn in the same tiles by the same programs as others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F32, F64, I32, Indices, Size

C128 = npt.NDArray[np.complex128]
"""Points and vectors, x + iy."""

CELL: Final = 16
"""Pixels on a side of a cell: of the tiles that a processor draws."""
FLAT: Final = 1 / 16
"""Pixels of the frame, along x and y: a cell whose corners a twist moves by less has none. Its neighbours
then meet it within twice as much. In conversation one tile of a head and its hair has a twist, and seven have
where it is half of this; a draw more is 15 us, and of programs that know of it a pixel costs a tenth more."""
_LARGE: Final = 1440
"""Lines above which cells are twice as large, as those tiles are."""
_MOST_CELLS: Final = 1 << 16
"""In a frame: there cells become larger, as tiles do."""


def cell_side(size: Size) -> int:
    """Pixels on a side of the cells of a frame of this size: a power of two."""
    side = CELL * (2 if size.height > _LARGE else 1)
    while -(-size.width // side) * -(-size.height // side) >= _MOST_CELLS:
        side *= 2
    return side


def cells_of(size: Size) -> int:
    """How many cells a frame of this size has."""
    side = cell_side(size)
    return -(-size.width // side) * -(-size.height // side)


@dataclass(frozen=True, slots=True, eq=False)
class Warps:
    """The warps of a frame: each of a rectangle of cells; those beside it are as its outermost."""

    side: int
    """Pixels on a side of a cell."""
    spans: I32
    """(warps, 4) int32: the columns and lines of cells of each, first and after the last; empty: it bends
    nothing, and no row names it."""
    starts: Indices
    """(warps,) where among all cells those of each begin."""
    cells: F32
    """(8, cells) float32: of x a, c, tx and the twist, then the same of y; warp by warp and line by line."""
    count: int
    """How many there are."""
    table: F32
    """(warps + cells, 2, 4) float32, as shaders read it. First of each warp its span, and where in the table
    its cells begin; then all cells."""

    @property
    def sizes(self) -> Indices:
        """(warps,) how many cells each has."""
        return _sizes(self.spans)

    def at(self, across: int, down: int) -> tuple[Indices, Indices]:
        """(warps, across) of columns and (warps, down) of lines of the frame's cells: what to add up for the
        number of the cell that a warp is as there."""
        left, top, right, bottom = self.spans.astype(np.intp).T[:, :, None]
        columns = np.minimum(np.maximum(np.arange(across), left), right - 1) - left
        lines = np.minimum(np.maximum(np.arange(down), top), bottom - 1) - top
        return columns, lines * (right - left) + self.starts[:, None]

    @classmethod
    def of(cls, side: int, spans: I32, cells: F32 | None = None) -> Warps:
        """Of these spans (warps, 4), and the cells (8, n) of them all; None: all nothing."""
        sizes, count = _sizes(spans), len(spans)
        starts: Indices = sizes.cumsum() - sizes
        head = np.zeros((count, 2, 4), np.float32)
        head[:, 0], head[:, 1, 0] = spans, starts + count
        nothing = cls(side, spans, starts, np.zeros((8, 0), np.float32), count, head)
        return nothing.with_cells(np.zeros((8, sizes.sum()), np.float32) if cells is None else cells)

    def with_cells(self, cells: F32) -> Warps:
        """Of the same spans, with other cells (8, n)."""
        table = np.empty((self.count + cells.shape[1], 2, 4), np.float32)
        table[: self.count] = self.table[: self.count]
        table[self.count :] = cells.reshape(2, 4, -1).transpose(2, 0, 1)
        return Warps(self.side, self.spans, self.starts, cells, self.count, table)


def _sizes(spans: I32) -> Indices:
    wide, high = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).T
    sizes: Indices = wide * high
    return sizes


NO_WARPS: Final = Warps.of(CELL, np.zeros((0, 4), np.int32), np.zeros((8, 0), np.float32))


def fitted(corners: F32, middles: F32, side: int) -> F32:
    """(8, cells) float32, as in `Warps.cells`, from where the corners of cells would lie.

    `corners`: (2, 4, cells) float32, x and y of top left, top right, bottom left, bottom right; `middles`:
    (2, cells) float32, the centres of the cells.
    """
    cells: F32 = np.matmul(_fit(side), corners)
    moved, twist = cells[:, 2], cells[:, 3]
    moved -= cells[:, 0] * middles[0]
    moved -= cells[:, 1] * middles[1]
    # At a corner a quarter of what it is over the whole cell.
    twist *= np.abs(twist).max(axis=0) >= np.float32(4.0 * FLAT / (side * side))
    return cells.reshape(8, -1)


@cache
def _fit(side: int) -> F32:
    """(4, 4) float32: what a cell's corners give of a, c, the move of its middle and the twist."""
    fit = np.array(((-1, 1, -1, 1), (-1, -1, 1, 1), (1, 1, 1, 1), (1, -1, -1, 1)), np.float32)
    fit *= np.array((0.5 / side, 0.5 / side, 0.25, 1.0 / (side * side)), np.float32)[:, None]
    return fit


def warped_places(warps: Warps, number: int, x: F64, y: F64) -> tuple[F64, F64]:
    """Where places of the frame would lie, by warp `number`, counted from 1. All (h, w) float64."""
    columns, lines = (np.floor(at / warps.side).astype(np.intp) for at in (x, y))
    by_column, by_line = warps.at(int(columns.max()) + 1, int(lines.max()) + 1)
    cells = warps.cells[:, by_column[number - 1, columns] + by_line[number - 1, lines]]
    a, c, tx, twist_x, b, d, ty, twist_y = cells.astype(np.float64)
    twisted = (x - (columns + 0.5) * warps.side) * (y - (lines + 0.5) * warps.side)
    return a * x + c * y + tx + twist_x * twisted, b * x + d * y + ty + twist_y * twisted
