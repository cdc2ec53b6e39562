"""Times in which the process did not run: told apart from those in which others kept it from its work."""

from __future__ import annotations

import threading

import pytest

from mien.observe import stops as module
from mien.observe.attribution import Stretch, shares_of
from mien.observe.stops import Stops

MS = 1_000_000
S = 1000 * MS


class Process:
    """What a process's clocks say."""

    def __init__(self) -> None:
        self.now_ns = self.cpu_ns = self.switches = 0
        self.stops = Stops(lambda: self.now_ns, lambda: self.cpu_ns, lambda: self.switches)

    def goes_on(self, ns: int, cpu_share: float = 0.0, switches_a_second: int = 0) -> None:
        self.now_ns += ns
        self.cpu_ns += round(ns * cpu_share)
        self.switches += switches_a_second * ns // S


def test_a_gap_in_which_nothing_ran_is_a_stop() -> None:
    process = Process()
    for _ in range(100):
        process.goes_on(10 * MS, 0.3, 300)
        process.stops.look()
    assert (process.stops.times, process.stops.lost_ns) == (0, 0)
    process.goes_on(20 * S)
    process.stops.look()
    process.goes_on(10 * MS, 0.3, 300)
    assert process.stops.within(0, process.now_ns) == 20 * S == process.stops.lost_ns
    assert process.stops.within(2 * S, 5 * S) == 3 * S
    assert process.stops.pauses(0, S) == [] and process.stops.times == 1


@pytest.mark.parametrize(
    ("gap_ns", "cpu_share", "switches"),
    [
        (20 * S, 0.9, 3),  # a C call that computes and keeps the GIL
        (20 * S, 0.01, 200),  # one that sleeps and keeps it: those who want it look every 5 ms
        (900 * MS, 0.0, 0),  # too short to tell
    ],
)
def test_a_gap_in_which_another_thread_kept_the_interpreter_is_none(
    gap_ns: int, cpu_share: float, switches: int
) -> None:
    process = Process()
    process.goes_on(gap_ns, cpu_share, switches)
    process.stops.look()
    assert process.stops.times == 0


def test_who_looks_while_another_thread_does_waits_for_nobody() -> None:
    process = Process()
    process.goes_on(20 * S)
    with process.stops._looking:
        looking = threading.Thread(target=process.stops.look)
        looking.start()
        looking.join(20)
        assert not looking.is_alive() and process.stops.times == 0
    process.stops.look()
    assert process.stops.times == 1


def test_the_machine_s_own_clocks_can_be_read() -> None:
    stops = Stops()
    stops.look()
    assert (stops.times, stops.lost_ns) == (0, 0)
    assert module._switches()() >= 0


def test_a_stop_is_taken_out_of_the_stage_it_struck_and_not_blamed_on_a_lock() -> None:
    process = Process()
    process.stops.look()
    process.goes_on(20 * S)
    stretches = [Stretch(0, 0, 20 * S + 5 * MS, 20 * S), Stretch(1, 20 * S + 5 * MS, 20 * S + 6 * MS, 0)]

    class Late:
        def gaps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
            return [(start_ns, min(end_ns, 20 * S))] if start_ns < 20 * S else []

        def starved(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
            return []

    shares = shares_of(stretches, 2, 0, None, Late(), process.stops)
    assert (shares.stages, shares.stopped, shares.gil) == ([5.0, 1.0], 20_000.0, 0.0)
