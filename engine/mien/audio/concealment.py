"""What is heard while sound is missing: the last of it backwards, falling to silence; then a fade back in."""

from __future__ import annotations

import numpy as np

from mien.audio.counters import JitterCounters
from mien.clock import SAMPLE_RATE
from mien.types import F32

FADE = 384
"""Samples (8 ms) over which sound goes away when it runs out, and comes back."""

INTERRUPTION = SAMPLE_RATE * 150 // 1000
"""Concealment of at least 150 ms counts as an interruption, as in webrtc-stats."""


class Concealment:
    """Remembers the last sound and makes up what follows it. Parameter: `counters`, where to count."""

    def __init__(self, counters: JitterCounters) -> None:
        self.tail = np.zeros(FADE, np.float32)
        """(FADE,) float32: the last samples played, oldest first."""
        self._counters = counters
        self._run = 0  # samples made up since the last that was played
        self._faded_in = FADE  # samples of the fade-in done

    @property
    def silent(self) -> bool:
        """What is made up has fallen to silence."""
        return self._run >= FADE

    def played(self, out: F32) -> None:
        """(n,) float32 follow, as they came: after a gap they are faded in, in place."""
        if self._run:
            self._faded_in = 0
            self.end()
        n = len(out)
        if self._faded_in < FADE:
            k = min(n, FADE - self._faded_in)
            out[:k] *= (np.arange(self._faded_in, self._faded_in + k, dtype=np.float32) + 1) / FADE
            self._faded_in += k
        self.tail = out[n - FADE :].copy() if n >= FADE else np.concatenate((self.tail[n:], out))

    def fill(self, out: F32) -> None:
        """Fill with the last sound played backwards (so that it joins without a click), fading to silence."""
        counters, done = self._counters, self._run
        if not done:
            counters.concealment_events += 1
        n = len(out)
        k = max(0, min(n, FADE - done))
        if k:
            ramp = 1 - (np.arange(done, done + k, dtype=np.float32) + 1) / FADE
            out[:k] = self.tail[::-1][done : done + k] * ramp
        out[k:] = 0
        self._run += n
        counters.concealed_samples += n
        counters.silent_concealed_samples += n - k

    def end(self) -> None:
        """Nothing more is made up for now."""
        self._counters.interruption_count += self._run >= INTERRUPTION
        self._run = 0
