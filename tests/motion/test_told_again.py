"""What is told again changes nothing and costs nothing; what moves is followed, told however often."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np
import pytest

from mien.clock import SAMPLE_RATE
from mien.motion import Performer
from mien.script import Event, GazeMoved, GazeSet, Script, TurnEnded, TurnStarted, lane_of
from mien.talk.turns import Cue
from mien.types import CHANNEL_INDEX, CHANNELS
from motion.cast import blank, busy_script, character, seconds, shown, track
from motion.rig import Rig

RATES = (24, 30, 144)
TOLD = {
    "look_at": Cue(0.0, "gaze", (0.8, 0.3)),
    "set_expression": Cue(0.0, "expression", "sad"),
    "gesture": Cue(0.0, "gesture", "explain"),
    "wear": Cue(0.0, "drawing", "raincoat", slot="coat"),
}
GAZE_X, YAW = CHANNEL_INDEX["gaze_x"], CHANNEL_INDEX["head_yaw"]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("what", TOLD)
def test_told_once_is_told_every_frame(what: str, fps: int) -> None:
    once, always = Rig(fps), Rig(fps)
    for rig in (once, always):
        rig.run(0.5)
    once.session.post(TOLD[what], "a", once.next_at)
    once.run(4.0)
    always.run(4.0, lambda t: TOLD[what])
    assert once.script.lanes("a") == always.script.lanes("a")
    performer, other = (Performer(character("a"), "a", 3) for _ in range(2))
    for frame in range(6 * 24):
        at = seconds(4.0) + frame * 2000
        one, two = performer.pose(once.script, at, blank()), other.pose(always.script, at, blank())
        assert one.channels.tobytes() == two.channels.tobytes()
        assert (one.picks == two.picks).all() and (one.weights == two.weights).all()


@pytest.mark.parametrize("fps", RATES)
def test_what_is_told_every_frame_becomes_whole(fps: int) -> None:
    idle, rig = Rig(fps), Rig(fps)
    idle.run(3.0)
    rig.run(3.0, lambda t: TOLD["look_at"])
    turned = rig.channels(2.9)[0] - idle.channels(2.9)[0]
    assert turned[YAW] == pytest.approx((0.8 - 0.12) * 0.55, abs=0.01)
    rig = Rig(fps)
    rig.run(3.0, lambda t: TOLD["wear"])
    pose = Performer(character("a"), "a", 3).pose(rig.script, seconds(2.9), blank())
    assert shown(pose, 6) == {1: 1.0}


def test_something_else_is_told_anew_and_so_is_what_was_before_it() -> None:
    rig = Rig(30)
    for value in ("sad", "sad", "happy", "sad", "sad"):
        rig.session.post(Cue(0.0, "expression", value), "a", rig.next_at)
        rig.run(rig.next_at / SAMPLE_RATE + 0.3)
    told = [event.expression for event in rig.script.lanes("a")["expression"]]  # type: ignore[union-attr]
    assert told == ["sad", "happy", "sad"]


def test_what_a_cue_has_changed_is_told_anew() -> None:
    rig = Rig(30)
    rig.session.post(TOLD["look_at"], "a", rig.next_at)
    rig.run(1.0)
    rig.session.post(Cue(0.0, "gaze", "viewer"), "a", rig.next_at, turn="a turn's cue")
    rig.run(2.0)
    rig.session.post(TOLD["look_at"], "a", rig.next_at)
    rig.run(3.0)
    assert [event.x for event in rig.script.lanes("a")["gaze"]] == [0.8, 0.0, 0.8]  # type: ignore[union-attr]


def test_two_tellings_in_one_frame_are_the_last_of_them() -> None:
    rig = Rig(30)
    for x in (0.1, 0.2, 0.3):
        rig.session.post(Cue(0.0, "gaze", (x, 0.0)), "a", rig.next_at)
    rig.run(1.0)
    assert [(event.at, event.x) for event in rig.script.lanes("a")["gaze"]] == [(0, 0.3)]  # type: ignore[union-attr]


@pytest.mark.parametrize("fps", RATES)
def test_a_host_that_holds_a_gaze_is_not_overruled_by_the_director(fps: int) -> None:
    rig, idle = Rig(fps), Rig(fps)
    rig.run(2.0, lambda t: Cue(0.0, "gaze", "viewer"))
    rig.begin_turn("b")  # the director has "a" look at who begins to speak, 120 to 350 ms later
    rig.run(5.0, lambda t: Cue(0.0, "gaze", "viewer"))
    idle.run(2.0)
    idle.begin_turn("b")
    idle.run(5.0)
    times = np.arange(2.0, 4.9, 0.01)
    assert np.ptp(idle.channels(*times)[:, YAW]) > 0.25
    assert np.ptp(rig.channels(*times)[:, YAW]) < 0.2, "only what heads do by themselves"
    # The director's look, and what undoes it one sample later; after that nothing more is needed.
    looks = [(event.at, event.x) for event in rig.script.lanes("a")["gaze"]]  # type: ignore[union-attr]
    assert [x for _, x in looks] == [0.0, pytest.approx(0.8), 0.0]
    assert looks[2][0] == looks[1][0] + 1


def around(t: float) -> tuple[float, float]:
    """A point that goes round once in 2.5 s, and stands still from second 5 on."""
    angle = 2 * pi * min(t, 5.0) / 2.5
    return (0.8 * sin(angle), 0.5 * cos(angle))


def followed(fps: int, point: Callable[[float], tuple[float, float]] = around) -> Rig:
    rig = Rig(fps)
    rig.run(1.0)
    rig.run(7.0, lambda t: Cue(0.0, "gaze", point(t)))
    return rig


@pytest.mark.parametrize("fps", RATES)
def test_a_moving_target_gives_the_same_motion_at_any_rate(fps: int) -> None:
    times = np.arange(1.0, 6.9, 1 / 50)
    exact, told = followed(480).channels(*times), followed(fps).channels(*times)
    off = np.abs(exact - told).max(axis=0)
    assert off.max() < 0.012, dict(zip(CHANNELS, off.round(4), strict=True))


@pytest.mark.parametrize("fps", RATES)
def test_a_moving_target_is_followed_without_a_jerk(fps: int) -> None:
    rig = followed(fps)
    times = np.arange(1.5, 4.9, 1 / 240)
    channels, still = rig.channels(*times), Rig(fps).channels(*times)
    eyes = channels[:, GAZE_X] + 0.6 * (channels[:, YAW] - still[:, YAW])
    eyes += 0.3 * still[:, YAW]  # the sway that eyes take back
    wanted = np.array([around(t - 0.08)[0] for t in times])
    assert np.abs(eyes - wanted).max() < 0.08  # they are 80 ms behind, and never quite still
    fastest = 2 * pi / 2.5 * 0.8
    assert np.abs(np.diff(channels[:, GAZE_X])).max() < 1.5 * fastest / 240 + 0.01
    head = np.diff(channels[:, YAW] - still[:, YAW])
    assert np.abs(head).max() < fastest * 0.55 / 240
    # Nor does its speed leap where the target leaves the middle, for which heads do not turn.
    assert np.abs(np.diff(head)).max() < 0.25 * fastest * 0.55 / 240


def test_a_moving_target_takes_one_event_a_frame_and_a_leap_is_a_new_look() -> None:
    rig = Rig(60)
    rig.run(1.0, lambda t: Cue(0.0, "gaze", (0.3 * t, 0.0)))
    rig.run(2.0, lambda t: Cue(0.0, "gaze", (-0.9, 0.0)))
    kinds = [type(event) for event in rig.script.of("a")]
    assert kinds == [GazeSet, *[GazeMoved] * 59, GazeSet]


def test_a_target_told_seldom_is_looked_at_anew_each_time() -> None:
    rig = Rig(30)
    for k in range(10):
        rig.session.post(Cue(0.0, "gaze", (0.01 * k, 0.0)), "a", rig.next_at)
        rig.run(rig.next_at / SAMPLE_RATE + 0.1)
    assert {type(event) for event in rig.script.of("a")} == {GazeSet}


@pytest.mark.parametrize("seed", range(2))
def test_what_a_script_drops_no_later_pose_depends_on(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = busy_script(rng, 90)
    for start in rng.uniform(0, 80, 6):  # some targets move, and before a long silence nothing else comes
        for k in range(int(rng.integers(2, 90))):
            at = seconds(float(start)) + k * 800
            event = GazeSet(at, "a", 0.0, 0.2) if k == 0 else GazeMoved(at, "a", 0.01 * k, 0.2)
            whole.append(event)
    others = [e for key in "ab" for e in whole.of(key) if lane_of(e) != "turn"]
    events = sorted([*whole.floor, *others], key=lambda e: e.at)
    cut = Script(whole.seed)
    performers = [Performer(character(), key, seed) for key in "ab" for _ in range(2)]
    most = 0
    for frame in range(150 * 8):
        at = frame * 6000
        while events and events[0].at <= at:
            cut.append(events.pop(0))
        if not events:
            cut._added = 1000  # look for what can be dropped at every frame
        for one, two in (performers[:2], performers[2:]):
            mine, other = one.pose(cut, at, blank()), two.pose(whole, at, blank())
            assert mine.channels.tobytes() == other.channels.tobytes(), at
            assert mine.weights.tobytes() == other.weights.tobytes()
        cut.seal(at)
        most = max(most, len(cut.floor))
    assert len(whole.floor) > 2 * most or len(whole.floor) < 60
    kept = [len(lane) for key in "ab" for lane in cut.lanes(key).values()]
    assert max(kept) <= 8
    assert {lane_of(event) for event in whole.of("a")} == set(cut.lanes("a"))


def test_a_look_that_came_to_rest_long_ago_stays_at_rest() -> None:
    whole, cut = Script(), Script()
    events: list[Event] = [GazeSet(seconds(5), "a", 0.9, 0.0)]
    for start in (6, *range(30, 130, 4)):  # after the first turn there is a silence in which looks relax
        events.append(TurnStarted(seconds(start), "b", str(start), track(3)))
        events.append(TurnEnded(seconds(start + 3.9), "b", str(start)))
    performer, gazes = Performer(character(), "a", 0), []
    for frame in range(140 * 4):
        at = frame * 12_000
        while events and events[0].at <= at:
            whole.append(events[0])
            cut.append(events.pop(0))
        cut._added = 1000
        mine, other = (performer.pose(script, at, blank()).channels for script in (cut, whole))
        assert mine.tobytes() == other.tobytes(), at
        cut.seal(at)
        gazes.append(float(mine[GAZE_X]))
    assert np.mean(gazes[24:40]) > 0.5 > np.mean(gazes[80:])
    assert len(cut.floor) < len(whole.floor)
