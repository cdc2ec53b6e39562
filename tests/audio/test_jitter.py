"""The jitter buffer, case by case. Chunks are ramps, so that every sample tells where it came from."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mien.audio import JitterBuffer, JitterState
from mien.audio.arrival import DelayHistogram
from mien.audio.concealment import FADE


def ramp(start: int, n: int) -> np.ndarray:
    return np.arange(start, start + n, dtype=np.float32)


def state(buffer: JitterBuffer) -> JitterState:
    """Asked for anew: a type checker believes that it cannot have changed."""
    return buffer.state


def playing(n: int = 1000, target: int = 100) -> JitterBuffer:
    buffer = JitterBuffer(target)
    buffer.put(ramp(0, n), 0)
    return buffer


def test_nothing_leaves_before_the_target_is_reached() -> None:
    buffer = JitterBuffer(100)
    assert state(buffer) is JitterState.IDLE
    buffer.put(ramp(0, 99), 0)
    assert state(buffer) is JitterState.PRIMING
    assert len(buffer.pull(10)[0]) == 0
    buffer.put(ramp(99, 1), 99)
    samples, concealed = buffer.pull(10)
    assert state(buffer) is JitterState.PLAYING
    assert concealed == 0
    np.testing.assert_array_equal(samples, ramp(0, 10))


def test_an_end_starts_a_turn_shorter_than_the_target() -> None:
    buffer = JitterBuffer(100)
    buffer.put(ramp(0, 5), 0)
    buffer.finish(5)
    assert state(buffer) is JitterState.DRAINING
    np.testing.assert_array_equal(buffer.pull(10)[0], ramp(0, 5))
    assert state(buffer) is JitterState.FINISHED


def test_a_turn_of_no_samples_is_finished_at_once() -> None:
    buffer = JitterBuffer(100)
    buffer.finish(0)
    assert state(buffer) is JitterState.FINISHED
    assert len(buffer.pull(10)[0]) == 0


@given(st.permutations(range(8)), st.lists(st.integers(1, 90), min_size=1, max_size=20))
def test_chunks_in_any_order_come_out_in_order(order: list[int], pulls: list[int]) -> None:
    buffer = JitterBuffer(80)
    for i in order:
        buffer.put(ramp(i * 10, 10), i * 10)
    buffer.finish(80)
    out = [buffer.pull(n)[0] for n in [*pulls, 80]]
    np.testing.assert_array_equal(np.concatenate(out), ramp(0, 80))
    assert buffer.counters.concealed_samples == 0
    assert buffer.counters.emitted_count == 80


def test_a_duplicate_is_counted_and_not_played() -> None:
    buffer = playing(1000)
    buffer.put(-ramp(0, 1000), 0)
    assert buffer.counters.chunks_discarded == 1
    assert buffer.counters.samples_discarded == 1000
    np.testing.assert_array_equal(buffer.pull(1000)[0], ramp(0, 1000))


def test_of_an_overlapping_chunk_only_the_unknown_parts_are_taken() -> None:
    buffer = JitterBuffer(1)
    buffer.put(ramp(10, 10), 10)
    buffer.put(ramp(30, 10), 30)
    buffer.put(np.concatenate((ramp(0, 10), -ramp(10, 10), ramp(20, 10), -ramp(30, 10), ramp(40, 10))), 0)
    assert buffer.counters.samples_discarded == 20
    assert buffer.counters.chunks_discarded == 0
    np.testing.assert_array_equal(buffer.pull(50)[0], ramp(0, 50))


def test_a_late_chunk_is_counted_and_its_timely_part_is_played() -> None:
    buffer = playing(100)
    buffer.pull(100)
    buffer.put(ramp(50, 50), 50)
    assert (buffer.counters.chunks_late, buffer.counters.chunks_discarded) == (1, 1)
    buffer.put(ramp(90, 20), 90)
    assert (buffer.counters.chunks_late, buffer.counters.chunks_discarded) == (2, 1)
    assert buffer.held == 10


def test_running_dry_fades_out_stays_silent_and_fades_in() -> None:
    buffer = JitterBuffer(1000)
    buffer.put(np.ones(1000, np.float32), 0)
    assert buffer.pull(1000)[1] == 0
    samples, concealed = buffer.pull(1000)
    assert concealed == 1000
    assert state(buffer) is JitterState.REBUFFERING
    assert np.all(np.diff(samples[:FADE]) < 0) and samples[0] > 0.99
    assert not samples[FADE:].any()
    buffer.put(np.ones(999, np.float32), 1000)
    assert not buffer.pull(100)[0].any()
    buffer.put(np.ones(1, np.float32), 1999)
    samples, concealed = buffer.pull(1000)
    assert concealed == 0
    assert np.all(np.diff(samples[:FADE]) > 0) and samples[0] < 0.01
    assert np.all(samples[FADE:] == 1)
    counters = buffer.counters
    assert (counters.concealed_samples, counters.concealment_events) == (1100, 1)
    assert counters.silent_concealed_samples == 1100 - FADE
    assert counters.interruption_count == 0
    assert buffer.position == 2000


def test_concealment_of_150_ms_is_an_interruption() -> None:
    buffer = playing(1000)
    buffer.pull(1000 + 7200)
    buffer.put(ramp(1000, 1000), 1000)
    buffer.pull(1000)
    assert buffer.counters.interruption_count == 1


def test_a_lost_chunk_keeps_its_time() -> None:
    buffer = JitterBuffer(100)
    buffer.put(np.ones(1000, np.float32), 0)
    buffer.put(np.full(1000, 2, np.float32), 2000)
    buffer.finish(3000)
    samples, concealed = buffer.pull(4000)
    assert len(samples) == 3000
    assert concealed == buffer.counters.samples_lost == 1000
    assert np.all(samples[:1000] == 1) and np.all(samples[2000 + FADE :] == 2)


def test_a_lost_end_ends_the_turn() -> None:
    buffer = playing(1000)
    buffer.finish(2000)
    assert len(buffer.pull(3000)[0]) == 1000
    assert state(buffer) is JitterState.FINISHED
    assert buffer.counters.samples_lost == 1000


def test_the_buffer_is_bounded_and_says_what_it_threw_away() -> None:
    buffer = JitterBuffer(10, capacity=100)
    buffer.put(ramp(0, 150), 0)
    assert buffer.held == 100
    assert buffer.counters.samples_discarded == 50


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120)), max_size=30), st.integers(1, 60))
def test_whatever_arrives_every_sample_played_is_in_its_place(
    chunks: list[tuple[int, int]], step: int
) -> None:
    buffer = JitterBuffer(50, capacity=300)
    total = 0
    for at, n in chunks:
        buffer.put(ramp(at, n), at)
        before = buffer.position
        samples, concealed = buffer.pull(step)
        total += concealed
        if not concealed and len(samples) and buffer.counters.concealed_samples == 0:
            np.testing.assert_array_equal(samples, ramp(before, len(samples)))
        assert 0 <= buffer.held <= 300
    assert total == buffer.counters.concealed_samples
    assert buffer.counters.emitted_count + buffer.counters.samples_lost == buffer.position


def test_a_freeze_of_5_s_and_its_burst_lose_nothing() -> None:
    chunk, target, frozen, thawed = 960, 3840, 50, 300
    buffer = JitterBuffer(target)
    for tick in range(thawed + 1):
        until = tick + 1 if tick < frozen or tick == thawed else 0
        for i in range(min(tick, frozen), until):
            buffer.put(np.ones(chunk, np.float32), i * chunk)
        buffer.pull(chunk)
    total = (thawed + 1) * chunk
    buffer.finish(total)
    buffer.pull(total)
    counters = buffer.counters
    assert counters.concealed_samples == (thawed - frozen - target // chunk + 1) * chunk
    assert counters.silent_concealed_samples == counters.concealed_samples - FADE
    assert (counters.concealment_events, counters.interruption_count) == (1, 1)
    assert (counters.emitted_count, counters.samples_lost, counters.samples_discarded) == (total, 0, 0)


def test_a_flush_fades_what_sounds_and_drops_the_rest() -> None:
    buffer = JitterBuffer(100)
    buffer.put(np.ones(5000, np.float32), 0)
    buffer.pull(1000)
    buffer.flush(200)
    assert state(buffer) is JitterState.FLUSHING
    assert (buffer.remaining, buffer.interrupted) == (200, True)
    buffer.put(np.ones(500, np.float32), 5000)
    assert buffer.counters.chunks_discarded == 1
    first, second = buffer.pull(150)[0], buffer.pull(150)[0]
    np.testing.assert_allclose(np.concatenate((first, second)), 1 - (np.arange(200) + 1) / 200, atol=1e-6)
    assert state(buffer) is JitterState.FINISHED
    assert (buffer.position, buffer.held, buffer.counters.samples_flushed) == (1200, 0, 3800)
    assert len(buffer.pull(10)[0]) == 0


def test_a_flush_of_what_does_not_sound_ends_it_at_once() -> None:
    waiting = JitterBuffer(100)
    waiting.put(ramp(0, 50), 0)
    starved = playing(1000, 500)
    starved.pull(1000 + FADE)
    starved.put(ramp(1000, 10), 1000)
    for buffer, held in ((waiting, 50), (starved, 10)):
        buffer.flush(384)
        assert state(buffer) is JitterState.FINISHED
        assert buffer.counters.samples_flushed == held


def test_a_flush_of_a_turn_that_has_just_run_dry_fades_what_was_made_up() -> None:
    buffer = JitterBuffer(100)
    buffer.put(np.ones(1000, np.float32), 0)
    buffer.pull(1000 + FADE // 2)
    assert state(buffer) is JitterState.CONCEALING
    buffer.flush(100)
    out = buffer.pull(1000)[0]
    assert len(out) == 100 and 0 < out[0] < 0.5 and np.all(np.diff(out) < 0) and out[-1] == 0


def test_chunks_that_were_overtaken_are_counted_apart_from_late_and_known_ones() -> None:
    buffer = JitterBuffer(1000)
    for at in (0, 200, 100, 300, 100):
        buffer.put(ramp(at, 100), at)
    counters = buffer.counters
    assert (counters.chunks_reordered, counters.chunks_duplicate, counters.chunks_late) == (1, 1, 0)


def test_the_delay_of_every_sample_is_added_up() -> None:
    buffer = JitterBuffer(DelayHistogram())
    buffer.put(np.ones(5000, np.float32), 0, now=100)
    buffer.pull(10, now=1100)
    assert buffer.counters.jitter_buffer_delay == sum(1000 + k for k in range(10))
    assert buffer.counters.jitter_buffer_target_delay == 10 * 3840
    assert buffer.counters.jitter_buffer_emitted_count == 10
