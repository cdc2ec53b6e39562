"""A live feed that has fallen behind catches up: pauses are shortened first, then speech is played up to 10 %
faster at its own pitch, and what is more than a second behind is left out.

Pure. After WebRTC's NetEq (`accelerate.cc`): a pitch period that is like the next one is taken out, the two
cross-faded. Pauses are known as soon as their sound has come: no speech is left out for time that they give.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np

from mien.audio.jitter import JitterBuffer, JitterState
from mien.audio.pauses import Pauses
from mien.clock import SAMPLE_RATE
from mien.types import F32

FRAME: Final = SAMPLE_RATE * 30 // 1000
"""Samples (30 ms) that are looked at together: two periods of the deepest voice."""

BEGIN: Final = SAMPLE_RATE * 100 // 1000
END: Final = SAMPLE_RATE * 20 // 1000
"""Samples above the target depth at which it begins to catch up (100 ms), and at which it has (20 ms): below
that, the clocks' drift is all there is."""

MOST_BEHIND: Final = SAMPLE_RATE
"""Samples (1 s) above the target, pauses not counted, beyond which sound is left out."""

FASTEST: Final = 1 / 11
"""Share of the speech that is taken out: what is left plays 10 % faster."""

PAUSE_KEPT: Final = SAMPLE_RATE * 60 // 1000
"""Samples (60 ms) of a pause that are kept whole, so that words stay apart."""

JOIN: Final = SAMPLE_RATE * 5 // 1000
"""Samples (5 ms) of a cross-fade where sound is left out."""

SHORTEST_PERIOD: Final = SAMPLE_RATE * 5 // 2000
LONGEST_PERIOD: Final = FRAME // 2
"""Samples of a pitch period (2.5 to 15 ms): voices of 67 to 400 Hz."""

_COARSE: Final = 8
"""Periods are looked for at an eighth of the rate first."""

ALIKE: Final = 0.9
"""Least correlation of two periods of which one may go."""


class CatchingUp:
    """Gives a jitter buffer's sound as its `pull` does, sooner where it is behind.

    Parameters: `jitter`, of a live feed; `came` is to be told of every chunk that is put into it.
    """

    def __init__(self, jitter: JitterBuffer) -> None:
        self._jitter = jitter
        self._pauses = Pauses()
        self._out = np.zeros(0, np.float32)
        self._hurries = False
        self._quiet = 0  # samples of the pause that is played now
        self._allowed = 0.0  # samples of speech that may be taken out

    @property
    def pending(self) -> int:
        """Samples that have left the jitter buffer and are not played yet."""
        return len(self._out)

    def came(self, samples: F32, at: int) -> None:
        """(n,) float32 with its first sample at position `at` has come."""
        self._pauses.came(samples, at)

    def pull(self, n: int, now: int = 0) -> tuple[F32, int]:
        """The next samples: ((m,) float32, how many of them were made up), as `JitterBuffer.pull`."""
        concealed = 0
        while len(self._out) < n and self._behind():
            self._leave_out(now)
            samples, made_up = self._jitter.pull(FRAME, now)
            self._out = np.concatenate((self._out, self._shortened(samples)))
            concealed += made_up
        out, self._out = self._out[:n], self._out[n:]
        if len(out) < n:
            samples, made_up = self._jitter.pull(n - len(out), now + len(out))
            out = np.concatenate((out, samples)) if len(out) else samples
            concealed += made_up
        return out, concealed

    def flush(self, fade: int) -> None:
        """Interrupt: `fade` samples more, falling to silence."""
        if len(self._out) < fade // 2:
            self._jitter.flush(fade)  # behind the little that is played before
            return
        self._jitter.flush(0)
        out = self._out[:fade]
        self._out = out * (1 - (np.arange(len(out), dtype=np.float32) + 1) / np.float32(len(out)))

    def _behind(self) -> bool:
        jitter = self._jitter
        if jitter.state not in (JitterState.PLAYING, JitterState.DRAINING) or jitter.held < 2 * FRAME:
            self._hurries = False
        else:
            over = jitter.held - jitter.target
            self._hurries = over > (END if self._hurries else BEGIN)
        return self._hurries

    def _leave_out(self, now: int) -> None:
        """What is further behind than pauses and hurrying make good."""
        jitter = self._jitter
        over = jitter.held - jitter.target - MOST_BEHIND
        if over <= 2 * JOIN:
            return
        over -= self._pauses.ahead(jitter.position)
        if over <= 2 * JOIN:
            return
        before, _ = jitter.pull(JOIN, now)
        jitter.skip(over - JOIN)
        after, _ = jitter.pull(JOIN, now)
        jitter.counters.samples_skipped += JOIN  # of the two that become one
        self._out = np.concatenate((self._out, _faded(before, after)))

    def _shortened(self, samples: F32) -> F32:
        if len(samples) < FRAME:
            return samples
        if self._pauses.quiet(samples):
            self._quiet += len(samples)
            if self._quiet <= PAUSE_KEPT:
                return samples
            self._jitter.counters.removed_pause_samples += len(samples) - JOIN
            return _faded(samples[:JOIN], samples[-JOIN:])
        self._quiet = 0
        self._allowed = min(self._allowed + FASTEST * len(samples), 2.0 * LONGEST_PERIOD)
        period = period_of(samples)
        if not period or period > self._allowed:
            return samples
        self._allowed -= period
        self._jitter.counters.removed_samples_for_acceleration += period
        joined = _faded(samples[:period], samples[period : 2 * period])
        return np.concatenate((joined, samples[2 * period :]))


def period_of(samples: F32) -> int:
    """After how many samples (FRAME,) float32 repeat themselves best; 0 where they do not."""
    coarse: F32 = samples.reshape(-1, _COARSE).mean(axis=1)
    low, high = SHORTEST_PERIOD // _COARSE, LONGEST_PERIOD // _COARSE
    guess = low + int(np.argmax(_alike(coarse, low, high)))
    low = max(SHORTEST_PERIOD, _COARSE * (guess - 1))
    high = min(LONGEST_PERIOD, _COARSE * (guess + 1))
    alike = _alike(samples, low, high)
    best = int(np.argmax(alike))
    return low + best if alike[best] >= ALIKE else 0


def _alike(samples: F32, low: int, high: int) -> F32:
    """(high - low + 1,) float32: correlation of the samples with themselves, from `low` to `high` later."""
    n = len(samples) - high
    first = samples[:n]
    later = np.lib.stride_tricks.sliding_window_view(samples[low:], n)[: high - low + 1]
    energy = np.einsum("ln,ln->l", later, later)
    scale = sqrt(float(first @ first)) * np.sqrt(energy)
    return np.asarray((later @ first) / np.maximum(scale, 1e-9), np.float32)


def _faded(before: F32, after: F32) -> F32:
    """One becomes the other, over the length that they have."""
    n = min(len(before), len(after))
    weight = (np.arange(n, dtype=np.float32) + 1) / np.float32(n + 1)
    return np.asarray(before[:n] * (1 - weight) + after[:n] * weight, np.float32)
