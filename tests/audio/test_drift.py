"""The depth that is kept, and the resampling that keeps it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.audio.drift import ABOVE, AHEAD, BEFORE, FULL_SLEW, SLEW, DepthControl, Resampler
from mien.types import F32

MS = 48
TARGET = 80 * MS


def settled(held: int) -> float:
    control = DepthControl()
    return [control.ratio(held, TARGET, 480) for _ in range(5)][-1]


@pytest.mark.parametrize("held", [60 * MS, 80 * MS, 100 * MS])
def test_near_its_target_the_sound_is_left_alone(held: int) -> None:
    assert settled(held) == 1.0


def test_beyond_it_the_rate_follows_in_proportion_up_to_its_bound() -> None:
    assert settled(TARGET + ABOVE + FULL_SLEW // 2) == pytest.approx(1 + SLEW / 2)
    assert settled(TARGET + 400 * MS) == 1 + SLEW
    assert settled(60 * MS - FULL_SLEW // 4) == pytest.approx(1 - SLEW / 4)
    assert settled(0) == 1 - SLEW


def test_a_synthesizer_that_is_ahead_is_not_hurried() -> None:
    assert settled(AHEAD + 1) == 1.0


def test_one_deep_moment_is_averaged_away() -> None:
    control = DepthControl()
    ratios = [control.ratio(150 * MS if i == 10 else TARGET, TARGET, 480) for i in range(30)]
    assert set(ratios) == {1.0}


def played(source: F32, ratio: float, block: int) -> F32:
    resampler = Resampler(np.zeros(BEFORE, np.float32))
    out: list[F32] = []
    at = 0
    while True:
        wanted = resampler.wanted(block, ratio)
        piece = source[at : at + wanted]
        at += len(piece)
        out.append(resampler.play(piece, block, ratio, ended=len(piece) < wanted))
        if len(out[-1]) < block:
            return np.concatenate(out)


@given(st.integers(0, 3000), st.integers(1, 700))
def test_at_a_ratio_of_one_what_goes_in_comes_out(n: int, block: int) -> None:
    source = np.random.default_rng(n).standard_normal(n).astype(np.float32)
    np.testing.assert_array_equal(played(source, 1.0, block), source)


@pytest.mark.parametrize("ratio", [1 - SLEW, 1 - SLEW / 3, 1 + SLEW / 7, 1 + SLEW])
@pytest.mark.parametrize("hertz", [200, 1000, 4000, 8000, 12000])
def test_a_tone_is_a_purer_tone_than_anyone_hears(ratio: float, hertz: float) -> None:
    time = np.arange(24_000)
    source = np.sin(2 * np.pi * hertz * time / 48_000).astype(np.float32)
    out = played(source, ratio, 480)
    assert len(out) == pytest.approx(len(source) / ratio, abs=1)
    expected = np.sin(2 * np.pi * hertz * ratio * np.arange(len(out)) / 48_000)
    noise = (out - expected)[100:-100]
    assert 10 * np.log10(np.mean(noise**2) / 0.5) < -60


def test_a_ratio_that_changes_at_every_block_does_not_click() -> None:
    time = np.arange(100_000)
    source = np.sin(2 * np.pi * 440 * time / 48_000).astype(np.float32)
    resampler = Resampler(np.zeros(BEFORE, np.float32))
    rng, at = np.random.default_rng(5), 0
    out: list[F32] = []
    for _ in range(150):
        ratio = 1.0 + SLEW * float(rng.uniform(-1, 1))
        wanted = resampler.wanted(480, ratio)
        out.append(resampler.play(source[at : at + wanted], 480, ratio))
        at += wanted
    heard = np.concatenate(out)[100:].astype(np.float64)
    steepest = 2 * np.pi * 440 / 48_000 * (1 + SLEW)
    assert np.abs(np.diff(heard)).max() < steepest * 1.001
    assert np.abs(np.diff(heard, 2)).max() < steepest**2 * 1.01


def test_it_begins_where_the_sound_before_it_ended() -> None:
    source = np.sin(np.arange(3000) / 20).astype(np.float32)
    resampler = Resampler(source[1000 - BEFORE : 1000])
    ratio = 1 + SLEW
    out = resampler.play(source[1000 : 1000 + resampler.wanted(1000, ratio)], 1000, ratio)
    np.testing.assert_allclose(out, np.sin((1000 + np.arange(1000) * ratio) / 20), atol=3e-4)
