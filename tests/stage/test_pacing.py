"""Frames against an absolute schedule, counted on a virtual clock."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.clock import VirtualClock
from mien.stage.pacing import Due, Pacer, Playhead

MS = 1_000_000


def run(costs_ms: list[float], fps: int = 50) -> list[Due]:
    """The frames that are shown when each takes so long."""
    clock = VirtualClock(start_ns=7)
    pacer = Pacer(clock, fps)
    shown = []
    for cost in costs_ms:
        shown.append(pacer.next())
        clock.advance_ns(round(cost * MS))
    return shown


def test_frames_that_keep_time_are_all_shown_when_they_are_due() -> None:
    assert [(due.index, due.skipped, due.scheduled_ns - 7) for due in run([5, 19, 0, 20])] == [
        (0, 0, 0),
        (1, 0, 20 * MS),
        (2, 0, 40 * MS),
        (3, 0, 60 * MS),
    ]


@pytest.mark.parametrize(
    ("cost", "after"),
    [(21, (1, 0)), (39.9, (1, 0)), (40, (2, 1)), (59.9, (2, 1)), (60, (3, 2)), (1000, (50, 49))],
)
def test_a_late_frame_leaves_out_only_those_whose_time_is_over(cost: float, after: tuple[int, int]) -> None:
    due = run([cost, 1, 1])
    assert (due[1].index, due[1].skipped) == after
    assert (due[2].index, due[2].skipped) == (after[0] + 1, 0)


def test_lateness_does_not_spiral() -> None:
    """Frames that always take a tenth too long begin within their interval, and one in ten is left out."""
    shown = run([22.0] * 100)
    assert shown[-1].index == 99 + sum(due.skipped for due in shown)
    assert sum(due.skipped for due in shown) == 9
    assert max(due.skipped for due in shown) == 1


@given(st.lists(st.floats(0, 200), min_size=1, max_size=60), st.sampled_from([24, 30, 48, 60, 144]))
def test_every_frame_is_accounted_for(costs: list[float], fps: int) -> None:
    shown = run(costs, fps)
    expected = 0
    for due in shown:
        assert due.index == expected + due.skipped
        assert due.scheduled_ns == 7 + due.index * 1_000_000_000 // fps
        expected = due.index + 1


@pytest.mark.parametrize("fps", [24, 30, 60, 144])
def test_the_schedule_is_exact_after_ten_hours(fps: int) -> None:
    pacer = Pacer(VirtualClock(), fps)
    index = 36_000 * fps
    assert pacer.due_ns(index) == 36_000 * 1_000_000_000
    assert abs(pacer.due_ns(index + 1) - Fraction(1_000_000_000 * (index + 1), fps)) < 1


def test_a_frame_shows_what_will_be_heard_when_it_is_seen() -> None:
    playhead = Playhead(33 * MS)
    assert playhead.at(heard=48_000, known=96_000, least=0) == 48_000
    for _ in range(60):
        playhead.took(10 * MS)
    assert playhead.at(heard=48_000, known=96_000, least=0) == 48_480
    playhead.took(10_000 * MS)
    assert playhead.at(heard=48_000, known=96_000, least=0) < 48_000 + 480 + 48 * 33 / 5
    assert playhead.at(heard=48_000, known=48_100, least=0) == 48_099
    assert playhead.at(heard=48_000, known=96_000, least=50_000) == 50_000
