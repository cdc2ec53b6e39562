"""Expressions, gestures and outfits: one owner per slot, and fades that can be interrupted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mien.character import GestureKey, GestureMotion, Joint
from mien.motion import Performer
from mien.script import DrawingSet, ExpressionSet, GazeSet, GestureSet, TurnStarted
from mien.types import CHANNEL_INDEX
from motion.cast import (
    ARM,
    BROW,
    COAT,
    LASH_LEFT,
    LID_LEFT,
    LID_RIGHT,
    LIDS,
    MOUTH,
    blank,
    character,
    script_of,
    seconds,
    shown,
    track,
)


def lid(out: object, slot: int = LID_LEFT) -> str:
    found = shown(out, slot)  # type: ignore[arg-type]
    assert list(found.values()) == [1.0], "a lid is one crisp drawing"
    return LIDS[next(iter(found))]


def test_a_fade_to_a_third_expression_goes_on_from_what_is_shown() -> None:
    script = script_of(
        ExpressionSet(seconds(1), "a", "happy"),
        ExpressionSet(seconds(1.07), "a", "angry"),
    )
    performer, out = Performer(character(), "a", 0), blank()
    before = shown(performer.pose(script, seconds(1.07), out), BROW)
    assert set(before) == {0, 1}
    after = shown(performer.pose(script, seconds(1.07) + 48, out), BROW)
    assert {d: pytest.approx(w, abs=0.02) for d, w in before.items()} == {d: after[d] for d in before}
    middle = shown(performer.pose(script, seconds(1.12), out), BROW)
    assert set(middle) == {0, 1, 2} and sum(middle.values()) == pytest.approx(1.0)
    assert shown(performer.pose(script, seconds(2), out), BROW) == {2: 1.0}


def test_more_changes_than_taps_still_leave_no_jump() -> None:
    names = ["happy", "angry", "sad", "thinking", "neutral", "angry", "happy"]
    script = script_of(*(ExpressionSet(seconds(1) + i * 1000, "a", n) for i, n in enumerate(names)))
    performer, out = Performer(character(), "a", 0), blank()
    last: dict[int, float] = {}
    for at in range(seconds(0.99), seconds(1.5), 48):
        now = shown(performer.pose(script, at, out), BROW)
        assert len(now) <= 4
        if last:
            assert max(abs(now.get(d, 0) - last.get(d, 0)) for d in {*now, *last}) < 0.05
        last = now
    assert last == {1: 1.0}


def test_host_owns_above_gesture_above_expression_above_default() -> None:
    script = script_of(
        ExpressionSet(seconds(1), "a", "angry"),  # crosses the arms
        GestureSet(seconds(2), "a", "chin"),
        DrawingSet(seconds(3), "a", "arm", "explain"),
        DrawingSet(seconds(4), "a", "arm", None),
        GestureSet(seconds(5), "a", ""),
        ExpressionSet(seconds(6), "a", "neutral"),
    )
    performer, out = Performer(character(), "a", 0), blank()
    arms = [shown(performer.pose(script, seconds(t + 0.9), out), ARM) for t in range(7)]
    assert arms == [{0: 1}, {1: 1}, {3: 1}, {2: 1}, {3: 1}, {1: 1}, {0: 1}]


def test_an_outfit_fades_in_from_nothing_and_survives_speech() -> None:
    script = script_of(
        DrawingSet(seconds(1), "a", "coat", "raincoat"), TurnStarted(seconds(1), "a", "1", track(3))
    )
    performer, out = Performer(character(), "a", 0), blank()
    half = shown(performer.pose(script, seconds(1.1), out), COAT)
    assert set(half) == {-1, 1} and sum(half.values()) == pytest.approx(1.0)
    assert shown(performer.pose(script, seconds(3), out), COAT) == {1: 1.0}


def test_the_host_may_pin_mouth_and_lids() -> None:
    script = script_of(
        DrawingSet(0, "a", "mouth", "O"),
        DrawingSet(0, "a", "lid_left", "sad"),
        TurnStarted(seconds(1), "a", "1", track(3)),
    )
    performer, out = Performer(character(), "a", 0), blank()
    for frame in range(60):
        performer.pose(script, seconds(1 + frame / 20), out)
        assert shown(out, MOUTH) == {3: 1.0}
        assert lid(out) == "sad"


def test_an_echo_moves_channels_only() -> None:
    plain, echoed = script_of(), script_of(ExpressionSet(seconds(1), "a", "worried", 0.35))
    closed = script_of(ExpressionSet(seconds(1), "a", "laugh", 0.35))
    performer, out, other = Performer(character(), "a", 0), blank(), blank()
    for frame in range(90):
        at = seconds(frame / 30)
        performer.pose(plain, at, out)
        for script in (echoed, closed):
            performer.pose(script, at, other)
            assert (out.picks == other.picks).all() and (out.weights == other.weights).all()
    performer.pose(echoed, seconds(2.9), other)
    tilt = CHANNEL_INDEX["brow_left_tilt"]
    assert other.channels[tilt] - out.channels[tilt] == pytest.approx(0.35 * 0.5, abs=1e-3)


def test_an_expression_that_ends_an_echo_turns_no_head_away_and_back() -> None:
    # Both tilt the head; what fades between them stays between them.
    def rolls(*events: ExpressionSet) -> list[float]:
        performer, out, script = Performer(character(), "a", 0), blank(), script_of(*events)
        still = script_of()
        found = []
        for at in range(seconds(1.9), seconds(3.2), 480):
            tilted = performer.pose(script, at, out).channels[2].item()
            found.append(tilted - performer.pose(still, at, out).channels[2].item())
        return found

    for base, echoed, then in (("happy", "happy", "happy"), ("neutral", "happy", "happy")):
        course = rolls(
            ExpressionSet(0, "a", base),
            ExpressionSet(seconds(1), "a", echoed, 0.35),
            ExpressionSet(seconds(2), "a", then),
        )
        steps = np.diff(course)
        assert steps.min() >= -1e-6, f"{base}: the head goes back before it goes on"
        assert course[-1] == pytest.approx(0.2, abs=1e-4)


def test_a_second_echo_takes_the_place_of_the_first() -> None:
    script = script_of(
        ExpressionSet(seconds(1), "a", "worried", 0.35), ExpressionSet(seconds(2), "a", "happy", 0.35)
    )
    performer, out, still = Performer(character(), "a", 0), blank(), script_of()
    tilt = CHANNEL_INDEX["brow_left_tilt"]
    rows = []
    for at in range(seconds(0.9), seconds(4), 240):
        echoed = performer.pose(script, at, out).channels.copy()
        rows.append(echoed - performer.pose(still, at, out).channels)
    course = np.array(rows)
    assert course[:, tilt].max() == pytest.approx(0.175, abs=1e-3)
    assert course[-1, tilt] == pytest.approx(0.0, abs=1e-6)
    assert course[-1, 2] == pytest.approx(0.07, abs=1e-4)
    assert np.abs(np.diff(course[:, [2, tilt]], axis=0)).max() < 0.01


def test_closed_shapes_are_reached_and_left_through_closed_lids() -> None:
    # A laugh opens its eyes again by itself, later.
    script = script_of(ExpressionSet(seconds(1), "a", "laugh"), ExpressionSet(seconds(1.3), "a", "neutral"))
    performer, out = Performer(character(), "a", 11), blank()

    def walk(begin: float, end: float) -> list[str]:
        states: list[str] = []
        for at in range(seconds(begin), seconds(end), 200):
            state = lid(performer.pose(script, at, out))
            if not states or states[-1] != state:
                states.append(state)
        return states

    assert walk(1.0, 1.19) == ["open", "three_quarter", "half", "nearly", "closed", "happy"]
    assert walk(1.19, 1.5)[:6] == ["happy", "closed", "nearly", "half", "three_quarter", "open"]


def test_a_wink_closes_one_eye_and_missing_lid_drawings_take_the_nearest() -> None:
    script = script_of(ExpressionSet(0, "a", "wink"))
    performer, out = Performer(character(), "a", 0), blank()
    performer.pose(script, seconds(0.5), out)
    assert lid(out, LID_LEFT) == "closed"
    assert lid(out, LID_RIGHT) == "open"
    assert shown(out, LASH_LEFT) == {2: 1.0}
    surprised = script_of(ExpressionSet(0, "a", "surprised"))
    assert shown(performer.pose(surprised, seconds(0.5), out), LASH_LEFT) == {0: 1.0}


def test_overrides_stop_blink_gaze_and_mouth() -> None:
    script = script_of(ExpressionSet(0, "a", "stare"), TurnStarted(seconds(1), "a", "1", track(60)))
    performer, out = Performer(character(), "a", 0), blank()
    for frame in range(30 * 60):
        performer.pose(script, seconds(1 + frame / 30), out)
        assert lid(out) == "open"
        assert shown(out, MOUTH) == {0: 1.0}
        assert abs(out.channels[CHANNEL_INDEX["gaze_x"]]) < 1e-6


def test_an_unknown_expression_or_gesture_shows_neutral_and_rest() -> None:
    script = script_of(ExpressionSet(0, "a", "nonesuch"), GestureSet(0, "a", "nonesuch"))
    performer, out = Performer(character(), "a", 0), blank()
    performer.pose(script, seconds(1), out)
    assert shown(out, BROW) == {0: 1.0}
    assert shown(out, ARM) == {0: 1.0}
    assert np.isfinite(out.channels).all()


def test_the_head_does_not_jump_when_an_expression_blocks_the_eyes() -> None:
    script = script_of(
        GazeSet(0, "a", 0.9, 0.3),
        ExpressionSet(seconds(3), "a", "stare"),
        ExpressionSet(seconds(4), "a", "neutral"),
    )
    performer, out = Performer(character(), "a", 0), blank()
    yaw = [performer.pose(script, at, out).channels[0].item() for at in range(seconds(2), seconds(5), 800)]
    assert min(yaw) > 0.25
    assert max(abs(b - a) for a, b in pairwise(yaw)) < 0.02


def test_brows_glide_to_a_drawing_that_lies_higher() -> None:
    # Drawn 10 pixels higher, on a joint that moves by 10 pixels a unit: the middle of the brow never leaps.
    plain = character()
    higher = tuple(
        replace(d, offset=(0, -10) if d.name == "raised" else (0, 0)) for d in plain.slots[BROW].drawings
    )
    joints = (*plain.joints, Joint("brow_left", 0, (0, 0), move={"brow_left_y": (0.0, -10.0)}))
    slots = list(plain.slots)
    cut = frozenset((a, b) for a in range(5) for b in range(a + 1, 5))
    slots[BROW] = replace(slots[BROW], drawings=higher, joint=1, change="cut", apart=cut)
    browed = replace(plain, joints=joints, slots=tuple(slots))
    script = script_of(ExpressionSet(seconds(1), "a", "surprised"))
    still = script_of()
    performer, out = Performer(browed, "a", 0), blank()
    channel = CHANNEL_INDEX["brow_left_y"]

    def height(at: int) -> float:
        moved = performer.pose(script, at, out).channels[channel].item()
        assert list(shown(out, BROW).values()) == [1.0]
        drawn = sum(w for d, w in shown(out, BROW).items() if d == 1)
        return drawn + moved - performer.pose(still, at, out).channels[channel].item()

    course = [height(at) for at in range(seconds(0.9), seconds(2), 240)]
    assert course[0] == pytest.approx(0.0, abs=1e-6) and course[-1] == pytest.approx(1.0, abs=1e-6)
    assert np.diff(course).min() >= -1e-6
    assert np.diff(course).max() < 0.08


def test_when_everything_has_settled_comes_from_the_longest_fades_and_the_latest_change() -> None:
    base = character()
    slots = tuple(replace(slot, fade_ms=60_000.0) if s == ARM else slot for s, slot in enumerate(base.slots))
    late = GestureMotion((GestureKey(100, {"elbow_left": 0.5}),), change_ms=3000.0)
    slow = Performer(replace(base, slots=slots, motions={"chin": late}), "a", 0)
    quick = Performer(base, "a", 0)
    assert quick.settles < seconds(1) < seconds(6) < slow.settles < seconds(8)
    script, out = script_of(GestureSet(seconds(1), "a", "chin")), blank()
    assert set(shown(slow.pose(script, seconds(1 + 5), out), ARM)) == {0, 3}
    assert shown(slow.pose(script, seconds(1) + slow.settles, out), ARM) == {3: 1.0}
