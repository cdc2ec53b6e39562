"""Comings and goings when their time comes: who cannot be shown yet is waited for, and that is told."""

from __future__ import annotations

from typing import cast

from mien.audio import AudioSession
from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.motion.standing import gone
from mien.script import Entered, Exited, GazeSet, PartnerSet, Script, TurnEnded, TurnStarted
from mien.talk.blocking import Blocking
from mien.talk.director import Director
from mien.talk.session import Session
from mien.talk.turns import Cue, Staging
from talk.test_blocking import blocking
from talk.test_session import Audio

SECOND = SAMPLE_RATE


def session_of(stage: Blocking, cast_of: str, *, fades: bool = True) -> Session:
    script = Script()
    director = Director(1, stage.places)
    for event in director.introduced():
        script.append(event)
    characters = {key: cast(Character, object()) for key in cast_of}
    return Session(cast(AudioSession, Audio()), characters, director, script, blocking=stage, fades=fades)


def shown(session: Session, at: int) -> None:
    session.advance(at)
    session.script.seal(at)


def test_who_cannot_be_drawn_yet_comes_when_that_can_be_and_it_is_counted_once_and_told() -> None:
    stage = blocking("abc", "ab")
    session = session_of(stage, "abc")
    ready = False
    session.entrances.is_ready = lambda key, at: key != "c" or ready
    session.post(Cue(0.0, "enter", "c"), "c", SECOND)
    session.post(Cue(0.0, "leave", "a"), "a", SECOND + 1)
    for k in range(1, 40):
        shown(session, k * SECOND // 30)
    assert session.entrances.waiting == ("c",)
    assert set(stage.places) == {"a", "b"}, "what was told after it waits, too"
    ready = True
    shown(session, 40 * SECOND // 30)
    assert set(stage.places) == {"b", "c"}
    (left, entered) = session.script.lanes("c")["presence"]
    assert isinstance(left, Exited) and isinstance(entered, Entered)
    assert entered.at == 39 * SECOND // 30 + 1, "after what has been shown"
    assert session.entrances.late == 1
    assert [said for said in session.warnings if "'c' came on stage 0.30 s late" in said]


def test_who_comes_is_looked_at_and_who_has_gone_is_not() -> None:
    stage = blocking("abc", "ab")
    session = session_of(stage, "abc")
    session.post(Cue(0.0, "enter", "c"), "c", SECOND)
    shown(session, 2 * SECOND)
    last = session.script.lanes("a")["gaze"][-1]
    assert isinstance(last, GazeSet) and last.whom == "c" and last.x > 0.1
    session.post(Cue(0.0, "gaze", "c"), "b", 2 * SECOND + 1)
    session.post(Cue(0.0, "leave", "c"), "c", 3 * SECOND)
    shown(session, 5 * SECOND)
    for key, other in (("a", "b"), ("b", "a")):
        gaze = session.script.lanes(key)["gaze"][-1]
        partner = session.script.lanes(key)["partner"][-1]
        assert isinstance(gaze, GazeSet) and isinstance(partner, PartnerSet)
        assert gaze.whom != "c"
        assert (partner.x > 0) == (other == "b"), "the one who is left is the partner"
    assert gone(session.script.lanes("c"), 5 * SECOND)


def test_whom_somebody_looks_at_is_followed_to_another_place() -> None:
    stage = blocking("ab")
    session = session_of(stage, "ab")
    session.post(Cue(0.0, "gaze", "b"), "a", SECOND)
    shown(session, SECOND)
    session.post(Cue(0.0, "move", Staging("b", place=0.05)), "b", 2 * SECOND)
    shown(session, 3 * SECOND)
    first, second = (event for event in session.script.lanes("a")["gaze"] if isinstance(event, GazeSet))
    assert first.x > 0 > second.x and second.whom == "b"
    # Told by name after the move, the new place is meant.
    session.post(Cue(0.0, "gaze", "b"), "a", 4 * SECOND)
    shown(session, 4 * SECOND)
    assert len(session.script.lanes("a")["gaze"]) == 2, "it is so already"


def test_a_voice_from_off_stage_turns_nobodys_head() -> None:
    stage = blocking("ab", "a")
    session = session_of(stage, "ab")
    director = session._director
    started = TurnStarted(SECOND, "b", "t", None)  # type: ignore[arg-type]
    session.script.append(started)
    session.script.append(TurnEnded(2 * SECOND, "b", "t"))
    assert {event.character for event, _ in director.direct(started, session.script)} == {"b"}


def test_what_is_told_every_frame_adds_nothing() -> None:
    stage = blocking("ab")
    session = session_of(stage, "ab")
    for k in range(1, 60):
        session.post(Cue(0.0, "move", Staging("b", place=0.6)), "b", k * SECOND // 30)
        session.post(Cue(0.0, "enter", "a"), "a", k * SECOND // 30)
        shown(session, k * SECOND // 30)
    assert len(session.script.lanes("b")["place"]) == 1
    assert "presence" not in session.script.lanes("a")


def test_who_cannot_fade_is_told_so() -> None:
    session = session_of(blocking("ab"), "ab", fades=False)
    cue = Cue(0.0, "leave", Staging("b", transition="fade"))
    assert session.reader.find(cue, "b", 0) is None
    assert "'b' cannot fade on this stage: open it with fades=True" in session.reader.complaint(cue, "b")
