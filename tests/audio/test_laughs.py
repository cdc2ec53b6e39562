"""Laughs are heard in the sound, and speech, pauses, tones and noise are none."""

from __future__ import annotations

import numpy as np
import pytest

from mien.clock import SAMPLE_RATE
from mien.lipsync.analyser import MouthAnalyser
from mien.types import F32

SYLLABLES = (0.16, 0.2, 0.23, 0.28)
"""Seconds from one "ha" to the next: 3.6 to 6.2 a second."""


def vowel(n: int, hertz: float, formants: tuple[float, ...], rng: np.random.Generator) -> F32:
    """Harmonics of a falling pitch under formants, with breath between them."""
    t = np.arange(n) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(hertz * (1 - 0.15 * np.arange(n) / n)) / SAMPLE_RATE
    sound = np.zeros(n)
    for k in range(1, int(4500 / hertz)):
        gain = sum(1.0 / (1 + ((k * hertz - f) / 120) ** 2) for f in formants)
        sound += gain * np.sin(k * phase + k) / k**0.5
    return np.asarray(
        sound * np.abs(np.sin(np.pi * t / t[-1])) ** 0.5 + 0.02 * rng.normal(size=n), np.float32
    )


def syllables(period_s: float, count: int, hertz: float, seed: int, *, alike: bool) -> F32:
    """So many syllables, each after a breath: "ha ha ha", or each with another vowel and length."""
    rng = np.random.default_rng(seed)
    pieces = [np.zeros(SAMPLE_RATE // 2, np.float32)]
    for i in range(count):
        every = period_s * (rng.uniform(0.95, 1.05) if alike else rng.uniform(0.6, 1.5))
        n, voiced = int(every * SAMPLE_RATE), int(0.55 * every * SAMPLE_RATE)
        vowels = ((750, 1250, 2600), (300, 2300, 3000), (350, 700, 2400), (500, 1800, 2500))
        formants = vowels[0 if alike else i % 4]
        piece = 0.01 * rng.normal(size=n).astype(np.float32)
        piece[:voiced] += vowel(voiced, hertz * (1 - 0.03 * i), formants, rng) * 0.2 * 0.93**i
        pieces.append(piece)
    return np.concatenate([*pieces, np.zeros(SAMPLE_RATE // 2, np.float32)])


def heard(sound: F32, chunk: int = SAMPLE_RATE) -> tuple[int, ...]:
    analyser = MouthAnalyser()
    for at in range(0, len(sound), chunk):
        analyser.push(sound[at : at + chunk])
    analyser.finish()
    return tuple(one.frame for one in analyser.take_heard() if one.kind == "laugh")


@pytest.mark.parametrize("period_s", SYLLABLES)
@pytest.mark.parametrize("hertz", [140.0, 280.0])
def test_a_laugh_is_heard_once_within_a_second_of_its_beginning(period_s: float, hertz: float) -> None:
    (frame,) = heard(syllables(period_s, 6, hertz, 1, alike=True))
    assert 90 <= frame <= 160


@pytest.mark.parametrize("seed", range(4))
def test_syllables_of_which_each_is_another_are_no_laugh(seed: int) -> None:
    assert not heard(syllables(0.2, 20, 150.0, seed, alike=False))


def test_a_tone_noise_and_silence_are_no_laugh() -> None:
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    noise = np.random.default_rng(0).normal(size=len(t))
    for sound in (np.sin(2 * np.pi * 300 * t), noise, 0.0 * t, 1e-5 * noise):
        assert not heard(0.1 * sound.astype(np.float32))


@pytest.mark.parametrize("hertz", [140, 300, 1000])
def test_a_tone_that_swells_as_often_as_a_laugh_is_none(hertz: int) -> None:
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = 0.4 * np.sin(2 * np.pi * hertz * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    assert heard(tone.astype(np.float32)) == ()


def test_it_is_heard_by_the_same_frame_however_the_sound_was_chunked() -> None:
    laugh = syllables(0.22, 6, 200.0, 3, alike=True)
    assert heard(laugh) == heard(laugh, 480) == heard(laugh, 7001) != ()
