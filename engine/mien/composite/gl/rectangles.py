"""Lists of rectangles (left, top, right, bottom), made shorter."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from mien.composite.plan.tiles import Tiles
from mien.types import I32, Bools, Size

Rectangle = tuple[int, int, int, int]

_MOST = 12
"""Above a dozen rectangles reading what lies around them all is cheaper than asking for each."""


def as_rectangles(spans: I32) -> list[Rectangle]:
    """(n, 4) as plain numbers."""
    return [(left, top, right, bottom) for left, top, right, bottom in spans.tolist()]


def covering(spans: I32) -> list[Rectangle]:
    """As `as_rectangles`; of more than a dozen what `fewer` makes of them. `spans`: (n, 4), disjoint."""
    if len(spans) <= _MOST:
        return as_rectangles(spans)
    left, top, right, bottom = spans[np.lexsort((spans[:, 1], spans[:, 2], spans[:, 0]))].T
    starts = np.ones(len(spans), np.bool_)
    starts[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1]) | (top[1:] != bottom[:-1])
    if np.count_nonzero(starts) > _MOST:
        return [(int(left.min()), int(top.min()), int(right.max()), int(bottom.max()))]
    first = starts.nonzero()[0]
    ends = np.append(first[1:], len(spans)) - 1
    return as_rectangles(np.stack((left[first], top[first], right[first], bottom[ends]), axis=1))


def covering_tiles(grid: Tiles, which: Bools) -> list[Rectangle]:
    """As `covering`, of the tiles `which` (tiles,): most often they are one rectangle around all."""
    around = grid.around_many(which, _MOST)
    return covering(grid.joined(which)) if around is None else [around]


def area(rects: Sequence[Rectangle]) -> int:
    """Their pixels, those in several of them counted several times."""
    return sum((right - left) * (bottom - top) for left, top, right, bottom in rects)


def fewer(rects: Sequence[Rectangle]) -> list[Rectangle]:
    """Rectangles that cover these: those above one another joined, and above a dozen one around all."""
    joined: list[Rectangle] = []
    for left, top, right, bottom in sorted(set(rects), key=lambda r: (r[0], r[2], r[1])):
        if joined and joined[-1][0] == left and joined[-1][2] == right and joined[-1][3] >= top:
            joined[-1] = (left, joined[-1][1], right, max(bottom, joined[-1][3]))
        else:
            joined.append((left, top, right, bottom))
    if len(joined) <= _MOST:
        return joined
    return [around_all(joined)]


def around_all(rects: Sequence[Rectangle]) -> Rectangle:
    """The rectangle around at least one."""
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def touched(rects: Sequence[Rectangle], scale: float, size: Size) -> list[Rectangle]:
    """What of a frame of this size changes where rectangles of it are drawn at a scale, and enlarged.

    Left, top, right, bottom each: wider by what a filter of two texels spreads.
    """
    reach = ceil(1 / scale)
    return [
        (
            max(0, left - reach),
            max(0, top - reach),
            min(size.width, right + reach),
            min(size.height, bottom + reach),
        )
        for left, top, right, bottom in rects
    ]
