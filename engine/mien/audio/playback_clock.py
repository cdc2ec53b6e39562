"""What is heard now, from what a device says now and then."""

from __future__ import annotations

from collections import deque

from mien.clock import SAMPLE_RATE

_WINDOW_NS = 500_000_000
"""Reports within this are weighed against each other. Devices read their buffers in bursts (40 ms through
PulseAudio), so a report is late by up to one, and never early: the one that is furthest ahead is the truth.
(The mean of all was 17 ms behind when somebody held the GIL 80 ms at a time, and reports came at any moment.)
"""

_FOLLOW = 0.05
"""Share of the difference to the truth by which a report moves the line: with one each 10 ms, in 0.2 s."""

STOPPED = SAMPLE_RATE * 3 // 2
"""Samples (1.5 s) that a silent timeline may be late with a pull and catch up, where the process ran (see
`mien.observe.stops`). Later, nobody could pull: it stands still meanwhile, as a device does that is given
nothing."""

_JUMP = SAMPLE_RATE // 10
"""A difference of more is no burst: the device has started, stood still or lost sound."""


class PlaybackClock:
    """Samples heard, as a straight line over time: it runs on by itself, and reports move it.

    Pure: knows no thread, clock or device. Samples at 48 kHz, times in nanoseconds of any one clock.
    """

    def __init__(self) -> None:
        self._mark: tuple[float, int] | None = None  # one value, so that any thread may read it
        self._reports: deque[tuple[int, int]] = deque()

    def at(self, now_ns: int) -> int:
        """Samples heard by then; 0 before the first report. May go back where reports say so."""
        return int(self._carried(now_ns))

    def report(self, heard: int, at_ns: int) -> None:
        """`heard` samples or a few more were heard at `at_ns`."""
        self._reports.append((heard, at_ns))
        while self._reports[0][1] < at_ns - _WINDOW_NS:
            self._reports.popleft()
        truth = max(heard + _samples(at_ns - then) for heard, then in self._reports)
        carried = self._carried(at_ns)
        if self._mark is None or abs(truth - carried) >= _JUMP:
            carried = truth
        self._mark = (carried + _FOLLOW * (truth - carried), at_ns)

    def carry(self, now_ns: int) -> None:
        """Run on from now, from 0 if nothing was reported yet; earlier reports count no more."""
        self._reports.clear()
        if self._mark is None:
            self._mark = (0.0, now_ns)

    def stand(self, heard: int, now_ns: int) -> None:
        """Run on from `heard`: the time until now was nobody's."""
        self._reports.clear()
        self._mark = (float(heard), now_ns)

    def _carried(self, now_ns: int) -> float:
        mark = self._mark
        return 0.0 if mark is None else mark[0] + _samples(now_ns - mark[1])


def _samples(ns: int) -> float:
    return ns * SAMPLE_RATE / 1e9
