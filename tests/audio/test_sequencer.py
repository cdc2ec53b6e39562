"""The timeline, to the sample. Turns are filled by hand: no worker, no clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.audio import Coming, Ended, Heard, Sequencer, Started, TurnAudio
from mien.audio.turn import Chunk, End
from mien.audio.voice import Voice

SILENT = np.zeros((0, 15), np.float32), np.zeros(0, np.float32)


def turn(key: str, samples: np.ndarray, end: bool = True) -> TurnAudio:
    made = TurnAudio(key)
    give(made, samples, 0)
    if end:
        made.inbox.append(End(len(samples)))
    return made


def give(to: TurnAudio, samples: np.ndarray, at: int) -> None:
    rows = len(samples) // 480
    visemes = np.zeros((rows, 15), np.float32)
    visemes[:, 10] = 1
    to.inbox.append(Chunk(at, samples, at // 480, visemes, np.ones(rows, np.float32)))
    to.samples_decoded += len(samples)


def ramp(start: int, n: int) -> np.ndarray:
    return (np.arange(start, start + n, dtype=np.float32) + 1) / 65536


def left(out: np.ndarray) -> np.ndarray:
    return out[:, 0]


@pytest.mark.parametrize("block", [1, 7, 480, 1600, 5000])
def test_two_queued_turns_join_to_the_sample(block: int) -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 1001)), pan=-1)
    sequencer.queue(turn("b", ramp(1001, 2003)), pan=-1)
    out = np.concatenate([left(sequencer.pull(block)) for _ in range(-(-3100 // block))])
    np.testing.assert_array_equal(out[:3004], ramp(0, 3004))
    assert not out[3004:].any()
    assert list(sequencer.events) == [
        Started(0, "a"),
        Ended(1001, "a", 1001, False),
        Started(1001, "b"),
        Ended(3004, "b", 2003, False),
    ]
    assert sequencer.idle
    assert (sequencer.added_gap, sequencer.underruns, sequencer.jitter.concealed_samples) == (0, 0, 0)


def test_a_gap_is_exactly_as_long_as_asked() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 700)))
    sequencer.queue(turn("b", ramp(0, 700)), gap_samples=333)
    out = left(sequencer.pull(2000))
    assert not out[700:1033].any() and out[1033] > 0
    assert Started(1033, "b") in sequencer.events
    assert sequencer.added_gap == 0


@pytest.mark.parametrize("block", [480, 1600, 5000])
def test_a_turn_is_announced_half_a_second_before_it_begins_however_much_is_pulled_at_once(
    block: int,
) -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 40_000)), gap_samples=30_000)
    sequencer.queue(turn("b", ramp(0, 700)), gap_samples=333)
    sequencer.queue(turn("c", ramp(0, 700)))
    while sequencer.position < 80_000:
        sequencer.pull(block)
    begun = {event.key: event.at for event in sequencer.events if isinstance(event, Started)}
    assert begun == {"a": 30_000, "b": 70_333, "c": 71_033}
    # The third cannot be known to be next before the second has begun.
    assert list(sequencer.coming) == [
        Coming(6_000, "a", 30_000), Coming(46_333, "b", 70_333), Coming(70_333, "c", 71_033),
    ]  # fmt: skip


def test_a_turn_behind_one_whose_end_is_not_known_is_not_announced() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 40_000), end=False))
    sequencer.queue(turn("b", ramp(0, 700)))
    sequencer.pull(20_000)
    assert not sequencer.coming


def test_a_turn_that_begins_at_once_is_not_announced() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 700)))
    sequencer.pull(2000)
    assert not sequencer.coming


def test_speakers_stand_where_they_are_panned_at_equal_power() -> None:
    sequencer = Sequencer()
    for key, pan in (("l", -1.0), ("m", 0.0), ("r", 1.0), ("half", 0.5)):
        sequencer.queue(turn(key, np.ones(100, np.float32)), pan=pan)
    out = sequencer.pull(400)
    np.testing.assert_allclose(out[0], (1, 0), atol=1e-6)
    np.testing.assert_allclose(out[100], (0.5**0.5, 0.5**0.5), atol=1e-6)
    np.testing.assert_allclose(out[200], (0, 1), atol=1e-6)
    np.testing.assert_allclose((out**2).sum(axis=1), 1, atol=1e-6)


def test_an_interruption_fades_within_8_ms_and_drops_the_queue() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", np.ones(48_000, np.float32)), pan=-1)
    sequencer.queue(turn("b", np.ones(48_000, np.float32)))
    sequencer.pull(480)
    sequencer.interrupt()
    out = left(sequencer.pull(480))
    assert np.all(np.diff(out[:384]) < 0) and out[383] == 0 and not out[384:].any()
    assert list(sequencer.events) == [
        Started(0, "a"),
        Ended(-1, "b", 0, True),
        Ended(864, "a", 864, True),
    ]
    assert sequencer.idle
    assert not sequencer.pull(480).any()


def test_the_next_turn_is_taken_in_little_by_little_and_not_when_it_begins() -> None:
    sequencer = Sequencer()
    sequencer.prepares = True
    first, second = turn("a", np.ones(96_000, np.float32)), TurnAudio("b")
    for k in range(100):
        give(second, np.ones(480, np.float32), k * 480)
    second.inbox.append(End(48_000))
    sequencer.queue(first)
    sequencer.queue(second)
    left_before = len(second.inbox)
    steps = []
    for _ in range(96_000 // 480 + 1):
        sequencer.pull(480)
        steps.append(left_before - len(second.inbox))
        left_before = len(second.inbox)
    assert max(steps) <= 4
    assert Started(96_000, "b") in sequencer.events
    assert not second.inbox


@pytest.mark.parametrize("pulled", [True, False])
def test_of_turns_that_are_dropped_nothing_is_made(monkeypatch: pytest.MonkeyPatch, pulled: bool) -> None:
    made: list[str] = []

    class Counted(Voice):
        def __init__(self, turn: TurnAudio, *rest: Any) -> None:
            made.append(turn.key)
            super().__init__(turn, *rest)

    monkeypatch.setattr("mien.audio.sequencer.Voice", Counted)
    sequencer = Sequencer()
    sequencer.prepares = True
    turns = [turn(str(i), np.ones(48_000, np.float32)) for i in range(100)]
    for one in turns:
        sequencer.queue(one)
    if pulled:
        sequencer.pull(480)
    sequencer.interrupt()
    sequencer.queue(turn("reply", np.ones(480, np.float32)))
    sequencer.pull(480)
    sequencer.pull(480)
    assert made == (["0", "1", "reply"] if pulled else ["reply"])  # the next one is got ready
    assert all(one.dropped and one.track.complete for one in turns)
    assert [event for event in sequencer.events if isinstance(event, Ended) and event.at < 0] == [
        Ended(-1, one.key, 0, True) for one in turns[pulled:]
    ]


def test_an_interruption_may_let_the_next_turn_speak() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", np.ones(48_000, np.float32)))
    sequencer.queue(turn("b", ramp(0, 100)), pan=-1)
    sequencer.pull(480)
    sequencer.interrupt(clear=False)
    np.testing.assert_array_equal(left(sequencer.pull(480))[384:], ramp(0, 96))
    assert Started(864, "b") in sequencer.events


def test_an_interruption_spares_what_is_queued_after_it() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", np.ones(4800, np.float32)))
    sequencer.pull(480)
    sequencer.interrupt()
    sequencer.queue(turn("b", np.ones(4800, np.float32)))
    sequencer.pull(480)
    assert Started(864, "b") in sequencer.events
    assert not sequencer.idle


def test_an_interruption_of_silence_does_nothing() -> None:
    sequencer = Sequencer()
    sequencer.interrupt()
    assert not sequencer.pull(480).any()
    assert not sequencer.events


def test_a_turn_that_failed_takes_no_time() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 100)), pan=-1)
    sequencer.queue(turn("broken", np.zeros(0, np.float32)))
    sequencer.queue(turn("c", ramp(100, 100)), pan=-1)
    np.testing.assert_array_equal(left(sequencer.pull(200)), ramp(0, 200))
    assert Started(100, "broken") in sequencer.events
    assert Ended(100, "broken", 0, False) in sequencer.events


def test_a_next_turn_that_is_not_decoded_is_an_underrun_and_the_gap_is_counted() -> None:
    sequencer = Sequencer()
    late = TurnAudio("b")
    sequencer.queue(turn("a", ramp(0, 400)))
    sequencer.queue(late)
    sequencer.pull(1000)
    sequencer.pull(1000)
    give(late, ramp(0, 14_400), 0)
    sequencer.pull(1000)
    assert (sequencer.underruns, sequencer.added_gap) == (1, 1600)
    assert Started(2000, "b") in sequencer.events


def test_a_first_turn_that_is_not_decoded_is_waited_for_without_counting() -> None:
    sequencer = Sequencer()
    sequencer.queue(TurnAudio("a"))
    assert not sequencer.pull(1000).any()
    assert (sequencer.underruns, sequencer.added_gap) == (0, 0)


def test_a_turn_that_runs_dry_is_concealed_and_its_mouth_moves_on_with_the_sound() -> None:
    sequencer = Sequencer()
    feed = turn("a", np.ones(4800, np.float32), end=False)
    feed.live = True
    sequencer.queue(feed, pan=-1)
    sequencer.pull(4800)
    assert feed.track.length == 10
    sequencer.pull(4800)
    assert sequencer.underruns == sequencer.jitter.concealment_events == 1
    assert sequencer.jitter.concealed_samples == 4800
    assert feed.track.length == 20
    assert np.all(feed.track.visemes[10:, 0] == 1) and not feed.track.loudness[10:].any()
    give(feed, np.ones(4800, np.float32), 4800)
    feed.inbox.append(End(9600))
    sequencer.pull(4800)
    assert feed.track.complete and feed.track.length == 30
    assert np.all(feed.track.visemes[20:, 10] == 1)
    assert sequencer.events[-1] == Ended(14_400, "a", 9600, False)


def test_ready_says_whether_the_next_samples_are_here() -> None:
    sequencer = Sequencer()
    assert sequencer.ready(480)
    one = turn("a", ramp(0, 1000), end=False)
    sequencer.queue(one, gap_samples=100)
    assert sequencer.ready(100)
    assert not sequencer.ready(101)
    one.inbox.append(End(1000))
    assert sequencer.ready(101) and sequencer.ready(1100) and sequencer.ready(10_000)
    sequencer.queue(TurnAudio("b"))
    assert sequencer.ready(1100)
    assert not sequencer.ready(1101)


@pytest.mark.parametrize("block", [1, 7, 480, 1600])
def test_an_interjection_is_mixed_over_the_end_to_the_sample(block: int) -> None:
    sequencer = Sequencer()
    first, second = ramp(0, 1001), ramp(5000, 900)
    sequencer.queue(turn("a", first), pan=-1)
    sequencer.queue(turn("b", second), gap_samples=-300, pan=-1)
    out = np.concatenate([left(sequencer.pull(block)) for _ in range(-(-2000 // block))])
    expected = np.zeros(len(out), np.float32)
    expected[:1001] += first
    expected[701:1601] += second
    np.testing.assert_array_equal(out, expected)
    assert list(sequencer.events) == [
        Started(0, "a"),
        Started(701, "b"),
        Ended(1001, "a", 1001, False),
        Ended(1601, "b", 900, False),
    ]
    assert (sequencer.added_gap, sequencer.underruns) == (0, 0)


def test_each_of_two_who_speak_at_once_stands_in_their_own_place() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", np.full(400, 0.5, np.float32)), pan=-1)
    sequencer.queue(turn("b", np.full(400, 0.25, np.float32)), gap_samples=-400, pan=1)
    np.testing.assert_allclose(sequencer.pull(400), np.tile([0.5, 0.25], (400, 1)), atol=1e-6)


def test_an_interjection_begins_with_its_predecessor_at_the_earliest() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 500)), pan=-1)
    sequencer.queue(turn("b", ramp(0, 500)), gap_samples=-9000, pan=1)
    sequencer.pull(480)
    assert list(sequencer.events) == [Started(0, "a"), Started(0, "b")]


def test_after_an_interjection_the_next_turn_waits_for_all_who_speak() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 2000)))
    sequencer.queue(turn("mhm", ramp(0, 100)), gap_samples=-1500)
    sequencer.queue(turn("c", ramp(0, 100)), gap_samples=50)
    sequencer.pull(3000)
    assert [event for event in sequencer.events if isinstance(event, Started)] == [
        Started(0, "a"),
        Started(500, "mhm"),
        Started(2050, "c"),
    ]


def test_an_interjection_over_a_feed_waits_until_its_end_is_known() -> None:
    sequencer = Sequencer()
    feed = turn("a", np.ones(9600, np.float32), end=False)
    feed.live = True
    sequencer.queue(feed)
    sequencer.queue(turn("b", ramp(0, 500)), gap_samples=-4800)
    sequencer.pull(7200)
    assert [event.key for event in sequencer.events if isinstance(event, Started)] == ["a"]
    feed.inbox.append(End(9600))
    sequencer.pull(480)
    assert Started(7200, "b") in sequencer.events


def test_an_interjection_that_is_not_decoded_in_time_is_an_underrun_and_no_gap() -> None:
    sequencer = Sequencer()
    late = TurnAudio("b")
    sequencer.queue(turn("a", ramp(0, 4800)))
    sequencer.queue(late, gap_samples=-2400)
    sequencer.pull(3600)
    give(late, ramp(0, 14_400), 0)
    sequencer.pull(480)
    assert Started(3600, "b") in sequencer.events
    assert (sequencer.underruns, sequencer.added_gap) == (1, 0)


def test_loud_voices_at_once_are_bent_below_full_scale_and_single_ones_are_left_alone() -> None:
    sequencer = Sequencer()
    loud = np.sin(np.arange(9600) * (2 * np.pi / 96)).astype(np.float32)
    sequencer.queue(turn("a", loud), pan=-1)
    sequencer.queue(turn("b", loud), gap_samples=-4800, pan=-1)
    out = np.concatenate([left(sequencer.pull(480)) for _ in range(30)])
    np.testing.assert_array_equal(out[:4800], loud[:4800])
    np.testing.assert_array_equal(out[9600:14_400], loud[4800:])
    both = loud[4800:] + loud[:4800]
    mixed, quiet = out[4800:9600], np.abs(both) <= 0.8
    np.testing.assert_array_equal(mixed[quiet], both[quiet])
    assert np.abs(mixed).max() <= 1.0 < np.abs(both).max()
    assert np.abs(np.diff(mixed)).max() <= np.abs(np.diff(both)).max()


def test_what_is_beyond_full_scale_by_itself_is_cut_and_nothing_else_is_changed() -> None:
    sequencer = Sequencer()
    loud = np.array([-5.0, -1.0, -0.9, 0.5, 0.99, 1.0, 1.01, 5.0], np.float32)
    sequencer.queue(turn("a", loud), pan=-1)
    np.testing.assert_array_equal(left(sequencer.pull(8)), np.clip(loud, -1, 1))


def test_an_interruption_ends_everybody_who_speaks() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", np.full(4800, 0.3, np.float32)), pan=-1)
    sequencer.queue(turn("b", np.full(4800, 0.3, np.float32)), gap_samples=-4800, pan=-1)
    sequencer.queue(turn("c", ramp(0, 100)))
    sequencer.pull(480)
    sequencer.interrupt()
    out = left(sequencer.pull(960))
    np.testing.assert_allclose(out[:384], 0.6 * (1 - (np.arange(384) + 1) / 384), atol=1e-6)
    assert not out[384:].any() and sequencer.idle
    assert list(sequencer.events)[2:] == [
        Ended(-1, "c", 0, True),
        Ended(864, "a", 864, True),
        Ended(864, "b", 864, True),
    ]


def test_an_interruption_in_a_gap_leaves_silence_and_drops_who_was_to_come() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 480)))
    sequencer.queue(turn("b", ramp(0, 480)), gap_samples=4800)
    sequencer.pull(960)
    sequencer.interrupt()
    assert not sequencer.pull(9600).any()
    assert sequencer.events[-1] == Ended(-1, "b", 0, True)


def test_what_a_host_goes_on_pushing_after_an_interruption_is_never_heard() -> None:
    sequencer = Sequencer()
    feed = turn("a", np.full(9600, 0.5, np.float32), end=False)
    feed.live = True
    sequencer.queue(feed)
    sequencer.queue(turn("b", np.full(48_000, 0.25, np.float32)), pan=-1)
    sequencer.pull(480)
    sequencer.interrupt(clear=False)
    for i in range(10):
        give(feed, np.full(960, 0.5, np.float32), 9600 + i * 960)
        out = sequencer.pull(480)
        assert i == 0 or np.all(left(out) == 0.25)
    assert feed.dropped and sequencer.jitter.samples_flushed == 9600 - 864


def test_ready_looks_past_the_end_that_an_interjection_needs_to_know() -> None:
    sequencer = Sequencer()
    one = turn("a", ramp(0, 40_000), end=False)
    sequencer.queue(one)
    sequencer.queue(turn("b", ramp(0, 400)), gap_samples=-9600)
    # 24 000 for the faces and 9600 for the overlap must be here beyond what is asked for.
    assert sequencer.ready(6400) and not sequencer.ready(6401)
    one.inbox.append(End(40_000))
    assert sequencer.ready(40_000)


def test_a_sender_in_real_time_with_a_faster_clock_is_caught_up_with_and_its_mouth_keeps_step() -> None:
    sequencer = Sequencer()
    feed = turn("a", np.ones(9600, np.float32), end=False)
    feed.live = True
    sequencer.queue(feed, pan=-1)
    for i in range(500):
        give(feed, np.ones(480, np.float32), 9600 + i * 480)
        sequencer.pull(480)
    removed = sequencer.jitter.removed_samples_for_acceleration
    assert 100 < removed <= 500 * 480 * 0.00125 + 1
    assert sequencer.jitter.concealed_samples == 0
    # Speech frames are as long as what is played of them: a few less than came.
    rows = feed.track.length
    assert rows == pytest.approx((9600 + 500 * 480 - removed) / 480, abs=1.01)


# -- how far turns have been played -----------------------------------------------------------------


def test_what_is_heard_of_each_turn_is_known_at_every_sample_of_what_was_pulled() -> None:
    sequencer = Sequencer()
    sequencer.queue(turn("a", ramp(0, 1000)), gap_samples=100)
    sequencer.queue(turn("b", ramp(0, 800)), gap_samples=-300)
    sequencer.pull(480)
    heard = sequencer.progress.at
    assert heard(99) == []
    assert heard(100) == [Heard("a", 0)]
    assert heard(470) == [Heard("a", 370)]
    sequencer.pull(480)  # "a" ends at 1100, "b" begins at 800
    sequencer.pull(480)
    assert heard(799) == [Heard("a", 699)]
    assert heard(900) == [Heard("a", 800), Heard("b", 100)]
    assert heard(1099) == [Heard("a", 999), Heard("b", 299)]
    assert heard(1100) == [Heard("b", 300)]
    sequencer.pull(480)
    assert heard(1600) == []


def test_sound_that_was_made_up_is_not_counted_as_heard() -> None:
    sequencer = Sequencer()
    feed = TurnAudio("feed", live=True)
    give(feed, ramp(0, 19_200), 0)
    sequencer.queue(feed)
    for _ in range(60):
        sequencer.pull(480)
    assert sequencer.progress.at(28_800) == [Heard("feed", 19_200)]
    give(feed, ramp(19_200, 38_400), 19_200)
    for _ in range(10):
        sequencer.pull(480)
    assert sequencer.progress.at(33_600) == [Heard("feed", 24_000)]


def test_turns_that_have_ended_are_forgotten_and_silence_costs_nothing() -> None:
    sequencer = Sequencer()
    for number in range(50):
        sequencer.queue(turn(str(number), ramp(0, 100)))
        for _ in range(20):
            sequencer.pull(480)
    assert len(sequencer.progress._marks) <= 11
    for _ in range(220):
        sequencer.pull(480)
    assert sequencer.progress._marks == ()
