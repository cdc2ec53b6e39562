"""All of it together, offline, and in time to nobody."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.waiting import wait_for
from mien.audio import (
    AudioSession,
    DecodeWorker,
    Ended,
    Heard,
    NullPlayout,
    PcmFeed,
    Sequencer,
    Started,
    TurnAudio,
    open_playout,
    portaudio,
)
from mien.audio import session as session_module
from mien.audio.turn import Chunk, End
from mien.clock import VirtualClock
from mien.errors import Closed, FormatError, MienError
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.timed import Scheme, TimedMouth
from mien.types import F32

Encode = Callable[..., bytes]

NO_ROWS = np.zeros((0, 15), np.float32), np.zeros(0, np.float32)


class Marks:
    scheme: Scheme = "rhubarb"
    marks: tuple[tuple[str, float, float], ...] = (("D", 0.1, 0.2), ("A", 0.2, 0.3))


def test_turns_are_spoken_without_any_gap_and_reported_to_the_sample(
    encode: Encode, tone: np.ndarray
) -> None:
    with AudioSession() as session:
        for key in "abc":
            session.say(key, encode(tone, "flac", "flac"), pan=-1)
        out = np.concatenate([session.pull(1600)[:, 0] for _ in range(45)])
        assert session.idle and session.position() == 72_000
        np.testing.assert_allclose(out, np.tile(tone, 3), atol=1e-4)
        assert session.drain_events() == [
            Started(0, "a"), Ended(24_000, "a", 24_000, False),
            Started(24_000, "b"), Ended(48_000, "b", 24_000, False),
            Started(48_000, "c"), Ended(72_000, "c", 24_000, False),
        ]  # fmt: skip
        assert session.drain_events() == []
        counters = session.counters()
        assert (counters.concealed_samples, counters.underruns, counters.added_gap_samples) == (0, 0, 0)
        assert (counters.turns_queued, counters.turns_ended, counters.emitted_count) == (3, 3, 72_000)


def test_the_same_session_twice_gives_the_same_samples_and_the_same_mouth(
    encode: Encode, tone: np.ndarray
) -> None:
    data = [encode(np.tile(tone, 4), "ogg", "libopus"), encode(tone, "mp3", "libmp3lame")]

    def render(block: int) -> tuple[np.ndarray, list[np.ndarray], list[int]]:
        with AudioSession() as session:
            turns = [session.say(str(i), sound, gap_s=0.1) for i, sound in enumerate(data)]
            out, seen = [], []
            while not session.idle:
                out.append(session.pull(block))
                # What a face may look at: 0.4 s ahead of the sound, which begins after 10 frames.
                first = turns[0].track
                seen.append(min(first.length, session.position() // 480 - 10 + 40))
            return np.concatenate(out), [turn.track.visemes.copy() for turn in turns], seen

    once, again, other = render(1600), render(1600), render(800)
    np.testing.assert_array_equal(once[0], again[0])
    assert once[2] == again[2]
    n = min(len(once[0]), len(other[0]))
    np.testing.assert_array_equal(once[0][:n], other[0][:n])
    for a, b, c in zip(once[1], again[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_a_long_pull_is_the_same_as_many_short_ones(encode: Encode, tone: np.ndarray) -> None:
    with AudioSession() as session:
        session.say("a", encode(np.tile(tone, 8), "flac", "flac"), pan=-1)
        np.testing.assert_allclose(session.pull(192_000)[:, 0], np.tile(tone, 8), atol=1e-4)


def test_given_timings_move_the_mouth_and_the_sound_its_loudness(encode: Encode, tone: np.ndarray) -> None:
    with AudioSession() as session:
        turn = session.say("a", encode(tone, "wav", "pcm_s16le"), timings=Marks())
        while not session.idle:
            session.pull(1600)
        assert turn.track.visemes[15].argmax() == 10  # aa
        assert turn.track.visemes[25].argmax() == 1  # PP
        assert turn.track.visemes[40].argmax() == 0  # sil, though the tone goes on
        assert turn.track.loudness[40] > 0.3


def test_words_tell_the_mouth_what_is_said_and_the_sound_when(encode: Encode, tone: np.ndarray) -> None:
    class Words:
        scheme: Scheme = "words"
        marks: tuple[tuple[str, float, float], ...] = (("Bob", 0.0, 0.4),)

    told = TimedMouth.of(Words())
    analyser = MouthAnalyser(told.aligned())
    wanted = np.concatenate((analyser.push(tone)[0], analyser.finish()[0]))
    with AudioSession() as session:
        turn = session.say("a", encode(tone, "wav", "pcm_f32le"), timings=Words())
        while not session.idle:
            session.pull(1600)
        np.testing.assert_allclose(turn.track.visemes, wanted, atol=1e-3)
    assert np.abs(wanted - told.rows(0, len(wanted))).max() > 0.3


def test_a_wrong_viseme_is_refused_when_it_is_said(tone: np.ndarray) -> None:
    class Wrong:
        scheme: Scheme = "oculus"
        marks: tuple[tuple[str, float, float], ...] = (("QQ", 0.0, 1.0),)

    with AudioSession() as session, pytest.raises(FormatError, match="QQ"):
        session.say("a", b"", timings=Wrong())


def test_a_feed_offline_gives_what_was_pushed_and_conceals_what_was_not() -> None:
    with AudioSession() as session:
        feed = PcmFeed(48_000)
        session.say("a", feed, pan=-1)
        assert not session.pull(1600).any()
        feed.push(np.full(4800, 0.5, np.float32))
        assert np.all(session.pull(4800)[:, 0] == 0.5)
        session.pull(4800)
        assert session.counters().concealed_samples == 4800
        feed.push(np.full(4800, 0.25, np.float32))
        feed.end()
        assert np.all(session.pull(4800)[400:, 0] == 0.25)
        assert session.idle
        assert session.drain_events() == [Started(1600, "a"), Ended(16_000, "a", 9600, False)]


def test_an_interruption_ends_the_turn_and_the_session_goes_on(encode: Encode, tone: np.ndarray) -> None:
    data = encode(np.tile(tone, 4), "flac", "flac")
    with AudioSession() as session:
        session.say("a", data)
        session.say("b", data)
        session.pull(9600)
        session.interrupt()
        session.say("c", data)
        session.pull(1600)
        assert session.drain_events() == [
            Started(0, "a"),
            Ended(-1, "b", 0, True),
            Ended(9984, "a", 9984, True),
            Started(9984, "c"),
        ]
        session.interrupt()
        session.pull(1600)
        assert session.idle


class Sink(NullPlayout):
    """Holds 0.2 s that are pulled and not heard, and is pumped by the test alone."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords, lead=9600, threaded=False)


