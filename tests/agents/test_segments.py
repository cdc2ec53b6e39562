"""One end for each segment, where it was heard to; frames on an absolute schedule."""

from __future__ import annotations

import numpy as np
import pytest

from agents.virtual import RATE, speech
from mien.agents.schedule import LEAD_NS, Schedule
from mien.agents.segments import Segments
from mien.clock import FrameRate
from mien.errors import AudioRejected

MS = 1_000_000
PATIENCE = 10_000 * MS


def test_what_was_pushed_is_given_once_to_the_bit() -> None:
    segments, said = Segments(PATIENCE), speech(1.0)
    for at in range(0, len(said), 500):
        segments.push(said[at : at + 500], RATE, 0)
    segments.end()
    given = []
    for frame in range(1, 31):
        sounds = segments.advance({"segment-1": frame / 30}, frozenset(), frame * 33 * MS)
        given += [sound.samples for sound in sounds]
    given += [sound.samples for sound in segments.advance({}, frozenset({"segment-1"}), 0)]
    assert np.array_equal(np.concatenate(given), said)


def test_an_end_is_told_when_it_was_heard_and_not_before() -> None:
    segments = Segments(PATIENCE)
    segments.push(speech(0.1), RATE, 0)
    segments.end()
    assert segments.due_ns() is None
    segments.advance({}, frozenset({"segment-1"}), 50 * MS)
    assert segments.due_ns() == 150 * MS
    assert segments.take_ended(150 * MS - 1) == []
    (ended,) = segments.take_ended(150 * MS)
    assert (ended.position_s, ended.interrupted) == (0.1, False)
    assert segments.take_ended(10**12) == [] and segments.clear(10**12) == []


def test_a_short_one_behind_one_that_is_not_heard_yet_is_given_and_ends() -> None:
    """The stage tells of each end once, and is ahead of what is heard."""
    segments = Segments(PATIENCE)
    first, second = speech(0.04), speech(0.04, seed=1)
    for said in (first, second):
        segments.push(said, RATE, 0)
        segments.end()
    one, other = segments.waiting
    assert [s.segment for s in segments.advance({}, frozenset({one.key}), 0)] == [one]
    assert [s.segment for s in segments.advance({}, frozenset({other.key}), 10 * MS)] == [other]
    assert [e.segment for e in segments.take_ended(200 * MS)] == [one, other]


def test_an_end_that_came_while_nothing_was_given_is_not_forgotten() -> None:
    segments = Segments(PATIENCE)
    segments.push(speech(0.02), RATE, 0)
    segments.end()
    segments.note_played(segments.keys)
    assert [len(s.samples) for s in segments.advance({}, frozenset(), 0)] == [RATE // 50]


@pytest.mark.parametrize("kept", [False, True])
def test_a_cleared_segment_ends_where_it_was_heard_to(kept: bool) -> None:
    """What was given out is ahead of what was heard: it counts where it is kept."""
    segments = Segments(PATIENCE)
    segments.push(speech(1.0), RATE, 0)
    segments.advance({"segment-1": 0.1}, frozenset(), 0)
    (ended,) = segments.clear(40 * MS, kept=kept)
    assert ended.interrupted and ended.position_s == pytest.approx(0.1 if kept else 0.04, abs=1e-4)
    assert ended.segment.cleared and segments.last is None


def test_a_pause_is_not_heard_as_sound() -> None:
    segments = Segments(PATIENCE)
    segments.push(speech(1.0), RATE, 0)
    segments.advance({"segment-1": 0.1}, frozenset(), 0)
    segments.advance({"segment-1": 0.2}, frozenset(), 700 * MS)
    (ended,) = segments.clear(750 * MS)
    assert ended.position_s == pytest.approx(0.15, abs=1e-4)


def test_an_end_that_never_comes_is_taken_for_lost() -> None:
    segments = Segments(PATIENCE)
    segments.push(speech(0.1), RATE, 0)
    segments.advance({"segment-1": 0.1}, frozenset(), 0)
    assert segments.take_ended(100 * MS + PATIENCE) == []
    (ended,) = segments.take_ended(100 * MS + PATIENCE + 1)
    assert (ended.position_s, ended.interrupted) == (0.1, False)


def test_another_rate_within_a_segment_is_refused_in_one_sentence() -> None:
    segments = Segments(PATIENCE)
    segments.push(speech(0.1), RATE, 0)
    with pytest.raises(AudioRejected, match="24000 Hz was given sound of 16000 Hz: end it first"):
        segments.push(speech(0.1, 16_000), 16_000, 0)


@pytest.mark.parametrize("fps", [25, 30, "30000/1001", 59.94])
def test_a_schedule_does_not_drift_in_a_day(fps: float | str) -> None:
    rate = FrameRate.of(fps)
    schedule = Schedule(rate, 0)
    frames = round(float(rate) * 86_400)
    schedule._next = frames
    assert abs(schedule.start_ns - 86_400_000 * MS) < rate.interval_ns


def test_frames_are_ahead_of_their_time_while_sound_flows() -> None:
    schedule = Schedule(FrameRate.of(30), 0)
    schedule.given(sound=False)
    assert schedule.due_ns == schedule.start_ns
    schedule.given(sound=True)
    assert schedule.due_ns == schedule.start_ns - LEAD_NS


def test_a_frame_is_late_by_the_lead_that_it_may_have_by_now() -> None:
    """It grows from nothing where sound begins, so the first frames have less: they are drawn."""
    rate = FrameRate.of(60)
    schedule, never = Schedule(rate, 0), 10**12
    for _turn in range(2):
        for number in range(20):
            schedule.given(sound=True)
            quarters = min(LEAD_NS, (number + 1) * (rate.interval_ns // 4))
            late_ns = schedule.start_ns - quarters + rate.interval_ns
            assert not schedule.is_late(late_ns - 1, never) and schedule.is_late(late_ns, never)
        assert late_ns == schedule.due_ns + rate.interval_ns, "the lead is reached"
        schedule.given(sound=False)


def test_a_first_frame_is_late_where_the_player_would_be_silent_before_it_is_drawn() -> None:
    schedule = Schedule(FrameRate.of(60), 0)
    schedule.given(sound=True)
    now = 12 * MS
    assert not schedule.is_late(now, now) and schedule.is_late(now, now - 1)
    in_time = schedule.due_ns + FrameRate.of(60).interval_ns - 1
    assert not schedule.is_late(in_time, in_time - 1), "a frame that is as far ahead as it may be"


def test_a_loop_that_stood_still_goes_on_where_it_was() -> None:
    schedule = Schedule(FrameRate.of(30), 0)
    schedule.catch_up(1_000 * MS)
    assert 1_000 * MS <= schedule.start_ns < 1_034 * MS


def test_what_was_ahead_and_dropped_makes_room_for_the_next_picture() -> None:
    schedule = Schedule(FrameRate.of(30), 0)
    for _ in range(10):
        schedule.given(sound=True)
    schedule.fall_back(240 * MS)
    assert schedule.start_ns == schedule.due_ns == 240 * MS
    schedule.given(sound=False)
    after = schedule.due_ns
    schedule.fall_back(250 * MS)
    assert schedule.due_ns == after, "nothing was ahead: frames come no faster for being interrupted often"
