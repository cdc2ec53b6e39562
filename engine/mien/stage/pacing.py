"""When frames are due: one schedule for windows, live headless stages and tests on a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mien.clock import SAMPLE_RATE, Clock, FrameRate
from mien.observe.stops import Stops
from mien.stage.governor import Level

_FOLLOW = 0.2
"""Share by which the expected time from tick to screen follows each frame's own."""


@dataclass(frozen=True, slots=True)
class Due:
    """A frame of the schedule, whose time has come."""

    index: int
    """From 0; frame k is due k / fps after the start."""
    scheduled_ns: int
    """When that is, by the clock."""
    skipped: int
    """Whole frames before it that are left out, since their time is over."""


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
    def over(self) -> int:
        """Frames of the schedule whose interval is over: all before the one that is due now."""
        return self._rate.frame_at(self._clock.now_ns() - self.start_ns)

    @property
    def deadline_ns(self) -> int:
        """When the next frame is due."""
        return self.due_ns(self._next)

    def next(self) -> Due:
        """Sleep until the next frame is due, unless it is already."""
        before_ns, self._moved_ns = self._moved_ns, self._lost_ns()
        self.start_ns += self._moved_ns - before_ns
        now = self._clock.now_ns()
        newest = self._rate.frame_at(now - self.start_ns)
        # The frame whose interval is running may still be begun; those before it are over.
        skipped = max(0, newest - self._next)
        index = self._next + skipped
        self._next = index + 1
        scheduled = self.due_ns(index)
        self._clock.sleep_until_ns(scheduled)
        return Due(index, scheduled, skipped)

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

    def at(self, heard: int, known: int, least: int) -> int:
        """The sample, from `heard`, the one that is heard now.

        Never before `least`, as what has been shown, nor past what is `known` of the sound.
        """
        expected = heard + round(self._to_screen_ns * SAMPLE_RATE / 1e9)
        return max(least, min(expected, known - 1))

    def took(self, ns: int) -> None:
        """A frame was seen so long after its sample was chosen."""
        self._to_screen_ns += _FOLLOW * (min(ns, self._longest_ns) - self._to_screen_ns)
