"""Every audio codec that PyAV can encode, in a container that holds it: what goes in comes out."""

from __future__ import annotations

import io
from contextlib import closing
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from mien.audio import resolve

HOMES = {
    "matroska": (
        "aac ac3 ac3_fixed alac eac3 flac libmp3lame libopus mp2 mp2fixed mp3 opus pcm_f32le pcm_f64le "
        "pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_u8 real_144 tta wavpack"
    ),
    "wav": (
        "adpcm_ima_wav adpcm_ms adpcm_swf adpcm_yamaha dfpwm g722 g726 libopencore_amrnb pcm_alaw pcm_mulaw "
        "pcm_s64le"
    ),
    "mov": "adpcm_ima_qt nellymoser pcm_f32be pcm_f64be pcm_s8",
    "nut": (
        "pcm_s16be_planar pcm_s16le_planar pcm_s24le_planar pcm_s32le_planar pcm_s64be pcm_s8_planar "
        "pcm_u16be pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le"
    ),
    "aiff": "adpcm_ima_ws",
    "au": "g726le",
    "argo_asf": "adpcm_argo",
    "apm": "adpcm_ima_apm",
    "kvag": "adpcm_ima_ssi",
    "ogg": "vorbis",
    "asf": "wmav1 wmav2",
}
CODECS = sorted((codec, container) for container, codecs in HOMES.items() for codec in codecs.split())

HOMELESS = (
    "adpcm_adx adpcm_ima_alp adpcm_ima_amv anull aptx aptx_hd comfortnoise g723_1 pcm_bluray pcm_dvd "
    "pcm_s24daud pcm_vidc roq_dpcm sbc"
)
"""Encoders without any container here that gives their samples back: discs, radio links, games' videos."""

RATES = {
    **dict.fromkeys(("libopencore_amrnb", "real_144", "g726", "g726le"), 8_000),
    **dict.fromkeys(("nellymoser", "adpcm_swf", "vorbis", "wmav1", "wmav2"), 44_100),
    "g722": 16_000,
}
STEREO = ("vorbis", "wmav1", "wmav2")


def swept(t: np.ndarray) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * (200 + 300 * t) * t) * (0.6 + 0.4 * np.sin(9 * t))


def encoded(codec: str, container: str) -> bytes:
    rate, layout = RATES.get(codec, 48_000), "stereo" if codec in STEREO else "mono"
    channels = 2 if codec in STEREO else 1
    file = io.BytesIO()
    with av.open(file, "w", format=container, options={"strict": "experimental"}) as out:
        stream: Any = out.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        if container == "asf":
            stream.bit_rate = 128_000
        kind = av.codec.Codec(codec, "w").audio_formats[0].name
        stream.format = kind
        sound = np.tile(swept(np.arange(rate // 2) / rate).astype(np.float32), (channels, 1))
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        stream.codec_context.open()
        resampler = av.AudioResampler(kind, layout, rate, frame_size=stream.codec_context.frame_size or 1024)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(("codec", "container"), CODECS)
def test_what_goes_in_comes_out(codec: str, container: str) -> None:
    if codec.startswith("lib") and codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg cannot write {codec}; PyAV's wheels from 19 on leave it out")
    with closing(resolve(encoded(codec, container)).open()) as decoder:
        heard = np.concatenate(list(decoder.pieces()))
        assert decoder.faults == []
    assert len(heard) == pytest.approx(24_000, abs=3000)
    expected = swept(np.arange(2400, 21_600) / 48_000)
    # Some codecs delay what they hold, and say nothing of it: all delays at once, by their spectra.
    n = 1 << (len(heard) + len(expected)).bit_length()
    products = np.fft.irfft(np.fft.rfft(heard, n) * np.fft.rfft(expected, n).conj(), n)
    power = np.concatenate(([0.0], np.cumsum(heard.astype(np.float64) ** 2)))
    lagged = power[len(expected) :] - power[: -len(expected)]
    likeness = products[: len(lagged)] / np.sqrt(lagged * (expected @ expected))
    assert likeness.max() > 0.95


def test_no_codec_is_left_out() -> None:
    here = {name for name in av.codecs_available if _encodes_audio(name)}
    assert here <= {codec for codec, _ in CODECS} | set(HOMELESS.split())
    assert len(CODECS) >= 60


def _encodes_audio(name: str) -> bool:
    try:
        return av.codec.Codec(name, "w").type == "audio"
    except av.codec.codec.UnknownCodecError:
        return False
