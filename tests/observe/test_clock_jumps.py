"""Sleeps of the machine and steps of its wall clock, from clocks that a test sets."""

from __future__ import annotations

import time

import pytest

from mien.observe import ClockJumps
from mien.observe.clock_jumps import LOOK_NS, Times, reader, still

MS = 1_000_000


class Clocks:
    """The machine's, as a test has them."""

    def __init__(self) -> None:
        self.now: Times | None = Times(0, 0, 0)
        self.jumps = ClockJumps(lambda: self.now)
        self._looked_ns = 0

    def look(
        self, awake_ms: float = 200, slept_ms: float = 0, set_ms: float = 0
    ) -> tuple[int, int, int, int]:
        """So much time passes, and a look is due; what was counted."""
        assert self.now is not None
        awake, slept, step = round(awake_ms * MS), round(slept_ms * MS), round(set_ms * MS)
        now = self.now
        self.now = Times(
            now.awake_ns + awake, now.always_ns + awake + slept, now.wall_ns + awake + slept + step
        )
        self._looked_ns += LOOK_NS
        self.jumps.look(self._looked_ns)
        return self.jumps.suspends, self.jumps.suspended_ms, self.jumps.steps, self.jumps.stepped_ms


def test_time_that_passes_is_no_jump() -> None:
    clocks = Clocks()
    assert [clocks.look(ms) for ms in (100, 5, 3000, 0.1)] == [(0, 0, 0, 0)] * 4


def test_a_sleep_is_counted_with_its_length_and_is_no_step() -> None:
    clocks = Clocks()
    clocks.look()
    assert clocks.look(slept_ms=8 * 3_600_000) == (1, 28_800_000, 0, 0)
    assert clocks.look(slept_ms=1000) == (2, 28_801_000, 0, 0)


@pytest.mark.parametrize("ms", [-3_600_000, -128, 25, 500])
def test_a_step_of_the_wall_clock_is_counted_with_its_size(ms: int) -> None:
    clocks = Clocks()
    clocks.look()
    assert clocks.look(set_ms=ms) == (0, 0, 1, abs(ms))
    assert clocks.look() == (0, 0, 1, abs(ms))


def test_both_at_once_are_told_apart() -> None:
    """NTP sets the time right after a machine has woken."""
    clocks = Clocks()
    clocks.look()
    assert clocks.look(slept_ms=60_000, set_ms=-40) == (1, 60_000, 1, 40)


def test_what_ntp_slews_is_no_step() -> None:
    clocks = Clocks()
    for _ in range(1000):
        clocks.look(100, set_ms=0.05)
    assert clocks.look() == (0, 0, 0, 0)


def test_it_looks_ten_times_a_second_at_most_and_does_without_clocks() -> None:
    looks = []
    jumps = ClockJumps(lambda: looks.append(1))
    for ns in range(0, 1_000 * MS, 10 * MS):
        jumps.look(ns)
    assert len(looks) == 11
    ClockJumps(still).look(0)


def test_this_machines_clocks_go_on_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for clock in (None, "CLOCK_BOOTTIME", "CLOCK_UPTIME_RAW"):
        for name in ("CLOCK_BOOTTIME", "CLOCK_UPTIME_RAW"):
            monkeypatch.delattr(time, name, raising=False)
        if clock is not None:
            monkeypatch.setattr(time, clock, time.CLOCK_MONOTONIC, raising=False)
        told = next(times for _ in range(1000) if (times := reader()()) is not None)
        assert min(told.awake_ns, told.always_ns) > 0 and told.wall_ns > 1_700_000_000 * 1_000_000_000
