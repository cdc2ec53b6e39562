"""Sound of any number of channels: mixed down as the standard says, and never out of bounds."""

from __future__ import annotations

import io
import signal
import struct
import subprocess
import sys
import wave
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
import pytest

from mien.audio import DecodeWorker, PcmFeed, TurnAudio, resolve
from mien.audio.levels import mono_gains
from mien.errors import AudioRejected

HALF = 0.5**0.5
LAYOUTS = {
    "mono": [1],
    "stereo": [0.5, 0.5],
    "2.1": [0.5, 0.5, 0],
    "3.0": [HALF, HALF, 1],
    "quad": [0.5, 0.5, HALF / 2, HALF / 2],
    "5.0": [HALF, HALF, 1, 0.5, 0.5],
    "5.1": [HALF, HALF, 1, 0, 0.5, 0.5],
    "5.1(side)": [HALF, HALF, 1, 0, 0.5, 0.5],
    "6.1": [HALF, HALF, 1, 0, 0.5, 0.5, 0.5],
    "7.1": [HALF, HALF, 1, 0, 0.5, 0.5, 0.5, 0.5],
    "5.1.2": [HALF, HALF, 1, 0, 0.5, 0.5, 0.5, 0.5],
    "ambisonic 1": [1, 0, 0, 0],
}
"""ITU-R BS.775 down to one channel, with what stands in the middle at its level."""


