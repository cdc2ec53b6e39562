"""Sources that are not whole files at hand: networks, and streams that arrive as they are made."""

from __future__ import annotations

import asyncio
import errno
import io
import itertools
import os
import threading
import tracemalloc
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien.audio.path_source
import mien.audio.reader
import mien.audio.readers
import mien.audio.web
from audio.waiting import wait_for
from mien.audio import AudioInput, AudioSession, DecodeWorker, PcmFeed, TurnAudio, TurnState
from mien.audio.addresses import Address
from mien.audio.asking import PATIENCE, Asked
from mien.audio.decode import MAX_OUTSTANDING
from mien.audio.feeds import EncodedFeed
from mien.audio.path_source import PathSource
from mien.audio.reader import MOST_READERS, Reader
from mien.audio.resolution import resolve
from mien.audio.sources import AddressSource, BytesSource, FileSource
from mien.audio.turn import Chunk
from mien.errors import AssetMissing, AudioRejected, Closed
from mien.writable import unwritable

Encode = Callable[..., bytes]
CUT = 700
"""Bytes of a pushed chunk: in the middle of everything."""


def heard(turn: TurnAudio) -> np.ndarray:
    return np.concatenate([item.samples for item in turn.inbox if isinstance(item, Chunk)])


def pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CUT] for at in range(0, len(data), CUT))


@pytest.fixture
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker() as worker:
        yield worker


def decoded(worker: DecodeWorker, source: AudioInput, key: str = "t") -> TurnAudio:
    turn = worker.submit(source, TurnAudio(key))
    wait_for(worker, lambda: turn.done)
    return turn


def gone(worker: DecodeWorker) -> None:
    for reader in list(worker._readers._readers):
        reader.thread.join(20)
    assert not len(worker._readers)


# -- streams ----------------------------------------------------------------------------------------

STREAMED = [
    ("mp3", "libmp3lame", 24_000),
    ("ogg", "libopus", 48_000),
    ("wav", "pcm_s16le", 24_000),
    ("wav", "pcm_f32le", 44_100),
    ("adts", "aac", 24_000),
    ("flac", "flac", 24_000),
    ("webm", "libopus", 48_000),
]


@pytest.mark.parametrize("way", ["pushed", "iterated", "pipe", "async"])
@pytest.mark.parametrize(("container", "codec", "rate"), STREAMED)
def test_a_stream_gives_the_samples_of_the_file(
    encode: Encode, worker: DecodeWorker, container: str, codec: str, rate: int, way: str
) -> None:
    t = np.arange(rate * 2) / rate
    data = encode(0.4 * np.sin(2 * np.pi * (200 + 300 * t) * t), container, codec, rate)
    whole = decoded(worker, data, "file")
    source: AudioInput
    if way == "pipe":
        source = OneWay(data)
    elif way == "iterated":
        source = pieces(data)
    else:
        source = feed = EncodedFeed()
        if way == "async":
            asyncio.run(feed.pump(later(pieces(data))))
        else:
            for piece in pieces(data):
                feed.push(piece)
            feed.end()
    turn = decoded(worker, source)
    assert (turn.error, turn.damaged) == (None, None)
    # How much of an MP3's last packet is padding is at the end of nothing that streams.
    assert 0 <= turn.samples_decoded - whole.samples_decoded <= (1200 if container == "mp3" else 2)
    n = min(turn.samples_decoded, whole.samples_decoded)
    np.testing.assert_allclose(heard(turn)[: n - 10], heard(whole)[: n - 10], atol=2e-3)


