"""Where atlas pages are transparent and where opaque, in cells, so that what shows nothing is not drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F64, I32, U8, Size

Bools = npt.NDArray[np.bool_]

CELL: Final = 4
"""Pixels on a side of a cell. Smaller cells find more that can be left out; a 2048 page has 262 144."""


class Coverage:
    """The alpha of all pages, as summed area tables over cells (Crow 1984): any rectangle is four lookups."""

    def __init__(self, page_size: Size, page_count: int) -> None:
        self._columns, self._lines = -(-page_size.width // CELL), -(-page_size.height // CELL)
        both = np.zeros((2, max(1, page_count), self._lines + 1, self._columns + 1), np.int32)
        self._flat = both.reshape(2, -1)
        self._ends = np.array(((self._columns,), (self._lines,)))
        self._seen, self._holes = both
        # A page that is not known yet shows nothing.
        self._holes[:, 1:, 1:] = np.arange(1, self._lines + 1)[:, None] * np.arange(1, self._columns + 1)

    def set_page(self, index: int, pixels: U8) -> None:
        """Learn a page. `pixels`: (page height, page width, 4) uint8."""
        alpha = np.ascontiguousarray(pixels[..., 3])
        low, high = _cells(alpha, np.minimum), _cells(alpha, np.maximum)
        self._seen[index, 1:, 1:] = (high > 0).cumsum(0, np.int32).cumsum(1)
        self._holes[index, 1:, 1:] = (low < 255).cumsum(0, np.int32).cumsum(1)

    def look_up(self, page: I32, low: F64, high: F64) -> tuple[Bools, Bools]:
        """Whether rectangles of page pixels show something, and whether they are opaque throughout.

        `page`: (n,); `low`, `high`: (2, n) left and top, right and bottom, ends exclusive. Both (n,) bool.
        """
        first = (np.maximum(low, 0.0) * (1.0 / CELL)).astype(np.intp)
        last = np.ceil(np.maximum(high, 0.0) * (1.0 / CELL)).astype(np.intp)
        np.minimum(first, self._ends, out=first)
        np.minimum(last, self._ends, out=last)
        line = self._columns + 1
        start = page * (line * (self._lines + 1))
        top, bottom = start + first[1] * line, start + last[1] * line
        corners = np.stack((bottom + last[0], top + last[0], bottom + first[0], top + first[0]))
        counted = self._flat[:, corners]
        total = counted[:, 0] - counted[:, 1] - counted[:, 2] + counted[:, 3]
        return total[0] != 0, total[1] == 0


def _cells(alpha: U8, fold: np.ufunc) -> U8:
    """Each cell's least or greatest alpha. Where the page cuts cells its edge is repeated."""
    height, width = alpha.shape
    if height % CELL or width % CELL:
        alpha = np.pad(alpha, ((0, -height % CELL), (0, -width % CELL)), mode="edge")
    lines = fold.reduce(alpha.reshape(-1, CELL, alpha.shape[1]), axis=1)
    folded: U8 = fold.reduce(lines.reshape(len(lines), -1, CELL), axis=2)
    return folded
