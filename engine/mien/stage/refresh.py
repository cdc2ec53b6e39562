"""The refresh of the screen, measured by when swaps of a window's buffers return."""

from __future__ import annotations

from math import floor, sqrt
from typing import Final

from mien.stage.refresh_grid import LEAST, Grid, NoGrid, Swap, grid_of

WAITED_NS: Final = 700_000
"""A swap that took longer has waited for something. At 500 Hz, begun a quarter after a refresh, one waits
1.5 ms."""
_REMEMBERED: Final = 24
"""Swaps that a search looks at."""
_FAR: Final = 0.25
"""Of a period: a return that is further off is of another grid,"""
_FURTHEST: Final = 0.4
"""or so far, where for long nothing was seen and three sigmas are that much."""
_STRAYS: Final = 8
"""So many of those, less what was on it, and the grid is known no more."""
_NEXT: Final = 6
"""Refreshes after which what a return is off by is the thread's lateness, and no drift,"""
_LEARNS: Final = 0.05
"""of which the mean follows each by this share."""
_WANDERS: Final = 1e-7
"""Of a period: what two clocks change against each other from one refresh to the next."""
_LEAST_GAIN: Final = 0.02
"""A return moves the grid by this share of its difference, however sure it is."""
_LEAST_SPREAD_NS: Final = 60_000
"""By so much a thread wakes late, whatever few swaps say."""
DOUBTED: Final = 0.1
"""Of a period: so far the grid may be off before it should be looked at again."""
_LOST: Final = 0.3


class Refresh:
    """A grid of times, once it is known; pure: it is told of each swap. Times in nanoseconds of one clock.

    Refreshes are numbered; `epoch` counts how often the numbers began anew.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.because = "no swap has been seen yet"
        """Why it is not known; empty while it is."""
        self.spread_ns = 0.0
        """How far returns are from the grid, on the mean."""
        self._waits: list[Swap] = []
        self._period = 0.0
        self._number, self._time = 0, 0.0
        self._of_time = self._of_both = self._of_period = 0.0
        """Variances of time and period, and what they have in common, in ns squared."""
        self._strays = 0

    @property
    def known(self) -> bool:
        """Whether there is a grid."""
        return self._period > 0

    @property
    def period_ns(self) -> float:
        """From one refresh to the next; 0 while it is not known."""
        return self._period

    @property
    def hz(self) -> float | None:
        """Refreshes a second; None while that is not known."""
        return 1e9 / self._period if self._period else None

    def time_of(self, number: int) -> int:
        """When a refresh is."""
        return round(self._time + (number - self._number) * self._period)

    def before(self, at_ns: int) -> int:
        """The last refresh at that time or before."""
        return self._number + floor((at_ns - self._time) / self._period)

    def nearest(self, at_ns: int) -> int:
        """The refresh that is next to that time, before or after."""
        return self._number + round((at_ns - self._time) / self._period)

    def doubt(self, now_ns: int) -> float:
        """By how much of a period the grid may be off by now; 1 while there is none."""
        if not self._period:
            return 1.0
        since = max(0.0, (now_ns - self._time) / self._period)
        return 3 * sqrt(self._at_variance(since)) / self._period

    def look(self, now_ns: int) -> None:
        """Give the grid up where too long nothing was seen of it."""
        if self._period and self.doubt(now_ns) > _LOST:
            self.forget("no swap has waited for the screen for too long")

    def forget(self, because: str) -> None:
        """The grid is known no more."""
        if self._period or not self.because:
            self.epoch += 1
        self._period, self.because = 0.0, because
        self._waits.clear()

    def swapped(self, begun_ns: int, ended_ns: int) -> None:
        """A swap returned. One that did not wait says nothing. Called in each frame: it works out nothing."""
        if ended_ns - begun_ns < WAITED_NS:
            return
        if self._period:
            self._follow(ended_ns)
        else:
            self._waits.append((begun_ns, ended_ns))
            del self._waits[:-_REMEMBERED]

    @property
    def seen(self) -> int:
        """Swaps that have waited since it was known last."""
        return len(self._waits)

    def search(self) -> bool:
        """Work out the grid of the swaps that have waited; False, and a reason, where they lie on none."""
        found = grid_of(self._waits) if len(self._waits) >= LEAST else NoGrid(self.because)
        if isinstance(found, NoGrid):
            self.because = found.because
            return False
        self._take(found)
        return True

    def _take(self, grid: Grid) -> None:
        self.epoch += 1
        self.because = ""
        self._period, self.spread_ns = grid.period_ns, max(grid.spread_ns, _LEAST_SPREAD_NS)
        self._number, self._time = grid.last, grid.start_ns + grid.last * grid.period_ns
        # Of the end of a line through so many points, and of its slope.
        noise, points, span = self._noise, grid.points, max(1, grid.last)
        self._of_time, self._of_both = 4 * noise / points, 6 * noise / (points * span)
        self._of_period = 12 * noise / (points * span * span)
        self._strays = 0
        self._waits.clear()

    @property
    def _noise(self) -> float:
        """Variance of a return, in ns squared: threads wake late, one later than the other."""
        return 4 * self.spread_ns * self.spread_ns

    def _at_variance(self, steps: float) -> float:
        """Of the time of a refresh so many after the last that was seen."""
        return self._of_time + steps * (2 * self._of_both + steps * self._of_period)

    def _follow(self, ended_ns: int) -> None:
        """A Kalman filter of the time of a refresh and of the period."""
        period = self._period
        steps = round((ended_ns - self._time) / period)
        off = ended_ns - self._time - steps * period
        expected = self._at_variance(steps) + self._noise
        if abs(off) > max(_FAR * period, min(3 * sqrt(expected), _FURTHEST * period)):
            self._strays += 1
            if self._strays > _STRAYS:
                self.forget("swaps return at other times than they did")
            return
        self._strays = max(0, self._strays - 1)
        if steps <= 0:
            return
        spread_ns = self.spread_ns + (_LEARNS * (abs(off) - self.spread_ns) if steps <= _NEXT else 0.0)
        # Much too late woke the thread; much too early nothing can be.
        off = min(off, 2 * sqrt(expected))
        of_both = self._of_both + steps * self._of_period
        of_time = expected - self._noise
        gain, bend = of_time / expected, of_both / expected
        self._number += steps
        self._time += steps * period + gain * off
        self._period += bend * off
        wander = _WANDERS * period
        self._of_time = max(of_time * (1 - gain), self._noise * _LEAST_GAIN)
        self._of_both = of_both * (1 - gain)
        self._of_period = max(0.0, self._of_period - bend * of_both) + steps * wander * wander
        self.spread_ns = max(_LEAST_SPREAD_NS, spread_ns)