class OneWay(io.RawIOBase):
    """Like a socket or standard input: it cannot go back, and gives what it has."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, n: int = -1) -> bytes:
        return self._data.read(min(n, CUT) if n >= 0 else -1)


async def later(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


@pytest.mark.parametrize(
    ("container", "codec", "most_ms"),
    [("mp3", "libmp3lame", 500), ("wav", "pcm_s16le", 100), ("adts", "aac", 300)],
)
def test_a_stream_sounds_long_before_it_is_whole(
    encode: Encode, worker: DecodeWorker, container: str, codec: str, most_ms: float
) -> None:
    """Counted in sound, not in time: so much of the stream must have come before the first sample leaves."""
    data = encode(0.3 * np.sin(np.arange(24_000 * 4) / 20), container, codec, 24_000)
    feed = EncodedFeed("aac" if container == "adts" else container)
    turn = worker.submit(feed, TurnAudio("t"))
    pushed = 0
    while not turn.samples_decoded:
        feed.push(data[pushed : pushed + 64])
        pushed += 64
        wait_for(worker, lambda: bool(turn.samples_decoded) or feed.starved)
    assert pushed / len(data) * 4000 <= most_ms
    feed.push(data[pushed:])
    feed.end()
    wait_for(worker, lambda: turn.done)
    assert turn.damaged is None and turn.samples_decoded == pytest.approx(4 * 48_000, abs=3000)


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("mp3", "libmp3lame")])
def test_a_program_s_pipe_is_heard_while_it_is_written(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, container: str, codec: str
) -> None:
    data = encode(np.tile(tone, 4), container, codec)
    pipe, into = os.pipe()
    with os.fdopen(pipe, "rb") as source, os.fdopen(into, "wb", 0) as program:
        turn = worker.submit(source, TurnAudio("t"))
        program.write(data[:12_000])  # less than FFmpeg asks for
        wait_for(worker, lambda: turn.samples_decoded > 0)
        assert not turn.done
        speaking = threading.Thread(target=lambda: (program.write(data[12_000:]), program.close()))
        speaking.start()
        wait_for(worker, lambda: turn.done)
        speaking.join()
    assert (turn.error, turn.damaged) == (None, None)
    assert turn.samples_decoded == pytest.approx(96_000, abs=1200)


def test_a_stream_that_waits_keeps_nobody_else_waiting(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray
) -> None:
    data = encode(tone, "mp3", "libmp3lame")
    feeds = [EncodedFeed() for _ in range(6)]  # more than are read at the same time
    slow = [worker.submit(feed, TurnAudio(f"s{i}")) for i, feed in enumerate(feeds)]
    assert decoded(worker, data, "file").damaged is None
    for feed, turn in zip(feeds, slow, strict=True):
        assert not turn.done
        feed.push(data)
        feed.end()
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        assert turn.damaged is None


class Hanging:
    """An iterable that gives `data` and then nothing, until it is let go."""

    def __init__(self, data: bytes = b"") -> None:
        self.data, self.asked, self.go_on = data, threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        if self.data:
            yield self.data
        self.asked.set()
        assert self.go_on.wait(60)


@pytest.fixture
def hanging() -> Iterator[list[Hanging]]:
    made = [Hanging() for _ in range(MOST_READERS)]
    yield made
    for one in made:
        one.go_on.set()


def test_readers_that_hang_give_their_places_back_with_their_turns(
    encode: Encode,
    worker: DecodeWorker,
    tone: np.ndarray,
    hanging: list[Hanging],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 1e6)  # nobody is given up for not answering
    data = encode(tone, "mp3", "libmp3lame")
    turns = [worker.submit(one, TurnAudio(str(i))) for i, one in enumerate(hanging)]
    reply = worker.submit(pieces(data), TurnAudio("reply"))
    assert all(one.asked.wait(20) for one in hanging)
    assert not reply.samples_decoded
    for turn in turns:  # as an interruption does
        turn.dropped = True
    worker.nudge()
    wait_for(worker, lambda: reply.done)
    assert reply.damaged is None and reply.error is None
    for one in hanging:
        one.go_on.set()
    gone(worker)


def test_what_does_not_answer_ends_its_turn_and_those_behind_it_are_heard(
    encode: Encode,
    worker: DecodeWorker,
    tone: np.ndarray,
    hanging: list[Hanging],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    hanging[0].data = encode(np.tile(tone, 2), "wav", "pcm_s16le")[:60_000]
    turns = [worker.submit(one, TurnAudio(str(i))) for i, one in enumerate(hanging)]
    behind = worker.submit(pieces(encode(tone, "mp3", "libmp3lame")), TurnAudio("behind"))
    wait_for(worker, lambda: behind.done)
    assert behind.damaged is None and behind.error is None
    wait_for(worker, lambda: all(turn.done for turn in turns))
    assert turns[0].samples_decoded > 20_000  # what came is heard
    assert "did not answer for 10 s" in str(turns[0].damaged)
    assert all("did not answer for 10 s" in str(turn.error) for turn in turns[1:])
    for one in hanging:
        one.go_on.set()
    gone(worker)


class Dripping:
    """A file of a host's own that can go back, and hangs in one of its calls until it is let go."""

    def __init__(self, data: bytes, hangs_in: str) -> None:
        self._file, self._hangs_in = io.BytesIO(data), hangs_in
        self.asked, self.go_on = threading.Event(), threading.Event()

    def seekable(self) -> bool:
        return True

    def read(self, n: int = -1, /) -> bytes:
        return self._call("read", n)

    def seek(self, offset: int, whence: int = 0, /) -> None:  # as many are written: it gives nothing
        self._call("seek", offset, whence)

    def tell(self) -> int:
        return self._call("tell")

    def __iter__(self) -> Iterator[bytes]:
        self._call("__iter__")
        return iter(self._file)

    def _call(self, name: str, *arguments: int) -> Any:
        if name == self._hangs_in:
            self.asked.set()
            assert self.go_on.wait(60)
        return getattr(self._file, name)(*arguments)


