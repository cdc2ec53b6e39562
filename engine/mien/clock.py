"""Clocks: where "now" comes from.

Nothing in Mien reads the time by itself; a clock is passed in. That is what lets live play, offline
rendering and tests run the same code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Final, Protocol, Self

from mien.errors import ScriptError
from mien.messages import quoted

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


_BROADCAST: Final = {
    name: Fraction(rate * 1000, 1001)
    for name, rate in (
        ("23.976", 24),
        ("23.98", 24),
        ("29.97", 30),
        ("47.952", 48),
        ("47.95", 48),
        ("59.94", 60),
        ("119.88", 120),
        ("239.76", 240),
    )
}
"""Rates that are written rounded: 29.97 means 30000/1001 (SMPTE ST 12-1)."""
MOST_FPS: Final = 240


@dataclass(frozen=True, slots=True, order=True)
class FrameRate:
    """Frames a second, exactly. `FrameRate.of` reads what people and programs write."""

    exact: Fraction
    """Above 0, at most 240."""

    @classmethod
    def of(cls, value: object) -> Self:
        """From 30, 29.97, "30000/1001", a Fraction or a FrameRate. Raises ScriptError naming the value.

        29.97, 23.976, 59.94 and their like mean N * 1000 / 1001, as the equipment that has them does.
        """
        if isinstance(value, FrameRate):
            return cls(value.exact)
        exact: Fraction | None = None
        try:
            if isinstance(value, int | Fraction) and not isinstance(value, bool):
                exact = Fraction(value)
            elif isinstance(value, float) and isfinite(value):
                exact = _BROADCAST.get(f"{value:g}") or Fraction(str(value))
            elif isinstance(value, str):
                exact = _BROADCAST.get(value.strip()) or Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            exact = None
        if exact is not None:
            exact = exact.limit_denominator(1_000_000)
        if exact is None or not 0 < exact <= MOST_FPS:
            raise ScriptError(
                f"{quoted(value)} is no frame rate; give a number above 0 and up to {MOST_FPS}, as 30, 29.97 "
                'or "30000/1001".'
            )
        return cls(exact)

    def sample(self, frame: int) -> int:
        """The sample that frame number `frame`, from 0, shows: its time rounded down."""
        return frame * SAMPLE_RATE * self.exact.denominator // self.exact.numerator

    def due_ns(self, frame: int) -> int:
        """Nanoseconds from the start to when a frame is due, rounded down. Nothing adds up."""
        return frame * 1_000_000_000 * self.exact.denominator // self.exact.numerator

    def frame_at(self, ns: int) -> int:
        """The number of the last frame that is due `ns` nanoseconds after the start."""
        frame = ns * self.exact.numerator // (1_000_000_000 * self.exact.denominator)
        # Due times are rounded down, so that the next may be due within this very nanosecond.
        return frame + (self.due_ns(frame + 1) <= ns)

    def frames(self, seconds: float) -> int:
        """How many fit best into so many seconds."""
        return round(seconds * self.exact)

    @property
    def interval_ms(self) -> float:
        """Milliseconds from one frame to the next."""
        return float(1000 / self.exact)

    @property
    def interval_ns(self) -> int:
        """The same in whole nanoseconds, rounded down."""
        return self.due_ns(1)

    def __float__(self) -> float:
        """As near as a float comes."""
        return float(self.exact)

    def __str__(self) -> str:
        """As people write it: 30, 29.97, 12.5."""
        return f"{float(self.exact):.5g}"
