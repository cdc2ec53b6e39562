"""Intervals and the order of runs: what holds for all values, and known answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.prove.statistics import (
    alternation,
    difference,
    exact_share,
    in_blocks,
    interval,
    mean,
    quantile,
    share,
)
from mien.types import F64

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60)
RUNS = st.lists(VALUES, min_size=1, max_size=4)
QUICK = settings(max_examples=40, deadline=None)


def cut(runs: list[list[float]], length: int = 7) -> list[list[F64]]:
    return [in_blocks(np.array(run, np.float64), length) for run in runs]


@given(st.integers(1, 9))
def test_everyone_plays_equally_often_and_begins_in_turn(runs: int) -> None:
    order = alternation(["a", "b", "c"], runs)
    assert all(order.count(who) == runs for who in "abc")
    rounds = [order[i : i + 3] for i in range(0, len(order), 3)]
    assert all(one == other[::-1] for one, other in pairwise(rounds))


def test_two_play_abba() -> None:
    assert "".join(alternation(["a", "b"], 4)) == "abbaabba"
    with pytest.raises(ValueError, match="ask for 1 or more"):
        alternation(["a"], 0)


@given(VALUES, st.integers(1, 30))
def test_blocks_lose_nothing_and_none_is_shorter_than_asked(values: list[float], length: int) -> None:
    blocks = in_blocks(np.array(values), length)
    assert np.concatenate(blocks).tolist() == values
    assert len(values) < length or all(length <= len(block) < 2 * length for block in blocks)


@QUICK
@given(RUNS)
def test_a_figure_lies_in_its_interval_and_the_interval_among_the_values(runs: list[list[float]]) -> None:
    every = np.concatenate([np.array(run) for run in runs])
    for statistic in (mean, quantile(0.5), quantile(0.99), quantile(1.0)):
        found = interval(cut(runs), statistic, 1, 50)
        assert found.low <= found.value <= found.high
        assert every.min() - 1e-6 <= found.low and found.high <= every.max() + 1e-6


@QUICK
@given(RUNS, st.sampled_from([0.0, 0.25, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_of_blocks_is_numpy_s_of_the_values_as_often_as_they_are_drawn(
    runs: list[list[float]], q: float
) -> None:
    blocks = [block for run in cut(runs) for block in run]
    times = np.random.default_rng(len(blocks)).integers(0, 3, size=len(blocks))
    times[0] = max(1, times[0])
    repeated = np.concatenate([np.repeat(b, n) for b, n in zip(blocks, times, strict=True)])
    wanted = np.quantile(repeated, q, method="inverted_cdf")
    assert quantile(q)(blocks)(times) == wanted
    assert mean(blocks)(times) == pytest.approx(repeated.mean(), abs=1e-6)


@QUICK
@given(RUNS)
def test_the_same_seed_gives_the_same_interval(runs: list[list[float]]) -> None:
    assert interval(cut(runs), mean, 5, 50) == interval(cut(runs), mean, 5, 50)


@QUICK
@given(RUNS)
def test_nothing_differs_from_itself_and_a_constant_is_told_as_one(runs: list[list[float]]) -> None:
    found = difference(cut(runs), cut(runs), mean, 1, 50)
    assert found.value == 0 and found.low <= 0 <= found.high
    flat = interval(cut([[3.0] * 20, [3.0] * 5]), mean, 1, 50)
    assert (flat.value, flat.low, flat.high, flat.how) == (3.0, 3.0, 3.0, "one value")


@given(st.integers(0, 400), st.integers(1, 400))
def test_an_exact_interval_holds_the_share_and_narrows_with_more_tries(count: int, of: int) -> None:
    count = min(count, of)
    low, high = exact_share(count, of)
    assert 0 <= low <= count / of <= high <= 1
    wider = exact_share(count, of, 0.99)
    assert wider[0] <= low + 1e-12 and high <= wider[1] + 1e-12
    many = exact_share(10 * count, 10 * of)
    assert many[1] - many[0] < high - low


def test_exact_intervals_are_those_of_the_tables() -> None:
    # Clopper and Pearson for 1 of 10, as printed in every table of them; and the rule of three.
    assert exact_share(1, 10) == pytest.approx((0.0025, 0.4450), abs=5e-5)
    assert exact_share(5, 100) == pytest.approx((0.0164, 0.1128), abs=5e-5)
    assert exact_share(0, 3000)[1] == pytest.approx(3.689 / 3000, rel=1e-3)
    with pytest.raises(ValueError, match="cannot be"):
        exact_share(2, 1)


def test_where_nothing_was_counted_the_interval_says_what_so_few_frames_allow() -> None:
    found = share(cut([[0.0] * 300, [0.0] * 300], 30), 1)
    assert (found.value, found.low, found.how) == (0, 0, "exact")
    assert found.high == pytest.approx(1000 * exact_share(0, 600)[1])


def test_what_comes_in_bursts_is_less_sure_than_what_comes_evenly() -> None:
    even = np.zeros(1200)
    even[::20] = 1
    bursts = np.zeros(1200)
    bursts[:60] = 1
    sure, unsure = (share([in_blocks(one, 30)], 1) for one in (even, bursts))
    assert sure.value == unsure.value == 50
    assert unsure.high - unsure.low > 2 * (sure.high - sure.low)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for seed in range(100):
        runs = [in_blocks(rng.exponential(10.0, 300), 30) for _ in range(4)]
        found = interval(runs, mean, seed, 200)
        held += found.low <= 10.0 <= found.high
    # Two stages, with few runs, err towards wide.
    assert held >= 93


def test_nothing_is_worked_out_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        interval([[np.zeros(0)]], mean, 1)
    with pytest.raises(ValueError, match="ask for 1 or more"):
        in_blocks(np.zeros(3), 0)
