"""Where in sound the beeps of a stage with marks begin."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.audio.beeps import HERTZ, LENGTH, beep
from mien.clock import SAMPLE_RATE
from mien.types import F32, F64, I32

_LIKE: Final = 0.35
"""How much of a whole beep is one: codecs and what speaks over it take some."""
_APART_S: Final = 0.5
"""Seconds between two beeps, at least: there is one a second."""


def find_beeps(sound: F32, rate: int = SAMPLE_RATE) -> I32:
    """(n,) int32: the samples of (m,) float32 at `rate` at which beeps begin, ascending.

    By a filter that is matched to the beep, whatever its phase: within 0.2 ms behind AAC, Opus and speech.
    """
    length = LENGTH * rate // SAMPLE_RATE
    if len(sound) < length:
        return np.zeros(0, np.int32)
    like = _likeness(sound.astype(np.float64), length, rate)
    found: list[int] = []
    apart = round(_APART_S * rate)
    while like[at := int(like.argmax())] >= _LIKE:
        found.append(at)
        like[max(0, at - apart) : at + apart] = 0.0  # it is all of this one
    return np.array(sorted(found), np.int32)


def _likeness(sound: F64, length: int, rate: int) -> F64:
    """(m - length + 1,): how much of a beep begins at each sample, 1 for a whole one."""
    shape = np.hanning(length) * np.exp(2j * np.pi * HERTZ / rate * np.arange(length))
    whole = abs(np.vdot(shape, beep(rate).astype(np.complex128)))
    size = 1 << (len(sound) + length - 1).bit_length()
    product = np.fft.fft(sound, size) * np.conj(np.fft.fft(shape, size))
    like: F64 = np.abs(np.fft.ifft(product))[: len(sound) - length + 1] / whole
    return like
