"""The machine's speed is a loop's own processor time, looked at when nothing is due."""

from __future__ import annotations

from mien.clock import VirtualClock
from mien.observe import Speed
from mien.observe.speed import SLACK_NS, loop_us

S = 1_000_000_000


def test_the_fastest_of_several_loops_counts() -> None:
    times = iter([0, 300_000, 300_000, 390_000, 400_000, 520_000])
    assert loop_us(3, lambda: next(times)) == 90.0


def test_a_loop_takes_time() -> None:
    assert loop_us() > 0


def test_it_is_looked_at_once_a_second_when_there_is_time() -> None:
    clock, looked = VirtualClock(), []

    def look() -> float:
        looked.append(clock.now_ns())
        return 80.0

    speed = Speed(clock.now_ns, look)
    for _ in range(40):
        clock.advance_ns(S // 10)
        speed.between(SLACK_NS - 1)
    assert (looked, speed.take()) == ([], None)
    for _ in range(25):
        speed.between(SLACK_NS)
        clock.advance_ns(S // 10)
    assert looked == [4 * S, 5 * S, 6 * S]
    assert (speed.take(), speed.take()) == (80.0, None)
