"""Sources through the worker to the timeline: every codec, and everything that can be wrong with a file."""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from audio.waiting import wait_for
from mien.audio import AudioInput, AudioSession, DecodeWorker, PcmFeed, TurnAudio, TurnState
from mien.audio.resolution import resolve
from mien.audio.resting import REST
from mien.audio.turn import Chunk, End
from mien.audio.turn_decoding import FIRST, LEAST, MUCH, begun_small, decode, gathered
from mien.errors import AssetMissing, AudioRejected, Closed

Encode = Callable[..., bytes]


def play(*sources: AudioInput) -> tuple[list[TurnAudio], list[np.ndarray]]:
    """Each source's turn, and the samples played for each."""
    with AudioSession() as session:
        turns = [session.say(str(i), source, pan=-1) for i, source in enumerate(sources)]
        out = []
        for _ in range(200):
            out.append(session.pull(4800)[:, 0])
            if session.idle:
                break
        assert session.idle
        assert session.counters().concealed_samples == session.counters().underruns == 0
        sound, played, at = np.concatenate(out), [], 0
        for turn in turns:
            played.append(sound[at : at + turn.samples_decoded])
            at += turn.samples_decoded
        return turns, played


AHEAD = 19_200
"""Samples beyond which decoding has time."""

CODECS = [
    ("wav", "pcm_s16le", 48_000, "mono", 1e-4),
    ("wav", "pcm_s16le", 44_100, "stereo", 3e-3),
    ("wav", "pcm_s24le", 48_000, "mono", 1e-4),
    ("wav", "pcm_f32le", 48_000, "stereo", 1e-6),
    ("wav", "pcm_f32le", 8_000, "mono", 3e-3),
    ("wav", "pcm_u8", 16_000, "mono", 3e-2),
    ("wav", "pcm_mulaw", 16_000, "mono", 3e-2),
    ("flac", "flac", 24_000, "mono", 3e-3),
    ("mp3", "libmp3lame", 48_000, "stereo", 5e-2),
    ("ogg", "libopus", 48_000, "mono", 1e-1),
    ("mp4", "aac", 48_000, "mono", 5e-2),
    ("matroska", "libopus", 48_000, "mono", 1e-1),
]


