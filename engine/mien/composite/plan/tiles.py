"""The tiles that a block is cut into."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.types import F32, I32, Indices, Size

MOST_TILES: Final = 1 << 16
"""Sorting by tile is quick while 16 bits number them: larger blocks get larger tiles."""


class Tiles:
    """Square tiles of a block of this size, line by line. `side`: pixels, a power of two at least."""

    def __init__(self, size: Size, side: int) -> None:
        while -(-size.width // side) * -(-size.height // side) >= MOST_TILES:
            side *= 2
        self.side = side
        """Pixels on a side."""
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

    def spans(self, bounds: F32) -> I32:
        """(n, 4) int32: first column and line of tiles under bounds (n, 4), and those after the last."""
        spans: I32 = bounds.astype(np.int32)
        spans[:, 2:] += self.side - 1
        spans //= self.side
        return spans

    def within(self, spans: I32) -> tuple[Indices, Indices]:
        """Every pair of a span and a tile in it: (pairs,) which span, ascending, and which tile."""
        wide = np.maximum(spans[:, 2] - spans[:, 0], 0)
        count = wide * np.maximum(spans[:, 3] - spans[:, 1], 0)
        which = np.repeat(np.arange(len(spans)), count)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        line, column = np.divmod(nth, wide[which])
        tile = (spans[:, 1] * self.across + spans[:, 0])[which] + line * self.across + column
        return which, tile

    def runs(self, tiles: Indices, like: Indices | I32 | None = None) -> Indices:
        """Where runs of neighbours in one line begin among `tiles` (n,), alike in `like` (n, anything)."""
        begins = np.ones(len(tiles), np.bool_)
        begins[1:] = (tiles[1:] != tiles[:-1] + 1) | (self.column[tiles[1:]] == 0)
        if like is not None:
            begins[1:] |= (like[1:] != like[:-1]).any(axis=1)
        return begins.nonzero()[0]

    def joined(self, tiles: Indices) -> I32:
        """(runs, 4) rectangles of `tiles` (n,), ascending: neighbours in a line joined."""
        starts = self.runs(tiles)
        return around(self.rects[tiles], starts)


def around(rects: I32, starts: Indices) -> I32:
    """Of each run of rectangles from its first one's top left to its last one's bottom right."""
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
