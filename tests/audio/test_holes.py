"""What files say of their times and lengths, true or not: what is whole is played whole, and called so."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
import pytest

from mien.audio import resolve
from mien.audio.holes import MAX_HOLE, Holes

Encode = Callable[..., bytes]
Way = Callable[[bytes], object]
WAYS: dict[str, Way] = {"file": bytes, "stream": lambda data: iter([data[:999], data[999:]])}


def heard(source: object) -> tuple[np.ndarray, list[str], int | None]:
    with closing(resolve(source).open()) as sound:  # type: ignore[arg-type]
        pieces = [piece for piece in sound.pieces() if piece is not None]
    return np.concatenate(pieces), sound.faults, sound.expected


@pytest.fixture
def noisy() -> np.ndarray:
    """(96000,) two seconds that nowhere repeat."""
    rng = np.random.default_rng(1)
    return 0.3 * np.sin(np.arange(96_000) / 20) + 0.02 * rng.standard_normal(96_000)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


# -- FLAC whose frames are numbered as they like ------------------------------------------------------


def crc(data: bytes, bits: int, polynomial: int) -> bytes:
    rest = 0
    for byte in data:
        rest ^= byte << (bits - 8)
        for _ in range(8):
            rest <<= 1
            if rest >> bits:
                rest ^= polynomial | 1 << bits
    return rest.to_bytes(bits // 8, "big")


def flac_parts(data: bytes) -> tuple[bytes, list[bytes]]:
    """All before the first frame, and the frames."""
    with av.open(io.BytesIO(data)) as container:
        frames = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    return data[: data.index(frames[0])], frames


def numbered(frame: bytes, number: int) -> bytes:
    """A FLAC frame (RFC 9639, 9.1) of a number below 128 under another one."""
    extra = {6: 1, 7: 2}.get(frame[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(frame[2] & 15, 0)
    head = frame[:4] + chr(number).encode() + frame[5 : 5 + extra]
    body = head + crc(head, 8, 0x07) + frame[6 + extra : -2]
    return body + crc(body, 16, 0x8005)


def with_total(head: bytes, samples: int) -> bytes:
    """The same file's head, stating another number of samples in all, and the longest frames of all rates."""
    form = int.from_bytes(head[18:26], "big") >> 36 << 36 | samples
    return head[:10] + (4608).to_bytes(2, "big") + head[12:18] + form.to_bytes(8, "big") + head[26:]


def test_a_frame_can_be_numbered_anew_without_a_trace(encode: Encode, noisy: np.ndarray) -> None:
    data = encode(noisy, "flac", "flac")
    head, frames = flac_parts(data)
    assert data == head + b"".join(numbered(frame, i) for i, frame in enumerate(frames))


def test_wrong_times_put_no_silence_into_a_whole_file(encode: Encode, noisy: np.ndarray, way: Way) -> None:
    """As flake 0.11 wrote them: IETF's flac subset 27 played for 145.9 s instead of 25.7."""
    head, frames = flac_parts(encode(noisy, "flac", "flac"))
    samples, faults, _ = heard(way(head + b"".join(numbered(frame, 5 * i) for i, frame in enumerate(frames))))
    assert faults == []
    np.testing.assert_allclose(samples, noisy, atol=1e-4)


@pytest.mark.parametrize("rates", [(48_000, 24_000), (24_000, 48_000)])
def test_a_rate_that_changes_inside_gains_no_silence_and_lacks_nothing(
    encode: Encode, noisy: np.ndarray, way: Way, rates: tuple[int, int]
) -> None:
    parts = [flac_parts(encode(noisy[:rate], "flac", "flac", rate)) for rate in rates]
    frames = [numbered(frame, i) for i, frame in enumerate(parts[0][1] + parts[1][1])]
    data = with_total(parts[0][0], sum(rates)) + b"".join(frames)
    samples, faults, expected = heard(way(data))
    assert faults == []
    assert len(samples) == pytest.approx(96_000, abs=64) and expected == pytest.approx(96_000, abs=64)


def test_a_damaged_frame_s_place_is_kept_silent(encode: Encode, noisy: np.ndarray, way: Way) -> None:
    data = bytearray(encode(noisy, "flac", "flac"))
    middle = len(data) // 2
    data[middle : middle + 300] = np.random.default_rng(2).bytes(300)
    samples, faults, _ = heard(way(bytes(data)))
    assert "missing inside" in faults[-1]
    np.testing.assert_allclose(samples[-20_000:], noisy[-20_000:], atol=1e-4)
    assert len(samples) == len(noisy)


# -- holes, by themselves -----------------------------------------------------------------------------


class Packet:
    def __init__(self, pos: int | None, size: int = 100) -> None:
        self.pos, self.size = pos, size


class Frame:
    sample_rate = 48_000
    samples = 4800

    def __init__(self, pts: int | None) -> None:
        self.time = None if pts is None else pts / 48_000