@pytest.mark.parametrize("hangs_in", ["read", "seek", "tell"])
def test_a_host_s_file_that_can_go_back_and_hangs_keeps_nobody_else_waiting(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch, hangs_in: str
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    data = encode(tone, "wav", "pcm_s16le")
    hanging = [Dripping(data, hangs_in) for _ in range(2 * MOST_READERS)]
    turns = [worker.submit(one, TurnAudio(str(i))) for i, one in enumerate(hanging)]
    assert decoded(worker, data, "file").error is None  # read by the worker itself
    behind = decoded(worker, Dripping(data, "nothing"), "behind")
    assert behind.samples_decoded == pytest.approx(len(tone), abs=2) and behind.damaged is None
    wait_for(worker, lambda: all(turn.done for turn in turns))
    assert all("did not answer for 10 s" in str(turn.error) for turn in turns)
    for one in hanging:
        one.go_on.set()
    gone(worker)


def test_turns_that_are_given_one_file_read_it_one_after_the_other(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray
) -> None:
    file = Dripping(encode(np.tile(tone, 8), "flac", "flac"), "nothing")
    turns = [worker.submit(file, TurnAudio(str(i))) for i in range(3)]  # type: ignore[arg-type]
    wait_for(worker, lambda: all(turn.done for turn in turns))
    told = [(turn.error, turn.damaged, turn.samples_decoded) for turn in turns]
    assert told == [(None, None, 8 * len(tone))] * 3
    gone(worker)


class Guarded(io.RawIOBase):
    """A file of a host's own that can go back: its second `read` waits until it is let go."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.reads = self.inside = self.most_inside = 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, n: int = -1, /) -> bytes:
        self.reads += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        if self.reads == 2:
            self.asked.set()
            assert self.go_on.wait(60)
        data = self._file.read(n)
        self.inside -= 1
        return data


def interrupted(worker: DecodeWorker, file: Guarded) -> None:
    """A turn of the file, dropped while its thread stands in `read`."""
    turn = worker.submit(file, TurnAudio("interrupted"))  # type: ignore[arg-type]
    assert file.asked.wait(20)
    turn.dropped = True
    worker.nudge()
    wait_for(worker, lambda: turn.done)


def test_a_file_that_is_said_again_after_an_interruption_is_read_by_one_thread_at_a_time(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray
) -> None:
    data = encode(np.tile(tone, 8), "flac", "flac")
    file = Guarded(data)
    interrupted(worker, file)
    again = worker.submit(file, TurnAudio("again"))  # type: ignore[arg-type]
    assert decoded(worker, pieces(data), "other").error is None  # so `again` has been looked at
    assert not again.done and file.reads == 2
    file.go_on.set()
    wait_for(worker, lambda: again.done)
    assert (again.error, again.damaged, again.samples_decoded) == (None, None, 8 * len(tone))
    assert file.most_inside == 1
    gone(worker)


class Faulty(io.BytesIO):
    """A file of a host's own that can go back, and raises from its third call on."""

    calls = 0

    def _called(self) -> None:
        self.calls += 1
        if self.calls > 2:
            raise OSError("a worn disk")

    def read(self, n: int | None = -1, /) -> bytes:
        self._called()
        return super().read(n)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._called()
        return super().seek(offset, whence)


def test_neither_an_interruption_nor_a_file_that_raises_prints_anything(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    """PyAV prints a traceback for each error of a file behind the first one that FFmpeg has not told yet."""
    for container, codec in (("wav", "pcm_s16le"), ("flac", "flac"), ("mp4", "aac"), ("matroska", "libopus")):
        data = encode(np.tile(tone, 8), container, codec)
        file = Guarded(data)
        turn = worker.submit(file, TurnAudio("interrupted"))  # type: ignore[arg-type]
        assert file.asked.wait(20)
        turn.dropped = True
        worker.nudge()
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        file.go_on.set()
        gone(worker)
        raised = decoded(worker, Faulty(data), container)
        assert "a worn disk" in str(raised.error or raised.damaged)
        gone(worker)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_never_answered_is_refused_when_it_is_said_again(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    file = Guarded(encode(tone, "flac", "flac"))
    interrupted(worker, file)
    again = decoded(worker, file, "again")
    assert "still owes the turn before an answer" in str(again.error) and file.most_inside == 1
    file.go_on.set()
    gone(worker)
    assert decoded(worker, file, "once more").samples_decoded == len(tone)


def test_an_iterable_that_hangs_before_its_first_piece_gives_its_place_back(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    data = encode(tone, "mp3", "libmp3lame")
    hanging = [Dripping(data, "__iter__") for _ in range(MOST_READERS)]
    # Without `read` it is an iterable.
    turns = [worker.submit(Iterated(one), TurnAudio(str(i))) for i, one in enumerate(hanging)]
    assert decoded(worker, pieces(data), "behind").error is None
    assert all("did not answer for 10 s" in str(turn.error) for turn in turns)
    for one in hanging:
        one.go_on.set()
    gone(worker)


class Iterated:
    def __init__(self, of: Dripping) -> None:
        self._of = of

    def __iter__(self) -> Iterator[bytes]:
        return self._of.__iter__()


def test_who_answers_for_ever_and_gives_no_sound_ends_his_turn(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    monkeypatch.setattr(mien.audio.reader, "SOUNDLESS", 5)
    data = encode(tone, "ogg", "libopus")
    looked = [threading.Semaphore(0) for _ in range(MOST_READERS)]
    real = Reader.look

    def look(self: Reader) -> None:  # a byte a look: too few for FFmpeg to see what they are
        for one in looked:
            one.release()
        real(self)

    monkeypatch.setattr(Reader, "look", look)

    def junk(i: int) -> Iterator[bytes]:
        while looked[i].acquire(timeout=60):
            yield bytes(1)

    turns = [worker.submit(junk(i), TurnAudio(str(i))) for i in range(MOST_READERS)]
    assert decoded(worker, pieces(data), "behind").error is None
    wait_for(worker, lambda: all(turn.done for turn in turns))
    told = {str(turn.damaged or turn.error) for turn in turns}
    assert told == {"audio from an iterator gave no sound for 5 s; let it give sound, or end."}
    for one in looked:  # who is asked again after that has no end: he is not
        one.release(1000)
    gone(worker)


def test_a_feed_is_waited_for_however_long_it_gives_no_sound(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.readers, "LOOK_S", 0.002)
    monkeypatch.setattr(mien.audio.reader, "SOUNDLESS", 1)
    feed = EncodedFeed()
    turn = worker.submit(feed, TurnAudio("t"))
    looks = itertools.count()
    monkeypatch.setattr(Reader, "look", lambda self, look=Reader.look: (next(looks), look(self)))
    wait_for(worker, lambda: next(looks) > 20)
    feed.push(encode(tone, "mp3", "libmp3lame"))
    feed.end()
    wait_for(worker, lambda: turn.done)
    assert turn.error is None and turn.damaged is None


def test_a_file_object_whose_name_raises_is_read_without_one() -> None:
    class Nameless(io.BytesIO):
        @property
        def name(self) -> str:
            raise RuntimeError

    assert resolve(Nameless(b"RIFF")).name == "audio from a file object"


def test_a_file_object_that_is_closed_is_told_where_it_is_said(worker: DecodeWorker) -> None:
    file = io.BytesIO(b"RIFF")
    file.close()
    with pytest.raises(AudioRejected, match=r"cannot be read \(I/O operation on closed file"):
        worker.submit(file, TurnAudio("t"))


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("way", ["file", "pipe", "iterable"])
def test_what_a_host_s_object_raises_ends_its_turn_whatever_it_is(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, raised: type[BaseException], way: str
) -> None:
    """Asked again and again, without an end, by FFmpeg: PyAV hands on no more than an Exception."""
    asked = itertools.count()

    class Raising:
        def seekable(self) -> bool:
            return way == "file"

        def read(self, n: int) -> bytes:
            assert next(asked) < 100
            raise raised

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def tell(self) -> int:
            return 0

    def pieces_of() -> Iterator[bytes]:
        yield from ()
        raise raised

    source: Any = pieces_of() if way == "iterable" else Raising()
    turn = decoded(worker, source)
    assert turn.error is not None
    assert raised.__name__.lower() in str(turn.error).lower()
    assert worker.alive and decoded(worker, encode(tone, "wav", "pcm_s16le"), "next").error is None
    gone(worker)


class Slow:
    """A stream that owes an answer, and gives it when it is told to."""

    def __init__(self) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()

    def read(self, n: int, /) -> bytes:
        self.asked.set()
        assert self.answer.wait(20)
        return b"."


def test_only_who_owes_an_answer_loses_patience() -> None:
    slow = Slow()
    stream = Asked(slow)
    assert not any(stream.look() for _ in range(100))  # nobody has asked for anything
    reading = threading.Thread(target=stream.read, args=(1,))
    reading.start()
    assert slow.asked.wait(20)
    assert [stream.look() for _ in range(PATIENCE + 1)] == [False] * PATIENCE + [True]
    slow.answer.set()
    reading.join()
    assert not any(stream.look() for _ in range(100))


def test_more_hanging_threads_than_can_be_kept_are_refused_and_files_still_play(
    encode: Encode, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch, worker: DecodeWorker
) -> None:
    monkeypatch.setattr(mien.audio.readers, "MOST_HUNG", 2)
    hung = [Hanging() for _ in range(MOST_READERS + 2)]
    for i, one in enumerate(hung):
        turn = worker.submit(one, TurnAudio(str(i)))
        assert one.asked.wait(20)
        turn.dropped = True
        worker.nudge()
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
    refused = decoded(worker, Hanging(), "refused")
    assert "2 iterators and pipes before it were given up" in str(refused.error)
    assert decoded(worker, encode(tone, "flac", "flac"), "file").error is None
    for one in hung:
        one.go_on.set()
    gone(worker)


def test_a_reader_s_place_is_free_with_its_last_word_not_with_the_end_of_its_thread(
    worker: DecodeWorker, encode: Encode, tone: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two nobody wakes the worker: those behind would wait for ever."""
    data, go_on = encode(tone, "mp3", "libmp3lame"), threading.Event()
    really_run = Reader._run

    def lingering(self: Reader) -> None:
        really_run(self)
        assert go_on.wait(60)

    monkeypatch.setattr(Reader, "_run", lingering)
    turns = [worker.submit(pieces(data), TurnAudio(str(i))) for i in range(2 * MOST_READERS)]
    for turn in turns:
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        assert turn.error is None
    go_on.set()
    gone(worker)


def test_a_stream_that_breaks_off_is_played_as_far_as_it_came_and_says_why(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray
) -> None:
    data = encode(np.tile(tone, 4), "mp3", "libmp3lame")

    def broken() -> Iterator[bytes]:
        yield data[: len(data) // 2]
        raise ConnectionError("the service hung up")

    async def broken_too() -> AsyncIterator[bytes]:
        for piece in broken():
            yield piece

    feed = EncodedFeed()
    pumped = worker.submit(feed, TurnAudio("pumped"))
    with pytest.raises(ConnectionError):
        asyncio.run(feed.pump(broken_too()))
    for turn in (decoded(worker, broken()), pumped):
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        assert turn.error is None and 20_000 < turn.samples_decoded < 60_000
        assert turn.damaged is not None and "broke off: the service hung up" in turn.damaged


def test_a_stream_that_breaks_off_without_a_word_is_told_by_the_kind_of_its_error(
    worker: DecodeWorker,
) -> None:
    def broken() -> Iterator[bytes]:
        raise TimeoutError
        yield b""  # type: ignore[unreachable]

    async def broken_too() -> AsyncIterator[bytes]:
        for piece in broken():
            yield piece

    feed = EncodedFeed()
    with pytest.raises(TimeoutError):
        asyncio.run(feed.pump(broken_too()))
    for audio in (broken(), feed):
        turn = decoded(worker, audio)
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        assert "its stream broke off: TimeoutError" in str(turn.error)


def test_numbers_are_no_bytes_however_many_zeros_python_makes_of_them(worker: DecodeWorker) -> None:
    turn = decoded(worker, iter([1 << 40]))  # type: ignore[arg-type]
    wait_for(worker, lambda: turn.done)
    assert "bytes-like object is required, not 'int'" in str(turn.error)


def test_an_iterator_that_gives_nothing_for_ever_ends_its_turn(worker: DecodeWorker) -> None:
    turn = worker.submit(itertools.repeat(b""), TurnAudio("endless"))
    wait_for(worker, lambda: turn.done)
    assert turn.error is not None and "empty pieces" in str(turn.error)


def test_a_stream_of_nothing_or_of_no_audio_is_an_error_of_its_turn(worker: DecodeWorker) -> None:
    for chunks, words in (
        ([], "no readable audio"),
        ([b"<html>", b"no credit left</html>" * 99], "no readable"),
    ):
        turn = decoded(worker, iter(chunks))
        assert turn.state is TurnState.FAILED and isinstance(turn.error, AudioRejected)
        assert words in str(turn.error)


def test_an_async_iterator_is_refused_with_what_to_do_instead(worker: DecodeWorker) -> None:
    with pytest.raises(AudioRejected, match=r"await feed.pump\(chunks\)"):
        worker.submit(later(iter([])), TurnAudio("t"))  # type: ignore[arg-type]


def test_a_feed_refuses_what_it_cannot_mean() -> None:
    feed = EncodedFeed()
    with pytest.raises(AudioRejected, match="push bytes"):
        feed.push("text")  # type: ignore[arg-type]
    feed.end()
    with pytest.raises(Closed):
        feed.push(b"x")


def test_a_feed_belongs_to_one_turn(worker: DecodeWorker) -> None:
    feed = EncodedFeed()
    worker.submit(feed, TurnAudio("1"))
    with pytest.raises(AudioRejected, match="already belongs"):
        worker.submit(feed, TurnAudio("2"))


def test_what_is_pushed_for_an_interrupted_turn_is_let_go(encode: Encode, tone: np.ndarray) -> None:
    encoded, pcm = EncodedFeed(), PcmFeed(48_000)
    data = encode(tone, "mp3", "libmp3lame")
    with AudioSession() as session:
        for key, feed in (("a", encoded), ("b", pcm)):
            turn = session.say(key, feed)
            if isinstance(feed, EncodedFeed):
                feed.push(data)
            else:
                feed.push(tone)
            wait_for(session._worker, lambda turn=turn: turn.samples_decoded >= 9600)  # type: ignore[misc]
            session.pull(4800)
            session.interrupt()
            session.pull(4800)
            wait_for(session._worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        for _ in range(100):
            encoded.push(data)
            pcm.push(tone)
        assert not encoded.queue.held and not pcm.queue.held and not pcm.pending
        assert not session.pull(4800).any()


def test_offline_an_iterator_is_waited_for_and_a_feed_is_not(encode: Encode, tone: np.ndarray) -> None:
    data = encode(np.tile(tone, 2), "wav", "pcm_s16le")
    go_on = threading.Event()

    def slow() -> Iterator[bytes]:
        yield data[:9000]
        assert go_on.wait(20)
        yield data[9000:]

    with AudioSession() as session:
        session.say("a", slow(), pan=-1)
        threading.Timer(0.05, go_on.set).start()
        out = np.concatenate([session.pull(4800)[:, 0] for _ in range(10)])
        np.testing.assert_allclose(out, np.tile(tone, 2), atol=1e-4)
        feed = EncodedFeed()
        session.say("b", feed)
        assert not session.pull(4800).any()  # nothing has been pushed: silence, and no waiting
        assert session.counters().concealed_samples == 0


# -- a network --------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves `data` in good and bad ways, until `go_on` is set."""

    daemon_threads = False  # `server_close` waits for them
    data = b""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{way}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        way, data = self.path.strip("/"), self.server.data
        if way == "missing":
            self.send_error(404)
            return
        if way == "mute":
            self.server.go_on.wait(20)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data if way == "whole" else data[: len(data) // 2])
        if way == "stalls":
            self.wfile.flush()
            self.server.go_on.wait(20)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(encode: Encode, tone: np.ndarray) -> Iterator[Server]:
    server = Server()
    server.data = encode(np.tile(tone, 6), "mp3", "libmp3lame")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_is_read_as_a_file_is(server: Server, worker: DecodeWorker) -> None:
    """Where the server takes no ranges; see test_addresses for those that do."""
    turn, whole = decoded(worker, server.url("whole")), decoded(worker, server.data)
    assert (turn.error, turn.damaged) == (None, None)
    # How much of an MP3's last packet is padding is at the end of nothing that cannot go back.
    assert 0 <= turn.samples_decoded - whole.samples_decoded <= 1200
    n = whole.samples_decoded - 2000
    np.testing.assert_array_equal(heard(turn)[:n], heard(whole)[:n])


def test_a_url_that_is_not_there_is_an_error_that_names_it(server: Server, worker: DecodeWorker) -> None:
    turn = decoded(worker, server.url("missing"))
    assert turn.state is TurnState.FAILED
    assert "/missing could not be opened" in str(turn.error) and "404" in str(turn.error)
    nobody = decoded(worker, "http://127.0.0.1:9/speech.mp3", "nobody")
    assert "could not be opened" in str(nobody.error) and "check the address" in str(nobody.error)


def test_a_url_that_breaks_off_is_played_as_far_as_it_came(server: Server, worker: DecodeWorker) -> None:
    turn = decoded(worker, server.url("cut"))
    assert turn.error is None and turn.damaged is not None
    assert 48_000 < turn.samples_decoded < 96_000


@pytest.mark.parametrize(
    ("way", "words"), [("stalls", "nothing more came for 0.3 s"), ("mute", "did not answer")]
)
def test_a_server_that_stalls_holds_up_nobody_else(
    server: Server, worker: DecodeWorker, monkeypatch: pytest.MonkeyPatch, way: str, words: str
) -> None:
    monkeypatch.setattr(mien.audio.web, "READ_S", 0.3)
    monkeypatch.setattr(mien.audio.web, "CONNECT_S", 0.3)
    stalled = worker.submit(server.url(way), TurnAudio("stalled"))
    assert decoded(worker, server.data, "behind").damaged is None
    wait_for(worker, lambda: stalled.done)
    assert words in str(stalled.damaged or stalled.error)
    assert (stalled.samples_decoded > 48_000) == (way == "stalls")


def test_closing_does_not_wait_for_a_server_nor_does_its_reader(server: Server) -> None:
    worker = DecodeWorker()
    turn = worker.submit(server.url("mute"), TurnAudio("t"))
    wait_for(worker, lambda: len(worker._readers) == 1)
    (reader,) = worker._readers._readers
    worker.close()
    assert not worker.alive and turn.state is TurnState.CANCELLED
    reader.thread.join(20)  # it would wait for 10 s, or for a server that trickles, for ever
    assert not reader.thread.is_alive() and not server.go_on.is_set()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("http://a/b.mp3", AddressSource),
        (Address("https://a/b.mp3"), AddressSource),
        ("C:/a.wav", PathSource),
        ("a.wav", PathSource),
        (b"http://", BytesSource),
        (bytearray(b"RIFF"), BytesSource),
        (io.BytesIO(), FileSource),
    ],
)
def test_what_a_host_gives_is_told_apart_once(given: AudioInput, kind: type) -> None:
    assert type(resolve(given)) is kind
    assert resolve(source := resolve(given)) is source


def test_only_sources_that_may_keep_their_reader_waiting_get_a_thread() -> None:
    waiting = ("http://a", EncodedFeed(), iter([b""]), OneWay(b""))
    assert all(resolve(given).waits for given in waiting)
    assert not any(resolve(given).waits for given in ("a.wav", b"", io.BytesIO(), PcmFeed(48_000)))


@pytest.mark.parametrize("given", [7, None, 2.5, object()])
def test_what_can_be_no_source_is_refused_in_one_sentence(given: object) -> None:
    with pytest.raises(AudioRejected, match=r"^audio cannot be .* iterable of bytes\.$"):
        resolve(given)  # type: ignore[arg-type]


# -- a long one -------------------------------------------------------------------------------------


class TwoHours(io.RawIOBase):
    """A WAV of two hours at 8 kHz, made as it is read."""

    FRAMES = 2 * 3600 * 8000

    def __init__(self) -> None:
        head = io.BytesIO()
        with wave.open(head, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.setnframes(self.FRAMES)
            file.writeframes(b"")
        data = bytearray(head.getvalue()[:44])
        data[4:8] = (36 + 2 * self.FRAMES).to_bytes(4, "little")
        data[40:44] = (2 * self.FRAMES).to_bytes(4, "little")
        self._head, self._at, self.read_bytes = bytes(data), 0, 0
        self._size = len(data) + 2 * self.FRAMES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, n: int = -1) -> bytes:
        n = min(n, self._size - self._at)
        data = self._head[self._at : self._at + n]
        data += b"\x00\x10" * ((n - len(data) + 1) // 2)
        self._at += n
        self.read_bytes += n
        return data[:n]


def test_of_two_hours_no_more_is_held_than_is_decoded_ahead() -> None:
    source, most = TwoHours(), 10 * 48_000
    tracemalloc.start()
    try:
        with AudioSession() as session:
            assert session._worker._max_outstanding == MAX_OUTSTANDING < 90 * 48_000
            session._worker._max_outstanding = most  # of which the rest follows
            turn = session.say("long", source, pan=-1)
            wait_for(session._worker, lambda: session._worker._full or turn.outstanding > 2 * most)
            for _ in range(50):
                session.pull(4800)
                assert turn.outstanding <= most + 48_000
            assert turn.samples_expected == 2 * 3600 * 48_000
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12e6
    assert source.read_bytes < 5e5


def test_a_turn_that_is_over_before_it_is_opened_asks_its_source_for_nothing() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            return b"junk"

    asked: list[int] = []
    source = resolve(Endless())
    source.abandon()
    with pytest.raises(OSError, match="its turn is over"):
        source.open()
    assert not asked


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("mov", "pcm_s16le")])
def test_an_mp4_whose_index_comes_last_is_told_as_that_and_not_as_damaged(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray, container: str, codec: str
) -> None:
    data = encode(tone, container, codec)
    streamed = decoded(worker, pieces(data), "streamed")
    assert "index comes behind its sound" in str(streamed.error) and "give a file" in str(streamed.error)
    assert decoded(worker, data, "whole").damaged is None


def test_an_avi_of_pcm_is_whole_though_it_states_a_whole_last_packet(
    encode: Encode, worker: DecodeWorker, tone: np.ndarray
) -> None:
    turn = decoded(worker, encode(tone, "avi", "pcm_s16le"), "avi")
    assert turn.samples_decoded == len(tone) and turn.damaged is None


def test_a_process_that_may_open_no_more_files_is_told_that_and_not_to_check_the_name(
    tmp_path: Path, worker: DecodeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")

    def none_left(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(mien.audio.path_source, "open_regular", none_left)
    turn = decoded(worker, tmp_path / "a.wav", "a")
    assert "(Too many open files); let the process open more files (`ulimit -n`)." in str(turn.error)
    told = str(unwritable("run.jsonl", OSError(errno.EMFILE, "x"), advice="name a writable place"))
    assert told == "run.jsonl: cannot be written (x); let the process open more files (`ulimit -n`)."


def test_of_a_file_that_is_not_there_one_thing_is_said_before_it_is_opened_and_then(tmp_path: Path) -> None:
    source = PathSource(tmp_path / "gone.wav")
    with pytest.raises(AssetMissing) as told:
        source.open()
    assert source.missing() == str(told.value) != ""
    assert not PathSource(tmp_path).missing() and not PathSource("x" * 5000).missing()
    assert not BytesSource(b"").missing()