def live(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, history: int = 0) -> AudioSession:
    monkeypatch.setattr(
        session_module, "open_playout", lambda deck, prefer, clock, stops: (Sink(deck, clock), None)
    )
    return AudioSession("live", "null", clock, history=history)


def pass_by(session: AudioSession, clock: VirtualClock, ms: int) -> None:
    for _ in range(ms // 10):
        clock.advance_ns(10_000_000)
        session.catch_up()


def spoken(session: AudioSession, key: str, n: int) -> TurnAudio:
    feed = PcmFeed(48_000)
    feed.push(np.full(n, 0.25, np.float32))
    feed.end()
    turn = session.say(key, feed)
    while not turn.done:
        session._worker.progress.wait(1)
        session._worker.progress.clear()
    return turn


def test_what_is_not_heard_yet_is_taken_back_and_the_turn_ends_where_it_was_heard_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = VirtualClock()
    with live(clock, monkeypatch, history=48_000) as session:
        spoken(session, "a", 48_000)
        pass_by(session, clock, 100)
        heard, known = session.position(), session.known
        assert known - heard >= 9600
        assert session.drain_events(heard) == [Started(0, "a")]
        session.interrupt()
        pass_by(session, clock, 10)
        assert session.drain_events(heard) == []  # the fade is heard first
        pass_by(session, clock, 10)
        assert session.drain_events(session.position()) == [Ended(heard + 384, "a", heard + 384, True)]
        pass_by(session, clock, 400)
        for sound in (session.between(0, 24_000), session._deck.history.read(0, 24_000)):
            assert np.all(sound[:heard, 0] == np.float32(0.25) * np.float32(0.5**0.5))
            assert np.all(np.diff(sound[heard : heard + 384, 0]) < 0)
            assert not sound[heard + 384 :].any()
        assert session.heard() == [] and session.idle


def test_of_turns_that_nobody_had_heard_begin_none_began(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = VirtualClock()
    with live(clock, monkeypatch) as session:
        spoken(session, "a", 7200)
        spoken(session, "b", 2400)
        spoken(session, "c", 48_000)
        spoken(session, "d", 48_000)
        pass_by(session, clock, 50)
        assert session.known > 7200 + 2400  # a has ended, b as well, and c has begun, in what is handed over
        session.interrupt()
        spoken(session, "e", 480)
        pass_by(session, clock, 400)
        assert [(one.key, one.at, getattr(one, "position", None)) for one in session.drain_events()] == [
            ("a", 0, None),
            ("a", 2784, 2784),
            ("b", -1, 0),
            ("d", -1, 0),
            ("c", -1, 0),
            ("e", 12_000, None),
            ("e", 12_480, 480),
        ]


def test_closing_in_the_middle_leaves_nothing_running(
    encode: Encode, tone: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "long.flac"
    path.write_bytes(encode(np.tile(tone, 20), "flac", "flac"))
    session = AudioSession()
    session.say("a", path)
    session.say("b", PcmFeed(48_000))
    session.pull(480)
    session.close()
    session.close()
    with pytest.raises(Closed):
        session.say("c", path)
    with pytest.raises(Closed):
        session.pull(480)


# -- playing to nobody ------------------------------------------------------------------------------


def ms(n: float) -> int:
    return round(n * 1_000_000)


def test_the_silent_sink_keeps_the_clocks_time() -> None:
    clock = VirtualClock()
    sequencer = Sequencer()
    turn = TurnAudio("a")
    turn.inbox.extend((Chunk(0, np.ones(9600, np.float32), 0, *NO_ROWS), End(9600)))
    sequencer.queue(turn)
    sink = NullPlayout(sequencer, clock, lead=960, most=960, threaded=False)
    assert sink.position() == 0
    sink.start()
    sink.pump()
    assert (sink.position(), sequencer.position) == (0, 960)
    clock.advance_ns(ms(25))
    sink.pump()
    assert (sink.position(), sequencer.position) == (1200, 2400)
    clock.advance_ns(ms(100))
    assert sink.position() == 2400  # what was not pulled cannot have been heard
    sink.pump()
    assert sink.position() == 6000
    clock.advance_ns(ms(100))
    sink.pump()
    assert list(sequencer.events) == [Started(0, "a"), Ended(9600, "a", 9600, False)]
    sink.close()


def test_a_silent_sink_whose_pulls_come_late_holds_more_for_a_while() -> None:
    clock, sequencer = VirtualClock(), Sequencer()
    sink = NullPlayout(sequencer, clock, lead=960, most=7200, threaded=False)
    sink.start()
    sink.pump()

    def ahead() -> int:
        return sequencer.position - sink.position()

    clock.advance_ns(ms(80))
    assert ahead() == 0  # the picture would have to wait for the sound
    sink.pump()
    assert ahead() >= 80 * 48 * 3 // 2
    clock.advance_ns(ms(80))
    assert sink.position() == 160 * 48  # and now it need not
    sink.pump()
    clock.advance_ns(ms(1000))
    sink.pump()
    assert 7200 <= ahead() < 7200 + 480
    for _ in range(2000):
        clock.advance_ns(ms(10))
        sink.pump()
    assert 960 <= ahead() < 960 + 480
    sink.close()


def test_two_threads_may_pull_for_a_silent_sink_and_neither_waits_for_the_other() -> None:
    clock, sequencer = VirtualClock(), Sequencer()
    sink = NullPlayout(sequencer, clock, lead=960, most=960, threaded=False)
    sink.start()
    pull, within = sequencer.pull, []

    def slow(n: int) -> F32:
        other = threading.Thread(target=sink.pump)  # while this one waits for a core
        other.start()
        other.join()
        within.append(sequencer.position)
        return pull(n)

    sequencer.pull = slow  # type: ignore[method-assign]
    sink.pump()
    assert within == [0, 480]
    assert sequencer.position == 960
    sink.close()


def test_a_silent_sink_stands_still_while_the_process_is_stopped() -> None:
    clock = VirtualClock()
    sequencer = Sequencer()
    turn = TurnAudio("a")
    turn.inbox.extend((Chunk(0, np.ones(96_000, np.float32), 0, *NO_ROWS), End(96_000)))
    sequencer.queue(turn)
    sink = NullPlayout(sequencer, clock, lead=960, most=960, threaded=False)
    sink.start()
    for _ in range(10):
        sink.pump()
        clock.advance_ns(ms(10))
    sink.pump()
    assert sink.position() == 4800
    clock.advance_ns(ms(20_000))  # SIGSTOP, a debugger: nobody pulls
    assert sink.position() == 5760  # what had been pulled may be heard
    sink.pump()
    assert sequencer.position == 5760
    for _ in range(10):
        clock.advance_ns(ms(10))
        sink.pump()
    # Nothing of the turn is over that nobody could hear; the session goes on from where it was.
    assert (sink.position(), sequencer.position) == (9600, 10_560)
    clock.advance_ns(ms(1400))  # a machine that is only busy is caught up with
    sink.pump()
    assert sink.position() == 9600 + 1400 * 48
    sink.close()


def test_live_what_is_heard_of_a_turn_goes_by_the_clock_between_pulls() -> None:
    clock = VirtualClock()
    sequencer = Sequencer()
    turn = TurnAudio("a")
    turn.inbox.extend((Chunk(0, np.ones(9600, np.float32), 0, *NO_ROWS), End(9600)))
    sequencer.queue(turn)
    sink = NullPlayout(sequencer, clock, lead=12_000, threaded=False)
    sink.start()
    sink.pump()  # all of it is pulled, and its end is known, before the first sample is heard
    for heard_ms in (0, 25, 199):
        clock.advance_ns(ms(heard_ms) - clock.now_ns())
        assert sequencer.progress.at(sink.position()) == [Heard("a", heard_ms * 48)]
    clock.advance_ns(ms(1))
    assert sequencer.progress.at(sink.position()) == []
    sink.close()


def test_offline_what_is_heard_of_a_turn_is_what_was_pulled(encode: Encode, tone: np.ndarray) -> None:
    with AudioSession() as session:
        session.say("a", encode(tone, "wav", "pcm_s16le"), gap_s=0.01)
        assert session.heard() == []
        session.pull(1600)
        assert session.heard() == [Heard("a", 1120)]


def test_a_live_session_on_a_clock_that_stands_still_plays_no_further(
    encode: Encode, tone: np.ndarray
) -> None:
    clock = VirtualClock()
    with AudioSession("live", "null", clock) as session:
        assert session.position() == 0 and session.fallback is None
        assert session.output == "silent, as asked"
        session.say("a", encode(tone, "wav", "pcm_s16le"))
        with pytest.raises(MienError, match="offline"):
            session.pull(480)
        assert not session.idle
    assert session.position() == 0


def test_without_portaudio_the_session_is_silent_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoLibrary:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    # The process's own may be there already, from another test.
    monkeypatch.setattr(portaudio, "_started", portaudio.PortAudio)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoLibrary(), *sys.meta_path])
    playout, reason = open_playout(Sequencer(), "auto", VirtualClock())
    assert isinstance(playout, NullPlayout)
    assert reason is not None and "libportaudio2" in reason
    playout.close()


def test_a_defect_while_playing_is_told_and_not_lost_with_its_thread() -> None:
    pulled = threading.Event()

    class Broken(Sequencer):
        def pull(self, n: int) -> np.ndarray:
            pulled.set()
            raise ZeroDivisionError("a defect")

    sink = NullPlayout(Broken(), VirtualClock())
    sink.start()
    assert pulled.wait(10)
    sink.close()
    assert sink.failure is not None and "a defect" in sink.failure


def test_a_device_that_fails_to_close_leaves_no_decoder_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def unplugged() -> None:
        raise OSError("the device is gone")

    before = set(threading.enumerate())
    session = AudioSession("live", "null", VirtualClock())
    assert session.playout is not None
    really_close = session.playout.close
    monkeypatch.setattr(session.playout, "close", unplugged)
    try:
        with pytest.raises(OSError, match="is gone"):
            session.close()
        assert not session._worker._thread.is_alive()
    finally:
        really_close()
        session._worker.close()
    assert set(threading.enumerate()) <= before


CODECS = (
    ("flac", "flac", 48_000),
    ("ogg", "libopus", 48_000),
    ("mp3", "libmp3lame", 44_100),
    ("wav", "pcm_s16le", 24_000),
    ("matroska", "alac", 48_000),
    ("mp4", "aac", 48_000),
)


def alone(data: bytes) -> np.ndarray:
    """(n,) what a turn sounds like with nobody else, on the left."""
    with AudioSession() as session:
        session.say("t", data, pan=-1)
        out = []
        while not session.idle:
            out.append(session.pull(1600)[:, 0])
        (ended,) = (event for event in session.drain_events() if isinstance(event, Ended))
        return np.concatenate(out)[: ended.position]


@pytest.mark.parametrize("block", [800, 1470])
def test_twelve_turns_of_six_codecs_join_overlap_and_pause_to_the_sample(
    encode: Encode, tone: np.ndarray, block: int
) -> None:
    sounds = [encode(tone[: 9000 + 1111 * (i % 5)], *CODECS[i % 6]) for i in range(12)]
    gaps = [0, 0, 480, -3000, 0, -1, 7, 0, -9000, 0, 1, 0]
    expected = np.zeros(12 * 48_000, np.float32)
    starts, end = [], 0
    for data, gap in zip(sounds, gaps, strict=True):
        sound = alone(data)
        starts.append(end + gap)
        expected[starts[-1] : starts[-1] + len(sound)] += sound
        end = max(end, starts[-1] + len(sound))
    with AudioSession() as session:
        for i, (data, gap) in enumerate(zip(sounds, gaps, strict=True)):
            session.say(str(i), data, gap_s=gap / 48_000, pan=-1)
        out = []
        while not session.idle:
            out.append(session.pull(block)[:, 0])
        heard = np.concatenate(out)
        events, counters = session.drain_events(), session.counters()
    np.testing.assert_array_equal(heard[:end], expected[:end])
    assert not heard[end:].any()
    assert [event.at for event in events if isinstance(event, Started)] == starts
    assert (counters.underruns, counters.added_gap_samples, counters.concealed_samples) == (0, 0, 0)


class Watched(VirtualClock):
    """Has something done at its third sleep."""

    def __init__(self, at_third: Callable[[], None]) -> None:
        super().__init__()
        self.sleeps, self.at_third = 0, at_third

    def sleep_until_ns(self, deadline_ns: int) -> None:
        super().sleep_until_ns(deadline_ns)
        self.sleeps += 1
        if self.sleeps == 3:
            self.at_third()


class Gated(DecodeWorker):
    """Works on turns once it is told to."""

    gate = threading.Event()

    def _work(self, job: Any) -> bool:
        assert self.gate.wait(30)
        return super()._work(job)


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Gated]]:
    monkeypatch.setattr(session_module, "DecodeWorker", Gated)
    Gated.gate.clear()
    yield Gated
    Gated.gate.set()


