"""Beeps are found in sound to within a fraction of a millisecond, behind codecs and speech."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.audio.beeps import add_beeps
from mien.prove.hearing import find_beeps
from mien.types import F32


def beeping(start: int, length: int, loud: float = 0.0, seed: int = 1) -> F32:
    """(length, 2) samples of a session from `start` on, with noise under the beeps."""
    chance = np.random.default_rng(seed)
    sound = (
        chance.normal(0, loud, (length, 2)).astype(np.float32) if loud else np.zeros((length, 2), np.float32)
    )
    add_beeps(start, sound)
    return sound


def expected(start: int, length: int) -> list[int]:
    return [at - start for at in range(0, start + length, 48_000) if start <= at <= start + length - 960]


@given(st.integers(0, 500_000), st.integers(0, 200_000), st.floats(0, 0.1))
@settings(deadline=None, max_examples=30)
def test_each_beep_is_found_at_its_sample(start: int, length: int, loud: float) -> None:
    found = find_beeps(beeping(start, length, loud)[:, 0])
    wanted = expected(start, length)
    # One that is cut at an end may be found there or not.
    inside = [at for at in found.tolist() if any(abs(at - one) < 100 for one in wanted)]
    assert inside == pytest.approx(wanted, abs=10)
    assert all(at < 960 or at > length - 2000 for at in set(found.tolist()) - set(inside))


def test_pieces_of_any_length_make_the_same_sound() -> None:
    whole = beeping(0, 150_000)
    pieces = [beeping(at, min(1777, 150_000 - at)) for at in range(0, 150_000, 1777)]
    assert (np.concatenate(pieces) == whole).all()


def test_there_is_none_in_silence_noise_or_another_tone() -> None:
    chance = np.random.default_rng(2)
    tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(96_000)).astype(np.float32)
    for sound in (
        np.zeros(96_000, np.float32),
        chance.normal(0, 0.1, 96_000).astype(np.float32),
        tone,
        tone[:5],
    ):
        assert len(find_beeps(sound)) == 0


@pytest.mark.parametrize(("codec", "bits"), [("aac", 96_000), ("libopus", 48_000)])
def test_codecs_move_none(codec: str, bits: int, tmp_path: Path) -> None:
    sound, file = beeping(24_000, 240_000, 0.05), tmp_path / "beeps.mkv"
    with av.open(str(file), "w") as out:
        stream = out.add_stream(codec, rate=48_000, layout="stereo")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        resampler = av.AudioResampler(stream.codec_context.format, "stereo", 48_000)
        for part in (*resampler.resample(frame), None):
            out.mux(stream.encode(part))
    with av.open(str(file)) as back:
        parts = [(part.time, part.to_ndarray()) for part in back.decode(audio=0)]
    heard = np.concatenate([part[0] if part.ndim > 1 else part for _, part in parts])
    first = round((parts[0][0] or 0) * 48_000)
    found = find_beeps(heard.astype(np.float32)) + first
    assert len(found) == 5
    assert (found - np.array(expected(24_000, 240_000))).tolist() == pytest.approx([0] * 5, abs=48)
