"""What would have made a frame on time, had it been absent.

A frame is over by what its parts add up to beyond the frame interval T. Asked of each part, in this order:

1. Would the frame have been on time had the part taken what it usually does? Of several such parts the one
   that took most beyond its usual is named: a host that keeps every frame 20 ms is not what made one late.
2. If no part alone took so much more than usual: would it have been on time without the part altogether? Of
   several the one named is the one with the largest excess that makes up half of what the frame was over,
   and without such an excess the largest.
3. If none alone: of the largest parts without which, together, it would have been on time, the one with the
   largest excess that makes up half of what it was over; else the cause is their sum.

What is usual of a part is the median of the last frames; of what others do to a frame (the collector, the
GIL, cores that others have, stops) nothing is usual, however often it happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

SUM: Final = "sum"
"""The cause of a frame whose parts are too much only together."""

REMEMBERED: Final = 64
"""Frames whose median is what is usual: two seconds at 30 fps."""

_EXPLAINS: Final = 0.5
"""Share of what a frame is over from which on an excess explains it."""


def index_of_blame(parts: Sequence[float], usual: Sequence[float], budget: float) -> int | None:
    """Which part is to blame for a frame over its budget; None for their sum. All in one unit.

    `parts`: what each took; `usual`: what each usually takes.
    """
    over = sum(parts) - budget
    excess = [max(0.0, part - as_usual) for part, as_usual in zip(parts, usual, strict=True)]
    every = range(len(parts))
    tipped = [index for index in every if excess[index] >= over]
    if tipped:
        return max(tipped, key=lambda index: excess[index])
    enough = [index for index in every if parts[index] >= over]
    among = enough or _smallest_set(parts, over)
    most = max(among, key=lambda index: excess[index])
    if excess[most] >= _EXPLAINS * over:
        return most
    return max(enough, key=lambda index: parts[index]) if enough else None


class Blame:
    """Names the causes of frames over budget, and learns what is usual from all of them.

    Parameters: `causes`, a name for each part; `foreign`, those of which nothing is usual.
    """

    def __init__(self, causes: Sequence[str], foreign: frozenset[str]) -> None:
        self._causes = causes
        self._foreign = [cause in foreign for cause in causes]
        self._last: deque[Sequence[float]] = deque(maxlen=REMEMBERED)

    def name(self, parts: Sequence[float], budget: float) -> str:
        """The cause of a frame whose parts add up to more than the budget."""
        index = index_of_blame(parts, self.usual(), budget)
        return SUM if index is None else self._causes[index]

    def usual(self) -> list[float]:
        """What each part usually takes; 0 before the first frame."""
        if not self._last:
            return [0.0] * len(self._causes)
        columns = zip(*self._last, strict=True)
        return [0.0 if no else median(column) for no, column in zip(self._foreign, columns, strict=True)]

    def learn(self, parts: Sequence[float]) -> None:
        """A frame took these. Called for every frame: it only remembers them."""
        self._last.append(parts)


def _smallest_set(parts: Sequence[float], over: float) -> list[int]:
    """The fewest parts that add up to `over`, the largest first."""
    found: list[int] = []
    taken = 0.0
    for index in sorted(range(len(parts)), key=lambda index: -parts[index]):
        found.append(index)
        taken += parts[index]
        if taken >= over:
            break
    return found
