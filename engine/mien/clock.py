"""Clocks: where "now" comes from.

Nothing in Mien reads the time by itself; a clock is passed in. That is what lets live play, offline
rendering and tests run the same code.
"""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Final, Protocol, Self

from mien.errors import ScriptError

SAMPLE_RATE = 48_000
"""Samples per second of the session timeline. All times in a script are integer samples at this rate."""


MOST_FPS: Final = 240
_BROADCAST: Final = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120, 240))
"""Rates that people write with two or three decimals, and mean exactly."""
_LARGEST: Final = 1_000_000
"""Most that the lower number of a rate may be: video files hold both in 32 bits."""


class FrameRate(Fraction):
    """Frames a second, exactly: from 1 to 240.

    Takes whole numbers, fractions, text ("30", "29.97", "30000/1001") and floats. 23.976, 29.97, 59.94 and
    their like, by float or text, are N * 1000 / 1001. A Fraction in all else: it compares, divides and
    prints as one. Raises ScriptError for what is no rate.
    """

    __slots__ = ()

    def __new__(cls, rate: int | float | str | Fraction, denominator: int = 1) -> Self:
        """`denominator` divides the rate: FrameRate(30000, 1001)."""
        try:
            exact = _exact(rate) / denominator
        except (ValueError, TypeError, ArithmeticError):
            exact = Fraction(0)
        if not 1 <= exact <= MOST_FPS or exact.denominator > _LARGEST:
            shown = repr(rate) if denominator == 1 else f"{rate}/{denominator}"
            raise ScriptError(
                f"{shown} is not a frame rate: give 1 to {MOST_FPS} frames a second, like 30, 29.97 "
                "or 30000/1001."
            )
        return super().__new__(cls, exact)

    def sample_at(self, frame: int) -> int:
        """The first sample that belongs to a frame: floor(frame / rate) on the timeline. Nothing adds up."""
        return frame * SAMPLE_RATE * self.denominator // self.numerator

    def ns_at(self, frame: int) -> int:
        """When a frame is due, in nanoseconds after frame 0, rounded down."""
        return frame * 1_000_000_000 * self.denominator // self.numerator

    def frame_at_ns(self, ns: int) -> int:
        """The frame whose interval is running `ns` nanoseconds after frame 0 was due."""
        return ns * self.numerator // (1_000_000_000 * self.denominator)

    @property
    def interval_ms(self) -> Fraction:
        """From one frame to the next, in milliseconds, exactly."""
        return 1000 / Fraction(self)

    @property
    def plain(self) -> int | float:
        """As a number that JSON has: whole where it is whole."""
        return self.numerator if self.denominator == 1 else float(self)


def _exact(rate: int | float | str | Fraction) -> Fraction:
    if isinstance(rate, bool):
        raise TypeError("a rate is a number")
    if isinstance(rate, int | Fraction):
        return Fraction(rate)
    if isinstance(rate, str) and "/" in rate:
        return Fraction(rate.strip())
    near = float(rate)
    for exact in _BROADCAST:
        if near in (round(float(exact), 2), round(float(exact), 3)) or math.isclose(
            near, exact, rel_tol=1e-7
        ):
            return exact
    return Fraction(str(near)).limit_denominator(_LARGEST)


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