@pytest.mark.parametrize(
    ("container", "lost", "room", "hole"),
    [
        ("ogg", False, None, 9600),
        ("ogg", False, 100_000, 9600),
        ("ogg", False, 6000, 1200),
        ("ogg", False, 4000, 0),
        ("flac", False, None, 0),
        ("flac", False, 100_000, 0),
        ("flac", True, 100_000, 9600),
        ("flac", True, 6000, 1200),
    ],
)
def test_a_hole_is_what_is_missing_by_stamps_or_after_damage_and_never_beyond_the_stated_length(
    container: str, lost: bool, room: int | None, hole: int
) -> None:
    for how in ("error", "bytes"):
        holes = Holes(container)
        holes.packet(Packet(0))
        assert holes.before(Frame(0), room) == 0
        holes.packet(Packet(150 if lost and how == "bytes" else 100))
        if lost and how == "error":
            holes.damaged()
        assert holes.before(Frame(4800 + 9600), room) == hole
        assert holes.before(Frame(2 * 4800 + 9600), room) == 0


def test_an_absurd_time_is_no_hole_and_a_frame_without_one_follows_the_one_before() -> None:
    holes = Holes("ogg")
    assert holes.before(Frame(0), None) == 0
    assert holes.before(Frame(4800 + MAX_HOLE + 1), None) == 0
    assert holes.before(Frame(None), None) == 0
    assert holes.before(Frame(3 * 4800 + MAX_HOLE + 1 + 4800), None) == 4800


# -- lengths ------------------------------------------------------------------------------------------


def late(start_s: float, container: str, codec: str) -> bytes:
    """One second that begins at `start_s` of the file's time."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options={"avoid_negative_ts": "disabled"}) as out:
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        form = stream.codec_context.codec.audio_formats[0].name  # type: ignore[attr-defined]
        stream.codec_context.open()
        sound = (0.3 * np.sin(np.arange(48_000) / 20)).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, round(start_s * 48_000), Fraction(1, 48_000)
        size = stream.codec_context.frame_size or 1024  # type: ignore[attr-defined]
        resampler = av.AudioResampler(form, "mono", 48_000, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))  # type: ignore[attr-defined]
        out.mux(stream.encode(None))  # type: ignore[attr-defined]
    return file.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("matroska", "libopus"),
        ("webm", "libopus"),
        ("matroska", "flac"),
        ("ogg", "libopus"),
        ("mpegts", "mp2"),
    ],
)
def test_a_clip_that_starts_late_is_whole(container: str, codec: str, way: Way) -> None:
    data = late(1.5, container, codec)
    samples, faults, expected = heard(way(data))
    assert faults == []
    assert len(samples) == pytest.approx(48_000, abs=2400)
    assert expected is None or expected == pytest.approx(48_000, abs=2400)


def test_a_late_clip_that_is_cut_is_damaged(way: Way) -> None:
    data = late(1.5, "matroska", "flac")
    _, faults, _ = heard(way(data[: len(data) * 2 // 3]))
    assert faults


def test_the_end_of_a_wavpack_stream_is_no_damage_and_its_middle_is(
    encode: Encode, noisy: np.ndarray, way: Way
) -> None:
    data = encode(np.tile(noisy, 2), "wv", "wavpack")
    samples, faults, _ = heard(way(data))
    assert (len(samples), faults) == (192_000, [])
    _, faults, _ = heard(way(data[: len(data) * 2 // 3]))
    assert faults


# -- WAVs of compressed sound -------------------------------------------------------------------------


def chunk(data: bytes | bytearray, name: bytes) -> int:
    """Where the body of a WAV's chunk begins."""
    return data.index(name) + 8


@pytest.fixture(params=["adpcm_ima_wav", "adpcm_ms", "adpcm_yamaha"])
def adpcm(request: pytest.FixtureRequest, encode: Encode, noisy: np.ndarray) -> Iterator[bytes]:
    """With the byte rate that FFmpeg's command writes: 4 bits a sample, without the blocks' heads."""
    data = bytearray(encode(noisy, "wav", request.param))
    at = chunk(data, b"fmt ")
    data[at + 8 : at + 12] = (48_000 // 2).to_bytes(4, "little")
    yield bytes(data)


def test_an_adpcm_wav_is_as_long_as_its_fact_chunk_says(adpcm: bytes, way: Way) -> None:
    fact = int.from_bytes(adpcm[chunk(adpcm, b"fact") :][:4], "little")
    samples, faults, expected = heard(way(adpcm))
    assert (len(samples), faults, expected) == (fact, [], fact)
    _, faults, _ = heard(way(adpcm[: len(adpcm) // 2]))
    assert faults and "could be decoded" in faults[-1]


def test_an_adpcm_wav_without_a_fact_chunk_is_not_judged_by_its_byte_rate(adpcm: bytes, way: Way) -> None:
    _, faults, _ = heard(way(adpcm.replace(b"fact", b"junk")))
    assert faults == []


@pytest.mark.parametrize("codec", ["pcm_s24le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"])
def test_a_wav_of_even_samples_that_is_cut_is_damaged_however_wrong_its_byte_rate(
    encode: Encode, noisy: np.ndarray, codec: str
) -> None:
    data = bytearray(encode(noisy, "wav", codec))
    at = chunk(data, b"fmt ")
    data[at + 8 : at + 12] = (7).to_bytes(4, "little")
    assert heard(bytes(data))[1:] == ([], 96_000)
    assert "could be decoded" in heard(bytes(data[: len(data) // 2]))[1][-1]
