"""The tiles that a block is cut into."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.types import I32, Bools, Indices, Size

MOST_TILES: Final = 1 << 16
"""Sorting by tile is quick while 16 bits number them: larger blocks get larger tiles."""


class Tiles:
    """Square tiles of a block of this size, line by line. `side`: pixels, a power of two."""

    def __init__(self, size: Size, side: int) -> None:
        while -(-size.width // side) * -(-size.height // side) >= MOST_TILES:
            side *= 2
        self._size = np.array(size, np.int32)
        self.side = side
        """Pixels on a side."""
        self._shift = side.bit_length() - 1
        # Outwards, and inwards.
        self._rounding = np.array(((0, 0, side - 1, side - 1), (side - 1, side - 1, 0, 0)), np.int32)
        self.across, self.down = -(-size.width // side), -(-size.height // side)
        self.count = self.across * self.down
        self.line, self.column = np.divmod(np.arange(self.count), self.across)
        """(tiles,) where each is."""
        low = np.stack((self.column, self.line), axis=1) * side
        self.rects: I32 = np.concatenate((low, np.minimum(low + side, size)), axis=1).astype(np.int32)
        """(tiles, 4) left, top, right, bottom; those at the right and bottom edge end with the block."""
        self._pixels = (self.rects[:, 2:] - self.rects[:, :2]).prod(axis=1, dtype=np.intp)
        self.place = np.stack((self.column, self.line), axis=1)
        """(tiles, 2) its column and line."""
        self.centre = ((self.place.T + 0.5) * side).astype(np.float32)
        """(2, tiles) float32: x and y, in pixels; of tiles that the edge cuts, as if it did not."""
        self.centre_x, self.centre_y = self.centre

    def spans(self, bounds: I32) -> I32:
        """(n, 2, 4) int32: first column and line of tiles under bounds (n, 4), and those after the last; and
        the same of the tiles that lie in the bounds with all of what the block has of them."""
        spans = bounds[:, None] + self._rounding
        spans >>= self._shift
        np.copyto(spans[:, 1, 2:], spans[:, 0, 2:], where=bounds[:, 2:] >= self._size)
        return spans

    def within(self, spans: I32) -> tuple[Indices, Indices]:
        """The tiles of each span, one span after another: (spans,) how many, and (pairs,) which."""
        wide = np.maximum(spans[:, 2] - spans[:, 0], 0).astype(np.intp)
        count = wide * np.maximum(spans[:, 3] - spans[:, 1], 0)
        first = spans[:, 1].astype(np.intp) * self.across + spans[:, 0]
        # What is the same for a span is repeated: that is a tenth of the time of looking it up.
        begin, across, first = np.repeat(np.stack((np.cumsum(count) - count, wide, first)), count, axis=1)
        nth = np.arange(len(begin)) - begin
        line = nth // across
        return count, first + line * self.across + (nth - line * across)

    def runs(self, tiles: Indices, like: Indices | I32 | None = None) -> Indices:
        """Where runs of neighbours in one line begin among `tiles` (n,), alike in `like` (n, anything)."""
        begins = np.ones(len(tiles), np.bool_)
        begins[1:] = (tiles[1:] != tiles[:-1] + 1) | (self.column[tiles[1:]] == 0)
        if like is not None:
            begins[1:] |= (like[1:] != like[:-1]).any(axis=1)
        return begins.nonzero()[0]

    def joined(self, which: Bools) -> I32:
        """(runs, 4) rectangles of the tiles `which` (tiles,): neighbours in a line joined."""
        ends = self._ends(which)
        line, left = np.divmod(ends[:, 0], self.across + 2)
        right = ends[:, 1] - line * (self.across + 2)
        rects: I32 = np.array((left, line, right, line + 1), np.int32).T * np.int32(self.side)
        return np.minimum(rects, (*self._size, *self._size), out=rects)

    def around_many(self, which: Bools, most: int) -> tuple[int, int, int, int] | None:
        """The rectangle around all of the tiles `which` (tiles,), where runs of them, joined with such as lie
        above one another, are more than `most`; None where they may be fewer."""
        ends, wide = self._ends(which), self.across + 2
        if len(ends) <= most:
            return None
        lefts, rights = (ends % wide).T.tolist()
        # Only those of one left and right can be joined.
        if len(set(zip(lefts, rights, strict=True))) <= most:
            return None
        left, right = min(lefts), max(rights)
        top, bottom = int(ends[0, 0]) // wide, int(ends[-1, 0]) // wide + 1
        width, height = self._size.tolist()
        side = self.side
        return (left * side, top * side, min(width, right * side), min(height, bottom * side))

    def pixels(self, tiles: Indices) -> int:
        """In these tiles (n,), all of them together."""
        return int(self._pixels.take(tiles).sum())

    def _ends(self, which: Bools) -> Indices:
        """(runs, 2) where runs of the tiles `which` begin and where they have ended, in lines that are two
        tiles longer: each begins and ends without one."""
        lines = np.zeros((self.down, self.across + 2), np.bool_)
        lines[:, 1:-1] = which.reshape(self.down, self.across)
        flat = lines.reshape(-1)
        ends: Indices = (flat[1:] != flat[:-1]).nonzero()[0].reshape(-1, 2)
        return ends


class KeptRuns:
    """Runs of some tiles, kept as long as they are the same tiles."""

    def __init__(self, tiles: Tiles) -> None:
        self._of = tiles
        self._which: Bools = np.zeros(tiles.count, np.bool_)
        self._rects: I32 = np.zeros((0, 4), np.int32)

    def of(self, which: Bools) -> I32:
        """(runs, 4) as `Tiles.joined`, of the tiles `which` (tiles,)."""
        if which.tobytes() != self._which.tobytes():
            self._which, self._rects = which.copy(), self._of.joined(which)
        return self._rects


def around(rects: I32, starts: Indices) -> I32:
    """Of each run of rectangles from its first one's top left to its last one's bottom right."""
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
