"""The corners of the cells of some rectangles of cells: laid out once for as long as those stay."""

from __future__ import annotations

import numpy as np

from mien.composite.warps import C128
from mien.types import I32, Indices


class CellCorners:
    """Of each of `spans` (n, 4), columns and lines of cells, those of its cells, line by line, one span after
    another. `side`: pixels of a cell."""

    def __init__(self, spans: I32, side: int) -> None:
        wide, high = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).T
        cells = wide * high
        self.counts: Indices = np.where(cells > 0, (wide + 1) * (high + 1), 0)
        """(spans,) how many corners each has."""
        of, nth = _numbered(self.counts)
        line, column = np.divmod(nth, np.maximum(wide + 1, 1)[of])
        self.places: C128 = ((column + spans[of, 0]) + 1j * (line + spans[of, 1])) * side
        """(corners,) complex: where they are on the frame."""
        of, column, line = _cells(spans)
        self.middles: C128 = _middles(spans, side, of, column, line)
        """(cells,) complex: where the centres of the cells are."""
        across = (wide + 1)[of]
        first = (np.cumsum(self.counts) - self.counts)[of] + line * across + column
        self.of_cells = (first, first + 1, first + across, first + across + 1)
        """Each (cells,): which corner is the top left of each cell, top right, bottom left, bottom right."""


def cell_middles(spans: I32, side: int) -> C128:
    """(cells,) complex: `CellCorners.middles` alone."""
    return _middles(spans, side, *_cells(spans))


def _middles(spans: I32, side: int, of: Indices, column: Indices, line: Indices) -> C128:
    middles: C128 = ((column + spans[of, 0] + 0.5) + 1j * (line + spans[of, 1] + 0.5)) * side
    return middles


def _cells(spans: I32) -> tuple[Indices, Indices, Indices]:
    """Of all cells which span each is of, and its column and line there."""
    wide, high = np.maximum(spans[:, 2:] - spans[:, :2], 0).astype(np.intp).T
    of, nth = _numbered(wide * high)
    line, column = np.divmod(nth, np.maximum(wide, 1)[of])
    return of, column, line


def _numbered(counts: Indices) -> tuple[Indices, Indices]:
    """Of so many things of each of some: which each is of, and the how manieth of those."""
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
