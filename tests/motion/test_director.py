"""The director: listeners look, echo and nod; the host has the last word."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mien.character import GestureKey, GestureMotion
from mien.motion import Performer
from mien.motion.gestures import stroke_of
from mien.script import (
    Event,
    ExpressionSet,
    GazeSet,
    GestureSet,
    Nod,
    PartnerSet,
    Script,
    TurnEnded,
    TurnStarted,
)
from mien.talk.director import Director, Place
from mien.talk.planned_gestures import foreseen
from mien.talk.turns import Word
from mien.types import CHANNEL_INDEX
from motion.cast import blank, character, seconds, track

CAST = character()
PLACES = {"a": Place(300, 200, CAST), "b": Place(900, 200, CAST), "c": Place(1500, 260, CAST)}


def play(*host: Event, seed: int = 0, places: dict[str, Place] | None = None) -> Script:
    """A script in which everything derived has happened."""
    script = Script(seed)
    director = Director(seed, PLACES if places is None else places)
    for event in host:
        script.append(event)
        for derived, _ in director.direct(event, script):
            assert derived.at > event.at
            script.append(derived)
    return script


def of(script: Script, key: str, kind: type[Event]) -> list[Event]:
    return [event for event in script.of(key) if isinstance(event, kind)]


def test_listeners_look_at_the_speaker_after_a_reaction_time() -> None:
    start = seconds(1)
    script = play(TurnStarted(start, "b", "1", track(3)))
    for key, side in (("a", 1), ("c", -1)):
        (look,) = of(script, key, GazeSet)
        assert isinstance(look, GazeSet)
        assert 120 <= (look.at - start) / 48 <= 350
        assert 0.3 < side * look.x <= 1.0
        pose = Performer(CAST, key, 0).pose(script, seconds(2.5), blank())
        assert side * pose.channels[CHANNEL_INDEX["gaze_x"]] > 0.2
        assert side * pose.channels[CHANNEL_INDEX["head_yaw"]] > 0.0


def test_a_speaker_addresses_the_others_or_the_viewer_not_always_the_same() -> None:
    xs = set()
    for seed in range(40):
        script = play(TurnStarted(seconds(1), "b", "1", track(3)), seed=seed)
        (look,) = of(script, "b", GazeSet)
        assert isinstance(look, GazeSet)
        xs.add(np.sign(look.x))
    assert xs == {-1.0, 0.0, 1.0}


@pytest.mark.parametrize("seed", range(20))
def test_a_look_or_gesture_asked_for_by_the_host_stands(seed: int) -> None:
    start = seconds(1)
    script = play(
        TurnStarted(start, "a", "1", track(6)),
        GazeSet(start, "a", -0.5, 0.25),
        GestureSet(start, "a", "chin"),
        GazeSet(start + 10, "b", 0.125, 0.0),
        seed=seed,
    )
    gaze, hands, other = (
        of(script, "a", GazeSet)[-1],
        of(script, "a", GestureSet)[-1],
        of(script, "b", GazeSet)[-1],
    )
    assert isinstance(gaze, GazeSet) and (gaze.x, gaze.y) == (-0.5, 0.25)
    assert isinstance(hands, GestureSet) and hands.gesture == "chin"
    assert isinstance(other, GazeSet) and other.x == 0.125
    performer, out = Performer(CAST, "a", seed), blank()
    for frame in range(12, 150):
        performer.pose(script, start + frame * 1600, out)
        assert out.picks[5, 0] == 3 and out.weights[5, 0] == 1.0, "the derived gesture shows through"


def test_listeners_echo_weakly_and_later() -> None:
    start = seconds(1)
    script = play(TurnStarted(start, "b", "1", track(3)), ExpressionSet(start, "b", "angry"))
    for key in ("a", "c"):
        (echo,) = of(script, key, ExpressionSet)
        assert isinstance(echo, ExpressionSet)
        assert echo.expression == "worried"
        assert echo.weight == 0.35
        assert 350 <= (echo.at - start) / 48 <= 700


def test_nobody_echoes_a_listener() -> None:
    script = play(TurnStarted(seconds(1), "b", "1", track(3)), ExpressionSet(seconds(2), "a", "angry"))
    assert not of(script, "b", ExpressionSet)


def test_some_turns_bring_a_gesture_that_is_held_and_dropped() -> None:
    with_hands = 0
    for seed in range(60):
        hands = of(play(TurnStarted(seconds(1), "a", "1", track(5)), seed=seed), "a", GestureSet)
        if hands:
            raised, lowered = hands
            assert isinstance(raised, GestureSet) and isinstance(lowered, GestureSet)
            assert (raised.gesture, lowered.gesture) == ("explain", "")
            assert 1.4 < (lowered.at - raised.at) / 48_000 < 3.3
            with_hands += 1
    assert 10 <= with_hands <= 40


@pytest.mark.parametrize("lasts_s", [1.0, 1.9, 2.4, 3.0, 6.0])
def test_a_gesture_is_only_begun_where_the_turn_has_room_for_it(lasts_s: float) -> None:
    end, begun = seconds(1 + lasts_s), 0
    for seed in range(80):
        turn = TurnStarted(seconds(1), "a", "1", track(6), expected=seconds(lasts_s))
        hands = of(play(turn, ExpressionSet(seconds(1), "a", "thinking"), seed=seed), "a", GestureSet)
        begun += bool(hands)
        raised = None
        for event in sorted(hands, key=lambda event: event.at):
            assert isinstance(event, GestureSet)
            assert event.at <= end - seconds(0.15)
            if event.gesture:
                raised = event.at
            elif raised is not None:
                assert event.at - raised >= seconds(1.5) - 1
    assert begun == 0 if lasts_s < 1.7 else begun > 10


def test_a_gesture_strikes_where_a_long_word_begins() -> None:
    explain = GestureMotion((GestureKey(150, {"elbow_left": -0.1}), GestureKey(500, {"elbow_left": 0.9})))
    assert stroke_of(explain) == seconds(0.5) and stroke_of(None) == 0
    places = {"a": Place(300, 200, replace(CAST, motions={"explain": explain})), "b": Place(900, 200, CAST)}
    words = [
        Word("a", 0.9, 1.0),
        Word("telephone,", 1.4, 1.9),
        Word("rings,", 2.5, 2.8),
        Word("is", 3.0, 3.1),
    ]
    expected, accents = foreseen(6.0, words)
    assert (expected, accents) == (seconds(6), (seconds(1.4), seconds(2.5)))
    assert foreseen(0.0, ()) == (None, ())
    strokes = set()
    for seed in range(60):
        turn = TurnStarted(seconds(1), "a", "1", track(6), None, expected, accents)
        hands = of(play(turn, seed=seed, places=places), "a", GestureSet)
        if hands:
            strokes.add(min(event.at for event in hands) + seconds(0.5) - seconds(1))
    assert {seconds(1.4), seconds(2.5)} & strokes
    far = [at for at in strokes if min(abs(at - accent) for accent in accents) > seconds(0.6)]
    assert strokes <= {*accents, *far}, "near a long word it is met"


def test_the_hands_of_a_listener_do_not_wait_for_the_turn_of_another() -> None:
    raised = 0
    for seed in range(40):
        turn = TurnStarted(seconds(1), "b", "1", track(1), expected=seconds(1))
        script = play(turn, ExpressionSet(seconds(1.5), "a", "thinking"), seed=seed)
        raised += bool(of(script, "a", GestureSet))
    assert 10 <= raised <= 30


def test_hands_drop_when_the_turn_ends() -> None:
    script = play(
        TurnStarted(seconds(1), "a", "1", track(2)),
        GestureSet(seconds(2), "a", "chin"),
        TurnEnded(seconds(3), "a", "1"),
    )
    after = [e for e in of(script, "a", GestureSet) if e.at > seconds(3)]
    assert isinstance(after[0], GestureSet) and after[0].gesture == "" and after[0].at == seconds(3) + 1
    assert isinstance(after[-1], GestureSet) and after[-1].gesture == ""


def gestures(script: Script) -> list[GestureSet]:
    """Those of "a", in time."""
    found = [event for event in script.of("a") if isinstance(event, GestureSet)]
    return sorted(found, key=lambda event: event.at)


@pytest.mark.parametrize("label", ["neutral", "thinking"])
def test_rest_behind_the_expression_at_the_start_keeps_the_hands_down_for_the_turn(label: str) -> None:
    raised = 0
    for seed in range(20):
        start, end = TurnStarted(seconds(1), "a", "1", track(6)), TurnEnded(seconds(7), "a", "1")
        face, rest = ExpressionSet(seconds(1), "a", label), GestureSet(seconds(1), "a", "rest")
        own, told = play(start, face, end, seed=seed), play(start, face, rest, end, seed=seed)
        raised += any(event.gesture for event in gestures(own))
        for event, following in pairwise(gestures(told)):
            # What would come by itself is taken back with the next sample: nothing of it is seen.
            assert event.gesture in ("", "rest") or (following.gesture, following.at - event.at) == (
                "rest",
                1,
            )
        assert gestures(told)[-1].gesture in ("", "rest")
    assert raised > 3


def test_without_characters_only_looks_and_nods_are_derived() -> None:
    bare = {"a": Place(100), "b": Place(500)}
    for seed in range(20):
        script = play(
            TurnStarted(seconds(1), "a", "1", track(2)),
            ExpressionSet(seconds(1), "a", "angry"),
            seed=seed,
            places=bare,
        )
        assert {type(e) for e in script.of("b")} == {GazeSet, PartnerSet}
        assert {type(e) for e in script.of("a")} <= {TurnStarted, ExpressionSet, GazeSet, PartnerSet, Nod}


def test_a_character_alone_speaks_to_the_viewer() -> None:
    script = play(TurnStarted(seconds(1), "a", "1", track(2)), places={"a": PLACES["a"]})
    (look,) = of(script, "a", GazeSet)
    assert isinstance(look, GazeSet) and (look.x, look.y) == (0.0, 0.0)


def test_the_same_seed_directs_the_same() -> None:
    host = (TurnStarted(seconds(1), "a", "1", track(4)), ExpressionSet(seconds(1), "a", "thinking"))
    assert list(play(*host, seed=3).of("b")) == list(play(*host, seed=3).of("b"))
    assert list(play(*host, seed=3).of("b")) != list(play(*host, seed=4).of("b"))


def test_no_derived_gesture_outlives_a_short_turn() -> None:
    performer, out = Performer(CAST, "a", 0), blank()
    for seed in range(40):
        start = seconds(1)
        script = play(TurnStarted(start, "a", "1", track(0.6)), TurnEnded(seconds(1.6), "a", "1"), seed=seed)
        for frame in range(20, 180):
            performer.pose(script, start + frame * 1600, out)
            if start + frame * 1600 > seconds(1.8):
                assert out.picks[5, 0] == 0 and out.weights[5, 0] == 1.0


def test_an_outburst_calms_down_after_the_turn_unless_the_host_says_otherwise() -> None:
    turn = (
        TurnStarted(seconds(1), "a", "1", track(2)),
        ExpressionSet(seconds(1), "a", "laugh"),
        TurnEnded(seconds(3), "a", "1"),
    )
    calm = of(play(*turn), "a", ExpressionSet)[-1]
    assert isinstance(calm, ExpressionSet)
    assert calm.expression == "happy" and 0.4 < (calm.at - seconds(3)) / 48_000 < 1.2
    told = of(play(*turn, ExpressionSet(seconds(3.1), "a", "sad")), "a", ExpressionSet)[-1]
    assert isinstance(told, ExpressionSet) and told.expression == "sad"
    held = play(ExpressionSet(seconds(0.5), "a", "laugh"), turn[0], turn[2])
    assert len(of(held, "a", ExpressionSet)) == 1, "what was set outside the turn stays"


@pytest.mark.parametrize(
    ("label", "after"), [("skeptical", "neutral"), ("curious", "neutral"), ("sad", "sad")]
)
def test_a_look_passes_with_its_turn_and_a_mood_holds(label: str, after: str) -> None:
    able = replace(
        CAST, expressions={**CAST.expressions, label: replace(CAST.expressions["sad"], name=label)}
    )
    places = {"a": Place(300, 200, able), "b": Place(900, 200, CAST)}
    told = ExpressionSet(seconds(1), "a", label)
    turn = TurnStarted(seconds(1), "a", "1", track(4)), told, TurnEnded(seconds(5), "a", "1")
    last = of(play(*turn, places=places), "a", ExpressionSet)[-1]
    assert isinstance(last, ExpressionSet) and last.expression == after
    assert after == label or seconds(5.4) < last.at < seconds(6.2)
