"""When frames are due: one schedule for windows, live headless stages and tests on a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mien.clock import SAMPLE_RATE, Clock, FrameRate
from mien.observe.stops import Stops
from mien.stage.governor import Level

_FOLLOW = 0.2
"""Share by which the expected time from tick to screen follows each frame's own."""

_EVEN = 0.1
"""Share by which steps from refresh to refresh follow where the sound is said to be,"""
_MOST_EVEN = SAMPLE_RATE // 2000
"""and at most: 1/2 ms a frame, which nobody sees. A device says where it is to some ms."""
_NO_STEP = SAMPLE_RATE // 200
"""A difference of 5 ms is followed at once if it is half of a step, too: the sound stands or was moved."""


@dataclass(frozen=True, slots=True)
class Due:
    """A frame of the schedule, whose time has come."""

    index: int
    """From 0; frame k is due k / fps after the start."""
    scheduled_ns: int
    """When that is, by the clock."""
    skipped: int
    """Whole frames before it that are left out, since their time is over."""
    begun_ns: int = 0
    """When it was found to be due, by the clock."""
    planned: int | None = None
    """The refresh of the screen that it is meant for; None where frames go by the clock."""
    refresh: int | None = None
    """The one at which it can be seen: a later one where it was begun too late."""
    shown_ns: int | None = None
    """When that is, by the clock."""


class Handed(NamedTuple):
    """A frame that the host has, and whose time is not written down yet."""

    due: Due
    at: int
    handed_ns: int
    skew_ms: float
    level: Level
    mark: int | None


class Pacer:
    """An absolute schedule: a late frame moves no other.

    Parameters: `clock`; `fps`, frames a second; `stops`, times in which the process did not run: the schedule
    is moved by them, and nothing was missed meanwhile. The schedule begins with `start`. A frame that is not
    begun within its interval is left out, whole, and counted; the next one is that which is due now, so that
    the picture is at once where it should be, and nothing is ever caught up by hurrying.
    """

    def __init__(self, clock: Clock, fps: FrameRate | int, stops: Stops | None = None) -> None:
        self._clock = clock
        self._stops = stops
        self._moved_ns = self._lost_ns()
        self._rate = FrameRate.of(fps)
        self._next = 0
        """The frame that is due next, if none is left out."""
        self.start_ns = clock.now_ns()

    def start(self) -> None:
        """Frame 0 is due now."""
        self._next = 0
        self.start_ns = self._clock.now_ns()
        self._moved_ns = self._lost_ns()

    def due_ns(self, index: int) -> int:
        """When a frame is due, by the clock. Exact for every rate: nothing adds up."""
        return self.start_ns + self._rate.due_ns(index)

    @property
    def interval_ns(self) -> int:
        """From one frame to the next."""
        return self._rate.interval_ns

    @property
    def over(self) -> int:
        """Frames of the schedule whose interval is over: all before the one that is due now."""
        return self._rate.frame_at(self._clock.now_ns() - self.start_ns)

    @property
    def deadline_ns(self) -> int:
        """When the next frame is due."""
        return self.due_ns(self._next)

    def next(self) -> Due:
        """Sleep until the next frame is due, unless it is already."""
        self._move()
        now = self._clock.now_ns()
        newest = self._rate.frame_at(now - self.start_ns)
        # The frame whose interval is running may still be begun; those before it are over.
        skipped = max(0, newest - self._next)
        index = self._next + skipped
        self._next = index + 1
        scheduled = self.due_ns(index)
        self._clock.sleep_until_ns(scheduled)
        return Due(index, scheduled, skipped, self._clock.now_ns())

    def _move(self) -> int:
        """Move the schedule by what the process did not run since the last look; by how much."""
        before_ns, self._moved_ns = self._moved_ns, self._lost_ns()
        moved_ns = self._moved_ns - before_ns
        self.start_ns += moved_ns
        return moved_ns

    def _lost_ns(self) -> int:
        if self._stops is None:
            return 0
        self._stops.look()
        return self._stops.lost_ns


class Playhead:
    """Which sample a frame is to show: the one that will be heard when it is seen.

    Parameters: `longest_ns`, the longest that a frame may expect to take until it is seen; `first_ns`, what
    the first is expected to take.
    """

    def __init__(self, longest_ns: int, first_ns: int = 0) -> None:
        self._longest_ns = longest_ns
        self._to_screen_ns = float(first_ns)
        self._last: tuple[float, int] | None = None
        """The sample that was chosen for a refresh last, not rounded, and when that was."""

    def at(self, heard: int, known: int, least: int) -> int:
        """The sample, from `heard`, the one that is heard now.

        Never before `least`, as what has been shown, nor past what is `known` of the sound.
        """
        self._last = None
        expected = heard + round(self._to_screen_ns * SAMPLE_RATE / 1e9)
        return max(least, min(expected, known - 1))

    def at_refresh(self, heard: int, known: int, least: int, now_ns: int, shown_ns: int) -> int:
        """The same of a frame that is seen at `shown_ns`, where `heard` is heard at `now_ns`.

        From frame to frame it goes on by the time between the refreshes; what else the sound is said to have
        done is caught up with little by little.
        """
        expected = heard + (shown_ns - now_ns) * SAMPLE_RATE / 1e9
        if self._last is not None:
            at, seen_ns = self._last
            step = (shown_ns - seen_ns) * SAMPLE_RATE / 1e9
            off = expected - at - step
            if abs(off) <= max(_NO_STEP, step / 2):
                expected = at + step + max(-_MOST_EVEN, min(_MOST_EVEN, _EVEN * off))
        expected = max(least, min(expected, known - 1))
        self._last = expected, shown_ns
        return round(expected)

    def took(self, ns: int) -> None:
        """A frame was seen so long after its sample was chosen."""
        self._to_screen_ns += _FOLLOW * (min(ns, self._longest_ns) - self._to_screen_ns)
