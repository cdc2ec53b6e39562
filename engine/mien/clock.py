"""Clocks: where "now" comes from.

Nothing in Mien reads the time by itself; a clock is passed in. That is what lets live play, offline
rendering and tests run the same code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from numbers import Rational, Real
from typing import Final, NoReturn, Protocol, Self

from mien.arguments import MOST_SECONDS, seconds_of, whole_of
from mien.errors import ScriptError
from mien.messages import quoted

SAMPLE_RATE = 48_000
"""Samples per second of the session timeline. All times in a script are integer samples at this rate."""


MOST_NS: Final = MOST_SECONDS * 1_000_000_000


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
        self._now_ns += whole_of(
            "delta_ns", delta_ns, 0, MOST_NS, "nanoseconds, 0 or more: it cannot go back"
        )


def _fraction_of(value: Real) -> Fraction:
    """The fraction that a float is written for, or one with a larger denominator than a rate may have."""
    written = Fraction(str(value))
    near = written.limit_denominator(_MOST_DENOMINATOR)
    return near if abs(near - written) <= _FLOAT_NOISE * written else written


def _exactly(value: Rational) -> Fraction:
    """As Python's own integers: numpy's overflow."""
    return Fraction(int(value.numerator), int(value.denominator))


def _check_rate(exact: Fraction, value: object) -> None:
    if not LEAST_FPS <= exact <= MOST_FPS:
        _no_rate(value)
    if exact.denominator > _MOST_DENOMINATOR:
        _no_rate(value, f", as a fraction whose denominator is at most {_MOST_DENOMINATOR}")


def _no_rate(value: object, so: str = "") -> NoReturn:
    raise ScriptError(
        f"{quoted(value)} is no frame rate; give a number from {float(LEAST_FPS):g} to {MOST_FPS}{so}, as "
        '30, 29.97 or "30000/1001".'
    )


def samples_to_s(samples: int) -> float:
    """Seconds on the session timeline."""
    return samples / SAMPLE_RATE


def s_to_samples(seconds: float) -> int:
    """Nearest sample on the session timeline."""
    return round(float(seconds) * SAMPLE_RATE)  # numpy's of 16 bits would overflow


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
LEAST_FPS: Final = Fraction(1, 10)
"""A frame of it holds 10 s of sound, which is pulled at once."""
MOST_FPS: Final = 240
_MOST_DENOMINATOR: Final = 1_000_000
_FLOAT_NOISE: Final = Fraction(1, 10**12)
"""What a float that was calculated may be off by: a thousandth of a sample after hours."""
_LONGEST: Final = 40
"""Characters of a rate that is read: what is longer is none, and would take long. An exponent is none either:
of `1e999999999` a fraction has a thousand million digits."""


@dataclass(frozen=True, slots=True, order=True)
class FrameRate:
    """Frames a second, exactly. `FrameRate.of` reads what people and programs write. Raises ScriptError."""

    exact: Fraction
    """From 0.1 to 240, with a denominator of at most 1 000 000."""

    def __post_init__(self) -> None:
        if not isinstance(self.exact, Fraction):
            _no_rate(self.exact)
        _check_rate(self.exact, self.exact)
        object.__setattr__(self, "exact", _exactly(self.exact))

    @classmethod
    def of(cls, value: object) -> Self:
        """From 30, 29.97, "30000/1001", a Fraction or a FrameRate. Raises ScriptError naming the value.

        29.97, 23.976, 59.94 and their like mean N * 1000 / 1001, as the equipment that has them does. A float
        stands for a fraction that is within its noise; nothing else is rounded.
        """
        exact: Fraction | None = None
        try:
            if isinstance(value, FrameRate):
                exact = value.exact
            elif isinstance(value, bool):
                exact = None
            elif isinstance(value, Rational):
                exact = _exactly(value)
            elif isinstance(value, Real) and isfinite(value):
                # As it is written: numpy's are of several lengths.
                exact = _BROADCAST.get(f"{value:g}") or _fraction_of(value)
            elif isinstance(value, str) and len(value) <= _LONGEST and "e" not in value.lower():
                exact = _BROADCAST.get(value.strip()) or Fraction(value.strip())
        except (ValueError, ZeroDivisionError, OverflowError):
            exact = None
        if exact is None:
            _no_rate(value)
        _check_rate(exact, value)
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
        return round(seconds_of("seconds", seconds) * self.exact)

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
