"""The session: what waits, what is dropped, and what is refused. The audio is a list of events."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest

from mien.audio import (
    AudioSession,
    Coming,
    Ended,
    Heard,
    PcmFeed,
    SequencerEvent,
    Started,
    TurnAudio,
    TurnState,
)
from mien.character import Character
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.errors import ScriptError
from mien.observe.stops import Stops
from mien.script import Event, GazeSet, Nod, Script, TurnComing, TurnStarted, lane_of
from mien.talk.agenda import Agenda
from mien.talk.director import Director
from mien.talk.events import MOST, Events, TurnEvent, TurnPosition
from mien.talk.session import Session
from mien.talk.tags import text_by
from mien.talk.timed import Timed
from mien.talk.turns import Cue, CueValue, Turn, Word


class Audio:
    """Says what the test tells it to say."""

    stops: Stops | None = None

    def __init__(self, *, live: bool = False) -> None:
        self.live = live
        self.failure: str | None = None
        self.announced: list[Coming] = []
        self.happened: list[SequencerEvent] = []
        self.turns: dict[str, TurnAudio] = {}

    def say(self, key: str, source: object, **options: object) -> TurnAudio:
        self.turns[key] = TurnAudio(key, live=self.live)
        return self.turns[key]

    def heard(self) -> list[Heard]:
        return [Heard(key, 24_000) for key in self.turns]

    def drain_coming(self) -> list[Coming]:
        coming, self.announced = self.announced, []
        return coming

    def drain_events(self, until: int | None = None) -> list[SequencerEvent]:
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
    "pair", [(0.5, -2), [0.5, -2.0], np.array([0.5, -2.0], np.float32), (0.5, -(10**300))]
)
def test_any_pair_of_finite_numbers_is_a_direction(pair: Any) -> None:
    session = session_of(Audio())
    session.post(Cue(0.0, "gaze", cast(CueValue, pair)), "mia", 5)
    session.advance(5)
    assert list(session.script.of("mia")) == [GazeSet(5, "mia", 0.5, -1.0)]


@pytest.mark.parametrize(
    "target",
    [
        [1.0],
        (1, 2, 3),
        (float("nan"), 0),
        (0, float("inf")),
        (0, 10**400),
        ("0", "1"),
        0.5,
        None,
        {},
        "nobody",
    ],
)
def test_what_is_no_direction_is_refused_in_one_sentence(target: Any) -> None:
    session = session_of(Audio())
    with pytest.raises(ScriptError, match=r"cannot look at .*(one of|known): mia|viewer"):
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


def test_for_turns_that_never_began_the_agenda_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = Audio()
    session = session_of(audio)
    for i in range(100):
        session.queue(Turn(f"t{i}", "mia", b"sound", cues=(Cue(0.1, "nod", -1.0),)))
    monkeypatch.setattr(Agenda, "forget", None)
    audio.happened = [Ended(-1, f"t{i}", 0, True) for i in range(100)]
    session.advance(0)
    assert [(event.kind, event.turn) for event in session.take_events(0)] == [
        ("dropped", f"t{i}") for i in range(100)
    ]
    assert [record.interrupted for record in session.ended] == 100 * [True]
    assert session.idle


def test_a_turns_end_is_told_last_whatever_is_timed_behind_its_sound() -> None:
    audio = Audio()
    session = counting(audio, (Cue(0.6, "nod", -1.0), Cue(5.0, "nod", -1.0)))
    end = s_to_samples(0.6)  # the file is shorter than its words and cues
    audio.happened = [Ended(end, "t", end, False)]
    session.advance(end)
    assert told(session, 0.599)[1:] == [("word", "one", 0.0), ("word", "two,", 0.5)]
    assert told(session, 0.6) == [
        ("cue", None, 0.6),
        ("finished", "One, two, three.", 0.6),
    ]
    session.advance(s_to_samples(6))
    assert told(session, 10) == []
    assert nods(session) == [end, s_to_samples(5.0)]


def warned(cues: tuple[Cue, ...], end_s: float, *, interrupted: bool = False) -> list[str]:
    audio = Audio()
    session = counting(audio, cues)
    end = s_to_samples(end_s)
    audio.happened = [Ended(end, "t", end, interrupted)]
    session.advance(end)
    return list(session.warnings)


def test_what_is_timed_behind_a_turns_end_is_warned_of_once() -> None:
    late = (
        Cue(cast(float, Fraction(5)), "nod", -1.0),
        Cue(50.0, "nod", 1.0),
        Cue(0.0, "nod", 1.0, fraction=1.0),
    )
    assert warned(late, 0.6) == [
        "turn 't': 1 word and 2 cues from 1.00 s on, and its audio ends at 0.60 s: events() does not tell "
        "of them; give times within the audio."
    ]
    assert warned((), 0.9) == []  # encoders cut a little
    assert warned(late, 0.6, interrupted=True) == []


def test_times_behind_the_end_are_told_as_soon_as_the_length_is_known_and_not_again() -> None:
    audio = Audio()
    session = session_of(audio)
    for key, start_s in (("now", 0.0), ("late", 1.0), ("next", 2.0)):
        session.queue(Turn(key, "mia", b"sound", words=(Word("one", start_s, start_s + 0.1),)))
    session.advance(0)
    assert not session.warnings
    for turn in audio.turns.values():
        turn.samples_expected = s_to_samples(0.5)
    session.advance(1)
    assert not session.warnings, "the first sound may correct what a header says"
    audio.turns["now"].samples_decoded = audio.turns["late"].samples_decoded = 480
    session.advance(2)
    (told,) = session.warnings
    assert told.startswith("turn 'late': 1 word from 1.00 s on, and its audio ends at 0.50 s")
    end = s_to_samples(0.4)
    audio.happened = [Started(at * end, key) for at, key in enumerate(audio.turns)]
    session.advance(3 * end)
    audio.happened = [Ended(at * end, key, end, False) for at, key in enumerate(audio.turns)]
    session.advance(4 * end)
    assert [one[:11] for one in session.warnings] == ["turn 'late'", "turn 'next'"]
    session.queue(Turn("late", "mia", b"sound", words=(Word("one", 1.0, 1.1),)))
    audio.turns["late"].state = TurnState.DECODED
    session.advance(5 * end)
    assert len(session.warnings) == 3, "another turn of the same key"


def test_of_a_turn_of_thousands_of_words_everything_is_told() -> None:
    audio = Audio()
    session = session_of(audio)
    count = MOST + 2000
    words = tuple(Word(f"w{i}", i * 0.1, i * 0.1 + 0.1) for i in range(count))
    found: list[str] = []
    at = 0
    for key in ("a", "b"):
        session.queue(Turn(key, "mia", b"sound", words=words))
        audio.happened.append(Started(at, key))
        session.advance(at)
        begun, lasts = at, count * 4800
        found += [event.kind for event in session.take_events(at + 1)]
        for at in range(begun, begun + lasts, 48_000):
            found += [event.kind for event in session.take_events(at + 48_000)]
        at = begun + lasts
        audio.happened.append(Ended(at, key, lasts, False))
    session.advance(at)
    found += [event.kind for event in session.take_events(at + 1)]
    assert found == ["started", *["word"] * count, "finished"] * 2


def test_the_frame_in_which_a_turn_begins_reads_only_the_cues_of_that_frame() -> None:
    audio = Audio()
    session = session_of(audio)
    cues = tuple(Cue(i / 100, "nod", -1.0) for i in range(10_000))
    session.queue(Turn("t", "mia", b"sound", cues=cues))
    audio.happened = [Started(0, "t")]
    session.advance(s_to_samples(0.03))
    assert nods(session) == [0, 480, 960, 1440]
    assert len(session._agenda) < 5  # what the director plans
    session.advance(s_to_samples(0.06))
    assert nods(session)[4:] == [1920, 2400, 2880]
    audio.happened = [Ended(3000, "t", 3000, True)]
    session.advance(s_to_samples(99))
    assert len(nods(session)) == 7


def test_of_thousands_of_cues_of_one_moment_the_last_that_can_be_followed_counts() -> None:
    audio = Audio()
    session = session_of(audio)
    looks = tuple(Cue(0.5, "gaze", (i / 10_000, 0.0)) for i in range(10_000))
    cues = (*looks, Cue(0.5, "gaze", "nobody"), *[Cue(0.5, "nod", -1.0)] * 10_000)
    session.queue(Turn("t", "mia", b"sound", cues=cues))
    audio.happened = [Started(0, "t")]
    session.advance(24_000)
    gazes = [event.x for event in session.script.of("mia") if isinstance(event, GazeSet) and event.x > 0]
    assert gazes == [0.9999]
    assert nods(session) == [24_000] * 6
    assert len(session.take_events(24_001)) == 20_001


def test_of_the_cues_of_a_turn_that_cannot_be_followed_the_first_are_told() -> None:
    audio = Audio()
    session = session_of(audio)
    cues = tuple(Cue(0.0, "gaze", f"nobody{i}") for i in range(5000))
    session.queue(Turn("t", "mia", b"sound", cues=cues))
    audio.happened = [Started(0, "t")]
    session.advance(0)
    assert len(session.warnings) == 20
    assert [event.kind for event in session.take_events(1)] == ["started"]


def test_a_cue_and_what_a_host_asks_for_in_the_same_moment_keep_their_order() -> None:
    audio = Audio()
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound", cues=(Cue(0.5, "gaze", (1.0, 0.0)),)))
    audio.happened = [Started(0, "t")]
    session.advance(0)
    session.post(Cue(0.0, "gaze", (-1.0, 0.0)), "mia", 24_000)
    session.advance(24_000)
    assert [event.x for event in session.script.of("mia") if isinstance(event, GazeSet)][1:] == [
        1.0,
        -1.0,
    ]


def test_what_waits_is_not_searched_for_each_thing_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Event] = []
    monkeypatch.setattr("mien.talk.agenda.lane_of", lambda event: (asked.append(event), lane_of(event))[1])
    agenda = Agenda(Script())
    for i in range(2000):
        agenda.add(GazeSet(i, "mia", 0.0, 0.0), None, derived=True)
    for x in (0.5, 0.7):
        agenda.add(GazeSet(7, "mia", x, 0.0), None, derived=True)
    assert (len(asked), len(agenda)) == (2002, 2000)
    assert [item.event for item in agenda.take(7)][-1] == GazeSet(7, "mia", 0.7, 0.0)


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
    for at in range(MOST):
        events.begin(
            TurnEvent("started", f"t{at}", "mia", at), Timed((), ()), Timed((), ()), lambda number, cue: True
        )
        events.end(TurnEvent("finished", f"t{at}", "mia", at))
    told = events.take(MOST)
    for kind in ("started", "finished"):
        assert [event.at for event in told if event.kind == kind] == list(range(MOST // 2 - 1, MOST))


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
    assert [turn.key for turn in session.upcoming] == ["t"]
    assert bool(queue.ended)


def test_a_turn_that_is_coming_is_in_the_script_before_it_begins() -> None:
    audio = Audio()
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound"))
    audio.announced = [Coming(1000, "t", 25_000), Coming(1000, "gone", 25_000)]
    session.advance(1600)
    assert session.script.of("mia") == [TurnComing(1000, "mia", "t", 25_000, audio.turns["t"].track)]


def test_an_announcement_that_comes_to_light_late_is_told_from_the_next_frame_on() -> None:
    audio = Audio()
    session = session_of(audio)
    session.queue(Turn("t", "mia", b"sound"))
    session.script.seal(4000)
    audio.announced = [Coming(1000, "t", 25_000), Coming(1000, "t", 4000)]
    session.advance(4800)
    assert [event.at for event in session.script.of("mia")] == [4001]
    assert session.late_events == 0
