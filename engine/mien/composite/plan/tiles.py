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
        self._outwards = np.array((0, 0, side - 1, side - 1), np.int32)
        self._inwards = np.array((side - 1, side - 1, 0, 0), np.int32)
        self.across, self.down = -(-size.width // side), -(-size.height // side)
        self.count = self.across * self.down
        self.line, self.column = np.divmod(np.arange(self.count), self.across)
        """(tiles,) where each is."""
        low = np.stack((self.column, self.line), axis=1) * side
        self.rects: I32 = np.concatenate((low, np.minimum(low + side, size)), axis=1).astype(np.int32)
        """(tiles, 4) left, top, right, bottom; those at the right and bottom edge end with the block."""
        self.centre_x = ((self.column + 0.5) * side).astype(np.float32)
        self.centre_y = ((self.line + 0.5) * side).astype(np.float32)
        """(tiles,) float32, in pixels; of tiles that the edge cuts, as if it did not."""

    def spans(self, bounds: I32) -> I32:
        """(n, 4) int32: first column and line of tiles under bounds (n, 4), and those after the last."""
        spans = bounds + self._outwards
        spans >>= self._shift
        return spans

    def inside(self, bounds: I32) -> I32:
        """As `spans`, of the tiles that lie in the bounds with all of what the block has of them."""
        inner = bounds + self._inwards
        inner[:, 2:] += (bounds[:, 2:] >= self._size) * np.int32(self.side - 1)
        inner >>= self._shift
        return inner

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
        lines = np.zeros((self.down, self.across + 2), np.bool_)
        lines[:, 1:-1] = which.reshape(self.down, self.across)
        flat = lines.reshape(-1)
        # Where runs begin and where they have ended, by turns: each line begins and ends without one.
        ends = (flat[1:] != flat[:-1]).nonzero()[0].reshape(-1, 2)
        line, left = np.divmod(ends[:, 0], self.across + 2)
        right = ends[:, 1] - line * (self.across + 2)
        rects: I32 = np.stack((left, line, right, line + 1), axis=1).astype(np.int32) * np.int32(self.side)
        return np.minimum(rects, (*self._size, *self._size), out=rects)


def around(rects: I32, starts: Indices) -> I32:
    """Of each run of rectangles from its first one's top left to its last one's bottom right."""
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
