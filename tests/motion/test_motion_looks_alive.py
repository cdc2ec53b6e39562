"""Statistics of the motion: blinks as people blink, nothing that jumps, eyes that go where they are told."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mien.motion import Performer, speaker_at, state_at
from mien.motion.blink import Blinks
from mien.motion.chance import Chance
from mien.script import ExpressionSet, GazeSet, GestureSet, Nod, Script, TurnEnded, TurnStarted
from mien.types import CHANNEL_INDEX, CHANNELS
from motion.cast import LID_LEFT, LID_RIGHT, blank, busy_script, character, script_of, seconds, shown, track


def channel(
    name: str, script: Script, start_s: float, end_s: float, rate: int = 60, seed: int = 0
) -> np.ndarray:
    performer, out = Performer(character(), "a", seed), blank()
    count = int((end_s - start_s) * rate)
    values = [
        performer.pose(script, seconds(start_s + i / rate), out).channels[CHANNEL_INDEX[name]]
        for i in range(count)
    ]
    return np.array(values)


@pytest.mark.parametrize("seed", range(6))
def test_blinks_of_ten_minutes_are_irregular_and_as_many_as_a_person_has(seed: int) -> None:
    times = sorted(Blinks(Chance(seed, "a")).near({}, 0, seconds(600)))
    gaps = np.diff(times) / 48_000
    assert 110 <= len(times) <= 220
    single = gaps[gaps > 0.5]
    assert 2.0 < np.median(single) < 5.0
    assert single.min() > 0.9
    assert single.max() < 10.0
    assert single.std() > 0.8
    assert 0.03 < (gaps < 0.5).mean() < 0.25


def test_a_blink_shuts_both_eyes_for_a_moment_and_steps_back() -> None:
    performer, out = Performer(character(), "a", 3), blank()
    begun = Blinks(Chance(3, "a")).near({}, 0, seconds(60))[0]
    states = []
    for at in range(begun, begun + seconds(0.26), 240):
        performer.pose(Script(), at, out)
        left, right = shown(out, LID_LEFT), shown(out, LID_RIGHT)
        assert left == right and list(left.values()) == [1.0]
        states.append(next(iter(left)))
    assert max(states) == 5
    assert 40 <= 5 * states.count(5) <= 130  # ms
    assert all(abs(b - a) <= 1 for a, b in itertools.pairwise(states))
    assert states[0] == states[-1] == 1


def test_large_gaze_shifts_often_bring_a_blink() -> None:
    blinks = 0
    for n in range(120):
        shifts = [(seconds(1.5), 0.8)]
        blinks += bool(Blinks(Chance(n, "a")).near({}, seconds(1.5), seconds(1.56), shifts))
    assert 15 <= blinks <= 60


def test_nothing_jumps_but_the_eyes() -> None:
    script = busy_script(np.random.default_rng(21), 30)
    performer, out = Performer(character(), "a", 9), blank()
    rows = np.array([performer.pose(script, i * 200, out).channels.copy() for i in range(240 * 30)])
    steps = np.abs(np.diff(rows, axis=0)).max(axis=0)
    for name, step in zip(CHANNELS, steps, strict=True):
        if name == "lips":
            continue  # it says how the drawing is changed, and jumps back as the drawing is cut
        limit = 0.35 if name in ("gaze_x", "gaze_y", "jaw") else 0.06
        assert step < limit, f"{name} jumps by {step:.3f} in 4 ms"


def test_a_saccade_is_fast_and_the_head_follows_late() -> None:
    script = script_of(GazeSet(seconds(5), "a", 0.9, 0.0))
    at = [seconds(5), seconds(5.07), seconds(5.9)]
    performer, out = Performer(character(), "a", 1), blank()
    eyes, head = [], []
    for t in at:
        channels = performer.pose(script, t, out).channels
        still = Performer(character(), "a", 1).pose(Script(), t, blank()).channels
        eyes.append(channels[CHANNEL_INDEX["gaze_x"]] - still[CHANNEL_INDEX["gaze_x"]])
        head.append(channels[CHANNEL_INDEX["head_yaw"]] - still[CHANNEL_INDEX["head_yaw"]])
    assert eyes[1] > 0.8
    assert head[1] == pytest.approx(0.0, abs=1e-6)
    assert head[2] > 0.35
    assert 0.4 < eyes[2] < 0.75  # the eyes turn back as the head takes over
    assert eyes[2] + 0.6 * head[2] == pytest.approx(0.9, abs=1e-4)


def test_eyes_are_never_quite_still_and_never_leave_their_target_for_long_when_listening() -> None:
    script = script_of(TurnStarted(seconds(1), "b", "1", track(20)), GazeSet(seconds(1.2), "a", 0.7, 0.0))
    gaze = channel("gaze_x", script, 3, 20)
    assert np.unique(gaze).size > 0.9 * gaze.size
    assert np.mean(np.abs(gaze - np.median(gaze)) < 0.15) > 0.8


def test_a_look_relaxes_when_nobody_goes_on_talking() -> None:
    talk = (TurnStarted(seconds(1), "b", "1", track(3)), GazeSet(seconds(1.2), "a", 0.8, 0.0))
    ended = script_of(*talk, TurnEnded(seconds(4), "b", "1"))
    going_on = script_of(
        *talk, TurnEnded(seconds(4), "b", "1"), TurnStarted(seconds(4.2), "b", "2", track(9))
    )
    assert np.median(channel("gaze_x", ended, 7, 9)) < 0.4
    assert np.median(channel("gaze_x", going_on, 7, 9)) > 0.45


def test_breath_goes_in_quicker_than_out_about_14_times_a_minute() -> None:
    breath = channel("breath", Script(), 0, 120, rate=30)
    rising = np.diff(breath) > 1e-5
    falling = np.diff(breath) < -1e-5
    assert 24 <= np.count_nonzero(rising[1:] & ~rising[:-1]) <= 32
    assert rising.sum() < 0.85 * falling.sum()
    assert np.ptp(breath) > 0.5


def test_a_nod_lifts_a_little_dips_and_comes_to_rest() -> None:
    script = script_of(Nod(seconds(4), "a", 1.0))
    dip = channel("head_pitch", script, 4, 6) - channel("head_pitch", Script(), 4, 6)
    assert dip[:6].max() > 0.03
    assert dip.min() < -0.4
    assert 12 <= dip.argmin() <= 20  # at 60 Hz: 0.2 to 0.33 s
    assert abs(dip[-1]) < 1e-6


def test_a_listener_nods_at_pauses_and_the_speaker_does_not() -> None:
    heard = track(40)
    script = script_of(TurnStarted(0, "b", "1", heard))
    silent = script_of(TurnStarted(0, "b", "1", track(0.01)))
    nodding = channel("head_pitch", script, 0, 40) - channel("head_pitch", silent, 0, 40)
    dips = np.flatnonzero(
        (nodding[1:-1] < nodding[:-2]) & (nodding[1:-1] <= nodding[2:]) & (nodding[1:-1] < -0.1)
    )
    assert 16 <= dips.size <= 48


def test_a_voice_moves_the_head_and_brows_and_loose_things() -> None:
    script = script_of(TurnStarted(seconds(1), "a", "1", track(20)))
    for name in ("brow_left_y", "brow_right_y", "bounce"):
        assert channel(name, script, 2, 20).std() > channel(name, Script(), 2, 20).std() + 0.02


def test_loose_things_swing_after_the_head_and_come_to_rest() -> None:
    script = script_of(GazeSet(seconds(5), "a", 0.9, 0.0))
    for name in ("sway", "sway_slow"):
        swing = channel(name, script, 5, 9) - channel(name, Script(), 5, 9)
        assert swing.max() > 0.15
        assert swing.min() < -0.08
        assert abs(swing[-1]) < 1e-3


def test_the_state_of_the_conversation_can_be_asked() -> None:
    script = script_of(
        TurnStarted(seconds(1), "a", "1", track(2)),
        TurnEnded(seconds(3), "a", "1"),
        TurnStarted(seconds(4), "b", "2", track(2)),
        TurnEnded(seconds(6), "b", "2", interrupted=True),
    )
    times = (0.5, 2, 3.5, 5, 6.5, 9)
    assert [state_at(script, "a", seconds(t)) for t in times] == [
        "idle", "speaking", "idle", "listening", "thinking", "idle",
    ]  # fmt: skip
    assert [state_at(script, "b", seconds(t)) for t in times] == [
        "idle", "listening", "thinking", "speaking", "yielded", "idle",
    ]  # fmt: skip


def test_half_closed_eyes_blink_from_half() -> None:
    script = script_of(ExpressionSet(0, "a", "sad"))
    performer, out = Performer(character(), "a", 3), blank()
    seen = {
        next(iter(shown(performer.pose(script, seconds(1 + i / 60), out), LID_RIGHT))) for i in range(1800)
    }
    assert min(seen) == 3 and max(seen) == 5


def test_a_gesture_moves_the_shoulders_too() -> None:
    script = script_of(GestureSet(seconds(4), "a", "explain"), GestureSet(seconds(6), "a", "explain"))
    for name in ("shrug", "bounce", "body_lean"):
        moved = channel(name, script, 4, 8) - channel(name, Script(), 4, 8)
        assert np.abs(moved[:60]).max() > 0.03
        assert np.abs(moved[110:]).max() < 1e-6, "the same gesture again is no change"


def test_who_is_spoken_over_goes_on_speaking() -> None:
    script = script_of(
        TurnStarted(seconds(1), "a", "1", track(4)),
        TurnStarted(seconds(2), "b", "2", track(1)),
        TurnEnded(seconds(3), "b", "2"),
        TurnEnded(seconds(5), "a", "1"),
    )
    times = (1.5, 2.5, 4, 5.5)
    assert [state_at(script, "a", seconds(t)) for t in times] == ["speaking", "speaking", "speaking", "idle"]
    assert [state_at(script, "b", seconds(t)) for t in times] == [
        "listening", "speaking", "listening", "thinking",
    ]  # fmt: skip
    speakers = [speaker_at(script, seconds(t)) for t in times]
    assert [turn.character if turn else None for turn in speakers] == ["a", "b", "a", None]
