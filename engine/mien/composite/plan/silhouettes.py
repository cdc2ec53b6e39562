"""What drawings show of a tile, looked up by where the tile's centre lies on them.

A tile that reaches so many pixels around its centre, wherever that is, shows nothing of a drawing if all
cells within its reach are empty, and is filled by it if all are opaque. Both are worked out for every cell of
a drawing when it is first shown, so that a tile costs one look. How far its centre may then move before
another look can say anything else is worked out too: most tiles of what moves are not looked at for seconds.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from mien.composite.plan.coverage import CELL, Coverage
from mien.composite.rows import LIMITS, PAGE, SAMPLE_FLOATS
from mien.types import F32, I32, Bools, Bytes, Indices, Rect

NOTHING: Final = 0
"""What a drawing shows of a tile: nothing at all,"""
SOMETHING: Final = 1
"""or something,"""
HIDES: Final = 2
"""or it is opaque all over the tile, and hides what is below it."""

ALWAYS: Final = 0
"""The number of what may show something everywhere: an offscreen layer, or what is drawn very small."""

LEFT, TOP, WIDTH, HEIGHT, START = range(5)
"""Columns of `Silhouettes.table`."""

_SAMPLE_KEY: Final = [PAGE, *range(SAMPLE_FLOATS)[LIMITS]]
_MOST_REACH: Final = 128
"""Cells. What is drawn so small that a tile reaches further has no silhouette, which would be mostly margin:
that of a layer squeezed to a line took gigabytes."""
_FIRST_ROOM: Final = 1 << 20
_RADII: Final = (0, 1, 3, 7, 15)
"""Cells around the edges between codes within which it is told how near they are. A set that was spread by
one of them is spread by the next in one shift to each side, whatever the border cuts of it."""


class Silhouettes:
    """The silhouettes of the drawings that were shown so far."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found so far is worth nothing."""
        self._numbers: dict[bytes, int] = {}
        self.codes: Bytes = np.zeros(_FIRST_ROOM, np.uint8)
        """The codes of all cells of all silhouettes, line by line, one silhouette after another."""
        self.codes[0] = SOMETHING
        self.room: Bytes = np.zeros(_FIRST_ROOM, np.uint8)
        """As `codes`: how many cells further, in any direction, all say the same."""
        self.room[0] = 255
        self._used = 1
        self.table: I32 = np.zeros((64, 5), np.int32)
        """(numbers, 5) int32: of each silhouette the page pixel of its top left cell, its size in cells,
        and where its codes begin. All that lies beside it shows what its outermost cells do: nothing."""
        self.table[ALWAYS] = (0, 0, 1, 1, 0)
        self._count = 1

    @property
    def changes(self) -> int:
        """How often pages were learnt anew: another number, and samples may have other silhouettes."""
        return self._coverage.changes

    def numbers(self, samples: F32, reach: F32) -> Indices:
        """(n,) the number of the silhouette of each sample (n, SAMPLE_FLOATS) for tiles of this reach.

        `reach`: (n,) float32, the whole cells that a tile may need to each side of the cell of its centre.
        """
        versions = self._coverage.versions[np.maximum(samples[:, PAGE], 0.0).astype(np.intp)]
        keys = np.concatenate((samples[:, _SAMPLE_KEY], reach[:, None], versions[:, None]), axis=1)
        return np.array([self._number(key) for key in keys], np.intp).reshape(len(samples))

    def _number(self, key: F32) -> int:
        if key[0] < 0.0 or not key[5] <= _MOST_REACH:
            return ALWAYS
        name = key.tobytes()
        found = self._numbers.get(name)
        if found is None:
            page, left, top, right, bottom, reach, _ = key.tolist()
            found = self._numbers[name] = self._add(int(page), (left, top, right, bottom), int(reach))
        return found

    def _add(self, page: int, limits: tuple[float, float, float, float], reach: int) -> int:
        left, top = (max(0, int(side // CELL)) for side in limits[:2])
        right, bottom = (max(0, int(-(-side // CELL))) for side in limits[2:])
        some, whole = self._coverage.part(page, Rect(left, top, right - left, bottom - top))
        high, wide = some.shape
        # Where a sample fades out, over the last pixel inside its limits, it is not opaque.
        column, line = (
            np.arange(count) * CELL + start * CELL for count, start in ((wide, left), (high, top))
        )
        inner = ((line >= limits[1] + 1.0) & (line + CELL <= limits[3] - 1.0))[:, None] & (
            (column >= limits[0] + 1.0) & (column + CELL <= limits[2] - 1.0)
        )
        ring = reach + 1
        codes = _any_around(some, reach, ring).view(np.uint8) * np.uint8(SOMETHING)
        codes[~_any_around(~(whole & inner), reach, ring, beyond=True)] = HIDES
        number, size = self._count, codes.size
        if self._used + size > len(self.codes):
            self._drop_old()
        while self._used + size > len(self.codes):
            self.codes = np.concatenate((self.codes, np.zeros_like(self.codes)))
            self.room = np.concatenate((self.room, np.zeros_like(self.room)))
        if number == len(self.table):
            self.table = np.concatenate((self.table, np.zeros_like(self.table)))
        self.codes[self._used : self._used + size] = codes.reshape(-1)
        self.room[self._used : self._used + size] = _room(codes).reshape(-1)
        self.table[number] = (
            (left - ring) * CELL,
            (top - ring) * CELL,
            codes.shape[1],
            codes.shape[0],
            self._used,
        )
        self._used += size
        self._count += 1
        return number

    def _drop_old(self) -> None:
        """Give up the room of silhouettes of pages as they were before they were learnt anew."""
        versions, kept = self._coverage.versions, {}
        for name, number in self._numbers.items():
            key = np.frombuffer(name, np.float32)
            if versions[int(key[0])] == key[-1]:
                kept[name] = number
        self._numbers, used = kept, 1
        for number in sorted(kept.values(), key=lambda number: int(self.table[number, START])):
            _, _, wide, high, start = self.table[number].tolist()
            for cells in (self.codes, self.room):
                cells[used : used + wide * high] = cells[start : start + wide * high].copy()
            self.table[number, START] = used
            used += wide * high
        self._used = used


def _room(codes: Bytes) -> Bytes:
    """Of every cell how many cells further, at least, the codes (high, wide) are still the same."""
    low, high = codes.copy(), codes.copy()
    for lower, higher in ((low, high), (low.T, high.T)):
        # Copies that lie in memory as what they are of do: else each of these takes six times as long.
        below, above = lower.copy(order="K"), higher.copy(order="K")
        np.minimum(lower[1:], below[:-1], out=lower[1:])
        np.minimum(lower[:-1], below[1:], out=lower[:-1])
        np.maximum(higher[1:], above[:-1], out=higher[1:])
        np.maximum(higher[:-1], above[1:], out=higher[:-1])
    near: Bools = low != high
    room = (~near).view(np.uint8)
    for before, radius in pairwise(_RADII):
        _spread(near, radius - before)
        room += (~near).view(np.uint8) * np.uint8(radius - before)
    return room


def _spread(cells: Bools, by: int) -> None:
    """Set the cells that are `by` lines, columns or both away from those that are."""
    for along in (cells, cells.T):
        still = along.copy(order="K")
        along[by:] |= still[:-by]
        along[:-by] |= still[by:]


def _any_around(cells: Bools, reach: int, ring: int, beyond: bool = False) -> Bools:
    """Of every cell, and of a ring of `ring` cells around them all, whether any within `reach` is set.

    `beyond`: whether those outside are. By running counts, lines and columns apart.
    """
    high, wide = cells.shape
    edge = ring + reach
    padded = np.full((high + 2 * edge, wide + 2 * edge), beyond, np.bool_)
    padded[edge : edge + high, edge : edge + wide] = cells
    span = 2 * reach + 1
    return _any_along(_any_along(padded, span).T, span).T


def _any_along(cells: Bools, span: int) -> Bools:
    """Whether any of `span` cells in a row from each on is set."""
    count = cells.cumsum(axis=1, dtype=np.int32)
    some: Bools = np.empty((cells.shape[0], cells.shape[1] - span + 1), np.bool_)
    some[:, 0] = count[:, span - 1] != 0
    np.not_equal(count[:, span:], count[:, :-span], out=some[:, 1:])
    return some
