"""Channels in a host's hand: seen with who has the say, held over whatever behaviours say, and given back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import mien
from mien.errors import ScriptError, WrongThread
from mien.motion import Performer
from mien.motion.hanging import Hanging
from mien.motion.looks import Looks
from mien.script import HOLD
from mien.types import CHANNEL_INDEX, F32, Pose
from stage.test_stage import SIZE, shoot, tone

CAST = {"wren": "wren"}
FPS = 30


@contextmanager
def opened(count: int = 2) -> Iterator[list[mien.Stage]]:
    stages = [mien.open_stage(CAST, size=SIZE) for _ in range(count)]
    try:
        yield stages
    finally:
        for stage in stages:
            stage.close()


def states(stage: mien.Stage) -> dict[str, mien.ChannelState]:
    return {one.name: one for one in stage.channels("wren")}


def test_every_channel_has_its_range_and_is_within_it() -> None:
    with opened(1) as (stage,):
        stage.say("wren", tone(0.5), "[happy] Hello")
        for _ in range(12):
            shoot(stage, 2)
            for one in stage.channels("wren"):
                assert one.low <= one.rest <= one.high and one.low <= one.value <= one.high, one
        assert set(CHANNEL_INDEX) | {"lid_left", "lid_right"} == set(states(stage))


def test_what_is_seen_is_what_the_last_frame_was_posed_with() -> None:
    with opened(1) as (stage,):
        stage.set_expression("wren", "sad")
        shoot(stage, 9)
        pose = stage._show.player.actors[0].pose
        assert [states(stage)[name].value for name in CHANNEL_INDEX] == pose.channels.tolist()


def test_a_channel_is_held_whatever_its_behaviours_say_and_the_others_are_left_alone() -> None:
    with opened() as (stage, twin):
        for one in (stage, twin):
            one.say("wren", tone(1.5), "[happy] Hello there")
        shoot(stage, 10), shoot(twin, 10)
        stage.hold("wren", "brow_left_y", -0.75)
        shoot(stage, 4), shoot(twin, 4)
        for _ in range(20):
            shoot(stage, 1), shoot(twin, 1)
            held, free = states(stage), states(twin)
            assert held["brow_left_y"].value == -0.75 and held["brow_left_y"].owner == "host"
            assert held["brow_left_y"].held == -0.75
            assert {n: v.value for n, v in held.items() if n != "brow_left_y"} == {
                n: v.value for n, v in free.items() if n != "brow_left_y"
            }


def test_it_goes_there_in_the_time_that_was_asked_for_without_a_jump() -> None:
    with opened(1) as (stage,):
        shoot(stage, 3)
        stage.hold("wren", "head_roll", 1.0, seconds=0.5)
        values = []
        for _ in range(18):
            shoot(stage, 1)
            values.append(states(stage)["head_roll"].value)
        assert abs(values[0]) < 0.1 and values[15:] == [1.0] * 3
        assert max(np.diff(values)) < 0.15
        stage.hold("wren", "head_roll", -1.0, seconds=0)
        shoot(stage, 1)
        assert states(stage)["head_roll"].value == -1.0


def test_what_hangs_is_not_worked_out_to_say_who_has_the_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a third of a pose, and no channel."""
    with opened(1) as (stage,):
        stage.say("wren", tone(1.0), "[happy] Hello there")
        shoot(stage, 10)
        rooms: list[int] = []
        fill = Hanging.fill

        def filled(hanging: Hanging, out: F32, *given: Any) -> None:
            rooms.append(len(out))
            fill(hanging, out, *given)

        monkeypatch.setattr(Hanging, "fill", filled)
        stage.channels("wren")
        assert rooms and not any(rooms)


def test_who_has_the_say_is_found_out_in_parts_too_and_each_is_little_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with opened(1) as (stage,):
        stage.say("wren", tone(1.5), "[happy] [nod] Hello there")
        stage.gesture("wren", "wave")
        shoot(stage, 14)
        stage.pause()
        shoot(stage, 1)
        whole = stage.channels("wren")
        stage._owners.clear()
        poses: list[int] = []
        pose = Performer.pose
        monkeypatch.setattr(Performer, "pose", lambda *given: (poses.append(1), pose(*given))[1])
        looks: list[int] = []
        between = Looks._between
        monkeypatch.setattr(Looks, "_between", lambda *given: (looks.append(1), between(*given))[1])
        parts = [stage.channels("wren", in_parts=True)]
        for _ in range(16):
            before = len(poses) + len(looks)
            parts.append(stage.channels("wren", in_parts=True))
            assert len(poses) + len(looks) == before + 1, "a pose, or what is looked at for one"
        assert parts[0] != whole and parts[-1] == whole
        assert len(looks) < len(poses)
        asked = len(poses)
        stage.slots("wren")
        assert len(poses) == asked


