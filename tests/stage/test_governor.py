"""Steps and pixels go before frames: which level is picked, on virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count, pairwise

import pytest

from mien.stage.governor import FULL, HALF_LIFE_NS, LEVELS, Governor, Level, exact_of, with_turns

MS = 1_000_000
INTERVAL_MS = 100 / 3
BEST, COARSE, FEWER, FEWEST = LEVELS
COSTS = dict(zip(LEVELS, (18.0, 13.5, 10.0, 7.0), strict=True))
"""What a frame takes at each level, in ms, on a machine that has nothing else to do."""
Load = Callable[[float, random.Random], float]
"""By what a frame takes longer, by the time in seconds."""


def alone(_: float, rng: random.Random) -> float:
    """Nothing else runs: a frame in a hundred takes half as long again."""
    return rng.uniform(0.9, 1.1) * (1.5 if rng.random() < 0.01 else 1.0)


def crowded(_: float, rng: random.Random) -> float:
    """Two processes want each core: twice as long in the middle, five times now and then."""
    return rng.lognormvariate(0.65, 0.35)


class Run:
    """Frames governed for a while; a frame that takes longer than an interval moves the next."""

    def __init__(self, load: Load, seconds: float, costs: dict[Level, float] | None = None) -> None:
        governor, rng, costs = Governor(round(INTERVAL_MS * MS)), random.Random(5), costs or COSTS
        self.levels: list[Level] = []
        self.changes: list[tuple[float, Level]] = []
        """(seconds, level)."""
        self.over = self.left_out = 0
        now_ms = 0.0
        while now_ms < 1000 * seconds:
            level = governor.level
            took_ms = costs[level] * load(now_ms / 1000, rng)
            left_out = int(took_ms // (2 * INTERVAL_MS))
            now_ms += max(INTERVAL_MS, took_ms)
            self.levels.append(level)
            self.over += took_ms > INTERVAL_MS
            self.left_out += left_out
            if governor.took(round(now_ms * MS), round(took_ms * MS), left_out) != level:
                self.changes.append((now_ms / 1000, governor.level))


def test_a_machine_that_has_time_draws_all_pixels_for_a_minute() -> None:
    assert set(Run(alone, 60).levels) == {BEST}


def test_a_single_late_frame_changes_nothing() -> None:
    governor = Governor(33 * MS)
    for k in range(300):
        late = k % 30 == 17
        assert governor.took(k * 33 * MS, (60 if late else 15) * MS) == BEST


def test_two_late_frames_lower_the_level_and_two_more_the_pixels() -> None:
    governor = Governor(33 * MS)
    levels = [governor.took(k * 33 * MS, 32 * MS) for k in range(4)]
    assert levels == [BEST, COARSE, COARSE, FEWER]


def test_a_frame_for_which_others_were_left_out_lowers_it_at_once() -> None:
    governor = Governor(33 * MS)
    assert governor.took(0, 70 * MS, left_out=1) == COARSE


def test_levels_are_left_one_at_a_time_and_the_last_is_kept() -> None:
    governor, seen = Governor(33 * MS), []
    for k in range(20):
        seen.append(governor.took(k * 100 * MS, 99 * MS, left_out=2))
    assert list(dict.fromkeys(seen)) == [COARSE, FEWER, FEWEST]
    assert governor.level == FEWEST


def test_what_a_host_or_a_stop_made_late_lowers_nothing() -> None:
    """Nobody looked in time, so nobody knows what the pixels took."""
    governor = Governor(33 * MS)
    for k in range(50):
        assert governor.took(k * 200 * MS, None, left_out=5) == BEST


def test_threads_that_take_turns_count_and_one_that_keeps_the_lock_does_not() -> None:
    assert with_turns(22.0, 8.0) == 30.0
    assert with_turns(15.0, 300.0) == 22.5 < FULL * 33
    assert with_turns(15.0, 0.0) == 15.0


@pytest.mark.parametrize("seconds", [0.5, 5, 30])
def test_all_pixels_are_back_within_a_second_of_the_load(seconds: float) -> None:
    def load(now_s: float, rng: random.Random) -> float:
        return crowded(now_s, rng) if now_s < seconds else alone(now_s, rng)

    run = Run(load, seconds + 3)
    back = [now_s for now_s, level in run.changes if level == BEST and now_s > seconds]
    assert run.changes and back[-1] - seconds < 1.0
    assert run.levels[-1] == BEST


def test_a_steady_load_is_met_with_few_changes_and_few_frames_in_time_are_lost() -> None:
    governed = Run(crowded, 60)
    fixed = Run(crowded, 60, costs=dict.fromkeys(LEVELS, COSTS[BEST]))
    assert len(governed.changes) < 12
    assert governed.over * 10 < fixed.over
    assert governed.left_out * 10 < fixed.left_out


def test_failed_tries_become_rare() -> None:
    """A load that always seems to leave room for more pixels and never does."""
    costs = dict(zip(LEVELS, (40.0, 40.0, 14.0, 9.0), strict=True))
    run = Run(lambda _, rng: rng.uniform(0.98, 1.02), 120, costs)
    tries = [now_s for now_s, level in run.changes if level == COARSE and now_s > 1]
    apart = [after - before for before, after in pairwise(tries)]
    assert 5 <= len(tries) <= 14
    assert apart[-1] > 15
    assert all(later > 0.9 * sooner for sooner, later in pairwise(apart))


def test_a_lighter_load_is_tried_at_once_however_often_it_failed() -> None:
    def load(now_s: float, _: random.Random) -> float:
        return 2.0 if now_s < 100 else 1.0

    costs = dict(zip(LEVELS, (17.0, 16.5, 8.5, 8.0), strict=True))
    run = Run(load, 103, costs)
    assert run.levels[-1] == BEST
    assert next(now_s for now_s, level in run.changes if level == BEST and now_s > 100) < 101


def test_a_gust_a_second_does_not_keep_the_level_down_after_failed_tries() -> None:
    """From 100 s on all pixels would be in time, but for a frame in thirty that leaves no room."""

    def load(now_s: float, _: random.Random) -> float:
        gust = now_s % 1.0 < INTERVAL_MS / 1000
        return 1.0 if now_s < 100 else 1.5 if gust else 0.78

    costs = dict(zip(LEVELS, (36.0, 36.0, 14.0, 9.0), strict=True))
    run = Run(load, 130, costs)
    assert run.levels.count(BEST) > 10
    assert run.levels[-1].scale == 1.0


@pytest.mark.parametrize(("fixed_ms", "level"), [(0, FEWEST), (14, BEST), (18, BEST)])
def test_what_fewer_pixels_do_not_save_is_no_reason_to_stay_below(fixed_ms: int, level: Level) -> None:
    """Frames of half the width take 18 of 33 ms: were all of that for pixels, more of them would not fit."""
    governor, times = Governor(33 * MS), count(step=33 * MS)
    while governor.took(next(times), 70 * MS, left_out=1) != FEWEST:
        pass
    for _ in range(60):
        governor.took(next(times), 18 * MS, fixed_ns=fixed_ms * MS)
    assert governor.level == level


def test_the_first_frame_of_a_scale_which_is_drawn_whole_is_no_strike() -> None:
    governor = Governor(33 * MS)
    governor.took(0, 70 * MS, left_out=1)
    assert governor.took(33 * MS, 70 * MS, left_out=1) == FEWER
    assert [governor.took(k * 33 * MS, 32 * MS) for k in (2, 3, 4)] == [FEWER, FEWER, FEWEST]


def test_the_first_frame_of_coarser_steps_is_one_like_any_other() -> None:
    governor = Governor(33 * MS)
    governor.took(0, 70 * MS, left_out=1)
    assert [governor.took(k * 33 * MS, 32 * MS) for k in (1, 2)] == [COARSE, FEWER]


def test_where_nothing_can_be_held_levels_are_scales() -> None:
    assert [(level.scale, level.hold_px) for level in exact_of(LEVELS)] == [(1, 0), (0.75, 0), (0.5, 0)]


def test_time_alone_makes_room() -> None:
    """Of frames of which nothing is known."""
    governor = Governor(33 * MS)
    governor.took(0, 70 * MS, left_out=1)
    times = range(33, 40 * HALF_LIFE_NS // MS, 33)
    assert [governor.took(ms * MS, None) for ms in times][-1] == BEST


@pytest.mark.parametrize(("slower", "level"), [(1.0, BEST), (1.8, COARSE), (2.5, FEWER), (9.0, FEWEST)])
def test_it_begins_with_the_best_level_that_leaves_room(slower: float, level: Level) -> None:
    governor = Governor(round(INTERVAL_MS * MS))
    drawn: list[Level] = []

    def draw(at: Level) -> int:
        drawn.append(at)
        whole = drawn.count(at) == 1
        return round(COSTS[at] * (5 * slower if whole else slower) * MS)

    assert governor.rehearse(draw) == governor.level == level
    assert drawn == [one for one in LEVELS[: LEVELS.index(level) + 1] for _ in range(2)]


def test_a_rehearsal_binds_nobody() -> None:
    governor = Governor(33 * MS)
    governor.rehearse(lambda level: 100 * MS)
    for k in range(1, 200):
        governor.took(k * 33 * MS, 8 * MS)
    assert governor.level == BEST


def test_what_is_free_in_a_frame_is_what_the_busiest_of_late_leaves_and_nothing_below_the_best_level() -> (
    None
):
    governor = Governor(round(INTERVAL_MS * MS))
    now = 0
    for took_ms in (10, 15, 10):
        now += 33 * MS
        governor.took(now, took_ms * MS)
    assert 0.25 * INTERVAL_MS < governor.spare_ms < 0.5 * INTERVAL_MS
    for _ in range(2):
        now += 33 * MS
        governor.took(now, 40 * MS)
    assert governor.level != BEST and governor.spare_ms == 0.0
