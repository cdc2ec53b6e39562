"""The same recordings as they may reach us, and sounds in which nobody speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bench_mouth.clips import Clip
from bench_mouth.figures import CLOSED, OPENNESS, truth
from fit_mouth.disturb import at_rate, breath, in_room, telephone
from mien.types import F32

Mouth = Callable[[F32], F32]
"""(n,) float32 at 48 kHz to rows (k, 15)."""

_SECOND = 48_000


def at_peak(samples: F32, peak_db: float) -> F32:
    """Louder or quieter."""
    return (samples * (10 ** (peak_db / 20) / np.abs(samples).max())).astype(np.float32)


def mains(length: int) -> F32:
    """50 Hz and six harmonics, of unit power."""
    t = np.arange(length) / _SECOND
    sound = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 8))
    return np.asarray(sound / np.std(sound), np.float32)


def conditions() -> dict[str, tuple[Callable[[F32], F32], float]]:
    """For each its name: what is done to the sound, and how much faster it is played before."""
    rng = np.random.default_rng(5)

    def same(sound: F32) -> F32:
        return sound

    return {
        "as recorded": (same, 1.0),
        "peak at -60 dBFS, 16 bits": (lambda s: np.round(at_peak(s, -60) * 32768) / 32768, 1.0),
        "peak at -70 dBFS": (lambda s: at_peak(s, -70), 1.0),
        "telephone, 300-3400 Hz": (telephone, 1.0),
        "reverberation 0.4 s, as loud as the voice": (lambda s: in_room(s, 0.4, 0, rng), 1.0),
        "reverberation 0.4 s, 6 dB below": (lambda s: in_room(s, 0.4, 6, rng), 1.0),
        "mains hum at -40 dBFS under it": (lambda s: at_peak(s, -3) + mains(len(s)) * 0.01, 1.0),
        "a child's size (all 1.3 times as high)": (same, 1.3),
        "a giant's size (all 0.78 times as high)": (same, 0.78),
    }


def changed(clip: Clip, change: Callable[[F32], F32], faster: float) -> Clip:
    """The clip under a condition."""
    sound = clip.samples if faster == 1 else at_rate(clip.samples, faster)
    phones = tuple((name, start / faster, end / faster) for name, start, end in clip.phones)
    return Clip(clip.group, clip.voice, change(sound).astype(np.float32), clip.scheme, phones, ())


def without_voice(clips: Sequence[Clip], mouth: Mouth) -> dict[str, float]:
    """Share of the time in which the mouth is open though nobody speaks."""
    rng = np.random.default_rng(6)
    t = np.arange(3 * _SECOND) / _SECOND
    alone = {
        "mains hum at -20 dBFS": 0.1 * mains(len(t)),
        "a tone of 440 Hz at -6 dBFS": 0.5 * np.sin(2 * np.pi * 440 * t),
        "a tone of 200 Hz at -20 dBFS": 0.1 * np.sin(2 * np.pi * 200 * t),
        "a chord": 0.1 * sum(np.sin(2 * np.pi * hz * t) for hz in (220, 277, 330)),
        "a tone of 440 Hz that begins after 1 s": 0.3 * np.sin(2 * np.pi * 440 * t) * (t > 1),
        "white noise at -40 dBFS": rng.normal(0, 0.01, len(t)),
        "white noise at -20 dBFS": rng.normal(0, 0.1, len(t)),
    }
    found = {name: _open(mouth(np.asarray(sound, np.float32))) for name, sound in alone.items()}
    found["mains hum at -40 dBFS, 1.5 s before the first word"] = _mean(
        [_open(mouth(_hum_before(clip))[:150]) for clip in clips]
    )
    found["reverberation 0.4 s, in the pauses of speech and after it"] = _mean(
        [_pauses(clip, mouth, rng) for clip in clips]
    )
    found["a breath (-30 to -18 dBFS) before the first word"] = _mean(
        [_breath(clip, mouth, rng) for clip in clips]
    )
    return found


def _mean(shares: list[float]) -> float:
    return float(np.mean(shares))


def _open(rows: F32) -> float:
    return float((rows @ OPENNESS > CLOSED).mean())


def _hum_before(clip: Clip) -> F32:
    sound = np.concatenate((np.zeros(3 * _SECOND // 2, np.float32), at_peak(clip.samples, -3)))
    return sound + mains(len(sound)) * np.float32(0.01)


def _pauses(clip: Clip, mouth: Mouth, rng: np.random.Generator) -> float:
    quiet = np.concatenate((truth(clip) == 0, np.ones(100, bool)))
    quiet[len(quiet) - 100 : len(quiet) - 80] = False  # a tail may be seen, for so long
    sound = np.concatenate((at_peak(clip.samples, -3), np.zeros(_SECOND, np.float32)))
    rows = mouth(in_room(sound, 0.4, 0, rng))
    return _open(rows[quiet[: len(rows)]])


def _breath(clip: Clip, mouth: Mouth, rng: np.random.Generator) -> float:
    sound = rng.normal(0, 1e-4, 3 * _SECOND // 2).astype(np.float32)
    drawn = breath(int(rng.uniform(0.25, 0.5) * _SECOND), rng)
    sound[20_000 : 20_000 + len(drawn)] += drawn * np.float32(10 ** (rng.uniform(-30, -18) / 20))
    rows = mouth(np.concatenate((sound, at_peak(clip.samples, -3))))
    return _open(rows[40 : 42 + len(drawn) // 480])
