"""The heartbeat knows to the nanosecond when it could not beat."""

from __future__ import annotations

import threading

from mien.clock import VirtualClock
from mien.observe import Heartbeat, Histogram, Waits
from mien.observe.heartbeat import INTERVAL_NS
from mien.observe.intervals import Intervals

MS = 1_000_000
BEAT = INTERVAL_NS


class Stalling(VirtualClock):
    """A clock whose sleeps end late by what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ns = 0

    def sleep_until_ns(self, deadline_ns: int) -> None:
        super().sleep_until_ns(deadline_ns + self.late_ns)
        self.late_ns = 0


def test_a_stall_is_a_gap_of_exactly_its_size() -> None:
    clock, told = Stalling(), []
    late = Histogram()
    heartbeat = Heartbeat(late, lambda start, end: told.append((start, end)), clock)
    for beat in range(100):
        clock.late_ns = 300 * MS if beat == 50 else 0
        heartbeat.beat()
    gap = (51 * BEAT, 51 * BEAT + 300 * MS)
    assert told == [gap]
    assert (late.count, late.max, late.quantile(0.98)) == (100, 300.0, 0.0)
    assert heartbeat.gaps(0, clock.now_ns()) == [gap]


def test_of_a_gap_a_frame_gets_what_overlaps_it() -> None:
    clock = Stalling()
    heartbeat = Heartbeat(clock=clock)
    clock.late_ns = 50 * MS
    heartbeat.beat()
    assert heartbeat.gaps(20 * MS, 30 * MS) == [(20 * MS, 30 * MS)]
    for _ in range(9):
        heartbeat.beat()
    assert heartbeat.gaps(40 * MS, 60 * MS) == [(40 * MS, BEAT + 50 * MS)]
    assert heartbeat.gaps(BEAT + 50 * MS, 60 * MS) == []


def test_what_a_sleep_oversleeps_is_no_gap() -> None:
    clock = Stalling()
    heartbeat = Heartbeat(clock=clock)
    clock.late_ns = MS
    heartbeat.beat()
    assert heartbeat.gaps(0, clock.now_ns()) == []
    assert heartbeat.late_ms.max == 1.0


def test_waiting_for_a_core_is_late_but_no_gap() -> None:
    clock = Stalling()
    waited = [0]

    def read() -> Waits:
        # Whenever the beat is late, 40 ms of it were spent in the queue for a core.
        waited[0] += 40 * MS if clock.now_ns() else 0
        return Waits(waited[0], None)

    heartbeat = Heartbeat(clock=clock, waits=read)
    clock.late_ns = 41 * MS
    heartbeat.beat()
    assert (heartbeat.gaps(0, clock.now_ns()), heartbeat.late_ms.max) == ([], 41.0)
    clock.late_ns = 50 * MS
    start_ns = clock.now_ns()
    heartbeat.beat()
    assert heartbeat.gaps(0, clock.now_ns()) == [(start_ns + BEAT + 40 * MS, start_ns + BEAT + 50 * MS)]


class Looking:
    """Waits that a test sets: how long for a core, and how often the core was given up."""

    def __init__(self) -> None:
        self.core_ns = self.times = 0

    def __call__(self) -> Waits:
        return Waits(self.core_ns, self.times)


def test_who_waits_for_the_gil_needs_a_core_for_each_look_and_only_the_last_is_not_the_gils() -> None:
    clock, waits = Stalling(), Looking()
    heartbeat = Heartbeat(clock=clock, waits=waits)
    heartbeat.beat()
    start_ns = clock.now_ns() + BEAT
    clock.late_ns = 300 * MS
    waits.times += 1 + 199  # it slept, and looked 199 times
    waits.core_ns += 200 * MS
    heartbeat.beat()
    assert heartbeat.gaps(0, clock.now_ns()) == [(start_ns + MS, start_ns + 300 * MS)]


def test_a_gil_that_is_taken_in_turns_is_seen_though_no_beat_is_late() -> None:
    clock, waits = Stalling(), Looking()
    heartbeat = Heartbeat(clock=clock, waits=waits)
    for beat in range(9):
        clock.late_ns = 600_000 if beat >= 4 else 100_000
        waits.times += 2 if beat >= 4 else 1
        heartbeat.beat()
    told = heartbeat.gaps(0, clock.now_ns())
    assert sum(end - start for start, end in told) == 5 * (BEAT + 600_000)
    assert min(start for start, _ in told) == 4 * (BEAT + 100_000)


def test_a_gap_that_is_not_over_yet_is_seen() -> None:
    clock = VirtualClock()
    heartbeat = Heartbeat(clock=clock)
    heartbeat.beat()  # the next one is due after another
    clock.advance_ns(70 * MS)
    assert heartbeat.gaps(0, clock.now_ns()) == [(2 * BEAT, BEAT + 70 * MS)]
    assert heartbeat.gaps(10 * MS, 20 * MS) == [(10 * MS, 20 * MS)]


def test_a_gil_taken_while_a_beat_is_counted_makes_the_next_one_late() -> None:
    clock = VirtualClock()

    class Slow(Histogram):
        def add(self, value: float, times: int = 1) -> None:
            super().add(value, times)
            clock.advance_ns(80 * MS if self.count == 1 else 0)

    heartbeat = Heartbeat(Slow(), clock=clock)
    heartbeat.beat()
    heartbeat.beat()
    assert heartbeat.gaps(0, clock.now_ns()) == [(2 * BEAT, BEAT + 80 * MS)]


def test_its_thread_beats_and_ends() -> None:
    beaten = threading.Event()

    class Counting(Histogram):
        def add(self, value: float, times: int = 1) -> None:
            super().add(value, times)
            if self.count >= 3:
                beaten.set()

    with Heartbeat(Counting()) as heartbeat:
        assert beaten.wait(30)
    assert "mien-heartbeat" not in {thread.name for thread in threading.enumerate()}
    heartbeat.close()


def test_only_the_last_intervals_are_kept() -> None:
    intervals = Intervals(4)
    for start in range(10):
        intervals.add(10 * start, 10 * start + 5)
    assert intervals.within(0, 1000) == [(90, 95), (80, 85), (70, 75), (60, 65)]
    assert intervals.within(83, 92) == [(90, 92), (83, 85)]
    assert intervals.within(85, 90) == []
