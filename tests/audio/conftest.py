from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

Encode = Callable[..., bytes]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not left, f"threads left running: {left}"


@pytest.fixture
def encode() -> Encode:
    """Encodes (n,) float32 to the bytes of a small audio file."""

    def encoded(
        samples: np.ndarray, container: str, codec: str, rate: int = 48_000, layout: str = "mono"
    ) -> bytes:
        file = io.BytesIO()
        with av.open(file, "w", format=container) as out:
            stream: Any = out.add_stream(codec, rate=rate, layout=layout)
            kind = stream.codec_context.codec.audio_formats[0].name
            channels = 2 if layout == "stereo" else 1
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(np.tile(samples.astype(np.float32), (channels, 1))),
                format="fltp",
                layout=layout,
            )
            frame.sample_rate = rate
            frame.pts = 0  # without times, MP4 would not record the encoder's delay
            frame.time_base = Fraction(1, rate)
            size = stream.codec_context.frame_size or 1024
            resampler = av.AudioResampler(kind, layout, rate, frame_size=size)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                out.mux(stream.encode(piece))
            out.mux(stream.encode(None))
        return file.getvalue()

    return encoded


@pytest.fixture
def tone() -> np.ndarray:
    """(24000,) float32: half a second that swells and changes pitch, so that a shift would show."""
    t = np.arange(24_000) / 48_000
    return (0.4 * np.sin(2 * np.pi * (200 + 300 * t) * t) * (0.6 + 0.4 * np.sin(9 * t))).astype(np.float32)