def test_what_is_let_go_leaves_no_trace() -> None:
    with opened() as (stage, twin):
        shoot(stage, 5), shoot(twin, 5)
        for channel, value in (("head_yaw", 0.9), ("gaze_y", 1.0), ("lid_right", 1.0), ("jaw", 1.0)):
            stage.hold("wren", channel, value, seconds=0.2)
        stage.show_viseme("wren", "O")
        assert not np.array_equal(shoot(stage, 10)[-1], shoot(twin, 10)[-1])
        stage.let_go("wren", "jaw", seconds=0)
        shoot(stage, 1), shoot(twin, 1)
        assert states(stage)["jaw"].held is None and states(stage)["gaze_y"].held == 1.0
        stage.let_go("wren")
        shoot(stage, 5 * FPS), shoot(twin, 5 * FPS)  # by then hair hangs as it did
        assert np.array_equal(shoot(stage, 5), shoot(twin, 5))


def test_hair_swings_behind_a_head_that_is_turned_and_hangs_still_on_one_that_is_held() -> None:
    with opened(1) as (stage,):
        shoot(stage, 5)
        stage.hold("wren", "head_yaw", 1.0, seconds=0.2)
        swung = []
        for _ in range(4 * FPS):
            shoot(stage, 1)
            swung.append(abs(states(stage)["sway"].value))
        assert max(swung[:12]) > 0.5
        assert max(swung[-FPS:]) < 0.02
        segments = stage._show.player.actors[0].pose.swings
        assert not len(segments) or float(np.abs(segments).max()) < 0.05


def test_lids_and_mouth_are_held_as_drawings_and_the_jaw_goes_with_the_mouth() -> None:
    with opened(1) as (stage,):
        actor = stage._show.player.actors[0]
        character = actor.character

        def shown(slot: int) -> str:
            return character.slots[slot].drawings[int(actor.pose.picks[slot, 0])].name

        stage.hold("wren", "lid_left", 1.0, seconds=0)
        stage.hold("wren", "lid_right", 0.0, seconds=0)
        stage.show_viseme("wren", "aa")
        shoot(stage, 2)
        assert {shown(slot) for slot in character.lids.left} == {"closed"}
        assert {shown(slot) for slot in character.lids.right} == {"wide"}
        assert shown(character.mouth.slot) == "neutral_aa"
        assert states(stage)["jaw"].value == pytest.approx(0.95)
        assert states(stage)["jaw"].owner == "host"
        stage.show_viseme("wren", None)
        shoot(stage, 1)
        assert shown(character.mouth.slot) == "neutral_sil"


def test_told_in_every_frame_it_is_one_event() -> None:
    with opened(1) as (stage,):
        for _ in range(30):
            stage.hold("wren", "head_yaw", 0.5)
            stage.show_viseme("wren", "E")
            shoot(stage, 1)
        lanes = stage._show.script.lanes("wren")
        assert len(lanes[f"{HOLD}head_yaw"]) == len(lanes["viseme"]) == 1


def test_a_slider_drawn_across_its_range_is_followed() -> None:
    with opened(1) as (stage,):
        for k in range(60):
            stage.hold("wren", "body_sway", k / 30 - 1)
            shoot(stage, 1)
            if k > 10:
                assert abs(states(stage)["body_sway"].value - (k / 30 - 1)) < 0.15


def test_poses_with_overrides_depend_on_nothing_but_script_and_time() -> None:
    with opened(1) as (stage,):
        stage.say("wren", tone(1.0), "[joy] Hello")
        rng = np.random.default_rng(5)
        for _ in range(60):
            match rng.integers(5):
                case 0:
                    stage.hold(
                        "wren", "head_yaw", float(rng.uniform(-1, 1)), seconds=float(rng.uniform(0, 1))
                    )
                case 1:
                    stage.hold("wren", "lid_left", float(rng.uniform(0, 1)))
                case 2:
                    stage.let_go("wren", seconds=float(rng.uniform(0, 1)))
                case 3:
                    stage.show_viseme("wren", "U" if rng.random() < 0.5 else None)
            shoot(stage, 1)
        script = stage._show.script
        actor = stage._show.player.actors[0]
        one, other = (Performer(actor.character, "wren", script.seed) for _ in range(2))
        times = rng.permutation(np.arange(0, script.sealed, 4_801))
        blanks = [Pose.empty(len(actor.character.slots), len(actor.pose.swings)) for _ in range(2)]
        forwards = {int(at): one.pose(script, int(at), blanks[0]).channels.tobytes() for at in sorted(times)}
        for at in times:
            pose = other.pose(script.view(int(at)), int(at), blanks[1])
            assert forwards[int(at)] == pose.channels.tobytes()


