"""Twelve short turns that fit each other in no other way, and what must be heard of them."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32

LEAST = 328
"""No sample is nearer to zero, of 32768, so that silence within a turn can only be a gap."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to say."""

    samples: np.ndarray
    """(n,) int16 at 48 kHz, never zero."""
    gap: int
    """Samples of silence before it."""
    pan: float

    def wav(self) -> bytes:
        """As a file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(SAMPLE_RATE)
            out.writeframes(self.samples.tobytes())
        return file.getvalue()


def conversation(turns: int = 12, seconds: float = 0.5, seed: int = 1) -> list[Turn]:
    """Turns of noise, of lengths that are no multiple of anything; every third after a gap, pans all over."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(turns):
        n = int(seconds * SAMPLE_RATE) + int(rng.integers(-2000, 2000))
        samples = rng.integers(LEAST, 12_000, n) * rng.choice((-1, 1), n)
        gap = int(rng.integers(1, 5000)) if number % 3 == 2 else 0
        made.append(Turn(samples.astype(np.int16), gap, (number % 5 - 2) / 2.5))
    return made


def expected(turns: list[Turn]) -> F32:
    """(n, 2) float32: from the first turn's first sample to the last one's last, at equal power."""
    parts: list[F32] = []
    for turn in turns:
        angle = (turn.pan + 1) * pi / 4
        sound = (turn.samples / 32768).astype(np.float32)[:, None] * np.array((cos(angle), sin(angle)))
        if parts:
            parts.append(np.zeros((turn.gap, 2), np.float32))
        parts.append(sound.astype(np.float32))
    return np.concatenate(parts)
