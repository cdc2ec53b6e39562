"""How high a voice is: true to a semitone for tones and sweeps, and nothing for noise."""

from __future__ import annotations

import numpy as np
import pytest

from mien.clock import SAMPLE_RATE
from mien.lipsync.analyser import LOOK_AHEAD_MS
from mien.lipsync.pitch import LATER_MS, PitchTracker, pitches
from mien.types import F32, F64


def voice(hertz: F64 | float, seconds: float = 1.0) -> F32:
    """Harmonics of a pitch, falling by 6 dB an octave, up to 4 kHz."""
    n = round(seconds * SAMPLE_RATE)
    course = np.broadcast_to(np.asarray(hertz, np.float64), n)
    phase = 2 * np.pi * np.cumsum(course) / SAMPLE_RATE
    sound = np.zeros(n)
    for k in range(1, 20):
        sound += np.where(k * course < 4000, np.sin(k * phase) / k, 0.0)
    return (0.1 * sound).astype(np.float32)


def heard(sound: F32) -> F64:
    """(frames,) Hz."""
    lower = sound.reshape(-1, 12).mean(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate((np.zeros(60), lower)), 160)[::40]
    return pitches(windows.astype(np.float32))


@pytest.mark.parametrize("hertz", [70, 85, 100, 130, 180, 220, 290, 350, 420])
def test_a_tone_has_its_pitch(hertz: float) -> None:
    found = heard(voice(hertz))[5:-5]
    assert np.abs(12 * np.log2(found / hertz)).max() < 0.5


def test_a_sweep_is_followed_within_a_semitone() -> None:
    course = 90 * 2 ** np.linspace(0, 1.5, SAMPLE_RATE)
    found = heard(voice(course))[5:-5]
    true = course[240::480][5 : 5 + len(found)]
    assert np.abs(12 * np.log2(found / true)).max() < 1.0


def test_noise_silence_and_a_hiss_have_none() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert np.mean(heard(noise) > 0) < 0.1
    assert not heard(np.zeros(SAMPLE_RATE, np.float32)).any()
    assert not heard(noise * np.float32(1e-5)).any()


def test_what_is_given_is_semitones_above_the_voices_mean_for_high_and_low_voices_alike() -> None:
    for base in (100.0, 210.0):
        tracker = PitchTracker()
        steady = tracker.push(voice(base, 2.0))
        raised = tracker.push(voice(base * 2 ** (4 / 12), 0.3))
        assert np.abs(steady[10:]).max() < 0.3
        assert 3.0 < np.median(raised[10:]) < 4.2


def test_a_mistake_by_an_octave_is_put_right() -> None:
    tracker = PitchTracker()
    tracker.push(voice(120.0))
    assert np.abs(tracker.push(voice(240.0, 0.2))[8:]).max() < 1.0


def test_the_same_sound_gives_the_same_pitch_in_any_pieces_and_a_frame_for_each_10_ms() -> None:
    rng = np.random.default_rng(5)
    sound = np.concatenate(
        (voice(140.0, 0.7), rng.normal(0, 0.05, 9001).astype(np.float32), voice(180.0, 0.31))
    )
    whole = PitchTracker()
    expected = np.concatenate((whole.push(sound), whole.finish()))
    assert len(expected) == -(-len(sound) // 480)
    pieces, found, at = PitchTracker(), [], 0
    while at < len(sound):
        n = int(rng.integers(1, 3000))
        found.append(pieces.push(sound[at : at + n]))
        at += n
    assert np.array_equal(np.concatenate((*found, pieces.finish())), expected)


def test_it_is_known_before_the_mouth_is() -> None:
    assert LATER_MS == 45.0
    assert LATER_MS < 10 + LOOK_AHEAD_MS