def test_who_has_the_say() -> None:
    with opened(1) as (stage,):
        shoot(stage, 3)
        assert states(stage)["head_yaw"].owner == "idle"
        assert (states(stage)["gaze_x"].owner, states(stage)["sway"].owner) == ("gaze", "physics")
        stage.nod("wren")
        shoot(stage, 6)
        assert (states(stage)["head_pitch"].owner, states(stage)["head_pitch"].because) == ("cue", "nod")
        stage.set_expression("wren", "sad")
        shoot(stage, 20)
        assert states(stage)["brow_left_tilt"].owner == "expression"
        assert states(stage)["brow_left_tilt"].because == "expression sad"
        stage.set_expression("wren", "neutral")
        stage.gesture("wren", "wave")
        shoot(stage, 25)
        assert "gesture" in {states(stage)[name].owner for name in ("shoulder_left", "elbow_right")}
        stage.gesture("wren", "")
        stage.say("wren", tone(1.0), timings=mien.VisemeTimings("oculus", (("aa", 0.0, 1.0),)))
        owners = set()
        for _ in range(25):
            shoot(stage, 1)
            owners.add(states(stage)["jaw"].owner)
        assert "mouth" in owners and owners <= {"mouth", "idle"}
        for _ in range(20 * FPS):
            stage.draw()
            if states(stage)["lid_left"].owner == "blink":
                break
        else:
            pytest.fail("no blink in 20 s")


def test_eyes_are_their_own_while_somebody_speaks_and_nothing_of_a_listener_is_of_its_mouth() -> None:
    with mien.open_stage({"wren": "wren", "otto": "otto"}, size=SIZE) as stage:
        syllables = np.sin(2 * np.pi * 140 * np.arange(24_000) / 24_000) * (np.arange(24_000) < 16_000)
        feed = mien.PcmFeed(24_000)
        feed.push(np.tile(0.4 * syllables, 8).astype(np.float32))
        feed.end()
        stage.say("wren", feed, "[happy] Good evening. Would you look at that, and at this as well")
        said: dict[tuple[str, str], set[str]] = {}
        for _ in range(60):
            shoot(stage, 4)
            for who in ("wren", "otto"):
                for one in stage.channels(who):
                    said.setdefault((who, one.name), set()).add(one.owner)
                    assert one.owner != "cue" or one.because == "listens"
        for who in ("wren", "otto"):
            for name in ("gaze_x", "gaze_y"):
                assert said[who, name] <= {"gaze", "expression"}, (who, name, said[who, name])
        of = {
            who: {owner for (one, _), owners in said.items() if one == who for owner in owners}
            for who in stage.cast
        }
        assert "mouth" in of["wren"] and "cue" not in of["wren"]
        assert "cue" in of["otto"] and "mouth" not in of["otto"], "its head goes with who speaks"


def test_asking_changes_nothing() -> None:
    with opened() as (stage, twin):
        for one in (stage, twin):
            one.say("wren", tone(0.5), "[happy] Hello")
        for _ in range(30):
            stage.channels("wren"), stage.repertoire("wren")
            assert np.array_equal(stage.frame(), twin.frame())


def test_it_is_told_from_any_thread_and_asked_on_the_stages() -> None:
    with opened(1) as (stage,):
        refused: list[Exception] = []

        def elsewhere() -> None:
            stage.hold("wren", "jaw", 1.0, seconds=0)
            stage.repertoire("wren")
            try:
                stage.channels("wren")
            except WrongThread as error:
                refused.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        shoot(stage, 1)
        assert states(stage)["jaw"].value == 1.0 and refused


def test_what_cannot_be_is_refused_with_what_can() -> None:
    with opened(1) as (stage,):
        with pytest.raises(ScriptError, match="did you mean 'head_yaw'"):
            stage.hold("wren", "head_jaw", 0)
        with pytest.raises(ScriptError, match="jaw cannot be -1: give a number from 0 to 1"):
            stage.hold("wren", "jaw", -1)
        with pytest.raises(ScriptError, match="seconds cannot be 6"):
            stage.hold("wren", "jaw", 1, seconds=6)
        with pytest.raises(ScriptError, match="no viseme 'A'"):
            stage.show_viseme("wren", "A")
        with pytest.raises(ScriptError, match="'otto' is not in the cast"):
            stage.channels("otto")


def test_a_character_says_what_it_has() -> None:
    with opened(1) as (stage,):
        has = stage.repertoire("wren")
        for expression in (*has.expressions, *has.labels):
            stage.set_expression("wren", expression)
        assert set(has.labels.values()) <= set(has.expressions)
        for viseme in has.visemes:
            stage.show_viseme("wren", viseme)
        for gesture in has.gestures:
            stage.gesture("wren", gesture)
        for slot, drawings in has.drawings.items():
            for drawing in drawings:
                stage.wear("wren", slot, drawing)
        for channel in has.channels:
            stage.hold("wren", channel, 0.0)
        for slot in has.slots:
            stage.bounds("wren", slot)
        assert has.mouth in has.slots
        shoot(stage, 1)
        assert stage.warnings == ()
