"""Where no word says when to strike, a gesture waits for a stressed syllable, and its stroke meets it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.character import GestureKey, GestureMotion
from mien.lipsync.track import TRACK_HOP, SpeechTrack
from mien.motion.gestures import stroke_of
from mien.script import GestureSet, Script, TurnStarted
from mien.talk.agenda import Agenda
from mien.talk.director import Director, Place
from mien.talk.strokes import Wait, stressed
from mien.talk.turns import Cue
from mien.types import VISEMES
from motion.cast import character, seconds, track
from motion.rig import Rig

FPS = (24, 30, 60, 144)
STROKE = seconds(0.35)
SYLLABLES = (0.5, 1.2, 1.75, 2.6)
"""Seconds into the turn at which a stressed one begins; weak ones are in between."""


def voice(ahead: int | None = None) -> SpeechTrack:
    """A turn of 4 s, as pushed sound of which so many frames are known ahead; None: all of it."""
    loud = np.full(400, 0.3, np.float32)
    for start in SYLLABLES:
        first = round(start * 100)
        loud[first : first + 15] = 0.95
    rows = np.zeros((400, len(VISEMES)), np.float32)
    rows[:, 0] = 1.0
    made = SpeechTrack()
    first = 400 if ahead is None else ahead
    made.append(rows[:first], loud[:first])
    for i in range(first, 400):
        made.append(rows[i : i + 1], loud[i : i + 1], shown=i - first + 3)
    made.finish()
    return made


def begun(planned_s: float, waits_s: float, heard: SpeechTrack, steps: int = 1600) -> list[float]:
    """Seconds into the turn at which a gesture goes up that is planned for then."""
    script, start = Script(), seconds(1)
    script.append(TurnStarted(start, "a", "t", heard))
    agenda = Agenda(script)
    at = start + seconds(planned_s)
    wait = Wait(at + seconds(waits_s), STROKE)
    agenda.add(GestureSet(at, "a", "explain"), "t", derived=True, wait=wait)
    found = []
    for until in range(start, start + seconds(4), steps):
        for item in agenda.take(until):
            assert item.event.at == item.at > until - steps, "in the frame that shows it first"
            found.append((item.at - start) / 48_000)
    return found


def test_a_stroke_meets_the_first_stressed_syllable_that_it_can() -> None:
    (at,) = begun(0.6, 0.4, voice())
    assert at + 0.35 == pytest.approx(1.2, abs=TRACK_HOP / 48_000)
    (at,) = begun(1.15, 0.4, voice())
    assert at + 0.35 == pytest.approx(1.75, abs=TRACK_HOP / 48_000)


def test_it_waits_no_longer_than_it_may() -> None:
    assert begun(1.8, 0.4, voice()) == [2.2]
    assert begun(1.5, 0.0, voice()) == [1.5]


def test_what_is_not_known_ahead_is_not_waited_for() -> None:
    assert begun(0.6, 0.4, voice(ahead=10)) == [0.6]
    assert begun(0.6, 0.4, voice(ahead=60)) == begun(0.6, 0.4, voice()), "well ahead as good as a file"


def test_how_often_it_is_asked_does_not_matter() -> None:
    assert len({tuple(begun(0.6, 0.4, voice(), steps)) for steps in (100, 333, 2000, 9600)}) == 1


def test_what_grows_no_louder_is_no_stress() -> None:
    heard = voice()
    assert [i / 100 for i in range(heard.length) if stressed(heard, i)] == list(SYLLABLES)
    steady = SpeechTrack()
    rows = np.eye(len(VISEMES), dtype=np.float32)[np.zeros(50, int)]
    steady.append(rows, np.linspace(0.5, 1.0, 50, dtype=np.float32))
    assert not any(stressed(steady, i) for i in range(60))


def waiting(seed: int) -> Wait | None:
    """For what the first gesture of "a" waits in a turn that begins at 1 s."""
    motions = {"explain": GestureMotion((GestureKey(100, {"elbow_left": 0.2}),))}
    places = {"a": Place(100, 50, replace(character("a"), motions=motions)), "b": Place(500, 50)}
    script, turn = Script(seed), TurnStarted(seconds(1), "a", "t", track(9), expected=seconds(9))
    script.append(turn)
    hands = [p for p in Director(seed, places).direct(turn, script) if isinstance(p.event, GestureSet)]
    for (up, wait), (down, waits_not) in zip(hands[::2], hands[1::2], strict=True):
        assert isinstance(wait, Wait) and wait.strikes == stroke_of(motions["explain"])
        assert up.at < wait.by <= up.at + seconds(0.4)
        assert waits_not is None and down.at - wait.by >= seconds(1.5)
    first = hands[0].wait if hands else None
    return first if isinstance(first, Wait) else None


def test_who_waits_holds_the_gesture_long_enough_all_the_same() -> None:
    assert sum(waiting(seed) is not None for seed in range(20)) > 5


def gestures(fps: int, seed: int, *told: tuple[float, str], every_frame: str | None = None) -> list[str]:
    """What "a" does with its hands at every 10 ms in a turn from 1 s on, in which the host tells some things
    once, or one in every frame."""
    rig = Rig(fps, seed)
    rig.run(1.0)
    rig.begin_turn("a")
    for when_s, gesture in told:
        rig.session.post(Cue(0.0, "gesture", gesture), "a", seconds(when_s))
    cue = None if every_frame is None else Cue(0.0, "gesture", every_frame)
    rig.run(5.0, lambda t: cue)
    events = [e for e in rig.script.lanes("a").get("gesture", ()) if isinstance(e, GestureSet)]
    shown = [""] * 400
    for event in events:
        first = -(-(event.at - seconds(1)) // TRACK_HOP)
        shown[first:] = [event.gesture] * (400 - first)
    return shown


@pytest.mark.parametrize("seed", range(6))
def test_it_goes_up_at_the_same_sample_at_every_rate(seed: int) -> None:
    assert len({tuple(gestures(fps, seed)) for fps in FPS}) == 1


def test_what_the_host_tells_while_it_waits_stays() -> None:
    waited = 0
    for seed in range(12):
        wait = waiting_of(seed)
        if wait is None:
            continue
        planned, up = wait
        if up - planned < 4:
            continue
        waited += 1
        for k in (planned + 1, up - 1):
            assert "explain" not in gestures(30, seed, (1.0 + k / 100, ""))[: up + 60]
            shown = gestures(30, seed, (1.0 + k / 100, "chin"))[k + 1 : up + 60]
            assert set(shown) == {"chin"}
        assert "explain" not in gestures(30, seed, every_frame="")
    assert waited > 2


def waiting_of(seed: int) -> tuple[int, int] | None:
    """Hundredths of a second into the turn at which the first gesture is planned, and at which it goes up."""
    rig = Rig(30, seed)
    places = {"a": Place(100, 50, character("a")), "b": Place(500, 50, character("b"))}
    rig.run(1.0)
    rig.begin_turn("a")
    rig.run(5.0)
    started = next(e for e in rig.script.floor if isinstance(e, TurnStarted))
    planned = Director(seed, places).direct(started, Script(seed))
    hands = [p.event for p in planned if isinstance(p.event, GestureSet)]
    shown = gestures(30, seed)
    if not hands or "explain" not in shown:
        return None
    return (-(-(hands[0].at - seconds(1)) // TRACK_HOP), shown.index("explain"))
