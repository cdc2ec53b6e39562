"""Gestures that move: keys are met, arms are interrupted without a pop, and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mien.character import Character, GestureKey, GestureMotion
from mien.motion import Performer
from mien.motion.gestures import Course, delay_of, lag_of
from mien.motion.still import still_pose
from mien.motion.timeline import ms
from mien.script import Event, GestureSet, Script, TurnEnded, TurnStarted
from mien.types import CHANNEL_INDEX, F32
from motion.cast import ARM, blank, character, script_of, seconds, shown, track

SHOULDER, ELBOW, WRIST = "shoulder_left", "elbow_left", "wrist_left"
EXPLAIN = GestureMotion(
    (
        GestureKey(160, {ELBOW: -0.05}),
        GestureKey(500, {SHOULDER: 0.2, ELBOW: 0.8, WRIST: -0.3}),
        GestureKey(760, {SHOULDER: 0.16, ELBOW: 0.7, WRIST: 0.1}),
    ),
    change_ms=240,
    retract_ms=900,
)
CHIN = GestureMotion((GestureKey(600, {SHOULDER: -0.3, ELBOW: -0.6}),), change_ms=300, retract_ms=700)


def moving(explain: GestureMotion = EXPLAIN) -> Character:
    made = character()
    slots = list(made.slots)
    pairs = frozenset((a, b) for a in range(-1, 4) for b in range(a + 1, 4))
    slots[ARM] = replace(slots[ARM], apart=pairs, change="cut")
    return replace(made, slots=tuple(slots), motions={"explain": explain, "chin": CHIN})


def course(script: Script, times: Sequence[int], made: Character | None = None) -> F32:
    """(times, 3): shoulder, elbow, wrist of the left arm."""
    performer, out = Performer(made or moving(), "a", 0), blank()
    picked = [CHANNEL_INDEX[c] for c in (SHOULDER, ELBOW, WRIST)]
    return np.stack([performer.pose(script, at, out).channels[picked].copy() for at in times])


def of(*events: Event) -> Script:
    return script_of(*events)


def test_a_course_meets_its_keys_overshoots_none_and_stands_still_at_the_last() -> None:
    keys = [(100, -0.2), (300, 0.4), (400, 0.9), (700, 0.8)]
    made = Course(keys)
    assert [made.at(t) for t, _ in keys] == pytest.approx([v for _, v in keys])
    assert made.at(-5) == made.at(0) == 0.0 and made.at(9000) == 0.8
    for (t0, v0), (t1, v1) in pairwise([(0, 0.0), *keys]):
        between = [made.at(t) for t in range(t0, t1)]
        assert min(between) >= min(v0, v1) - 1e-9 and max(between) <= max(v0, v1) + 1e-9
    steps = np.diff([made.at(t) for t in range(800)])
    assert np.abs(np.diff(steps)).max() < 0.001, "no corner"


def test_an_arm_draws_back_strikes_is_held_and_comes_back() -> None:
    script = of(GestureSet(seconds(1), "a", "explain"), GestureSet(seconds(3), "a", ""))
    at = [seconds(t) for t in (0.9, 1.16, 2.5, 3.0, 4.2)]
    found = course(script, at)
    assert (found[0] == 0.0).all() and (found[4] == 0.0).all()
    assert found[1][1] < -0.01, "anticipation"
    for row in found[2:4]:
        assert row == pytest.approx([0.16, 0.7, 0.1], abs=1e-5)
    strike = course(script, range(seconds(1), seconds(2), 160))
    assert strike[:, 1].max() == pytest.approx(0.8, abs=0.01)


def test_elbow_and_wrist_are_later_than_the_shoulder() -> None:
    together = GestureMotion((GestureKey(500, {SHOULDER: 0.5, ELBOW: 0.5, WRIST: 0.5}),))
    script = of(GestureSet(seconds(1), "a", "explain"))
    times = np.arange(seconds(1), seconds(2), 48)
    rows = course(script, times.tolist(), moving(together))
    half = [int(times[np.argmax(rows[:, i] >= 0.25)]) for i in range(3)]
    assert half[1] - half[0] == pytest.approx(lag_of(ELBOW), abs=48)
    assert half[2] - half[0] == pytest.approx(lag_of(WRIST), abs=48)


def test_an_arm_that_is_up_goes_to_the_next_gesture_without_going_down() -> None:
    higher = replace(EXPLAIN, keys=(GestureKey(160, {ELBOW: -0.05}), GestureKey(600, {ELBOW: 0.8})))
    made = moving()
    made = replace(
        made, motions={**made.motions, "high": higher}, gestures={**made.gestures, "high": {ARM: 3}}
    )
    script = of(GestureSet(seconds(1), "a", "explain"), GestureSet(seconds(3), "a", "high"))
    rows = course(script, range(seconds(2.9), seconds(4.5), 160), made)
    assert rows[:, 1].min() > 0.6 and rows[-1][1] == pytest.approx(0.8)
    assert rows[-1][0] == 0.0, "the shoulder, which it does not move, goes back to rest"


@pytest.mark.parametrize("seed", range(3))
def test_interrupted_at_any_moment_no_arm_jumps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at, events = seconds(0.5), []
    for _ in range(14):
        events.append(GestureSet(at, "a", str(rng.choice(["", "rest", "explain", "chin", "unknown"]))))
        at += int(rng.integers(seconds(0.03), seconds(0.9)))
    rows = course(of(*events), range(0, at + seconds(1.5), 96))
    # 0.8 within 340 ms is 0.0127 in 2 ms at the steepest; whoever jumps does more.
    assert np.abs(np.diff(rows, axis=0)).max() < 0.03
    assert np.abs(np.diff(rows, n=2, axis=0)).max() < 0.002, "nor does its speed"
    assert np.abs(rows[-1]).max() < 1e-6 or events[-1].gesture in ("explain", "chin")


def test_told_again_a_gesture_goes_on() -> None:
    once = of(GestureSet(seconds(1), "a", "explain"))
    again = of(*(GestureSet(seconds(1 + k / 10), "a", "explain") for k in range(30)))
    times = range(seconds(0.9), seconds(6), 997)
    assert course(once, times) == pytest.approx(course(again, times), abs=1e-6)


def test_it_does_not_matter_in_which_order_poses_are_asked_for() -> None:
    script = of(
        GestureSet(seconds(1), "a", "explain"),
        GestureSet(seconds(1.4), "a", "chin"),
        GestureSet(seconds(2), "a", ""),
    )
    times = list(range(seconds(0.8), seconds(3.5), 1234))
    shuffled = [int(i) for i in np.random.default_rng(1).permutation(len(times))]
    forwards = course(script, times)
    backwards = course(script, [times[i] for i in shuffled])
    assert (forwards[shuffled] == backwards).all()


def test_the_hand_is_another_drawing_while_the_arm_moves() -> None:
    script = of(GestureSet(seconds(1), "a", "explain"), GestureSet(seconds(3), "a", ""))
    performer, out = Performer(moving(), "a", 0), blank()
    cuts, last = [], 0
    for at in range(seconds(0.9), seconds(4.5), 48):
        frame = shown(performer.pose(script, at, out), ARM)
        assert list(frame.values()) == [1.0]
        (pick,) = frame
        if pick != last:
            cuts.append((at / 48_000, pick))
        last = pick
    assert [pick for _, pick in cuts] == [2, 0]
    # The fade of the slot, 140 ms * 0.65, is cut in its middle: 45 ms after it begins.
    assert [t for t, _ in cuts] == pytest.approx([1.0 + 0.24 + 0.0455, 3.0 + 0.36 + 0.0455], abs=0.002)
    for t, _ in cuts:
        speed = np.diff(course(script, [seconds(t), seconds(t + 0.01)]), axis=0)
        assert np.abs(speed).max() > 0.004, "hidden by motion"


def test_drawings_of_a_gesture_that_was_called_back_never_come_after_it() -> None:
    script = of(GestureSet(seconds(1), "a", "explain"), GestureSet(seconds(1.05), "a", ""))
    performer, out = Performer(moving(), "a", 0), blank()
    last = [shown(performer.pose(script, seconds(t), out), ARM) for t in (1.0, 1.3, 2.0, 3.0)]
    assert last[0] == last[-1] == last[-2] == {0: 1.0}


def test_held_arms_drift_and_beat_with_the_voice() -> None:
    alive = replace(EXPLAIN, drift=0.02, beat={ELBOW: 0.1})
    raised = GestureSet(seconds(1), "a", "explain")
    speaks = (TurnStarted(seconds(1), "a", "1", track(6)), TurnEnded(seconds(7), "a", "1"))
    times = range(seconds(2.5), seconds(6.5), 1600)
    still, drifts = course(of(raised), times), course(of(raised), times, moving(replace(alive, beat={})))
    beats = course(of(raised, *speaks), times, moving(alive))
    assert np.ptp(still, axis=0).max() == 0.0
    assert 0.01 < np.ptp(drifts, axis=0).max() < 0.05
    assert np.ptp(beats[:, 1]) > np.ptp(drifts[:, 1]) + 0.01


def test_a_still_shows_the_gesture_held() -> None:
    pose = still_pose(moving(), gesture="explain")
    assert pose.channels[CHANNEL_INDEX[ELBOW]] == pytest.approx(0.7)
    assert shown(pose, ARM) == {2: 1.0}
    assert still_pose(moving()).channels[CHANNEL_INDEX[ELBOW]] == 0.0


def test_characters_without_keys_change_their_drawings_at_once() -> None:
    assert delay_of({}, "explain", "") == delay_of({}, "", "explain") == 0
    assert delay_of({"explain": EXPLAIN}, "explain", "") == ms(240)
    assert delay_of({"explain": EXPLAIN}, "", "explain") == ms(360)
