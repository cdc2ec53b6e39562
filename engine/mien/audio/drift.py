"""A live sender's clock against ours: sound is played up to 0.125 % faster or slower, unheard.

Pure. How much is read off the buffer's depth, as NetEq decides on accelerating and decelerating
(`decision_logic.cc`): within 3/4 of the target and 20 ms above it nothing is done. Where NetEq cuts or
repeats a pitch period, the sound is resampled by a windowed sinc with a phase that goes on, so that nothing
clicks.
"""

from __future__ import annotations

from math import ceil, exp, floor
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32, F64

SLEW: Final = 0.00125
"""Most by which the rate is changed: 2 cents, and 1.25 ms gained or lost a second."""

FULL_SLEW: Final = SAMPLE_RATE * 20 // 1000
"""Samples (20 ms) beyond the band at which the rate is changed by all of `SLEW`; less, in proportion."""

ABOVE: Final = SAMPLE_RATE * 20 // 1000
"""Samples (20 ms) above the target that are left alone."""

AHEAD: Final = SAMPLE_RATE
"""A feed that holds more than this (1 s) is no sender in real time but a synthesizer that is ahead, which
costs nobody any time: its sound is left as it is."""

_SETTLES: Final = float(SAMPLE_RATE)
"""Samples (1 s) over which the depth is averaged."""

TAPS: Final = 16
BEFORE: Final = TAPS // 2 - 1
"""Source samples that the filter reads before the one it stands on; it reads `TAPS // 2` after it."""

_PHASES: Final = 256


class DepthControl:
    """From the depth of a buffer, how fast to play."""

    def __init__(self) -> None:
        self.depth: float | None = None
        """Samples held, averaged over about a second."""

    def ratio(self, held: int, target: int, n: int) -> float:
        """Source samples for each sample played, within `1 - SLEW` .. `1 + SLEW`, for the next n."""
        if held > AHEAD:
            self.depth = None
            return 1.0
        if self.depth is None:
            self.depth = float(held)
        self.depth += (held - self.depth) * (1.0 - exp(-n / _SETTLES))
        over = max(0.0, self.depth - (target + ABOVE)) + min(0.0, self.depth - 0.75 * target)
        return 1.0 + SLEW * min(1.0, max(-1.0, over / FULL_SLEW))


class Resampler:
    """Turns source samples into played ones at a ratio close to 1 that may change at every call.

    Parameter: `history`: (BEFORE,) float32, the samples played last. At a ratio of exactly 1 from the start,
    what comes out is what went in, to the bit.
    """

    def __init__(self, history: F32) -> None:
        self.phase = 0.0
        """0 .. 1: how far beyond a source sample the next one to play lies."""
        self._held = history  # from `BEFORE` samples before the next one to play on

    @property
    def pending(self) -> int:
        """Source samples taken in and not played yet."""
        return len(self._held) - BEFORE

    def wanted(self, n: int, ratio: float) -> int:
        """Source samples to hand to `play` for n samples."""
        last = floor(self.phase + (n - 1) * ratio)
        return max(0, BEFORE + last + TAPS // 2 + 1 - len(self._held))

    def play(self, source: F32, n: int, ratio: float, ended: bool = False) -> F32:
        """The next m <= n samples, (m,) float32, with `source` added. m is less than n only when `ended`:
        no more will come, and what is held is played out."""
        held = np.concatenate((self._held, source))
        real = len(held) - BEFORE
        if ended:
            n = min(n, max(0, ceil((real - self.phase) / ratio)))
            held = np.concatenate((held, np.zeros(TAPS, np.float32)))
        if ratio == 1.0 and self.phase == 0.0:
            out = held[BEFORE : BEFORE + n].copy()
            consumed = n
        else:
            at = self.phase + np.arange(n) * ratio
            whole = at.astype(np.intp)
            out = _interpolated(held, whole, np.asarray(at - whole, np.float64))
            end = self.phase + n * ratio
            consumed = floor(end)
            self.phase = end - consumed
        self._held = held[consumed : BEFORE + real]
        return out


def _kernel() -> F32:
    """(PHASES + 1, TAPS) float32: Kaiser-windowed sincs, each row summing to 1.

    Source: J. O. Smith, Digital Audio Resampling, ccrma.stanford.edu/~jos/resample.
    """
    offset = np.arange(TAPS) - BEFORE - np.linspace(0, 1, _PHASES + 1)[:, None]
    inside = np.clip(1 - (offset / (TAPS // 2)) ** 2, 0, 1)
    rows = np.sinc(offset) * np.i0(6.0 * np.sqrt(inside))
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)


_KERNEL: Final = _kernel()


def _interpolated(held: F32, whole: np.ndarray[tuple[int], np.dtype[np.intp]], part: F64) -> F32:
    """(n,) float32: `held` at `BEFORE + whole + part`, the kernel's rows interpolated between phases."""
    step = part * _PHASES
    row = step.astype(np.intp)
    between = (step - row).astype(np.float32)[:, None]
    weights = _KERNEL[row] * (1 - between) + _KERNEL[np.minimum(row + 1, _PHASES)] * between
    taps = np.lib.stride_tricks.sliding_window_view(held, TAPS)[whole]
    return np.asarray(np.einsum("nt,nt->n", taps, weights), np.float32)
