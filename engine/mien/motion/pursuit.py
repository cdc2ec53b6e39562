"""Smooth pursuit: how eyes and head follow a target that moves.

A host tells the target's position as often as it likes. Between two positions the target went straight, and
the eyes are `FOLLOWED` behind it, so that the way to where they are is always known: the same motion, told 24
or 144 times a second, gives the same picture. The head follows the mean of the last half second.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter

from mien.motion.ease import hump
from mien.motion.timeline import ms
from mien.script import FOLLOWED, Event, GazeMoved, GazeSet

_AT = attrgetter("at")
_HEAD_DELAYS = tuple(ms(80 + 50 * i) for i in range(9))
"""How long ago the eyes were where the head goes now: 80 to 480 ms, most of it 280."""
_SHARES = [hump((i + 1) / 10) for i in range(9)]
_HEAD_SHARES = tuple(share / sum(_SHARES) for share in _SHARES)

_SEEN = ms(800)
"""How far back a path is looked at: eyes, head and what hangs behind it are later than the target by less."""


class Path:
    """The way of one look's target over time. Times are samples, directions gaze (x, y) in -1..1.

    Parameters: `points` in order of time, the first where the look began.
    """

    __slots__ = ("_heads", "_points")

    def __init__(self, points: Sequence[GazeSet | GazeMoved]) -> None:
        self._points = points
        self._heads: dict[int, tuple[float, float]] = {}  # asked for several times in a frame

    @property
    def end(self) -> tuple[int, float, float]:
        """(sample, x, y) of where it was told to be last."""
        return (self._points[-1].at, *_bounded(self._points[-1]))

    def eyes(self, at: int) -> tuple[float, float]:
        """Where the eyes are at sample `at`."""
        t = at - FOLLOWED
        i = bisect_right(self._points, t, key=_AT)
        if i == 0 or i == len(self._points):
            return _bounded(self._points[min(i, len(self._points) - 1)])
        before, after = self._points[i - 1], self._points[i]
        (x0, y0), (x1, y1) = _bounded(before), _bounded(after)
        share = (t - before.at) / (after.at - before.at)
        return (x0 + share * (x1 - x0), y0 + share * (y1 - y0))

    def head(
        self, at: int, yaw: Callable[[float], float], pitch: Callable[[float], float]
    ) -> tuple[float, float]:
        """(yaw, pitch) of the head at sample `at`, by what they are for a target that stands still."""
        known = self._heads.get(at)
        if known is not None:
            return known
        turned = lifted = 0.0
        for delay, share in zip(_HEAD_DELAYS, _HEAD_SHARES, strict=True):
            x, y = self.eyes(at - delay)
            turned += share * yaw(x)
            lifted += share * pitch(y)
        self._heads[at] = (turned, lifted)
        return (turned, lifted)


def path_of(look: GazeSet, trail: Sequence[Event], at: int, until: int) -> Path | None:
    """As much of a look's path as shows at sample `at`; None when it stands still. Lane `trail` is read up to
    before sample `until`."""
    first, last = bisect_right(trail, look.at, key=_AT), bisect_left(trail, until, key=_AT)
    if first >= last:
        return None
    seen = bisect_right(trail, at - _SEEN, key=_AT) - 1
    shown = trail[min(max(first, seen), last - 1) : last]
    points = [event for event in shown if isinstance(event, GazeMoved)]
    return Path([look, *points] if seen < first else points)


def end_of(look: GazeSet, trail: Sequence[Event], until: int) -> tuple[float, float]:
    """Where a look's target was told to be last before sample `until`."""
    i = bisect_left(trail, until, key=_AT)
    last = trail[i - 1] if i else None
    return (last.x, last.y) if isinstance(last, GazeMoved) and last.at > look.at else (look.x, look.y)


def _bounded(event: GazeSet | GazeMoved) -> tuple[float, float]:
    return (min(1.0, max(-1.0, event.x)), min(1.0, max(-1.0, event.y)))
