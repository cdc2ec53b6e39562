"""The share of dropped frames in a sliding second, held to counting it anew each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.observe.sliding import SlidingShare

WINDOW = 10


def test_one_drop_is_seen_for_one_window() -> None:
    share = SlidingShare(WINDOW)
    for frame in range(100):
        share.add(1 if frame == 50 else 0)
    # 101 frames of the schedule, 92 windows, of which 10 hold the drop.
    assert share.totals() == {"average": pytest.approx(10 * 10 / 92, abs=0.001), "p95": 10.0, "worst": 10.0}


def test_a_run_shorter_than_a_window_is_one() -> None:
    share = SlidingShare(WINDOW)
    share.add(0)
    share.add(2)
    assert share.totals() == {"average": 50.0, "p95": 50.0, "worst": 50.0}
    assert SlidingShare(WINDOW).totals()["worst"] == 0.0


@given(st.lists(st.integers(0, 35), min_size=WINDOW, max_size=60))
def test_it_is_what_counting_every_window_gives(drops: list[int]) -> None:
    share = SlidingShare(WINDOW)
    slots: list[int] = []
    for dropped in drops:
        share.add(dropped)
        slots += [1] * dropped + [0]
    percents = [10.0 * sum(slots[end - WINDOW : end]) for end in range(WINDOW, len(slots) + 1)]
    totals = share.totals()
    assert totals["worst"] == max(percents)
    assert totals["average"] == pytest.approx(sum(percents) / len(percents), abs=0.001)
    rank = -(-len(percents) * 95 // 100)
    assert totals["p95"] == pytest.approx(sorted(percents)[rank - 1], rel=0.03)
