"""Frames of every form, brought to 48 kHz floats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.filter import Graph

from mien.audio.conversion import Converter


def frames(form: str, layout: str, rate: int) -> list[av.AudioFrame]:
    """A tone in ten pieces; in stereo louder on the left, and in the middle as loud as in mono."""
    t = np.arange(rate // 2) / rate
    made = []
    for part in np.array_split(0.4 * np.sin(2 * np.pi * 300 * t), 10):
        sound = np.outer([1.2, 0.8] if layout == "stereo" else [1.0], part).astype(np.float32)
        if not form.endswith("p"):
            sound = sound.T.reshape(1, -1)
        if form.startswith("s16"):
            sound = np.round(sound * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format=form, layout=layout)
        frame.sample_rate = rate
        made.append(frame)
    return made


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("form", ["s16", "s16p", "flt", "fltp"])
def test_the_samples_are_those_of_ffmpeg_s_own_resampler(form: str, layout: str, rate: int) -> None:
    given = frames(form, layout, rate)
    converter, other = Converter(given[0]), av.AudioResampler("fltp", layout, 48_000)
    pushed = [converter.push(frame) for frame in [*given, None]]
    known = [other.resample(frame) for frame in [*given, None]]
    assert list(map(len, pushed)) == [sum(piece.samples for piece in pieces) for pieces in known]
    ours = np.concatenate(pushed)
    theirs = np.concatenate([piece.to_ndarray() for pieces in known for piece in pieces], axis=1)
    # Mixed first and resampled then, which rounds elsewhere.
    np.testing.assert_allclose(ours, theirs.mean(axis=0)[: len(ours)], atol=1e-6 if layout == "stereo" else 0)
    assert abs(len(ours) - 24_000) <= 32
    at = np.arange(1000, 23_000)
    np.testing.assert_allclose(ours[at], 0.4 * np.sin(2 * np.pi * 300 * at / 48_000), atol=2e-3)


def test_the_filters_are_asked_once_a_frame() -> None:
    given = frames("fltp", "stereo", 8_000)
    converter: Any = Converter(given[0])
    sink = converter._sink = Counted(converter._sink)
    for frame in given:
        converter.push(frame)
    assert sink.asked == len(given)  # "nothing yet" is an exception, and slow


class Counted:
    """Counts how often a filter is asked for what it has."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked = inner, 0

    def pull(self) -> Any:
        self.asked += 1
        return self.inner.pull()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
@pytest.mark.skipif(not hasattr(Graph, "threads"), reason="this PyAV cannot be told so")
def test_no_threads_are_started() -> None:
    given = frames("s16", "mono", 24_000)
    before = len(list(Path("/proc/self/task").iterdir()))
    converters = [Converter(given[0]) for _ in range(8)]
    assert all(len(converter.push(given[0])) for converter in converters)
    assert len(list(Path("/proc/self/task").iterdir())) == before