def wav(samples: np.ndarray) -> bytes:
    """(n, channels) in -1..1 as 16-bit PCM that says only how many channels there are."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((samples.shape[1], 2, 48_000, 0, "NONE", "NONE"))
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def laid_out(samples: np.ndarray, layout: str, container: str = "wav", codec: str = "pcm_f32le") -> bytes:
    """(n, channels) as a file that says where each channel belongs."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout=layout)
        form = "flt" if codec == "pcm_f32le" else "s16"
        data = samples.astype(np.float32) if form == "flt" else np.round(samples * 32767).astype(np.int16)
        for at in range(0, len(data), 1024):
            piece = np.ascontiguousarray(data[at : at + 1024]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, format=form, layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
            out.mux(stream.encode(frame))  # type: ignore[attr-defined]
        out.mux(stream.encode(None))  # type: ignore[attr-defined]
    return file.getvalue()


def heard(source: object) -> np.ndarray:
    with closing(resolve(source).open()) as sound:  # type: ignore[arg-type]
        pieces = [piece for piece in sound.pieces() if piece is not None]
        assert sound.faults == []
    return np.concatenate(pieces)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_channel_weighs_what_the_standard_says(layout: str) -> None:
    names = [channel.name for channel in av.AudioLayout(layout).channels]
    assert mono_gains(names) == pytest.approx(LAYOUTS[layout])


def test_speech_in_the_centre_of_5_1_keeps_its_level_as_file_and_as_stream() -> None:
    speech = 0.3 * np.sin(np.arange(9600) / 20)
    samples = np.zeros((9600, 6))
    samples[:, 2] = speech
    data = laid_out(samples, "5.1")
    for source in (data, iter([data]), wav(samples), iter([wav(samples)])):
        np.testing.assert_allclose(heard(source), speech, atol=1e-4)


def test_a_stream_knows_where_channels_belong_as_the_file_does() -> None:
    samples = np.zeros((9600, 4))
    samples[:, 3] = 0.5
    for layout, gain in (("4.0", 0.5), ("quad", HALF / 2), ("3.1", 0)):
        data = laid_out(samples, layout)
        for source in (data, iter([data])):
            np.testing.assert_allclose(heard(source), 0.5 * gain, atol=1e-6)


def test_a_host_s_feed_of_six_channels_is_mixed_as_a_file_is() -> None:
    samples = np.tile(np.array([0.1, 0.0, 0.3, 0.9, 0.2, 0.0], np.float32), (4800, 1))
    feed = PcmFeed(48_000, 6)
    feed.push(samples)
    feed.end()
    np.testing.assert_allclose(heard(feed), 0.1 * HALF + 0.3 + 0.1, atol=1e-6)


def test_what_adds_up_to_more_than_full_scale_is_bent_and_what_does_not_is_left_alone() -> None:
    loud = heard(laid_out(np.full((4800, 6), 0.9), "5.1"))
    assert loud.min() > 0.95 and loud.max() <= 1
    stereo = heard(laid_out(np.full((4800, 2), 0.97), "stereo"))
    np.testing.assert_allclose(stereo, 0.97, atol=1e-6)


EVERY_COUNT = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from test_channels import heard, laid_out, wav

for channels in range(1, 65):
    samples = np.tile(np.linspace(-0.1, 0.1, 4800)[:, None], (1, channels))
    data = wav(samples)
    for source in (data, iter([data])):
        assert len(heard(source)) == 4800, channels
for layout in ("7.1", "6.1", "5.1"):
    count = {"7.1": 8, "6.1": 7, "5.1": 6}[layout]
    samples = np.tile(np.linspace(-0.1, 0.1, 9600)[:, None], (1, count))
    for container in ("flac", "matroska", "ogg"):
        assert len(heard(laid_out(samples, layout, container, "flac"))) == 9600, (layout, container)
print("all of them")
"""


def test_1_to_64_channels_are_decoded_without_a_fault() -> None:
    """In a process of its own: what reads out of bounds ends it."""
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", EVERY_COUNT, __file__.rpartition("/")[0]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != -signal.SIGSEGV, ran.stderr
    assert (ran.returncode, ran.stdout.strip()) == (0, "all of them"), ran.stderr


def listed(labels: Sequence[int]) -> bytes:
    """A CAF of 0.1 s with its channels one by one, by CoreAudio's numbers: 1 left, 2 right, 3 centre."""
    count = len(labels)
    chunks = {
        b"desc": struct.pack(">d4sIIIII", 48_000.0, b"lpcm", 0, 2 * count, 1, count, 16),
        b"chan": struct.pack(">III", 0, 0, count)
        + b"".join(struct.pack(">IIfff", label, 0, 0, 0, 0) for label in labels),
        b"data": struct.pack(">I", 0) + np.tile(np.arange(1, count + 1) * 1000, 4800).astype(">i2").tobytes(),
    }
    return b"caff\0\1\0\0" + b"".join(
        name + struct.pack(">q", len(body)) + body for name, body in chunks.items()
    )


ONE_BY_ONE = """
import io, sys
sys.path.insert(0, sys.argv[1])
import av
import numpy as np
from test_channels import heard, listed
from mien.audio.layouts import harmful

HALF = 0.5**0.5
for labels, sum_of in {
    (1, 2): (0.5 * 1 + 0.5 * 2),
    (2, 1): (0.5 * 1 + 0.5 * 2),
    (2, 3, 1): (HALF * 1 + 2 + HALF * 3),
    (3, 400, 401): (1 + 0.5 * 2 + 0.5 * 3),
    (2, 1) * 8: HALF * HALF * sum(range(1, 17)),
}.items():
    data = listed(labels)
    for _ in range(20):
        for source in (data, io.BytesIO(data)):
            assert np.allclose(heard(source)[100:], min(1, sum_of * 1000 / 32768), atol=0.02), labels

# As it comes from a decoder that makes such a list itself.
for _ in range(50):
    with av.open(io.BytesIO(listed((2, 1)))) as container:
        frames = list(container.decode(audio=0))
        assert harmful(frames) == av.__version__.startswith("18.")
        del frames
    with av.open(io.BytesIO(listed((1, 2)))) as container:
        assert not harmful(list(container.decode(audio=0)))
print("all of them")
"""


def test_channels_that_are_listed_one_by_one_are_mixed_and_end_no_process() -> None:
    """PyAV 18 frees the list of such a layout twice."""
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", ONE_BY_ONE, __file__.rpartition("/")[0]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "all of them"), ran.stderr


def test_more_channels_than_can_be_mixed_are_refused_in_one_sentence() -> None:
    data = wav(np.zeros((480, 65)))
    with pytest.raises(AudioRejected, match=r"^audio of \d+ bytes has 65 channels; give 1 to 64 of them\.$"):
        resolve(data).open()
    with pytest.raises(AudioRejected, match="65 channels"):
        resolve(iter([data])).open()


@pytest.mark.parametrize("channels", [0, 600, 32_513])
def test_a_turn_of_an_absurd_number_of_channels_fails_in_one_sentence(channels: int) -> None:
    data = b".snd" + struct.pack(">IIIII", 24, 9600, 3, 48_000, channels) + bytes(9600)
    with DecodeWorker() as worker:
        for source in (data, iter([data])):
            turn = worker.submit(source, TurnAudio("t"))
            while not turn.done:
                assert worker.progress.wait(20)
                worker.progress.clear()
            assert isinstance(turn.error, AudioRejected)
            assert str(turn.error).startswith("audio") and str(turn.error).count(". ") == 0


def test_a_stream_that_begins_later_than_the_sound_changes_nothing() -> None:
    tones = [heard(iter([late(pid, 0)])) for pid in (0x100, 0x300)]
    for source in (iter([late(0x100, 0x300)]), late(0x100, 0x300)):
        np.testing.assert_array_equal(heard(source)[: len(tones[0])], tones[0])


def late(*pids: int) -> bytes:
    """MPEG-TS of 0.2 s for each, one behind the other, each in a program of its own."""
    parts = []
    for pid in filter(None, pids):
        file = io.BytesIO()
        options = {"mpegts_start_pid": str(pid), "mpegts_pmt_start_pid": str(pid + 0x80)}
        with av.open(file, "w", format="mpegts", options=options) as out:
            stream = out.add_stream("mp2", rate=48_000, layout="mono")
            sound = (8000 * np.sin(np.arange(9 * 1152) / 20)).astype(np.int16)[None]
            for at in range(0, sound.shape[1], 1152):
                piece = np.ascontiguousarray(sound[:, at : at + 1152])
                frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
                out.mux(stream.encode(frame))  # type: ignore[attr-defined]
            out.mux(stream.encode(None))  # type: ignore[attr-defined]
        parts.append(file.getvalue())
    return b"".join(parts)
