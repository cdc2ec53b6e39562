"""Whether the times at which swaps returned lie on an even grid: that of a screen's refresh.

Pure. A swap that waits for the screen returns right after a refresh, whenever it was begun. One that only
takes its time (a copy, a GPU that is behind) returns that time after it was begun, and one of a screen that
refreshes when it likes at no even times.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median
from typing import Final, NamedTuple

SHORTEST_NS: Final = 1e9 / 500
LONGEST_NS: Final = 1e9 / 20
"""Periods that a screen may have."""
LEAST: Final = 7
"""Swaps that are asked for before they say anything."""
_ON_IT: Final = 0.12
"""Of a period: a return that is further off is none of it. Threads wake late."""
_OF_ALL: Final = 0.75
"""Share of the returns that have to be on it."""
_SPREAD: Final = 0.06
"""Of a period: how far those may be off on the mean."""
_APART: Final = 0.05
"""Of a period: by so much more than they are off what swaps took has to differ, or it is what they take."""

Swap = tuple[int, int]
"""When it was begun and when it returned, in nanoseconds."""


class Grid(NamedTuple):
    """Times of refreshes, `start_ns + n * period_ns`."""

    start_ns: float
    period_ns: float
    spread_ns: float
    """How far returns are from it, on the mean."""
    last: int
    """Number of the refresh at which the last swap returned."""
    points: int
    """How many swaps returned on it."""


class NoGrid(NamedTuple):
    """There is none, and why."""

    because: str


def grid_of(swaps: Sequence[Swap]) -> Grid | NoGrid:
    """The grid on which swaps that waited returned, at least `LEAST` of them, in their order."""
    if len(swaps) < LEAST:
        return NoGrid("too few swaps have waited for the screen")
    ended = [end for _, end in swaps]
    steps = [later - sooner for sooner, later in pairwise(ended)]
    # The longest that fits: every return that lies on a grid lies on one twice as fine, too.
    for period in sorted({step / parts for step in steps for parts in (1, 2, 3)}, reverse=True):
        if not SHORTEST_NS <= period <= LONGEST_NS:
            continue
        grid = _fitted(ended, steps, period)
        if grid is not None:
            return grid if _waited(swaps, grid) else _no_waits(swaps)
    took = [end - begun for begun, end in swaps]
    if _differ(took) <= _APART * median(took):
        return _no_waits(swaps)
    return NoGrid(
        "swaps return at no even times: the screen refreshes when it likes, or they wait for another thing"
    )


def _fitted(ended: Sequence[int], steps: Sequence[int], period: float) -> Grid | None:
    """The grid of about that period that most returns lie on; None where too few do."""
    numbers = [0]
    for step in steps:
        numbers.append(numbers[-1] + max(1, round(step / period)))
    kept = list(zip(numbers, (end - ended[0] for end in ended), strict=True))
    start = 0.0
    for _ in range(3):
        start, period = _line(kept)
        if not SHORTEST_NS <= period <= LONGEST_NS:
            return None
        kept = [
            (n, end - ended[0])
            for n, end in zip(numbers, ended, strict=True)
            if abs(end - ended[0] - start - n * period) <= _ON_IT * period
        ]
        if len(kept) < max(3, _OF_ALL * len(ended)):
            return None
    start, period = _least_squares(kept)
    spread = mean(abs(at - start - n * period) for n, at in kept)
    if spread > _SPREAD * period:
        return None
    # Not `numbers[-1]`: a step of several refreshes may have been taken for one less.
    last = round((ended[-1] - ended[0] - start) / period)
    return Grid(ended[0] + start, period, spread, last, len(kept))


def _line(points: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Where it begins and its slope: that of most pairs, so that a few that are off do not bend it."""
    span = max(1, len(points) // 2)
    slope = median(
        (later - sooner) / (n - m)
        for (m, sooner), (n, later) in zip(points, points[span:], strict=False)
        if n > m
    )
    return median(at - n * slope for n, at in points), slope


def _least_squares(points: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """The same of points none of which is far off: twice as exact."""
    n_mean, at_mean = mean(n for n, _ in points), mean(at for _, at in points)
    square = sum((n - n_mean) ** 2 for n, _ in points)
    slope = sum((n - n_mean) * (at - at_mean) for n, at in points) / square
    return at_mean - n_mean * slope, slope


def _waited(swaps: Sequence[Swap], grid: Grid) -> bool:
    """Whether they returned then whenever they were begun, and not as long after that as swaps take."""
    differ = _differ([end - begun for begun, end in swaps])
    return differ >= 2 * grid.spread_ns + _APART * grid.period_ns


def _differ(values: Sequence[int]) -> float:
    """How far they are from their median, on the mean."""
    middle = median(values)
    return mean(abs(each - middle) for each in values)


def _no_waits(swaps: Sequence[Swap]) -> NoGrid:
    took_ms = median(end - begun for begun, end in swaps) / 1e6
    return NoGrid(f"swaps take {took_ms:.1f} ms whenever they are begun: they wait for no screen")