@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_frames_begin_when_the_beginning_of_the_first_turn_is_decoded(
    encode: Encode, gated: type[Gated], seconds: float
) -> None:
    """Of a short one that is all of it."""

    def decodes() -> None:
        gated.gate.set()
        wait_for(session._worker, lambda: turn.done or turn.samples_decoded >= 12_000)

    clock = Watched(decodes)
    with AudioSession(clock=clock) as session:
        turn = session.say("a", encode(np.zeros(round(seconds * 48_000)), "wav", "pcm_s16le"))
        session.let_begin()
        assert turn.samples_decoded >= min(12_000, round(seconds * 48_000))
        assert 3 <= clock.sleeps <= 4 and clock.now_ns() < 10_000_000


def test_frames_wait_a_quarter_of_a_second_for_it_at_most(encode: Encode, gated: type[Gated]) -> None:
    clock = VirtualClock()
    with AudioSession(clock=clock) as session:
        turn = session.say("a", encode(np.zeros(48_000), "wav", "pcm_s16le"))
        session.let_begin()
        assert not turn.samples_decoded and clock.now_ns() == 250_000_000
        gated.gate.set()


def test_frames_wait_for_no_turn_that_is_decoded_or_has_nothing_to_give(encode: Encode) -> None:
    clock = VirtualClock()
    with AudioSession(clock=clock) as session:
        session.let_begin()
        turn = session.say("a", encode(np.zeros(9_600), "wav", "pcm_s16le"))
        wait_for(session._worker, lambda: turn.done)
        session.let_begin()
        session.say("b", PcmFeed(48_000))
        wait_for(session._worker, lambda: not session._worker.begins)
        session.let_begin()
        assert clock.now_ns() == 0


def test_frames_wait_for_no_turn_that_is_heard_long_after_what_is_decoded(
    encode: Encode, gated: type[Gated]
) -> None:
    clock, sound = VirtualClock(), encode(np.zeros(24_000), "wav", "pcm_s16le")
    with AudioSession(clock=clock) as session:
        gated.gate.set()
        first = session.say("a", sound)
        wait_for(session._worker, lambda: first.done)
        gated.gate.clear()
        behind = session.say("b", sound)
        session.let_begin()
        assert clock.now_ns() == 0 and not behind.samples_decoded
        gated.gate.set()
