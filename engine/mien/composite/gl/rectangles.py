"""Lists of rectangles (left, top, right, bottom), made shorter."""

from __future__ import annotations

from collections.abc import Sequence

from mien.types import I32

Rectangle = tuple[int, int, int, int]

_MOST = 12
"""Above a dozen rectangles reading what lies around them all is cheaper than asking for each."""


def as_rectangles(spans: I32) -> list[Rectangle]:
    """(n, 4) as plain numbers."""
    return [(left, top, right, bottom) for left, top, right, bottom in spans.tolist()]


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
    lefts, tops, rights, bottoms = zip(*joined, strict=True)
    return [(min(lefts), min(tops), max(rights), max(bottoms))]
