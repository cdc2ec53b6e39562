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
    """(warps,) where in the table the cells of each begin."""
    table: F32
    """(warps + cells, 2, 4) float32, as shaders read it. First of each warp its span, and its start; then all
    cells, warp after warp and line by line: of x a, c, tx and the twist, then the same of y."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.spans)

    @property
    def sizes(self) -> Indices:
        """(warps,) how many cells each has."""
        sizes: Indices = np.maximum(self.spans[:, 2:] - self.spans[:, :2], 0).astype(np.intp).prod(axis=1)
        return sizes

    def cells(self, index: int) -> F32:
        """(cells, 2, 4) those of one, counted from 0."""
        start = int(self.starts[index])
        return self.table[start : start + int(self.sizes[index])]

    def at(self, numbers: Indices, columns: Indices, lines: Indices) -> Indices:
        """(n,) where in the table is what warps `numbers` (n,), counted from 1, are at cells of the frame."""
        ends = self.spans.astype(np.intp)
        left, top, right, bottom = ends.T
        # Column, line and start of the one beside the first cell of the frame.
        wide = right - left
        origin = self.starts - top * wide - left
        left, top, right, bottom, wide, origin = np.stack(
            (left, top, right - 1, bottom - 1, wide, origin)
        ).take(numbers - 1, axis=1)
        column = np.minimum(np.maximum(columns, left), right)
        line = np.minimum(np.maximum(lines, top), bottom)
        found: Indices = origin + line * wide + column
        return found

    @classmethod
    def of(cls, side: int, spans: I32, cells: F32) -> Warps:
        """Of these spans (warps, 4), and the cells (n, 2, 4) of them all."""
        sizes = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).prod(axis=1)
        starts: Indices = len(spans) + np.cumsum(sizes) - sizes
        table = np.zeros((len(spans) + len(cells), 2, 4), np.float32)
        table[: len(spans), 0], table[: len(spans), 1, 0] = spans, starts
        table[len(spans) :] = cells
        return cls(side, spans, starts, table)


NO_WARPS: Final = Warps.of(CELL, np.zeros((0, 4), np.int32), np.zeros((0, 2, 4), np.float32))


def fitted(corners: tuple[C128, C128, C128, C128], middles: C128, side: int) -> F32:
    """(cells, 2, 4) float32, as in `Warps.table`, from where the corners of cells would lie.

    `corners`: each (cells,), top left, top right, bottom left, bottom right; `middles`: (cells,) the centres
    of the cells.
    """
    top_left, top_right, bottom_left, bottom_right = corners
    falling, rising = bottom_right - top_left, top_right - bottom_left
    by_x, by_y = (falling + rising) * (0.5 / side), (falling - rising) * (0.5 / side)
    left, right = top_left + bottom_right, top_right + bottom_left
    twist = left - right
    # At a corner a quarter of it.
    twist[np.maximum(np.abs(twist.real), np.abs(twist.imag)) < 4.0 * FLAT] = 0.0
    moved = (left + right) * 0.25 - by_x * middles.real - by_y * middles.imag
    values = np.stack((by_x, by_y, moved, twist / (side * side))).view(np.float64)
    return np.ascontiguousarray(values.reshape(4, -1, 2).transpose(1, 2, 0), np.float32)


def warped_places(warps: Warps, number: int, x: F64, y: F64) -> tuple[F64, F64]:
    """Where places of the frame would lie, by warp `number`, counted from 1. All (h, w) float64."""
    columns, lines = (np.floor(at / warps.side).astype(np.intp) for at in (x, y))
    at = warps.at(np.full(x.size, number), columns.reshape(-1), lines.reshape(-1))
    a, c, tx, twist_x, b, d, ty, twist_y = (
        warps.table[at].astype(np.float64).reshape(*x.shape, 8).transpose(2, 0, 1)
    )
    twisted = (x - (columns + 0.5) * warps.side) * (y - (lines + 0.5) * warps.side)
    return a * x + c * y + tx + twist_x * twisted, b * x + d * y + ty + twist_y * twisted
