"""The fit of the mouth's network: right slopes, one network in tool and engine, nothing by chance."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from fit_mouth import network
from fit_mouth.disturb import Said, disturbed, joined, nothing_said, resized
from fit_mouth.main import HIDDEN, right, split
from fit_mouth.network import Stream, backward, fit, forward, slopes_of, start
from mien.lipsync import network as played
from mien.lipsync.features import FEATURES
from mien.types import VISEMES


@pytest.mark.parametrize("part", range(3))
def test_slopes_are_those_of_finite_differences(part: int) -> None:
    rng = np.random.default_rng(part)
    parts = [p.astype(np.float64) for p in start(7, 5, 4, 0)]
    x, h = rng.normal(0, 1, (6, 3, 7)), rng.normal(0, 1, (3, 5))
    fresh, slope = rng.random((6, 3)) < 0.3, rng.normal(0, 1, (6, 3, 5))
    kept, _ = forward(x, fresh, h, parts)
    found = backward(x, kept, slope, parts, fresh)[part]
    for _ in range(5):
        at = tuple(int(rng.integers(0, n)) for n in parts[part].shape)
        value, ends = parts[part][at], []
        for step in (0.01, -0.01):
            parts[part][at] = value + step
            ends.append(float((forward(x, fresh, h, parts)[1][1:] * slope).sum()))
        parts[part][at] = value
        assert found[at] == pytest.approx((ends[0] - ends[1]) / 0.02, abs=2e-3)


def test_the_slopes_of_shapes_and_openness_are_those_of_finite_differences() -> None:
    rng = np.random.default_rng(3)
    scores, shapes = rng.normal(0, 1, (4, 2, 5)), rng.integers(-1, 5, (4, 2))  # -1: none is asked for
    balance, opened = rng.uniform(0.5, 2, 5), rng.uniform(0, 1, 5)

    def error(scores: np.ndarray) -> tuple[np.ndarray, float]:
        odds = np.exp(scores)
        return slopes_of(odds / odds.sum(axis=2, keepdims=True), shapes, balance, opened)

    found = error(scores)[0]
    assert (shapes < 0).any() and not found[shapes < 0].any()
    for at in np.ndindex(scores.shape):
        step = np.zeros_like(scores)
        step[at] = 1e-3
        assert found[at] == pytest.approx(
            (error(scores + step)[1] - error(scores - step)[1]) / 2e-3, abs=1e-5
        )


def test_the_engine_plays_the_mean_of_the_layers_that_were_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [start(FEATURES, 8, len(VISEMES), seed) for seed in range(3)]
    packed = played.packed([np.stack(same) for same in zip(*layers, strict=True)])
    monkeypatch.setattr(played, "_parts", lambda: packed)
    x = np.random.default_rng(0).normal(0, 1, (50, FEATURES)).astype(np.float32)
    scores = np.zeros((50, len(VISEMES)))
    for parts in layers:
        _, states = forward(x[:, None], np.zeros((50, 1), bool), np.zeros((1, 8), np.float32), parts)
        scores += (states[1:, 0] @ parts[3] + parts[4]) / 3
    odds = np.exp(scores)
    mouth = played.MouthNetwork()
    heard = np.concatenate((mouth.frames(x[:3]), mouth.frames(x[3:])))
    np.testing.assert_allclose(heard, odds / odds.sum(axis=1, keepdims=True), atol=1e-4)


def test_what_is_stored_fits_the_features() -> None:
    parts = played._parts()
    many, size, _ = parts.back.shape
    assert parts.into.shape == (FEATURES, many * 3 * size) and parts.out.shape == (many * size, len(VISEMES))


def test_a_fit_learns_and_is_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LANES", 4)
    monkeypatch.setattr(network, "CHUNK", 20)
    rng = np.random.default_rng(1)
    streams = []
    for _ in range(24):
        shapes = np.repeat(rng.integers(0, 3, 15), 4).astype(np.int8)
        features = rng.normal(0, 0.3, (60, 5)).astype(np.float16)
        features[np.arange(1, 60), shapes[:-1]] += 1  # told one frame late: it has to be remembered
        streams.append(Stream(features, shapes))
    said, ones = list[str](), np.ones(3, np.float32)
    once, again = (fit([streams], 8, ones, np.arange(3) * ones / 2, 40, said.append) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    losses = [float(line.rsplit(" ", 1)[1]) for line in said[:40]]
    assert losses[-1] < 0.6 * losses[0]


def test_a_disturbed_voice_keeps_its_length_and_is_the_same_again() -> None:
    rng = np.random.default_rng(2)
    one = Said("a", rng.normal(0, 0.1, 30_000).astype(np.float32), np.ones(63, np.int8))
    small = resized(one, 1.25)
    assert len(small.samples) == 24_000 and len(small.shapes) == 50
    sounds = []
    for seed in (*range(8), *range(8)):
        own = np.random.default_rng(seed)
        sound, shapes = joined([one, small], own)
        assert len(sound) == 480 * len(shapes)
        sounds.append(disturbed(sound, own))
        assert len(sounds[-1]) == len(sound) and np.isfinite(sounds[-1]).all()
        assert np.abs(sounds[-1]).max() <= 1
        assert np.abs(nothing_said(own)).max() <= 1
    for first, second in zip(sounds[:8], sounds[8:], strict=True):
        np.testing.assert_array_equal(first, second)


def test_speakers_to_choose_by_are_wholly_kept_out_of_the_fit() -> None:
    names = [f"adult {i:02}" for i in range(14)] * 2 + ["LJ", "flite rms"]
    said = [Said(name, np.zeros(480, np.float32), np.zeros(1, np.int8)) for name in names]
    fitted, chosen_by = split(said)
    assert sorted({one.voice for one in chosen_by}) == ["adult 00", "adult 12"] and len(chosen_by) == 4
    assert len(fitted) == 26 and not {one.voice for one in fitted} & {one.voice for one in chosen_by}


def test_what_is_right_is_told_by_the_likeliest_shape_alone() -> None:
    rng = np.random.default_rng(0)
    parts = start(FEATURES, HIDDEN, len(VISEMES), 0)
    parts[3][:], parts[4][:], parts[4][3] = 0, 0, 1  # says TH to all
    said = [Said("a", rng.normal(0, 0.1, 4800).astype(np.float32), np.array([3] * 4 + [-1] * 2 + [5] * 4))]
    assert right(parts, said, room=False) == right(parts, said, room=True) == 0.5
