"""What is heard now, from what a device says now and then."""

from __future__ import annotations

from mien.clock import SAMPLE_RATE

_FOLLOW = 0.05
"""Share of the difference by which a report moves the line: with a report each 10 ms, 0.2 s to follow.
Devices read their buffers in bursts (up to 40 ms through PulseAudio); a straight line through is heard."""

_JUMP = SAMPLE_RATE // 10
"""A report further off than this is no burst: the device has started, stood still or lost sound."""


class HeardLine:
    """A straight line through (samples heard, when): the clock carries it on, reports move it.

    Pure: knows no thread, clock or device. Samples at 48 kHz, times in nanoseconds of any one clock.
    """

    def __init__(self) -> None:
        self._mark: tuple[float, int] | None = None  # one value, so that any thread may read it

    def at(self, now_ns: int) -> int:
        """Samples heard by then; 0 before the first report. May go back where a report says so."""
        return int(self._carried(now_ns))

    def report(self, heard: int, at_ns: int) -> None:
        """`heard` samples were heard at `at_ns`. The first, and one that is far off, is believed at once."""
        carried = self._carried(at_ns)
        if self._mark is None or abs(heard - carried) >= _JUMP:
            carried = heard
        self._mark = (carried + _FOLLOW * (heard - carried), at_ns)

    def carry(self, now_ns: int) -> None:
        """Let the clock carry it from now on, if nothing was reported yet."""
        if self._mark is None:
            self._mark = (0, now_ns)

    def _carried(self, now_ns: int) -> float:
        mark = self._mark
        return 0.0 if mark is None else mark[0] + (now_ns - mark[1]) * SAMPLE_RATE / 1e9
