"""The session: what waits, what is dropped, and what is refused. The audio is a list of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from mien.audio import AudioSession, Ended, Heard, PcmFeed, SequencerEvent, Started, TurnAudio
from mien.character import Character
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.errors import ScriptError
from mien.observe.stops import Stops
from mien.script import GazeSet, Nod, Script, TurnStarted
from mien.talk.director import Director
from mien.talk.events import MOST, Events, TurnEvent, TurnPosition
from mien.talk.session import Session
from mien.talk.tags import text_by
from mien.talk.turns import Cue, CueValue, Turn, Word


class Audio:
    """Says what the test tells it to say."""

    stops: Stops | None = None

    def __init__(self, *, live: bool = False) -> None:
        self.live = live
        self.failure: str | None = None
        self.happened: list[SequencerEvent] = []
        self.turns: dict[str, TurnAudio] = {}

    def say(self, key: str, source: object, **options: object) -> TurnAudio:
        self.turns[key] = TurnAudio(key, live=self.live)
        return self.turns[key]

    def heard(self) -> list[Heard]:
        return [Heard(key, 24_000) for key in self.turns]

    def drain_events(self) -> list[SequencerEvent]:
        happened, self.happened = self.happened, []
        return happened


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
    turn = session.queue(Turn("t", "mia", b"sound", cues=cues))
    turn.samples_expected = round(announced_s * SAMPLE_RATE)
    audio.happened = [Started(0, "t")]
    session.advance(0)
    turn.damaged = damaged
    audio.happened = [Ended(played, "t", played, False)]
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
    session.queue(Turn("t", "mia", b"sound"))
    session.script.sealed = 9_600
    audio.happened = [Started(4_800, "t")]
    session.advance(11_200)
    (started,) = (event for event in session.script.floor if isinstance(event, TurnStarted))
    assert (started.at, started.origin, session.late_events) == (9_601, 4_800, 1)


def test_of_thousands_of_warnings_the_latest_are_kept() -> None:
    audio = Audio()
    session = session_of(audio)
    for i in range(3000):
        session.queue(Turn(f"t{i}", "mia", b"sound", cues=(Cue(0.0, "gaze", "nobody"),)))
        audio.happened = [Started(i, f"t{i}"), Ended(i, f"t{i}", 0, False)]
        session.advance(i)
    assert len(session.warnings) == 1000
    assert "t2999" in tuple(session.warnings)[-1]


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


WORDS = (Word("one", 0.0, 0.4), Word("two,", 0.5, 0.9), Word("three.", 1.0, 1.4))


def told(session: Session, heard_s: float) -> list[tuple[str, str | None, float]]:
    events = session.take_events(s_to_samples(heard_s))
    return [(event.kind, event.text or None, event.position_s) for event in events]


def counting(audio: Audio, cues: tuple[Cue, ...] = ()) -> Session:
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound", "One, two, three.", words=WORDS, cues=cues))
    audio.happened = [Started(0, "t")]
    session.advance(0)
    return session


def test_words_and_cues_are_told_when_they_are_heard_and_in_order() -> None:
    audio = Audio()
    session = counting(audio, (Cue(0.7, "nod", -1.0), Cue(0.1, "gaze", "nobody")))
    assert told(session, 0.001) == [("started", None, 0.0), ("word", "one", 0.0)]
    assert told(session, 0.5) == []
    assert told(session, 0.9) == [("word", "two,", 0.5), ("cue", None, 0.7)]
    audio.happened = [Ended(2 * SAMPLE_RATE, "t", 2 * SAMPLE_RATE, False)]
    session.advance(2 * SAMPLE_RATE)
    assert told(session, 3) == [("word", "three.", 1.0), ("finished", "One, two, three.", 2.0)]


def test_of_an_interrupted_turn_the_words_that_were_not_heard_are_never_told() -> None:
    audio = Audio()
    session = counting(audio, (Cue(1.2, "nod", -1.0),))
    end = s_to_samples(0.6)
    audio.happened = [Ended(end, "t", end, True)]
    session.advance(end)
    assert told(session, 10)[1:] == [
        ("word", "one", 0.0),
        ("word", "two,", 0.5),
        ("finished", "One, two,", 0.6),
    ]
    assert nods(session) == []


def test_without_word_times_the_share_that_was_heard_is_told_in_whole_words() -> None:
    turn = Turn("t", "mia", b"sound", "One two three four.")
    parts = [text_by(turn, position_s, 4.0) for position_s in (0.0, 0.5, 0.7, 2.0, 3.9, 4.0, 9.0)]
    assert parts == ["", "", "One", "One two", "One two three", turn.text, turn.text]


@pytest.mark.parametrize("gap_s", [float("nan"), float("inf"), -30.5, 86_401.0])
def test_a_gap_that_cannot_be_kept_is_refused_in_one_sentence(gap_s: float) -> None:
    with pytest.raises(ScriptError, match=r"gap of .* s; give seconds"):
        session_of(Audio()).queue(Turn("t", "mia", b"sound", gap_s=gap_s))


def test_nobody_speaks_over_themselves() -> None:
    session = session_of(Audio())
    session.queue(Turn("a", "mia", b"sound", gap_s=-1.0))  # over nobody
    with pytest.raises(ScriptError, match="begins before 'mia' has ended"):
        session.queue(Turn("b", "mia", b"sound", gap_s=-0.1))


def test_a_host_that_never_asks_is_told_the_latest() -> None:
    events = Events()
    for at in range(MOST + 5):
        events.add(TurnEvent("started", f"t{at}", "mia", at))
    assert [event.at for event in events.take(MOST + 5)] == list(range(5, MOST + 5))


def test_a_sound_device_that_goes_and_comes_back_is_told_once_each() -> None:
    audio = Audio()
    session = session_of(audio)
    for at, failure in enumerate((None, "the device went.", "the device went.", None, None)):
        audio.failure = failure
        session.advance(at)
    assert list(session.warnings) == ["the device went.", "the sound device is back."]


def test_between_events_a_turns_speaker_and_position_are_known_until_it_is_forgotten() -> None:
    audio = Audio()
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound"))
    assert session.playing() == (TurnPosition("t", "mia", 0.5),)
    audio.happened = [Started(0, "t"), Ended(48_000, "t", 48_000, False)]
    session.advance(48_000)
    assert session.playing() == (TurnPosition("t", "mia", 0.5),)  # live, it is heard a little longer
    session.advance(20 * SAMPLE_RATE)
    assert not session._speakers


def test_a_stop_of_the_process_is_told_once() -> None:
    audio, now = Audio(), [0]
    audio.stops = Stops(lambda: now[0], lambda: 0, lambda: 0)
    session = session_of(audio)
    session.advance(0)
    now[0] = 12_000_000_000
    audio.stops.look()
    for at in (0, 1600):
        session.advance(at)
    (warning,) = session.warnings
    assert warning.startswith("the process did not run for 12.0 s")


def test_a_session_remembers_no_feed_so_that_one_which_its_host_forgets_ends() -> None:
    session, feed = session_of(Audio()), PcmFeed(48_000)
    session.queue(Turn("t", "mia", feed))
    queue = feed.queue
    assert not queue.ended
    del feed
    assert queue.ended and [turn.key for turn in session.upcoming] == ["t"]
