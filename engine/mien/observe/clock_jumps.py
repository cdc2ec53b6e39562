"""Jumps of the machine's clocks: it slept, or somebody set the time.

Frames, sound and records go by the monotonic clock, which neither moves. Both are counted all the same: who
looks at a run has to know why it has a gap, or why the times in other programs' logs do not fit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

LOOK_NS: Final = 100_000_000
"""Least time between two looks."""
_SLEPT_NS: Final = 200_000_000
"""A shorter sleep is none."""
_STEP_NS: Final = 20_000_000
"""A smaller step is none: ntpd steps by 128 ms and more, and slews below."""
_APART_NS: Final = 1_000_000
"""Clocks that were read further apart say nothing: a thread lost its core between them."""


class Times(NamedTuple):
    """The machine's clocks at one moment, in nanoseconds."""

    awake_ns: int
    """Stands still while the machine sleeps."""
    always_ns: int
    """Goes on."""
    wall_ns: int
    """Goes on, and can be set."""


class ClockJumps:
    """Compares clocks. `look` is to be called often, by one thread. Parameter: `read` gives the clocks, None
    for where the system has none."""

    def __init__(self, read: Callable[[], Times | None] | None = None) -> None:
        self.suspends = 0
        """How often the machine slept."""
        self.suspended_ms = 0
        """For how long, all together."""
        self.steps = 0
        """How often the wall clock was set."""
        self.stepped_ms = 0
        """By how much, forward or back, all together."""
        self._read = read or reader()
        self._looked_ns: int | None = None
        self._seen = self._read()

    def look(self, now_ns: int) -> None:
        """Note what happened since the last look that was due; `now_ns` by any clock."""
        if self._looked_ns is not None and 0 <= now_ns - self._looked_ns < LOOK_NS:
            return
        self._looked_ns = now_ns
        now = self._read()
        if now is None:
            return
        seen, self._seen = self._seen, now
        if seen is None:
            return
        slept_ns = (now.always_ns - seen.always_ns) - (now.awake_ns - seen.awake_ns)
        if slept_ns >= _SLEPT_NS:
            self.suspends += 1
            self.suspended_ms += round(slept_ns / 1e6)
        step_ns = (now.wall_ns - seen.wall_ns) - (now.always_ns - seen.always_ns)
        if abs(step_ns) >= _STEP_NS:
            self.steps += 1
            self.stepped_ms += round(abs(step_ns) / 1e6)


def reader() -> Callable[[], Times | None]:
    """Reads the system's clocks, 0.5 us.

    Linux: CLOCK_MONOTONIC stands still in a suspend, CLOCK_BOOTTIME does not; NTP slews both alike, and steps
    neither (clock_gettime(2)). macOS: CLOCK_UPTIME_RAW and CLOCK_MONOTONIC_RAW. Windows has one for both: a
    sleep is a stop of the process there (stops.py).
    """
    get: Callable[[int], int] | None = getattr(time, "clock_gettime_ns", None)
    if (boot := getattr(time, "CLOCK_BOOTTIME", None)) is not None:
        awake, always = getattr(time, "CLOCK_MONOTONIC", boot), boot
    elif (up := getattr(time, "CLOCK_UPTIME_RAW", None)) is not None:
        awake, always = up, getattr(time, "CLOCK_MONOTONIC_RAW", up)
    else:
        awake = always = None
    if get is None or awake is None or always is None:
        return _without_sleep
    return lambda: _together(get(awake), get(always), time.time_ns(), get(awake))


def still() -> Times | None:
    """What `ClockJumps` reads where no clock of the machine counts."""
    return None


def _without_sleep() -> Times | None:
    before = time.perf_counter_ns()
    return _together(before, before, time.time_ns(), time.perf_counter_ns())


def _together(awake_ns: int, always_ns: int, wall_ns: int, again_ns: int) -> Times | None:
    return Times(awake_ns, always_ns, wall_ns) if again_ns - awake_ns < _APART_NS else None
