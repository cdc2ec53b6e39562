"""The row in which a cast stands: how large each may be beside so many, and where.

Everybody is spread evenly, and the smaller the more there are. Who is larger than the others has as much more
room beside it, so that nobody's face is behind a large neighbour's hair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final

from mien.types import Size

SPREAD: Final = 0.86
"""Share of the frame's width along which a cast is spread, for each more than `_AT_EASE` _WIDER more."""
_WIDER: Final = 0.02
_WIDTHS: Final = 1.35
"""How much wider than the frame canvases beside each other may be: their sides are mostly empty."""
_AT_EASE: Final = 3
"""More than so many stand closer, as for a picture of a group ..."""
_CLOSER: Final = 0.4
"""... and shrink by less than their number, to this power of it: faces stay as far apart as they are wide."""
_EDGE: Final = 0.14
"""How far from the frame's edge, in its widths, anybody stays whom a large neighbour needs further out."""
_NEAR: Final = 0.8
"""How near to one who has a place of its own the others stand, of what lies between two in the row."""


def fills(canvas: tuple[float, float], frame: Size, count: int) -> float:
    """Pixels of the frame to one of a canvas (width, height) at which the size is 1, beside so many."""
    width, height = canvas
    closer: float = max(1.0, count / _AT_EASE) ** _CLOSER
    return min(frame.height / height, _WIDTHS * frame.width * closer / (count * width))


def spread(nth: int, count: int) -> float:
    """Where the n-th from the left of so many stands, in widths of the frame."""
    return 0.5 + ((nth + 0.5) / count - 0.5) * _share(count)


def spots(sizes: Sequence[float]) -> list[float]:
    """Where a row of these sizes stands, from left to right, in widths of the frame. Smaller than 1 take no
    less room than 1: a row does not huddle."""
    count = len(sizes)
    even = [spread(nth, count) for nth in range(count)]
    step = _share(count) / max(1, count)
    more = [step * (_room(a, b) - 1.0) for a, b in pairwise(sizes)]
    if not any(more):
        return even
    free = max(0.0, 1.0 - 2.0 * _EDGE - step * (count - 1))
    by = min(1.0, free / sum(more)) * 0.5
    # Each is moved by half of what was added to its left and to its right.
    left = [0.0, *accumulate(more)]
    return [x + by * (2.0 * before - left[-1]) for x, before in zip(even, left, strict=True)]


def beside(row: Sequence[float], sizes: Sequence[float], own: Mapping[int, float]) -> list[float]:
    """The same row where some, by their number in it, have places of their own: the others keep clear."""
    step, found = _share(len(row)) / max(1, len(row)), list(row)
    for nth, x in enumerate(row):
        if nth in own:
            found[nth] = own[nth]
            continue
        low, high = min(x, _EDGE), max(x, 1.0 - _EDGE)
        least = most = None
        if nth - 1 in own:
            least = own[nth - 1] + _NEAR * step * _room(sizes[nth - 1], sizes[nth])
        if nth + 1 in own:
            most = own[nth + 1] - _NEAR * step * _room(sizes[nth], sizes[nth + 1])
        if least is not None and most is not None and least > most:
            least = most = 0.5 * (least + most)  # between two who stand close
        x = x if least is None else max(x, least)
        x = x if most is None else min(x, most)
        found[nth] = min(max(x, low), high)
    return found


def _share(count: int) -> float:
    return min(1.0, SPREAD + _WIDER * max(0, count - _AT_EASE))


def _room(size: float, other: float) -> float:
    """What two beside each other need, where two of size 1 need 1."""
    return 0.5 * (max(1.0, size) + max(1.0, other))
