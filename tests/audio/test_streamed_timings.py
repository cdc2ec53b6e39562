"""Mouth timings that come in pieces: before their sound, with it, or behind it, in any order."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien import (
    AudioRejected,
    FormatError,
    MienError,
    PcmFeed,
    VisemeTimings,
    timings_of_azure,
    timings_of_cartesia,
    timings_of_elevenlabs,
    timings_of_kokoro,
)
from mien.audio import AudioSession
from mien.audio.arrival import DelayHistogram
from mien.audio.counters import JitterCounters
from mien.audio.turn import Chunk, TurnAudio
from mien.audio.voice import TARGET_FILE, Voice
from mien.lipsync.streamed import StreamedMouth
from mien.lipsync.timed import TimedMouth
from mien.lipsync.track import SpeechTrack
from mien.types import VISEMES

AA, OO, PP = (VISEMES.index(name) for name in ("aa", "O", "PP"))


def heard(n: int) -> np.ndarray:
    """Of which the sound says O."""
    rows = np.zeros((n, len(VISEMES)), np.float32)
    rows[:, OO] = 1.0
    return rows


def oculus(*marks: tuple[str, float, float]) -> VisemeTimings:
    return VisemeTimings("oculus", marks)


def test_what_was_told_wins_where_it_was_and_the_sound_elsewhere() -> None:
    told = StreamedMouth()
    assert told.rows(0, heard(10)) is not None and not told.is_told
    told.push(oculus(("aa", 0.5, 0.8), ("PP", 0.8, 1.0)))
    rows = told.rows(0, heard(200))
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(rows[:46], heard(46))
    np.testing.assert_array_equal(rows[105:], heard(95))
    inside = TimedMouth.of(oculus(("aa", 0.5, 0.8), ("PP", 0.8, 1.0))).rows(50, 100)
    np.testing.assert_allclose(rows[50:100], inside, atol=1e-6)
    steps = np.abs(np.diff(rows[:, OO]))
    assert steps.max() < 0.6  # no leap from the one to the other


pieces = st.lists(
    st.tuples(st.integers(0, 80), st.integers(1, 20), st.sampled_from(["aa", "PP", "E", "sil"])),
    min_size=1,
    max_size=12,
)


@given(pieces, st.randoms(use_true_random=False))
def test_pieces_that_do_not_overlap_say_the_same_in_any_order(
    made: list[tuple[int, int, str]], chance: object
) -> None:
    at, marks = 0.0, []
    for gap, length, name in made:
        marks.append((name, at + gap / 20, at + gap / 20 + length / 20))
        at = marks[-1][2]
    one, other = StreamedMouth(), StreamedMouth()
    for mark in marks:
        one.push(oculus(mark))
    chance.shuffle(marks)  # type: ignore[attr-defined]
    for mark in marks:
        other.push(oculus(mark))
    n = round(at * 100) + 20
    np.testing.assert_allclose(one.rows(0, heard(n)), other.rows(0, heard(n)), atol=1e-6)


def test_a_piece_takes_the_place_of_what_was_told_of_its_time_and_twice_is_once() -> None:
    told, wanted = StreamedMouth(), StreamedMouth()
    told.push(oculus(("aa", 0.0, 1.0)))
    told.push(oculus(("PP", 0.5, 0.7)))
    told.push(oculus(("PP", 0.5, 0.7)))
    wanted.push(oculus(("aa", 0.0, 0.5), ("PP", 0.5, 0.7)))
    np.testing.assert_allclose(told.rows(0, heard(100)), wanted.rows(0, heard(100)), atol=1e-6)


def test_offsets_move_a_piece() -> None:
    told, wanted = StreamedMouth(), StreamedMouth()
    told.push(oculus(("aa", 0.1, 0.4)), 2.0)
    wanted.push(oculus(("aa", 2.1, 2.4)))
    np.testing.assert_array_equal(told.rows(150, heard(150)), wanted.rows(150, heard(150)))


@pytest.mark.parametrize(
    ("timings", "offset_s", "said"),
    [
        (oculus(("aa", 500_000.0, 500_000.0)), 0.0, "ticks / 10_000_000"),
        (oculus(("aa", 100.0, 350.0)), 0.0, "lasts 250 s: give seconds"),
        (oculus(("aa", 0.3, 0.1)), 0.0, "not before it"),
        (oculus(("aa", 0.3, 0.4)), -1.0, "from 0 on"),
        (oculus(("aa", float("nan"), 0.4)), 0.0, "give seconds"),
        (oculus(("mouth", 0.1, 0.4)), 0.0, "mouth"),
        (VisemeTimings("oculus", tuple(("aa", 0.0, 0.1) for _ in range(20_001))), 0.0, "piece by piece"),
        (3, 0.0, "timings cannot be 3"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    timings: VisemeTimings, offset_s: float, said: str
) -> None:
    feed = PcmFeed(48_000)
    with pytest.raises((AudioRejected, FormatError), match=said):
        feed.push_timings(timings, offset_s=offset_s)
    assert not feed.queue.told.is_told and not feed.queue.told.changes


def test_pieces_without_an_end_are_bounded() -> None:
    told = StreamedMouth()
    for second in range(200):
        told.push(oculus(*((("aa", "PP")[k % 2], second + k / 20, second + (k + 1) / 20) for k in range(20))))
        told.passed(100 * second)
        told.changes.clear()
    assert len(told._marks) < 500
    told = StreamedMouth()
    with pytest.raises(AudioRejected, match="wait for their sound"):
        for k in range(25):
            told.push(oculus(*(("aa", k + j / 1000, k + j / 1000) for j in range(1000))))
    assert len(told._marks) <= 20_000 and len(told.changes) <= 65


# -- the forms of services ---------------------------------------------------------------------------------


def test_characters_of_elevenlabs_are_words() -> None:
    http = {
        "characters": list("Hi, you "),
        "character_start_times_seconds": [0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6],
        "character_end_times_seconds": [0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7],
    }
    socket = {
        "chars": list("Hi, you "),
        "charStartTimesMs": [0, 100, 200, 250, 300, 400, 500, 600],
        "charDurationsMs": [100, 100, 50, 50, 100, 100, 100, 100],
    }
    wanted = VisemeTimings("words", (("Hi,", 0.0, 0.25), ("you", 0.3, 0.6)))
    for given_ in (http, socket):
        made = timings_of_elevenlabs(given_)
        assert made.scheme == wanted.scheme and [mark[0] for mark in made.marks] == ["Hi,", "you"]
        np.testing.assert_allclose([mark[1:] for mark in made.marks], [mark[1:] for mark in wanted.marks])


def test_messages_of_cartesia_are_words_or_phones() -> None:
    words = {"type": "timestamps", "word_timestamps": {"words": ["Hi"], "start": [0.02], "end": [0.3]}}
    assert timings_of_cartesia(words) == VisemeTimings("words", (("Hi", 0.02, 0.3),))
    phones = {"phoneme_timestamps": {"phonemes": ["h", "a\u026a"], "start": [0.0, 0.1], "end": [0.1, 0.3]}}
    made = timings_of_cartesia(phones)
    assert made.scheme == "ipa" and made.marks[1] == ("a\u026a", 0.1, 0.3)
    StreamedMouth().push(made)


def test_events_of_azure_last_until_the_next() -> None:
    events = [
        SimpleNamespace(viseme_id=21, audio_offset=500_000),
        {"visemeId": 2, "audioOffset": 1_500_000},
        {"viseme_id": 0, "audio_offset": 3_000_000},
    ]
    whole, singly = StreamedMouth(), StreamedMouth()
    whole.push(timings_of_azure(events))
    for event in reversed(events):
        singly.push(timings_of_azure(event))
    rows = whole.rows(0, heard(40))
    assert rows[8:13].argmax(axis=1).tolist() == [PP] * 5 and rows[20].argmax() == AA
    np.testing.assert_allclose(singly.rows(6, heard(20)), rows[6:26], atol=1e-6)


def test_tokens_of_kokoro_are_words_where_they_have_times() -> None:
    tokens = [
        SimpleNamespace(text="Hi", start_ts=0.1, end_ts=0.3),
        SimpleNamespace(text=",", start_ts=0.3, end_ts=0.35),
        {"text": "you", "start_ts": 0.4, "end_ts": 0.6},
        {"text": "there", "start_ts": None, "end_ts": None},
    ]
    assert timings_of_kokoro(tokens).marks == (("Hi", 0.1, 0.3), ("you", 0.4, 0.6))


@pytest.mark.parametrize(
    "call",
    [timings_of_azure, timings_of_cartesia, timings_of_elevenlabs, timings_of_kokoro],
)
@pytest.mark.parametrize(
    "wrong",
    [
        None, 3, "text", {}, {"chars": "ab"}, [{}], [None], {"word_timestamps": 3},
        {"chars": ["a"], "charStartTimesMs": [0, 1], "charDurationsMs": [1]},
        {"words": ["a"], "start": ["x"], "end": [1]}, [{"viseme_id": 99, "audio_offset": 0}],
        [{"text": 3, "start_ts": 0, "end_ts": 1}], [{"text": "a", "start_ts": -1, "end_ts": 1}],
    ],
)  # fmt: skip
def test_what_no_service_sends_is_one_sentence(call: object, wrong: object) -> None:
    with pytest.raises(MienError) as told:
        call(wrong)  # type: ignore[operator]
    assert isinstance(told.value, FormatError) and "\n" not in str(told.value)


# -- along a turn ------------------------------------------------------------------------------------------


def spoken(session: AudioSession, feed: PcmFeed, n: int) -> SpeechTrack:
    track = session.say("a", feed).track
    rng = np.random.default_rng(1)
    feed.push((0.3 * rng.standard_normal(n)).astype(np.float32).clip(-1, 1))
    feed.end()
    return track


def shapes(track: SpeechTrack, first: int, last: int) -> set[int]:
    return set(track.shapes[first:last].tolist())


def test_timings_that_come_in_pieces_lead_the_mouth_as_those_given_up_front_do() -> None:
    marks = tuple(("aa" if k % 2 else "PP", 0.2 * k, 0.2 * (k + 1)) for k in range(5))
    tracks = []
    for streamed in (False, True):
        with AudioSession() as session:
            feed = PcmFeed(48_000)
            if streamed:
                for mark in marks:
                    feed.push_timings(oculus(mark))
            track = session.say("a", feed, timings=None if streamed else oculus(*marks)).track
            feed.push(np.full(48_000, 0.25, np.float32))
            feed.end()
            while not session.idle:
                session.pull(1600)
            tracks.append(track)
    np.testing.assert_allclose(tracks[0].visemes[5:95], tracks[1].visemes[5:95], atol=1e-6)
    np.testing.assert_array_equal(tracks[0].shapes[5:90], tracks[1].shapes[5:90])


def test_timings_that_come_behind_their_sound_lead_what_was_not_shown_and_are_counted() -> None:
    with AudioSession() as session:
        feed = PcmFeed(48_000)
        track = spoken(session, feed, 96_000)
        session.pull(24_000)  # half a second is heard
        feed.push_timings(oculus(("PP", 0.0, 0.3), ("aa", 0.3, 1.0)))  # also after the end
        before = track.visemes[:50].copy()
        session.pull(480)
        np.testing.assert_array_equal(track.visemes[:50], before)  # what was shown stands
        assert track.visemes[60:95].argmax(axis=1).tolist() == [AA] * 35
        assert shapes(track, 65, 95) == {AA}
        assert feed.queue.told.late == 1
        while not session.idle:
            session.pull(1600)
        assert track.visemes.sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_a_mouth_that_comes_behind_all_that_was_shown_is_taken() -> None:
    turn = TurnAudio("a", told=StreamedMouth())
    voice = Voice(turn, 0.0, JitterCounters(), DelayHistogram())
    sound = np.full(TARGET_FILE, 0.1, np.float32)
    turn.inbox.append(Chunk(0, sound, 0, heard(3), np.ones(3, np.float32)))
    voice.drain(0)
    for at in range(0, TARGET_FILE, 480):
        voice.pull(480, at)
    turn.inbox.append(Chunk(TARGET_FILE, sound[:0], 3, heard(3), np.ones(3, np.float32)))
    voice.drain(TARGET_FILE)
    assert turn.track.length == 6
    assert turn.track.visemes.argmax(axis=1).tolist() == [OO] * 6


def test_a_track_that_is_revised_holds_its_shapes_as_one_that_was_so_from_the_beginning() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        rows = rng.dirichlet(np.full(len(VISEMES), 0.1), 300).astype(np.float32)
        new = rng.dirichlet(np.full(len(VISEMES), 0.1), 300).astype(np.float32)
        loud = np.ones(300, np.float32)
        first = int(rng.integers(0, 250))
        last = int(rng.integers(first + 1, 300))
        revised, whole = SpeechTrack(), SpeechTrack()
        revised.append(rows, loud)
        revised.revise(first, new[first:last])
        rows[first:last] = new[first:last]
        whole.append(rows, loud)
        np.testing.assert_array_equal(revised.shapes[:last], whole.shapes[:last])
        np.testing.assert_array_equal(revised.visemes, whole.visemes)


# -- words, and the sound that they are heard in -----------------------------------------------------------

BOB = (("Bob", 0.2, 0.5), ("up", 0.5, 0.8))


def likely(*runs: tuple[str, int]) -> np.ndarray:
    """(n, 15) by the networks: each shape for so many frames."""
    shapes = np.repeat([VISEMES.index(shape) for shape, _ in runs], [many for _, many in runs])
    rows = np.full((len(shapes), len(VISEMES)), 0.3 / len(VISEMES), np.float32)
    rows[np.arange(len(shapes)), shapes] += 0.7
    return rows


SOUND = likely(("sil", 20), ("PP", 4), ("aa", 6), ("PP", 20), ("aa", 24), ("PP", 6), ("sil", 120))


def words(*marks: tuple[str, float, float]) -> VisemeTimings:
    return VisemeTimings("words", marks)


def test_words_that_were_told_before_their_sound_come_when_they_are_heard() -> None:
    told = StreamedMouth()
    told.push(words(*BOB))
    rows = []
    for at in range(0, 200, 2):  # two frames a chunk, of whose likelihoods one more is known
        first, end = (0, 3) if at == 0 else (at + 1, at + 3)
        told.hear(SOUND[first:end], 0)
        rows.append(told.rows(at, heard(2)))
    strongest = np.concatenate(rows)[:100].argmax(axis=1)
    alone = TimedMouth.of(words(*BOB)).rows(0, 100).argmax(axis=1)
    assert (strongest[33:47] == PP).mean() > 0.7, "the second b of Bob lasts as long as it is heard"
    assert (strongest[20:80] == SOUND[20:80].argmax(axis=1)).mean() > 0.85
    assert (alone[20:80] == SOUND[20:80].argmax(axis=1)).mean() < 0.75


def test_words_that_are_told_behind_their_sound_are_followed_through_it_then() -> None:
    before, behind = StreamedMouth(), StreamedMouth()
    before.push(words(*BOB))
    for told in (before, behind):
        told.hear(SOUND, 0)
    behind.push(words(BOB[0]))
    behind.rows(0, heard(100))
    behind.push(words(BOB[1]))
    for first in (0, 60):
        np.testing.assert_allclose(behind.rows(first, heard(40)), before.rows(first, heard(40)), atol=0.02)


def test_a_moment_of_silence_shuts_no_word_that_was_told_and_one_that_lasts_does() -> None:
    told = StreamedMouth()
    told.push(words(*BOB))
    closed = np.eye(1, len(VISEMES), dtype=np.float32)
    sound, quiet = SOUND.copy(), heard(100)
    sound[62:70], quiet[52:70] = closed, closed
    told.hear(sound, 0)
    rows = told.rows(0, quiet)
    assert (rows[52:60, 0] < 0.1).all() and (rows[62:70, 0] == 1).all()


def test_words_that_spelling_does_not_know_are_as_heard_and_those_between_them_are_followed() -> None:
    told, alone = StreamedMouth(), StreamedMouth()
    told.push(words(("мус", 0.0, 0.2), ("Bob", 0.2, 0.74), ("мус", 0.74, 1.0)))
    alone.push(words(("Bob", 0.2, 0.74)))
    for one in (told, alone):
        one.hear(SOUND, 0)
    by_sound = np.random.default_rng(1).dirichlet(np.ones(len(VISEMES)), 100).astype(np.float32)
    rows, followed = told.rows(0, by_sound), alone.rows(0, by_sound)
    np.testing.assert_array_equal(rows[3:18], by_sound[3:18])
    np.testing.assert_array_equal(rows[76:97], by_sound[76:97])
    assert (rows[30:64].argmax(axis=1) == followed[30:64].argmax(axis=1)).mean() > 0.9
    assert not (rows[30:64] == by_sound[30:64]).all(axis=1).any()
    assert TimedMouth.of(words(("мус", 0.0, 0.2))).aligned() is None


def test_phones_that_are_told_later_take_the_place_of_words() -> None:
    told = StreamedMouth()
    told.push(words(*BOB))
    told.hear(SOUND, 0)
    told.rows(0, heard(100))
    told.push(oculus(("O", 0.0, 1.0)))
    np.testing.assert_allclose(told.rows(10, heard(80)), heard(80), atol=1e-6)


def test_words_without_an_end_last_until_the_next() -> None:
    told, wanted = StreamedMouth(), StreamedMouth()
    told.push(words(("Bob", 0.2, 0.2), ("up", 0.5, 0.8)))
    wanted.push(words(*BOB))
    for one in (told, wanted):
        one.hear(SOUND, 0)
    np.testing.assert_allclose(told.rows(25, heard(20)), wanted.rows(25, heard(20)), atol=1e-6)


def test_of_hours_of_words_little_is_kept() -> None:
    told = StreamedMouth()
    for second in range(60):
        told.push(words(*(("ha", second + k / 4, second + (k + 1) / 4) for k in range(4))))
        told.hear(SOUND[:100], 100 * second)
        told.rows(100 * second, heard(99))
        told.passed(100 * second)
        told.changes.clear()
    assert len(told._followed._likely) < 600 and len(told._words) < 60


def test_words_that_are_pushed_with_their_sound_move_the_mouth_as_those_given_up_front_do() -> None:
    folder = Path(__file__).parents[2] / "assets" / "conversations" / "hello"
    marks = [tuple(one) for one in json.loads((folder / "timing" / "4-words.json").read_text())]
    told = [(word, start, end) for word, start, end in marks if end < 2.8]
    with av.open(str(folder / "audio" / "4-at-home.flac")) as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        parts = [
            out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)
        ]
    sound = np.concatenate(parts)[:144_000]
    tracks = []
    for streamed in (False, True):
        with AudioSession() as session:
            feed = PcmFeed(48_000)
            track = session.say("a", feed, timings=None if streamed else words(*told)).track
            for one in told if streamed else ():
                feed.push_timings(words(one))
            feed.push(sound)
            feed.end()
            while not session.idle:
                session.pull(1600)
            tracks.append(track.visemes[:280].copy())
    alone = TimedMouth.of(words(*told)).rows(0, 280)
    within = np.zeros(280, bool)
    for _, start, end in told:
        within[round(start * 100) + 3 : round(end * 100) - 3] = True
    same = (tracks[0].argmax(axis=1) == tracks[1].argmax(axis=1))[within]
    assert same.mean() > 0.97 > 0.95 > (tracks[0].argmax(axis=1) == alone.argmax(axis=1))[within].mean()
