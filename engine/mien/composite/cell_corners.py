"""The corners of the cells of some rectangles of cells: laid out once for as long as those stay."""

from __future__ import annotations

import numpy as np

from mien.types import F32, F64, I32, Indices


class CellCorners:
    """Of each of `spans` (n, 4), columns and lines of cells, those of its cells, line by line, one span after
    another. `side`: pixels of a cell."""

    def __init__(self, spans: I32, side: int) -> None:
        wide, high = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).T
        cells = wide * high
        counts = np.where(cells > 0, (wide + 1) * (high + 1), 0)
        firsts = counts.cumsum() - counts
        self.own = [
            (n, slice(first, first + count))
            for n, (first, count) in enumerate(zip(firsts.tolist(), counts.tolist(), strict=True))
            if count
        ]
        """Of each span that has any, its number and its corners."""
        self.of, nth = _numbered(counts)
        """(corners,) which span each is of."""
        line, column = np.divmod(nth, np.maximum(wide + 1, 1)[self.of])
        self.places: F64 = np.empty((3, len(nth)))
        """(3, corners) homogeneous: where they are on the frame."""
        self.places[0] = (column + spans[self.of, 0]) * side
        self.places[1] = (line + spans[self.of, 1]) * side
        self.places[2] = 1.0
        of, column, line = _cells(spans)
        self.middles: F32 = _middles(spans, side, of, column, line)
        """(2, cells) float32: where the centres of the cells are."""
        across = (wide + 1)[of]
        first = firsts[of] + line * across + column
        self.of_cells: Indices = np.array((first, first + 1, first + across, first + across + 1))
        """(4, cells) which corner is the top left of each cell, top right, bottom left, bottom right."""


def cell_middles(spans: I32, side: int) -> F32:
    """(2, cells) float32: `CellCorners.middles` alone."""
    return _middles(spans, side, *_cells(spans))


def _middles(spans: I32, side: int, of: Indices, column: Indices, line: Indices) -> F32:
    middles = np.empty((2, len(of)), np.float32)
    middles[0] = (column + spans[of, 0] + 0.5) * side
    middles[1] = (line + spans[of, 1] + 0.5) * side
    return middles


def _cells(spans: I32) -> tuple[Indices, Indices, Indices]:
    """Of all cells which span each is of, and its column and line there."""
    wide, high = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).T
    of, nth = _numbered(wide * high)
    line, column = np.divmod(nth, np.maximum(wide, 1)[of])
    return of, column, line


def _numbered(counts: Indices) -> tuple[Indices, Indices]:
    """Of so many things of each of some: which each is of, and the how manieth of those."""
    of = np.arange(len(counts)).repeat(counts)
    return of, np.arange(len(of)) - (counts.cumsum() - counts).repeat(counts)
