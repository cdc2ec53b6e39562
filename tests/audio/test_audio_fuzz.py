"""Damaged sound, as files and streams: an error or a warning with the reason, and the next turn goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mien.audio import AudioInput, DecodeWorker, EncodedFeed, TurnAudio, TurnState
from mien.audio.turn import Chunk, End

Encode = Callable[..., bytes]

FORMS = [
    ("wav", "pcm_s16le"),
    ("wav", "adpcm_ms"),
    ("aiff", "pcm_s16be"),
    ("flac", "flac"),
    ("mp3", "libmp3lame"),
    ("ogg", "libopus"),
    ("ogg", "flac"),
    ("adts", "aac"),
    ("mp4", "aac"),
    ("webm", "libopus"),
    ("matroska", "pcm_s16le"),
]
COUNTLESS = ("adts file", "adts stream", "mp3 stream")
"""Packets and no sum of them at hand: cut between two of them, it is a shorter file."""

WORDS = re.compile(
    r"^(audio of \d+ bytes|encoded feed)"
    r"( is damaged: .+| is no readable audio \(.+\); give .+|: give .+| has no audio stream; .+"
    r"| claims \d+ Hz; its header is damaged"
    r"| is in a codec that is not known here; .+| holds no sound; .+| is no readable audio \(.+\))\.$"
)
"""What is said names the source and the reason, in one sentence."""


@pytest.fixture
def sound(tone: np.ndarray) -> np.ndarray:
    """(96000,) two seconds: a quarter is longer than what codecs round by, and than a page of Ogg."""
    return np.tile(tone, 4)


@pytest.fixture
def worker() -> Iterator[DecodeWorker]:
    """One for all of a test's turns: none may end its thread."""
    with DecodeWorker(max_outstanding=1 << 40) as worker:
        yield worker
        assert worker.alive and worker.failure is None


def decoded(worker: DecodeWorker, source: AudioInput) -> TurnAudio:
    turn = worker.submit(source, TurnAudio("t"))
    while True:
        worker.progress.clear()
        if turn.done:
            return turn
        assert worker.progress.wait(20)


def streamed(data: bytes) -> EncodedFeed:
    feed = EncodedFeed()
    for at in range(0, len(data), 500):
        feed.push(data[at : at + 500])
    feed.end()
    return feed


def check(turn: TurnAudio) -> None:
    """A turn is whole in itself: numbered samples, an end, and at most one thing to say, in one sentence."""
    at = row = 0
    *chunks, end = turn.inbox
    for chunk in chunks:
        assert isinstance(chunk, Chunk) and (chunk.at, chunk.row) == (at, row)
        assert np.isfinite(chunk.samples).all() and np.isfinite(chunk.visemes).all()
        at, row = at + len(chunk.samples), row + len(chunk.loudness)
    assert end == End(at) and turn.samples_decoded == at
    assert (turn.error is not None) == (turn.state is TurnState.FAILED) == (at == 0)
    if turn.error is not None:
        assert turn.damaged is None
    said = turn.damaged or str(turn.error or "")
    assert not said or WORDS.match(said), said


WAYS: dict[str, Callable[[bytes], AudioInput]] = {"file": bytes, "stream": streamed}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("container", "codec"), FORMS)
def test_cut_at_every_quarter(
    encode: Encode,
    sound: np.ndarray,
    worker: DecodeWorker,
    container: str,
    codec: str,
    way: str,
) -> None:
    data = encode(sound, container, codec)
    longest = 0
    for quarter in range(4):
        turn = decoded(worker, WAYS[way](data[: len(data) * quarter // 4]))
        check(turn)
        assert turn.error or turn.damaged or f"{container} {way}" in COUNTLESS, quarter
        longest = max(longest, turn.samples_decoded)
    assert longest > 40_000 or (container == "mp4" and longest == 0)  # whose index stands at its end
    assert decoded(worker, encode(sound, "wav", "pcm_s16le")).damaged is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("container", "codec"), FORMS)
def test_bytes_flipped_anywhere(
    encode: Encode,
    sound: np.ndarray,
    worker: DecodeWorker,
    container: str,
    codec: str,
    way: str,
) -> None:
    data, rng = encode(sound[: len(sound) // 2], container, codec), np.random.default_rng(11)
    for flips in (1, 1, 4, 64):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), flips):
            broken[at] ^= 1 << rng.integers(8)
        check(decoded(worker, WAYS[way](bytes(broken))))
    broken = bytearray(data)
    broken[4:64] = rng.bytes(60)  # nothing in the header is true
    check(decoded(worker, WAYS[way](bytes(broken))))
    assert decoded(worker, encode(sound, "wav", "pcm_s16le")).damaged is None


@pytest.mark.parametrize("way", WAYS)
def test_noise_is_no_sound(worker: DecodeWorker, way: str) -> None:
    rng = np.random.default_rng(3)
    for head in (
        b"",
        b"RIFF",
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
        b"OggS",
        b"fLaC",
        b"ID3",
        b"\xff\xfb\x90",
        b"\x1aE\xdf\xa3",
    ):
        check(decoded(worker, WAYS[way](head + rng.bytes(5000))))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("at", "size", "value"), [(24, 4, 2_000_000_000), (24, 4, 0), (22, 2, 0), (22, 2, 60_000)]
)
def test_a_wav_of_an_absurd_form(
    encode: Encode,
    tone: np.ndarray,
    worker: DecodeWorker,
    at: int,
    size: int,
    value: int,
    way: str,
) -> None:
    data = bytearray(encode(tone, "wav", "pcm_s16le"))
    data[at : at + size] = value.to_bytes(size, "little")
    turn = decoded(worker, WAYS[way](bytes(data)))
    check(turn)
    assert turn.error is not None


@pytest.mark.parametrize("way", WAYS)
def test_a_codec_that_nobody_knows_is_named_as_that(
    encode: Encode, tone: np.ndarray, worker: DecodeWorker, way: str
) -> None:
    data = bytearray(encode(tone, "wav", "pcm_mulaw"))
    data[20:22] = b"\x99\x99"
    turn = decoded(worker, WAYS[way](bytes(data)))
    check(turn)
    assert "a codec that is not known" in str(turn.error)


@pytest.mark.parametrize("value", [3e38, -3e38, 1e20, float("nan"), float("inf")])
def test_samples_that_cannot_be_sound_are_bounded(
    encode: Encode, tone: np.ndarray, worker: DecodeWorker, value: float
) -> None:
    wild = tone.copy()
    wild[5000:5100] = value
    for source in (
        encode(wild, "wav", "pcm_f32le"),
        encode(wild, "wav", "pcm_f32le", 24_000, "stereo"),
    ):
        turn = decoded(worker, source)
        check(turn)
        heard = np.concatenate([item.samples for item in turn.inbox if isinstance(item, Chunk)])
        assert np.abs(heard).max() <= 8
