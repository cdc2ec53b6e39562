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
        shape = (max(1, page_count), self._lines + 1, self._columns + 1)
        self._seen = np.zeros(shape, np.int32)
        self._holes = np.zeros(shape, np.int32)
        self._holes[:, 1:, 1:] = np.arange(1, self._lines + 1)[:, None] * np.arange(1, self._columns + 1)

    def set_page(self, index: int, pixels: U8) -> None:
        """Learn a page. `pixels`: (page height, page width, 4) uint8."""
        alpha = np.ascontiguousarray(pixels[..., 3])
        low, high = _cells(alpha, np.minimum), _cells(alpha, np.maximum)
        self._seen[index, 1:, 1:] = (high > 0).cumsum(0, np.int32).cumsum(1)
        self._holes[index, 1:, 1:] = (low < 255).cumsum(0, np.int32).cumsum(1)

    def transparent(self, page: I32, left: F64, top: F64, right: F64, bottom: F64) -> Bools:
        """Whether rectangles of page pixels show nothing; (n,) each, ends exclusive; (n,) bool."""
        empty: Bools = self._count(self._seen, page, left, top, right, bottom) == 0
        return empty

    def opaque(self, page: I32, left: F64, top: F64, right: F64, bottom: F64) -> Bools:
        """Whether rectangles of page pixels have an alpha of 1 throughout; as for `transparent`."""
        full: Bools = self._count(self._holes, page, left, top, right, bottom) == 0
        return full

    def _count(self, sums: I32, page: I32, left: F64, top: F64, right: F64, bottom: F64) -> I32:
        shape = (sums.shape[1], sums.shape[2])
        x0 = np.clip(np.floor(left / CELL), 0, shape[1] - 1).astype(np.intp)
        x1 = np.clip(np.ceil(right / CELL), 0, shape[1] - 1).astype(np.intp)
        y0 = np.clip(np.floor(top / CELL), 0, shape[0] - 1).astype(np.intp)
        y1 = np.clip(np.ceil(bottom / CELL), 0, shape[0] - 1).astype(np.intp)
        flat = sums.reshape(-1)
        first = page.astype(np.intp) * (shape[0] * shape[1])
        y0, y1 = first + y0 * shape[1], first + y1 * shape[1]
        counted: I32 = flat[y1 + x1] - flat[y0 + x1] - flat[y1 + x0] + flat[y0 + x0]
        return counted


def _cells(alpha: U8, fold: np.ufunc) -> U8:
    """Each cell's least or greatest alpha. Where the page cuts cells its edge is repeated."""
    height, width = alpha.shape
    if height % CELL or width % CELL:
        alpha = np.pad(alpha, ((0, -height % CELL), (0, -width % CELL)), mode="edge")
    lines = fold.reduce(alpha.reshape(-1, CELL, alpha.shape[1]), axis=1)
    folded: U8 = fold.reduce(lines.reshape(len(lines), -1, CELL), axis=2)
    return folded
