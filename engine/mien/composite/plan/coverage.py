"""Where atlas pages are transparent and where opaque, in cells, so that what shows nothing is not drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F32, U8, Bools, Rect, Size

CELL: Final = 2
"""Pixels on a side of a cell. Smaller cells find more that can be left out; a 2048 page has a million."""


class Coverage:
    """The alpha of all pages by cells: whether any of it is not 0, and whether all is 255."""

    def __init__(self, page_size: Size, page_count: int) -> None:
        lines, columns = -(-page_size.height // CELL), -(-page_size.width // CELL)
        # A page that is not known yet shows nothing.
        self._some = np.zeros((max(1, page_count), lines, columns), np.bool_)
        self._whole = np.zeros_like(self._some)
        self.versions: F32 = np.zeros(max(1, page_count), np.float32)
        """(pages,) float32: how often each was learnt anew."""
        self.changes = 0
        """How often any was."""

    def set_page(self, index: int, pixels: U8) -> None:
        """Learn a page. `pixels`: (page height, page width, 4) uint8."""
        some, whole = np.zeros_like(self._some[index]), np.zeros_like(self._whole[index])
        high = _shown_cells(pixels)
        some[:high], whole[:high] = _cells(pixels[: high * CELL])
        if np.array_equal(some, self._some[index]) and np.array_equal(whole, self._whole[index]):
            return  # a page that comes and goes is the same each time, and so is what is known of it
        self._some[index], self._whole[index] = some, whole
        self.versions[index] += 1.0
        self.changes += 1

    def part(self, page: int, cells: Rect) -> tuple[Bools, Bools]:
        """(cells high, cells wide) of a page, in cells: which show something, and which are opaque."""
        left, top, width, height = cells
        part = (page, slice(top, top + height), slice(left, left + width))
        return self._some[part], self._whole[part]


def _shown_cells(pixels: U8) -> int:
    """Lines of cells down to the last in which there is anything: pages are filled from the top."""
    shown = np.flatnonzero(np.ascontiguousarray(pixels).view(np.uint32)[..., 0].any(axis=1))
    return int(shown[-1]) // CELL + 1 if len(shown) else 0


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
