"""How much is gathered for a live feed: the histogram of its delays, and what is told to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.audio.arrival import BUCKET, INTERVAL, LEAST, MOST, START, WINDOW, ArrivalTracker, DelayHistogram

MS = 48


def test_before_anything_is_known_80_ms_are_gathered() -> None:
    assert DelayHistogram().target == START == 80 * MS


@pytest.mark.parametrize(
    ("delay", "target"), [(0, 40), (19, 40), (39, 40), (40, 60), (110, 120), (399, 400), (5000, 400)]
)
def test_the_target_is_the_end_of_the_bucket_of_a_steady_delay_within_its_bounds(
    delay: int, target: int
) -> None:
    histogram = DelayHistogram()
    for _ in range(20):
        histogram.add(delay * MS)
    assert histogram.target == target * MS


def test_one_late_chunk_in_thirty_is_outside_of_the_quantile_and_one_in_ten_is_not() -> None:
    for every, target in ((30, 40), (10, 200)):
        histogram = DelayHistogram()
        for i in range(600):
            histogram.add(190 * MS if i % every == every // 2 else 0)
        assert histogram.target == target * MS


def test_what_was_is_forgotten_and_what_is_weighs_more_from_the_first_chunk_on() -> None:
    histogram = DelayHistogram()
    histogram.add(300 * MS)
    assert histogram.target == 320 * MS
    for _ in range(3000):
        histogram.add(0)
    assert histogram.target == LEAST
    for i in range(4):
        histogram.add(300 * MS)
        # 0.983 ** 3 is just under 0.95: the fourth late chunk in a row moves the target.
        assert histogram.target == (LEAST if i < 2 else 320 * MS)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200))
def test_the_target_stays_within_its_bounds_and_is_whole_buckets(delays: list[int]) -> None:
    histogram = DelayHistogram()
    for delay in delays:
        histogram.add(delay)
        assert LEAST <= histogram.target <= MOST and histogram.target % BUCKET == 0


class Told(DelayHistogram):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[int] = []

    def add(self, delay: int) -> None:
        self.delays.append(delay)
        super().add(delay)


def test_the_longest_delay_of_every_half_second_is_told_relative_to_the_fastest_chunk() -> None:
    told = Told()
    tracker = ArrivalTracker(told)
    for i in range(102):
        # Packets of 20 ms; in the second half-second the tenth is late, in the third all are.
        late = {35: 220}.get(i, 0) + 100 * (50 <= i < 75)
        tracker.arrived(i * 960, 960, i * 960 + 500 + late)
    assert INTERVAL == 25 * 960
    assert told.delays == [960, 960 + 220, 960 + 100, 960]


def test_a_fast_chunk_of_more_than_2_s_ago_no_longer_counts() -> None:
    told = Told()
    tracker = ArrivalTracker(told)
    for i in range(301):
        tracker.arrived(i * 960, 960, i * 960 + (5000 if i >= 100 else 0))
    changed, relaxed = 4, 4 + WINDOW // INTERVAL
    assert told.delays[:changed] == [960] * changed
    assert told.delays[changed:relaxed] == [5960] * (relaxed - changed)
    assert told.delays[relaxed + 1 :] == [960] * (12 - relaxed - 1)


def test_a_burst_that_is_handed_over_in_pieces_needs_its_own_length() -> None:
    """A sender that makes 200 ms at a time is never early enough for less. Its last piece is the fastest."""
    histogram = DelayHistogram()
    tracker = ArrivalTracker(histogram)
    for i in range(300):
        tracker.arrived(i * 960, 960, i // 10 * 9600)
    assert histogram.target == 220 * MS
