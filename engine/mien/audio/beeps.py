"""A beep at each full second of the session, for what times sound and picture from outside."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32

HERTZ: Final = 6000
"""Of its tone: above what carries speech, and kept by Opus and AAC."""
LENGTH: Final = SAMPLE_RATE // 50
"""Samples of a beep, 20 ms: short enough to tell its beginning by."""
_LOUD: Final = 0.5


def beep(rate: int = SAMPLE_RATE) -> F32:
    """(n,) float32: a beep at this rate. It rises and falls as a Hann window does."""
    n = LENGTH * rate // SAMPLE_RATE
    at = np.arange(n)
    made: F32 = (_LOUD * np.hanning(n) * np.sin(2 * np.pi * HERTZ / rate * at)).astype(np.float32)
    return made


_BEEP: Final = beep()


def add_beeps(start: int, sound: F32) -> None:
    """Add them to (n, 2) samples of the session from sample `start` on, in place; the sum stays in -1..1."""
    n = len(sound)
    first = start - start % SAMPLE_RATE
    while first < start + n:
        left, right = max(first, start), min(first + LENGTH, start + n)
        if left < right:
            sound[left - start : right - start] += _BEEP[left - first : right - first, None]
            np.clip(sound, -1.0, 1.0, out=sound)
        first += SAMPLE_RATE
