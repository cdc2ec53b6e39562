"""Where atlas pages are transparent and where opaque, in cells, so that what shows nothing is not drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F64, I32, U8, Bools, Size

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
        some, whole = _cells(pixels)
        self._seen[index, 1:, 1:] = some.cumsum(0, np.int32).cumsum(1)
        self._holes[index, 1:, 1:] = (~whole).cumsum(0, np.int32).cumsum(1)

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


def _cells(pixels: U8) -> tuple[Bools, Bools]:
    """Of each cell whether any alpha is not 0, and whether all is 255. What the page cuts is repeated."""
    height, width = pixels.shape[:2]
    if height % CELL or width % CELL:
        pixels = np.pad(pixels, ((0, -height % CELL), (0, -width % CELL), (0, 0)), mode="edge")
    # Whole pixels as words: a sixth of the time that the same takes on the alpha bytes, which lie apart.
    words = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    alpha = np.array((0, 0, 0, 255), np.uint8).view(np.uint32)[0]
    some, whole = (_folded(_folded(words, by).T, by).T & alpha for by in (np.bitwise_or, np.bitwise_and))
    return some != 0, whole == alpha


def _folded(words: npt.NDArray[np.uint32], by: np.ufunc) -> npt.NDArray[np.uint32]:
    """CELL lines at a time made one."""
    folded: npt.NDArray[np.uint32] = by(words[0::CELL], words[1::CELL])
    for line in range(2, CELL):
        by(folded, words[line::CELL], out=folded)
    return folded
