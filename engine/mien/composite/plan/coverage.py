"""Where atlas pages are transparent and where opaque, in cells, so that what shows nothing is not drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F32, U8, Bools, Rect, Size

CELL: Final = 2
"""Pixels on a side of a cell. Smaller cells find more that can be left out; a 2048 page has a million."""

_BLOCK: Final = 16
"""Pixels on a side of a block, of which it is counted how often it was learnt."""


class Coverage:
    """The alpha of all pages by cells: whether any of it is not 0, and whether all is 255."""

    def __init__(self, page_size: Size, page_count: int) -> None:
        lines, columns = -(-page_size.height // CELL), -(-page_size.width // CELL)
        # A page that is not known yet shows nothing.
        self._some = np.zeros((max(1, page_count), lines, columns), np.bool_)
        self._whole = np.zeros_like(self._some)
        self._size = page_size
        blocks = (-(-page_size.height // _BLOCK), -(-page_size.width // _BLOCK))
        self._versions: F32 = np.zeros((max(1, page_count), *blocks), np.float32)
        """How often each block of each page was learnt anew."""
        self.changes = 0
        """How often any page was, or a part of one."""

    def set_page(self, index: int, pixels: U8) -> None:
        """Learn a page. `pixels`: (page height, page width, 4) uint8."""
        some, whole = np.zeros_like(self._some[index]), np.zeros_like(self._whole[index])
        high = _shown_cells(pixels)
        some[:high], whole[:high] = _cells(pixels[: high * CELL])
        if np.array_equal(some, self._some[index]) and np.array_equal(whole, self._whole[index]):
            return  # a page that comes and goes is the same each time, and so is what is known of it
        self._some[index], self._whole[index] = some, whole
        self._versions[index] += 1.0
        self.changes += 1

    def set_part(self, index: int, part: Rect, pixels: U8) -> None:
        """Learn a part of a page, in pixels, with the cells that it touches. `pixels`: of all the page."""
        left, top = part.x - part.x % CELL, part.y - part.y % CELL
        right, bottom = part.x + part.width, part.y + part.height
        right += -right % CELL
        bottom += -bottom % CELL
        some, whole = _cells(pixels[top:bottom, left:right])
        cells = np.s_[index, top // CELL : bottom // CELL, left // CELL : right // CELL]
        self._some[cells], self._whole[cells] = some, whole
        blocks = np.s_[top // _BLOCK : -(-bottom // _BLOCK), left // _BLOCK : -(-right // _BLOCK)]
        self._versions[index][blocks] += 1.0
        self.changes += 1

    def versions(self, pages: F32, lefts: F32, tops: F32) -> F32:
        """(n,) float32: how often what has its top left there, in pixels of these pages, was learnt anew."""
        page = np.maximum(pages, 0.0).astype(np.intp)
        lines, columns = self._versions.shape[1:]
        line = np.clip(tops, 0.0, _BLOCK * lines - 1).astype(np.intp) // _BLOCK
        column = np.clip(lefts, 0.0, _BLOCK * columns - 1).astype(np.intp) // _BLOCK
        return self._versions[page, line, column]

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
