"""Arrival patterns on a sample clock: what is concealed, counted to the sample."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

from bench_jitter import main, patterns  # noqa: E402
from bench_jitter.patterns import PACKET, Arrivals  # noqa: E402
from bench_jitter.replay import Outcome, fixed_delay, fixed_delay_of, replay  # noqa: E402
from mien.audio.arrival import DelayHistogram  # noqa: E402
from mien.audio.concealment import FADE  # noqa: E402

MS = 48
ONES = np.ones(PACKET, np.float32)


def relearned(arrivals: Arrivals) -> Outcome:
    """What is heard of a turn after one that arrived in just the same way."""
    delays = DelayHistogram()
    replay(arrivals, ONES, delays)
    return replay(arrivals, ONES, delays)


def adds_up(outcome: Outcome, arrivals: Arrivals) -> None:
    """Every sample is accounted for, whatever happened."""
    counters = outcome.counters
    assert outcome.position == arrivals.packets * PACKET
    assert counters.emitted_count + counters.samples_lost == outcome.position
    slewed = counters.inserted_samples_for_deceleration - counters.removed_samples_for_acceleration
    assert len(outcome.heard) == pytest.approx(
        counters.emitted_count + counters.concealed_samples + slewed, abs=PACKET // 2
    )
    assert counters.chunks_received == len(arrivals.numbers)
    assert counters.samples_discarded == len(arrivals.numbers) * PACKET - counters.emitted_count
    assert counters.silent_concealed_samples <= counters.concealed_samples
    assert counters.jitter_buffer_emitted_count == counters.emitted_count


@pytest.mark.parametrize("make", patterns.every(20, 30))
def test_every_sample_is_accounted_for(make: Callable[[], Arrivals]) -> None:
    arrivals = make()
    adds_up(replay(arrivals, ONES), arrivals)


@pytest.mark.parametrize("ms", [0, 20, 80])
def test_jitter_up_to_the_target_is_not_heard(ms: float) -> None:
    outcome = replay(patterns.jitter(ms, 30), ONES)
    assert (outcome.counters.concealed_samples, outcome.counters.samples_lost) == (0, 0)


def test_without_jitter_the_sound_is_what_was_sent_to_the_bit() -> None:
    outcome = relearned(patterns.jitter(0, 10))
    np.testing.assert_array_equal(outcome.heard, np.repeat(np.arange(500, dtype=np.float32) + 1, PACKET))
    assert outcome.counters.jitter_buffer_target_delay >= 40 * MS * outcome.counters.emitted_count


def test_200_ms_are_learned_and_the_next_turn_knows_them() -> None:
    second = relearned(patterns.jitter(200, 30))
    assert 160 * MS <= second.target <= 220 * MS
    assert second.counters.concealed_samples == 0


def test_five_frozen_seconds_and_their_burst_lose_nothing() -> None:
    counters = replay(patterns.freeze(20), ONES).counters
    assert (counters.concealment_events, counters.interruption_count) == (1, 1)
    assert counters.concealed_samples - counters.silent_concealed_samples == FADE
    assert counters.samples_lost == counters.samples_discarded == 0


def test_lost_packets_cost_their_own_time_and_no_more() -> None:
    arrivals = patterns.loss(30)
    counters = replay(arrivals, ONES).counters
    assert arrivals.lost > 10
    assert counters.samples_lost == arrivals.lost * PACKET
    # Where a hole comes to the playhead while nothing behind it has come, the wait for that is concealed too.
    assert counters.concealed_samples >= counters.samples_lost
    assert counters.concealed_samples - counters.samples_lost <= 2 * PACKET


def test_what_comes_twice_is_counted_and_heard_once() -> None:
    arrivals = patterns.duplicated(30)
    outcome = relearned(arrivals)
    assert outcome.counters.chunks_duplicate == outcome.counters.chunks_discarded == arrivals.duplicates > 10
    np.testing.assert_array_equal(np.unique(outcome.heard), np.arange(arrivals.packets) + 1)


def test_what_is_overtaken_within_the_target_is_put_in_its_place() -> None:
    arrivals = patterns.reordered(10, by_ms=25.0)
    overtaken = int((np.diff(arrivals.numbers) < 0).sum())
    outcome = replay(arrivals, ONES)
    assert outcome.counters.chunks_reordered == overtaken > 5
    np.testing.assert_array_equal(outcome.heard, np.repeat(np.arange(500, dtype=np.float32) + 1, PACKET))


@pytest.mark.parametrize("ppm", [300, -300])
def test_three_minutes_of_a_clock_that_is_off_are_not_heard(ppm: float) -> None:
    delays = DelayHistogram()
    replay(patterns.drift(ppm, 20), ONES, delays)
    arrivals = patterns.drift(ppm, 200)
    outcome = replay(arrivals, ONES, delays)
    counters = outcome.counters
    assert counters.concealed_samples == counters.samples_lost == 0
    gained = counters.removed_samples_for_acceleration - counters.inserted_samples_for_deceleration
    # 2880 samples in 200 s, less what moved the depth within the band that is left alone.
    assert 1000 < gained * np.sign(ppm) < 2880
    assert outcome.depth[0] > 0 and outcome.depth[1] < 120 * MS
    delay, concealed = fixed_delay_of(arrivals, outcome.mean_delay)
    assert fixed_delay(arrivals, delay)[1] == pytest.approx(outcome.mean_delay, rel=0.1)
    # A fixed delay starves with the slow sender, and falls behind the fast one.
    assert concealed > 1000 * MS if ppm < 0 else concealed == 0


def test_the_table_of_netem_is_about_as_wide_as_it_says() -> None:
    table = patterns.netem_table() / patterns.NETEM_SCALE
    assert len(table) == 4096
    assert table.mean() == pytest.approx(0, abs=0.3) and table.std() == pytest.approx(1, abs=0.3)


def test_the_tool_writes_a_line_for_every_pattern() -> None:
    text = main.report(3, 3)
    assert text.count("\n| ") == len(patterns.every(1, 1)) + 1
