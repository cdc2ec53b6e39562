"""What happens to a voice on its way: size of the speaker, room, line, noise, hum, breaths, level.

Pure: everything comes from the generator that is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from mien.types import F32

RATE = 48_000
HOP = 480

Gain: TypeAlias = Callable[[F32], F32]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence."""

    voice: str
    """Sentences of one voice are put behind each other."""
    samples: F32
    """(n,) float32 at 48 kHz."""
    shapes: np.ndarray
    """(ceil(n / 480),) int8 viseme index, -1 where none is asked for."""


def at_rate(samples: F32, ratio: float) -> F32:
    """Played `ratio` times as fast: pitch and formants rise by as much. Band-limited."""
    length = max(2, round(len(samples) / ratio))
    spectrum = np.fft.rfft(samples)
    out = np.zeros(length // 2 + 1, np.complex64)
    n = min(len(spectrum), len(out))
    out[:n] = spectrum[:n]
    return (np.fft.irfft(out, length) * (length / len(samples))).astype(np.float32)


def resized(one: Said, ratio: float) -> Said:
    """The sentence from a smaller (above 1) or larger speaker."""
    samples = at_rate(one.samples, ratio)
    at = np.minimum((np.arange(-(-len(samples) // HOP)) + 0.5) * ratio, len(one.shapes) - 1).astype(int)
    return Said(one.voice, samples, one.shapes[at])


def _filtered(samples: F32, gain: Gain) -> F32:
    """`gain` of frequencies (bins,) in Hz, as amplitude."""
    n = -(-len(samples) // 16_384) * 16_384
    spectrum = np.fft.rfft(samples, n)
    spectrum *= gain(_hz(n))
    return np.fft.irfft(spectrum, n)[: len(samples)].astype(np.float32)


@cache
def _hz(n: int) -> F32:
    return np.fft.rfftfreq(n, 1 / RATE).astype(np.float32)


def telephone(samples: F32, low: float = 300, high: float = 3400) -> F32:
    """Only `low` to `high` Hz."""
    return _filtered(samples, lambda hz: _line(hz, low, high))


def _line(hz: F32, low: float, high: float) -> F32:
    gain: F32 = 1 / np.sqrt((1 + (low / (hz + 1)) ** 8) * (1 + (hz / high) ** 16))
    return gain


def _tilt(hz: F32, low_db: float, high_db: float) -> F32:
    """Shelves below 300 Hz and above 2500 Hz."""
    tilt: F32 = 10 ** (low_db / 20 / (1 + (hz / 300) ** 2) + high_db / 20 / (1 + (2500 / (hz + 1)) ** 2))
    return tilt


def in_room(samples: F32, seconds: float, direct_db: float, rng: np.random.Generator) -> F32:
    """With a reverberation that falls by 60 dB in `seconds`, `direct_db` below the voice."""
    tail = _room(seconds, direct_db, rng)
    n = -(-(len(samples) + len(tail)) // 16_384) * 16_384
    return np.fft.irfft(np.fft.rfft(samples, n) * np.fft.rfft(tail, n), n)[: len(samples)].astype(np.float32)


def _room(seconds: float, direct_db: float, rng: np.random.Generator) -> F32:
    t = np.arange(round(RATE * seconds * 1.2), dtype=np.float32) / RATE
    tail = rng.standard_normal(len(t), np.float32) * np.exp(-3 * np.log(10) * t / seconds, dtype=np.float32)
    tail[: round(RATE * 0.004)] = 0
    tail = _filtered(tail, lambda hz: 1 / np.sqrt(1 + (hz / 5000) ** 2))
    tail *= np.float32(10 ** (-direct_db / 20) / np.sqrt((tail**2).sum()))
    tail[0] += 1
    return tail


def noise(length: int, rng: np.random.Generator) -> F32:
    """Of unit power, white to brown, sometimes beneath a slow swell."""
    slope = rng.uniform(0, 1.2)
    n = -(-length // 16_384) * 16_384
    phases = rng.standard_normal(n + 2, np.float32).view(np.complex64)
    phases *= (np.maximum(_hz(n), 40) / 1000) ** np.float32(-slope)
    sound = np.fft.irfft(phases, n)[:length].astype(np.float32)
    if rng.random() < 0.3:
        swell = np.interp(np.arange(length), np.linspace(0, length, 8), rng.uniform(0.5, 1, 8))
        sound *= swell.astype(np.float32)
    return sound / np.float32(sound.std() + 1e-9)


def _second(partials: list[tuple[float, float]], length: int, rng: np.random.Generator) -> F32:
    """(whole Hz, amplitude): a second of them, over and over."""
    t = 2 * np.pi * np.arange(RATE) / RATE
    sound = sum(gain * np.sin(hz * t + rng.random() * 6) for hz, gain in partials)
    return np.resize(np.asarray(sound, np.float32), length)


def hum(length: int, rng: np.random.Generator) -> F32:
    """Mains or a machine: a steady tone with harmonics, of unit power."""
    base = int(rng.choice([50, 60, 100, 120]) if rng.random() < 0.7 else rng.integers(40, 400))
    fall = rng.uniform(0.3, 1.5)
    partials = [(base * k, k**-fall * rng.uniform(0.2, 1)) for k in range(1, int(rng.integers(2, 14)))]
    sound = _second(partials, length, rng)
    return sound / np.float32(sound.std() + 1e-9)


def tones(length: int, rng: np.random.Generator) -> F32:
    """One to four steady tones, of unit power; sometimes one begins on the way, as in a chord."""
    sound = np.zeros(length, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        partial = _second([(round(10 ** rng.uniform(1.9, 3.6)), rng.uniform(0.3, 1))], length, rng)
        if rng.random() < 0.3:
            partial[: int(rng.integers(0, length))] = 0
        sound += partial
    return sound / np.float32(sound.std() + 1e-9)


def breath(length: int, rng: np.random.Generator) -> F32:
    """Air drawn in or let out through the mouth: noise with weak formants that swells and fades."""
    peaks = [(rng.uniform(900, 1800), 500.0), (rng.uniform(2200, 3400), 900.0)]
    floor = rng.uniform(0.05, 0.4)
    sound = _filtered(
        rng.standard_normal(length, np.float32),
        lambda hz: (
            (floor + sum(1 / (1 + ((hz - at) / width) ** 2) for at, width in peaks))
            / np.sqrt(1 + (250 / (hz + 1)) ** 4)
            / np.sqrt(1 + (hz / rng.uniform(4500, 9000)) ** 4)
        ),
    )
    sound *= np.sin(np.pi * np.linspace(0, 1, length) ** rng.uniform(0.6, 1.6)).astype(np.float32)
    return sound / np.float32(np.abs(sound).max() + 1e-9)


def _level(samples: F32) -> float:
    """Root mean square of the loud parts."""
    power = (samples[: len(samples) // HOP * HOP].reshape(-1, HOP) ** 2).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-3].mean() + 1e-12))


def _pause(sound: F32, level: float, rng: np.random.Generator) -> F32:
    if len(sound) > 0.25 * RATE and rng.random() < 0.4:
        length = int(rng.uniform(0.15, min(0.7, len(sound) / RATE - 0.05)) * RATE)
        at = int(rng.integers(0, len(sound) - length))
        sound[at : at + length] += breath(length, rng) * np.float32(level * 10 ** (rng.uniform(-32, -8) / 20))
    return sound


def joined(said: Sequence[Said], rng: np.random.Generator) -> tuple[F32, np.ndarray]:
    """Sentences with pauses around them, in which there may be breaths."""
    sounds: list[F32] = []
    shapes: list[np.ndarray] = []
    for i, one in enumerate(said):
        level = _level(one.samples)
        hops = int(rng.integers(0, 50) if i == 0 else rng.integers(5, 90))
        if i == 0 and rng.random() < 0.3:
            hops = 0
        whole = np.zeros(len(one.shapes) * HOP, np.float32)
        whole[: len(one.samples)] = one.samples
        sounds += [_pause(np.zeros(hops * HOP, np.float32), level, rng), whole]
        shapes += [np.zeros(hops, np.int8), one.shapes]
    return np.concatenate(sounds), np.concatenate(shapes)


def _late(sound: F32, rng: np.random.Generator) -> F32:
    """Sometimes it begins on the way."""
    if rng.random() < 0.3:
        sound[: int(rng.integers(0, len(sound)))] = 0
    return sound


def disturbed(sound: F32, rng: np.random.Generator) -> F32:
    """A voice as it may reach us."""
    level = _level(sound)
    room = np.ones(1, np.float32)
    if rng.random() < 0.6:
        room = _room(rng.uniform(0.15, 0.85), rng.uniform(-5, 12), rng)
    n = -(-(len(sound) + len(room)) // 16_384) * 16_384
    hz = _hz(n)
    spectrum = np.fft.rfft(sound, n)
    if rng.random() < 0.5:
        spectrum *= _tilt(hz, rng.uniform(-8, 6), rng.uniform(-10, 8))
    if len(room) > 1:
        spectrum *= np.fft.rfft(room, n)
    line = _line(hz, rng.uniform(80, 350), rng.uniform(3000, 7000)) if rng.random() < 0.15 else None
    if line is not None:
        spectrum *= line
    sound = np.fft.irfft(spectrum, n)[: len(sound)].astype(np.float32)
    if rng.random() < 0.85:
        sound = sound + noise(len(sound), rng) * np.float32(level * 10 ** (-rng.uniform(15, 65) / 20))
    if rng.random() < 0.3:
        sound = sound + _late(hum(len(sound), rng), rng) * np.float32(
            level * 10 ** (-rng.uniform(12, 50) / 20)
        )
    if rng.random() < 0.12:
        sound = sound + _late(tones(len(sound), rng), rng) * np.float32(
            level * 10 ** (-rng.uniform(6, 45) / 20)
        )
    peak_db = rng.uniform(-18, 0) if rng.random() < 0.6 else rng.uniform(-66, -10)
    sound *= np.float32(10 ** (peak_db / 20) / (np.abs(sound).max() + 1e-9))
    if rng.random() < 0.5:  # 16 bits
        sound = (np.round(sound * 32768) / 32768).astype(np.float32)
    return sound


def nothing_said(rng: np.random.Generator) -> F32:
    """Sound without a voice: noise, hum, tones or breaths, at any level."""
    length = int(rng.uniform(1.5, 5) * RATE)
    kind = rng.integers(0, 6)
    if kind == 0:
        sound = noise(length, rng)
    elif kind == 1:
        sound = hum(length, rng)
    elif kind in (2, 5):
        sound = tones(length, rng)
    elif kind == 3:
        sound = hum(length, rng) + noise(length, rng) * np.float32(10 ** (rng.uniform(-40, 0) / 20))
    else:
        sound = noise(length, rng) * np.float32(1e-3)
        for _ in range(3):
            sound = _pause(sound, 1.0, rng)
    wait = int(rng.uniform(0, 1.4) * RATE) if rng.random() < 0.5 else 0
    sound[:wait] = 0
    return (sound * (10 ** (rng.uniform(-70, -1) / 20) / (np.abs(sound).max() + 1e-9))).astype(np.float32)
