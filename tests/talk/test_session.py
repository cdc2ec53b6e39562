"""The session: what waits, what is dropped, and what is refused. The audio is a list of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from mien.audio import AudioSession, Ended, SequencerEvent, Started, TurnAudio
from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError
from mien.script import GazeSet, Nod, Script, TurnStarted
from mien.talk.director import Director
from mien.talk.session import Session
from mien.talk.turns import Cue, CueValue, Turn


class Audio:
    """Says what the test tells it to say."""

    def __init__(self, *, live: bool = False) -> None:
        self.live = live
        self.news: list[SequencerEvent] = []
        self.turns: dict[str, TurnAudio] = {}

    def say(self, key: str, source: object, **options: object) -> TurnAudio:
        self.turns[key] = TurnAudio(key, live=self.live)
        return self.turns[key]

    def drain_events(self) -> list[SequencerEvent]:
        news, self.news = self.news, []
        return news


CAST: Mapping[str, Character] = {"mia": cast(Character, object())}


def session_of(audio: Audio) -> Session:
    return Session(cast(AudioSession, audio), CAST, Director(1, {}), Script())


def nods(session: Session) -> list[int]:
    """Those of the cues; the director's own are less deep."""
    return [event.at for event in session.script.of("mia") if isinstance(event, Nod) and event.depth == -1.0]


def spoken(
    audio: Audio, cues: tuple[Cue, ...], announced_s: float, played: int, damaged: str | None
) -> list[int]:
    session = session_of(audio)
    turn = session.queue(Turn("t", "mia", b"sound", cues=cues), 0.0)
    turn.samples_expected = round(announced_s * SAMPLE_RATE)
    audio.news = [Started(0, "t")]
    session.advance(0)
    turn.damaged = damaged
    audio.news = [Ended(played, "t", played, False)]
    session.advance(10 * SAMPLE_RATE)
    return nods(session)


NODS = tuple(Cue(0.0, "nod", -1.0, fraction=fraction) for fraction in (0.1, 0.25, 0.5, 1.0))


@pytest.mark.parametrize(("live", "damaged"), [(True, None), (False, "t.wav: only 1 s of 4 s.")])
def test_cues_after_the_end_of_a_turn_cut_short_never_happen(live: bool, damaged: str | None) -> None:
    assert spoken(Audio(live=live), NODS, 4.0, SAMPLE_RATE, damaged) == [19_200, 48_000]


def test_a_whole_turn_keeps_the_cue_at_its_very_end_and_those_written_past_it() -> None:
    cues = (*NODS, Cue(5.0, "nod", -1.0))
    assert spoken(Audio(), cues, 4.0, 4 * SAMPLE_RATE, None) == [19_200, 48_000, 96_000, 192_000, 240_000]


def test_a_start_that_came_to_light_late_says_when_it_was_heard() -> None:
    audio = Audio()
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound"), 0.0)
    session.script.sealed = 9_600
    audio.news = [Started(4_800, "t")]
    session.advance(11_200)
    (started,) = (event for event in session.script.floor if isinstance(event, TurnStarted))
    assert (started.at, started.origin, session.late_events) == (9_601, 4_800, 1)


def test_of_thousands_of_remarks_the_latest_are_kept() -> None:
    audio = Audio()
    session = session_of(audio)
    for i in range(3000):
        session.queue(Turn(f"t{i}", "mia", b"sound", cues=(Cue(0.0, "gaze", "nobody"),)), 0.0)
        audio.news = [Started(i, f"t{i}"), Ended(i, f"t{i}", 0, False)]
        session.advance(i)
    assert len(session.remarks) == 1000
    assert "t2999" in tuple(session.remarks)[-1]


@pytest.mark.parametrize(
    "pair", [(0.5, -2), [0.5, -2.0], np.array([0.5, -2.0], np.float32), (0.5, -(10**400))]
)
def test_any_pair_of_finite_numbers_is_a_direction(pair: Any) -> None:
    session = session_of(Audio())
    session.post(Cue(0.0, "gaze", cast(CueValue, pair)), "mia", 5)
    session.advance(5)
    assert list(session.script.of("mia")) == [GazeSet(5, "mia", 0.5, -1.0)]


@pytest.mark.parametrize(
    "target", [[1.0], (1, 2, 3), (float("nan"), 0), (0, float("inf")), ("0", "1"), 0.5, None, {}, "nobody"]
)
def test_what_is_no_direction_is_refused_in_one_sentence(target: Any) -> None:
    session = session_of(Audio())
    with pytest.raises(ScriptError, match=r"cannot look at .* finite numbers, or one of: mia"):
        session.post(Cue(0.0, "gaze", cast(CueValue, target)), "mia", 5)
