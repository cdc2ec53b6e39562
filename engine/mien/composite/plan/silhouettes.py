"""What drawings show of a tile, looked up by where the tile's centre lies on them.

A tile that reaches so many pixels around its centre, wherever that is, shows nothing of a drawing if all
cells within its reach are empty, and is filled by it if all are opaque. Both are worked out for every cell of
a drawing when it is first shown, so that a tile costs one look. How far its centre may then move before
another look can say anything else is worked out too: most tiles of what moves are not looked at for seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

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
_STRIP: Final = 1 << 17
"""Cells that are worked out at a time: of small drawings many, since a call of numpy costs as much."""
_RADII: Final = (0, 1, 3, 7, 15)
"""Cells around the edges between codes within which it is told how near they are. A set that was spread by
one of them is spread by the next in one shift to each side, whatever the border cuts of it."""


class Silhouettes:
    """The silhouettes of the drawings that were shown so far."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._used = 0
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found so far is worth nothing."""
        if self._used == 1:
            return  # nothing was
        self._numbers: dict[bytes, int] = {}
        self._contents: dict[bytes, int] = {}
        """By what they are worked out from, numbers of those that were."""
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
        self._free = [*range(len(self.table) - 1, ALWAYS, -1)]
        """Numbers of no silhouette, the next one last."""
        self._cleared_at = self.changes
        """`changes` when what is old was given up last."""

    @property
    def changes(self) -> int:
        """How often pages were learnt anew: another number, and samples may have other silhouettes."""
        return self._coverage.changes

    @property
    def count(self) -> int:
        """How many numbers are in use."""
        return len(self.table) - len(self._free)

    def numbers(self, samples: F32, reach: F32) -> Indices:
        """(n,) the number of the silhouette of each sample (n, SAMPLE_FLOATS) for tiles of this reach.

        `reach`: (n,) float32, the whole cells that a tile may need to each side of the cell of its centre.
        """
        own = samples[:, _SAMPLE_KEY]
        versions = self._coverage.versions(*own[:, :3].T)
        keys = np.concatenate((own, reach[:, None], versions[:, None]), axis=1)
        names = [key.tobytes() for key in keys]
        unseen = {
            name: key.tolist()
            for name, key in zip(names, keys, strict=True)
            if name not in self._numbers and key[0] >= 0.0 and key[5] <= _MOST_REACH
        }
        if unseen:
            self._add(unseen)
        return np.array([self._numbers.get(name, ALWAYS) for name in names], np.intp)

    def _add(self, unseen: dict[bytes, list[float]]) -> None:
        """Give these samples silhouettes, by their names the columns of their keys."""
        alike: dict[int, list[_Part]] = {}
        for name, (page, *limits, reach, _) in unseen.items():
            left, top = (max(0, int(side // CELL)) for side in limits[:2])
            right, bottom = (max(0, int(-(-side // CELL))) for side in limits[2:])
            some, whole = self._coverage.part(int(page), Rect(left, top, right - left, bottom - top))
            high, wide = some.shape
            # Where a sample fades out, over the last pixel inside its limits, it is not opaque.
            columns = _within(limits[0] + 1.0, limits[2] - 1.0, left, wide)
            lines = _within(limits[1] + 1.0, limits[3] - 1.0, top, high)
            number = self._numbers[name] = self._make_room((left, top), (high, wide), int(reach) + 1)
            part = _Part(number, some, whole, lines, columns)
            alike.setdefault(int(reach), []).append(part)
        for reach, parts in alike.items():
            contents = {part.number: part.content(reach) for part in parts}
            # Of a character that was read anew most is on another page, and else as it was.
            left_out = [part for part in parts if not self._copied(part.number, contents[part.number])]
            left_out.sort(key=lambda part: part.some.shape[1])
            for few in _strips(left_out, reach) if left_out else ():
                self._work_out(few, reach)
            self._contents.update((contents[part.number], part.number) for part in left_out)

    def _copied(self, number: int, content: bytes) -> bool:
        """Whether another silhouette is of the same content, and was taken for this one."""
        other = self._contents.get(content)
        if other is None:
            return False
        (*_, wide, high, start), (*_, of) = self.table[number].tolist(), self.table[other].tolist()
        for cells in (self.codes, self.room):
            cells[start : start + wide * high] = cells[of : of + wide * high]
        self._contents[content] = number  # the older one may be given up sooner
        return True

    def _make_room(self, corner: tuple[int, int], size: tuple[int, int], ring: int) -> int:
        """For the silhouette of that many cells (high, wide), with a ring of others around it; its number."""
        high, wide = (side + 2 * ring for side in size)
        if self._used + high * wide > len(self.codes) or not self._free:
            self._drop_old()
        while self._used + high * wide > len(self.codes):
            self.codes = np.concatenate((self.codes, np.zeros_like(self.codes)))
            self.room = np.concatenate((self.room, np.zeros_like(self.room)))
        if not self._free:
            self._free = [*range(2 * len(self.table) - 1, len(self.table) - 1, -1)]
            self.table = np.concatenate((self.table, np.zeros_like(self.table)))
        number: int = self._free.pop()
        left, top = corner
        self.table[number] = ((left - ring) * CELL, (top - ring) * CELL, wide, high, self._used)
        self._used += high * wide
        return number

    def _drop_old(self) -> None:
        """Give up the room and the numbers of silhouettes of pages as they were before they were learnt anew.

        Who has such numbers asks anew, since `changes` is another.
        """
        if self._cleared_at == self.changes:
            return
        self._cleared_at = self.changes
        names = list(self._numbers)
        keys = np.frombuffer(b"".join(names), np.float32).reshape(len(names), len(_SAMPLE_KEY) + 2)
        is_new = self._coverage.versions(*keys[:, :3].T) == keys[:, -1]
        kept = {name: self._numbers[name] for name, new in zip(names, is_new.tolist(), strict=True) if new}
        self._numbers, used = kept, 1
        for number in sorted(kept.values(), key=lambda number: int(self.table[number, START])):
            _, _, wide, high, start = self.table[number].tolist()
            for cells in (self.codes, self.room):
                cells[used : used + wide * high] = cells[start : start + wide * high].copy()
            self.table[number, START] = used
            used += wide * high
        self._used = used
        in_use = set(kept.values())
        self._contents = {what: number for what, number in self._contents.items() if number in in_use}
        self._free = [n for n in range(len(self.table) - 1, ALWAYS, -1) if n not in in_use]

    def _work_out(self, parts: list[_Part], reach: int) -> None:
        """The codes of these, one below another with room between, so that none is near another."""
        ring = reach + 1
        wide = max(part.some.shape[1] for part in parts)
        tops = _tops(parts, ring)
        shape = (tops[-1] + parts[-1].some.shape[0], wide)
        some, holes = np.zeros(shape, np.bool_), np.ones(shape, np.bool_)
        for top, part in zip(tops, parts, strict=True):
            high = part.some.shape[0]
            some[top : top + high, : part.some.shape[1]] = part.some
            np.logical_not(
                part.whole[part.lines, part.columns],
                out=holes[top : top + high][part.lines, part.columns],
            )
        codes = _any_around(some, reach, ring).view(np.uint8) * np.uint8(SOMETHING)
        codes[~_any_around(holes, reach, ring, beyond=True)] = HIDES
        room = _room(codes)
        for top, part in zip(tops, parts, strict=True):
            _, _, own_wide, own_high, start = self.table[part.number].tolist()
            own = np.s_[top : top + own_high, :own_wide]
            for table, found in ((self.codes, codes), (self.room, room)):
                table[start : start + own_high * own_wide].reshape(own_high, own_wide)[:] = found[own]


class _Part(NamedTuple):
    """What a silhouette is worked out from, in cells."""

    number: int
    some: Bools
    """(high, wide) which show something,"""
    whole: Bools
    """and which are opaque,"""
    lines: slice
    """of these lines"""
    columns: slice
    """and these columns; the others are not."""

    def content(self, reach: int) -> bytes:
        """What decides all of its codes, for tiles of this reach, in a few bytes."""
        where = (*self.some.shape, self.lines, self.columns, reach)
        return blake2b(
            self.some.tobytes() + self.whole.tobytes() + repr(where).encode(), digest_size=16
        ).digest()


def _within(first: float, last: float, start: int, count: int) -> slice:
    """Which of `count` cells, from cell `start` on, lie between two places in pixels."""
    begin = min(max(0, math.ceil(first / CELL) - start), count)
    return slice(begin, max(begin, min(count, math.floor(last / CELL) - start)))


def _tops(parts: Sequence[_Part], ring: int) -> list[int]:
    """The lines on which they begin. Their rings lie further apart than any looks."""
    steps = (part.some.shape[0] + 2 * ring + _RADII[-1] for part in parts[:-1])
    return [*accumulate(steps, initial=0)]


def _strips(parts: Sequence[_Part], reach: int) -> Iterator[list[_Part]]:
    """The parts, from narrow to wide, as many at a time as make no more than `_STRIP` cells."""
    few: list[_Part] = []
    lines = 0
    for part in parts:
        high, wide = part.some.shape
        step = high + 2 * (reach + 1) + _RADII[-1]
        if few and (lines + step) * (wide + 4 * reach + 2) > _STRIP:
            yield few
            few, lines = [], 0
        few.append(part)
        lines += step
    yield few


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