@pytest.mark.parametrize(("container", "codec", "rate", "layout", "tolerance"), CODECS)
def test_every_codec_comes_out_as_it_went_in(
    encode: Encode, container: str, codec: str, rate: int, layout: str, tolerance: float
) -> None:
    t = np.arange(rate // 2) / rate
    tone = 0.4 * np.sin(2 * np.pi * (200 + 300 * t) * t) * (0.6 + 0.4 * np.sin(9 * t))
    (turn,), (played,) = play(encode(tone, container, codec, rate, layout))
    assert (turn.error, turn.damaged, turn.state) == (None, None, TurnState.DECODED)
    assert turn.track.complete and turn.track.length == -(-turn.samples_decoded // 480)
    assert abs(len(played) - 24_000) <= 1200
    at = np.arange(2400, 21_600)
    s = at / 48_000
    expected = 0.4 * np.sin(2 * np.pi * (200 + 300 * s) * s) * (0.6 + 0.4 * np.sin(9 * s))
    assert np.sqrt(np.mean((played[at] - expected) ** 2)) < tolerance


@pytest.mark.parametrize(
    ("container", "codec"),
    [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus"), ("mp4", "aac")],
)
def test_samples_expected_are_the_samples_decoded(
    encode: Encode, tone: np.ndarray, container: str, codec: str
) -> None:
    (turn,), _ = play(encode(tone, container, codec))
    assert turn.samples_expected is not None
    assert abs(turn.samples_expected - turn.samples_decoded) <= (1 if container in ("wav", "flac") else 1200)


@pytest.mark.parametrize("kind", ["str", "path", "bytes", "file"])
def test_the_same_sound_comes_from_every_kind_of_source(
    encode: Encode, tone: np.ndarray, tmp_path: Path, kind: str
) -> None:
    data = encode(tone, "flac", "flac")
    path = tmp_path / "wrong extension.mp3"
    path.write_bytes(data)
    sources: dict[str, AudioInput] = {
        "str": str(path), "path": path, "bytes": data, "file": io.BytesIO(data),
    }  # fmt: skip
    (turn,), (played,) = play(sources[kind])
    assert turn.damaged is None
    np.testing.assert_allclose(played, tone, atol=1e-4)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus")],
)
def test_a_file_cut_in_half_is_played_as_far_as_it_goes_and_called_damaged(
    encode: Encode, tone: np.ndarray, tmp_path: Path, container: str, codec: str
) -> None:
    whole = encode(np.tile(tone, 8), container, codec)
    path = tmp_path / "http:cut"
    path.write_bytes(whole[: len(whole) // 2])
    turns, _ = play(path, encode(tone, "wav", "pcm_s16le"), io.BytesIO(path.read_bytes()))
    assert turns[0].error is None
    assert turns[0].damaged is not None and "cut" in turns[0].damaged
    assert turns[2].damaged is not None and turns[2].samples_decoded == turns[0].samples_decoded
    assert 0 < turns[0].samples_decoded < 150_000
    assert turns[1].damaged is None and turns[1].samples_decoded == 24_000


@pytest.mark.parametrize(
    ("container", "codec"), [("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus")]
)
def test_flipped_bytes_never_stop_the_next_turn(
    encode: Encode, tone: np.ndarray, container: str, codec: str
) -> None:
    data = bytearray(encode(np.tile(tone, 3), container, codec))
    rng = np.random.default_rng(5)
    for at in rng.integers(len(data) // 3, len(data) - 100, 40):
        data[at] ^= 0xFF
    turns, played = play(bytes(data), encode(tone, "wav", "pcm_s16le"))
    assert turns[0].damaged is not None or turns[0].error is not None
    assert np.all(np.isfinite(played[0]))
    assert turns[1].damaged is None and turns[1].samples_decoded == 24_000


@pytest.mark.parametrize("sixteenth", range(16))
def test_a_file_cut_anywhere_is_an_error_or_damaged_and_never_silent_about_it(
    encode: Encode, tone: np.ndarray, sixteenth: int
) -> None:
    for container, codec in (("wav", "pcm_s16le"), ("mp4", "aac"), ("flac", "flac"), ("ogg", "libopus")):
        data = encode(tone, container, codec)
        (turn,), _ = play(data[: len(data) * sixteenth // 16])
        assert (turn.error is None) != (turn.damaged is None), container
        assert turn.done


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "0 bytes"), (b"<html>not found</html>" * 40, "no readable audio"), (b"RIFF", "no readable audio")],
)
def test_what_is_no_audio_is_an_error_of_its_turn(data: bytes, words: str) -> None:
    (turn,), _ = play(data)
    assert isinstance(turn.error, AudioRejected) and words in str(turn.error)
    assert (turn.state, turn.samples_decoded) == (TurnState.FAILED, 0)


def test_missing_and_empty_files_and_folders_are_errors_that_name_them(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    turns, _ = play(tmp_path / "none.wav", tmp_path / "empty.wav", tmp_path)
    errors = [turn.error for turn in turns]
    assert isinstance(errors[0], AssetMissing) and "none.wav" in str(errors[0])
    assert isinstance(errors[1], AudioRejected) and "empty.wav" in str(errors[1])
    assert isinstance(errors[2], AudioRejected) and "folder" in str(errors[2])


def test_a_wav_that_claims_an_absurd_rate_is_refused(encode: Encode, tone: np.ndarray) -> None:
    data = bytearray(encode(tone, "wav", "pcm_s16le"))
    data[24:28] = (2_000_000_000).to_bytes(4, "little")
    (turn,), _ = play(bytes(data))
    assert isinstance(turn.error, AudioRejected) and "2000000000 Hz" in str(turn.error)


def test_a_float_file_with_nan_is_made_finite(encode: Encode, tone: np.ndarray) -> None:
    broken = tone.copy()
    broken[1000:1010] = np.nan
    broken[2000] = np.inf
    (turn,), (played,) = play(encode(broken, "wav", "pcm_f32le"))
    assert np.all(np.isfinite(played)) and np.all(np.isfinite(turn.track.visemes))


def test_a_file_of_tiny_blocks_is_handed_on_in_pieces_of_10_ms() -> None:
    file, sound = io.BytesIO(), (8000 * np.sin(np.arange(9600) / 20)).astype(np.int16)
    with av.open(file, "w", format="flac") as out:
        stream: Any = out.add_stream("flac", rate=48_000, layout="mono", options={"frame_size": "16"})
        for at in range(0, len(sound), 16):
            frame = av.AudioFrame.from_ndarray(sound[None, at : at + 16], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    turn = TurnAudio("t")
    source = resolve(file.getvalue())
    for _ in decode(source, turn, None, lambda source, _: source.open()):
        pass
    chunks = [item for item in turn.inbox if isinstance(item, Chunk) and len(item.samples)]
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]) * 32768, sound)
    assert len(chunks) == len(sound) // LEAST


def piece(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


def test_what_comes_while_what_was_gathered_is_handed_on_is_not_taken_for_nothing() -> None:
    """The worker waits for a word once nothing is there, and hears of each piece once: 0.2 s of AIFF with
    35 channels, read by a thread, waited for ever."""
    here = deque([piece(57)])

    def pieces() -> Iterator[np.ndarray | None]:
        while True:
            yield here.popleft() if here else None

    steps = gathered(pieces())
    given = list[int | None]()
    for come in (57, 57, None, None):
        if come:
            here.append(piece(come))
        one = next(steps)
        given.append(None if one is None else len(one))
    assert given == [114, 57, None, None]


def test_what_is_gathered_comes_before_what_is_empty_and_before_the_end() -> None:

    given: list[np.ndarray | None] = [
        piece(300),
        None,
        piece(0),
        piece(100),
        piece(100),
        piece(900),
        piece(5),
    ]
    lengths = [None if one is None else len(one) for one in gathered(given)]
    assert lengths == [300, 0, 1100, 5]


def test_the_first_sound_of_a_turn_waits_for_no_more_than_20_ms_of_mouth() -> None:
    block = np.arange(5000, dtype=np.float32)
    pieces = list(begun_small([np.zeros(0, np.float32), None, block, np.ones(4000, np.float32)]))
    lengths = [None if one is None else len(one) for one in pieces]
    assert lengths == [0, None, FIRST, 5000 - FIRST, 4000]
    assert np.array_equal(np.concatenate([one for one in pieces[2:4] if one is not None]), block)


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("mp4", "aac")])
def test_a_turn_that_begins_small_sounds_and_speaks_as_it_does_in_whole_blocks(
    encode: Encode, container: str, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = np.arange(24_000) / 48_000
    data = encode(
        (0.4 * np.sin(2 * np.pi * 180 * t) * np.sin(2 * np.pi * 5 * t)).astype(np.float32), container, codec
    )

    def chunks() -> list[Chunk]:
        turn = TurnAudio("t")
        for _ in decode(resolve(data), turn, None, lambda source, _: source.open()):
            pass
        return [item for item in turn.inbox if isinstance(item, Chunk)]

    small = chunks()
    monkeypatch.setattr("mien.audio.turn_decoding.FIRST", 1 << 30)
    whole = chunks()
    assert len(small[0].samples) <= FIRST < len(whole[0].samples)
    for name in ("samples", "visemes", "loudness"):
        ours, theirs = (np.concatenate([getattr(one, name) for one in each]) for each in (small, whole))
        np.testing.assert_array_equal(ours, theirs)


# -- the worker -------------------------------------------------------------------------------------


@pytest.fixture
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker(max_outstanding=30_000) as worker:
        yield worker


def test_who_sees_that_a_turn_is_done_finds_its_end_in_the_inbox(
    worker: DecodeWorker, encode: Encode, tone: np.ndarray
) -> None:
    class Inbox(deque[Chunk | End]):
        """Notes for each thing put in whether the turn was said to be done already."""

        def append(self, item: Chunk | End) -> None:
            done_before.append(turn.done)
            super().append(item)

    done_before: list[bool] = []
    turn = TurnAudio("t")
    turn.inbox = Inbox()
    worker.submit(encode(tone, "wav", "pcm_s16le"), turn)
    wait_for(worker, lambda: turn.done)
    assert isinstance(turn.inbox[-1], End) and done_before and not any(done_before)


def test_what_is_decoded_ahead_is_bounded(worker: DecodeWorker, encode: Encode, tone: np.ndarray) -> None:
    data = encode(np.tile(tone, 6), "wav", "pcm_s16le")
    first = worker.submit(data, TurnAudio("1"))
    second = worker.submit(data, TurnAudio("2"))
    wait_for(worker, lambda: first.outstanding >= 30_000)
    assert first.samples_decoded < 40_000 and second.samples_decoded == 0
    first.samples_taken = 20_000
    worker.nudge()
    wait_for(worker, lambda: first.outstanding >= 30_000)
    assert first.samples_decoded >= 50_000
    first.dropped = True
    worker.nudge()
    wait_for(worker, lambda: first.state is TurnState.CANCELLED and second.outstanding >= 30_000)


def test_turns_that_are_decoded_and_not_played_count_as_ahead(
    worker: DecodeWorker, encode: Encode, tone: np.ndarray
) -> None:
    data = encode(tone, "wav", "pcm_s16le")
    turns = [worker.submit(data, TurnAudio(str(index))) for index in range(9)]
    wait_for(worker, lambda: sum(turn.outstanding for turn in turns) >= 30_000)
    ahead = sum(turn.outstanding for turn in turns)
    assert ahead < 40_000 and turns[0].done and not turns[-1].samples_decoded
    for index, turn in enumerate(turns):
        wait_for(worker, lambda turn=turn: turn.done)  # type: ignore[misc]
        turn.samples_taken = turn.samples_decoded
        turn.dropped = index % 2 == 0
        worker.nudge()


def test_a_waiting_feed_lets_the_turns_behind_it_be_decoded(
    worker: DecodeWorker, encode: Encode, tone: np.ndarray
) -> None:
    feed = PcmFeed(48_000)
    waiting = worker.submit(feed, TurnAudio("feed"))
    behind = worker.submit(encode(tone, "wav", "pcm_s16le"), TurnAudio("file"))
    wait_for(worker, lambda: behind.done)
    assert not waiting.done
    feed.end()
    wait_for(worker, lambda: waiting.done)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_feed_pushed_from_another_thread_arrives_whole(
    worker: DecodeWorker, rate: int, channels: int
) -> None:
    feed = PcmFeed(rate, channels)
    turn = worker.submit(feed, TurnAudio("feed"))
    t = np.arange(rate // 4) / rate
    sound = (8000 * np.sin(2 * np.pi * 300 * t)).astype(np.int16)

    def push() -> None:
        for part in np.array_split(sound, 9):
            feed.push(part if channels == 1 else np.stack([part] * channels, axis=1))
        feed.end()

    host = threading.Thread(target=push)
    host.start()
    wait_for(worker, lambda: turn.done)
    host.join()
    chunks = [item for item in turn.inbox if isinstance(item, Chunk)]
    played = np.concatenate([chunk.samples for chunk in chunks])
    assert abs(len(played) - 12_000) <= 2
    at = np.arange(1000, 11_000)
    expected = 8000 / 32768 * np.sin(2 * np.pi * 300 * at / 48_000)
    assert np.abs(played[at] - expected).max() < 2e-3


def test_a_feed_refuses_what_it_cannot_mean() -> None:
    with pytest.raises(AudioRejected, match="100 as its rate; give 1000 to 768000 Hz"):
        PcmFeed(100)
    feed = PcmFeed(48_000, 2)
    with pytest.raises(AudioRejected, match=r"\(n, 2\)"):
        feed.push(np.zeros(10, np.float32))
    with pytest.raises(AudioRejected, match="float64"):
        feed.push(np.zeros((10, 2)))
    feed.end()
    with pytest.raises(Closed):
        feed.push(np.zeros((10, 2), np.float32))


def test_a_feed_belongs_to_one_turn(worker: DecodeWorker) -> None:
    feed = PcmFeed(48_000)
    worker.submit(feed, TurnAudio("1"))
    with pytest.raises(AudioRejected, match="already belongs"):
        worker.submit(feed, TurnAudio("2"))


def test_closing_twice_is_once_and_a_closed_worker_says_so() -> None:
    worker = DecodeWorker()
    worker.close()
    worker.close()
    assert not worker.alive
    with pytest.raises(Closed):
        worker.submit(b"", TurnAudio("1"))


def test_a_reply_waits_for_none_of_the_turns_that_an_interruption_dropped(
    encode: Encode, tone: np.ndarray
) -> None:
    data = encode(tone, "wav", "pcm_s16le")
    # Whoever rests now rests until something is told: nothing here may need a second word.
    with DecodeWorker(rest=1e6) as worker:
        turns = [worker.submit(data, TurnAudio(str(index))) for index in range(300)]
        wait_for(worker, lambda: sum(turn.outstanding for turn in turns) >= AHEAD)
        for turn in turns:
            turn.dropped = True
        reply = worker.submit(data, TurnAudio("reply"))
        wait_for(worker, lambda: reply.samples_decoded >= AHEAD)
        wait_for(worker, lambda: all(turn.done for turn in turns))


def test_a_reply_is_decoded_before_all_that_was_dropped_is_left(encode: Encode, tone: np.ndarray) -> None:
    """To leave 1000 turns takes 5 to 12 ms, which is half of what a reply may take."""
    data = encode(tone, "wav", "pcm_s16le")
    reply, before = TurnAudio("reply"), 0

    class Counting(DecodeWorker):
        def _leave(self, job: Any, state: TurnState) -> None:
            nonlocal before
            before += state is TurnState.CANCELLED and not reply.samples_decoded
            super()._leave(job, state)

    with Counting(rest=1e6) as worker:
        turns = [worker.submit(data, TurnAudio(str(index))) for index in range(300)]
        wait_for(worker, lambda: sum(turn.outstanding for turn in turns) >= AHEAD)
        for turn in turns:
            turn.dropped = True
        worker.submit(data, reply)
        wait_for(worker, lambda: reply.samples_decoded >= AHEAD)
        wait_for(worker, lambda: all(turn.done for turn in turns))
    assert before < 100


def ahead_after(seconds: float, sound: bytes, monkeypatch: pytest.MonkeyPatch, *, room: bool) -> float:
    """How many seconds a live worker has decoded ahead, after so much of a turn was played.

    The thread is woken all the time, as by frames and the playout: that ends no rest."""
    now = [0.0]
    monkeypatch.setattr("mien.audio.resting.monotonic", lambda: now[0])
    with DecodeWorker(rest=REST, quick=True) as worker:
        worker.rest.room = room
        turn = worker.submit(sound, TurnAudio("a"))
        wait_for(worker, lambda: turn.samples_decoded >= AHEAD)
        while now[0] < seconds:
            now[0] += 0.005
            turn.samples_taken = round(now[0] * 48_000)
            worker.progress.clear()
            worker.nudge()
            assert worker.progress.wait(60)
        return turn.samples_decoded / 48_000 - seconds


def test_beside_frames_that_need_their_time_little_more_is_decoded_than_is_played(
    encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = encode(np.zeros(40 * 48_000), "wav", "pcm_s16le", 48_000)
    assert 1.5 < ahead_after(6.0, sound, monkeypatch, room=False) < 5.0
    # When a turn begins, too, and its first frames have much to draw.
    assert ahead_after(0.3, sound, monkeypatch, room=False) < 1.0
    assert ahead_after(6.0, sound, monkeypatch, room=True) > 18.0


def test_a_rest_that_is_over_before_the_thread_waits_is_no_wait_for_ever(
    encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another thread has the GIL meanwhile: nobody wakes the thread, which said that it rests."""
    now = [0.0]
    monkeypatch.setattr("mien.audio.resting.monotonic", lambda: now[0])

    class HeldUp(DecodeWorker):
        def _leave_dropped(self) -> bool:
            now[0] += 0.01
            return super()._leave_dropped()

    sound = encode(np.zeros(2 * 48_000), "wav", "pcm_s16le", 48_000)
    with HeldUp(rest=REST) as worker:
        turn = worker.submit(sound, TurnAudio("a"))
        wait_for(worker, lambda: turn.done)


def test_while_a_frame_is_made_only_what_is_due_soon_is_decoded(encode: Encode) -> None:
    with DecodeWorker() as worker:
        with worker.way.wanted():
            turn = worker.submit(encode(np.zeros(5 * 48_000), "wav", "pcm_s16le", 48_000), TurnAudio("a"))
            wait_for(worker, lambda: worker.way._given)
            assert AHEAD <= turn.samples_decoded < 48_000
        wait_for(worker, lambda: turn.done)
    assert turn.samples_decoded == 5 * 48_000


def test_live_pieces_of_sound_grow_with_what_is_ahead(encode: Encode) -> None:
    with DecodeWorker(quick=True) as worker:
        source = encode(np.zeros(3 * 48_000), "flac", "flac", 48_000)
        turn = worker.submit(source, TurnAudio("a"))
        wait_for(worker, lambda: turn.done)
    sizes = {one.at: len(one.samples) for one in turn.inbox if isinstance(one, Chunk) and len(one.samples)}
    *whole, _ = sizes.items()  # what is left at the end is a piece, too
    assert all(size >= min(MUCH, at // 4) for at, size in whole)
    assert max(size for at, size in whole if at < MUCH) < MUCH <= min(s for at, s in whole if at > 4 * MUCH)


def test_no_piece_is_begun_when_a_frame_is_due_before_its_end(
    encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = [0]
    monkeypatch.setattr("mien.switching.perf_counter_ns", lambda: now_ns[0])
    with DecodeWorker() as worker:
        for frame in range(3):
            now_ns[0] = 33_000_000 * frame
            with worker.way.wanted():
                worker._took_ns = 3_000_000
        now_ns[0] = 33_000_000 * 3 - 1_000_000
        turn = worker.submit(encode(np.zeros(5 * 48_000), "wav", "pcm_s16le", 48_000), TurnAudio("a"))
        wait_for(worker, lambda: worker._rests_s > 0.0)
        assert AHEAD <= turn.samples_decoded < 48_000
        now_ns[0] += 10_000_000  # it did not come
        wait_for(worker, lambda: turn.done)
    assert turn.samples_decoded == 5 * 48_000
