"""How late the chunks of live feeds come, and how much must therefore be gathered before playing.

Pure. After WebRTC's NetEq (modules/audio_coding/neteq: `histogram.cc`, `underrun_optimizer.cc` and
`relative_arrival_delay_tracker.cc`): delays relative to the fastest chunk of the last 2 s go into a
histogram that forgets, and the target depth is its 0.95 quantile.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE

BUCKET: Final = SAMPLE_RATE * 20 // 1000
"""Samples (20 ms) of one bucket of the histogram, as in NetEq."""

BUCKETS: Final = 100
"""Buckets; a chunk that is later than 2 s counts as 2 s late."""

QUANTILE: Final = 0.95
FORGETTING: Final = 0.983
"""Share of its weight that every observation keeps when another comes."""

_YOUNG: Final = 2.0
"""A young histogram forgets faster: its n-th observation keeps `FORGETTING * (1 - _YOUNG / (n + 1))`."""

LEAST: Final = SAMPLE_RATE * 40 // 1000
MOST: Final = SAMPLE_RATE * 400 // 1000
START: Final = SAMPLE_RATE * 80 // 1000
"""Target depth in samples: at least 40 ms, at most 400 ms, and 80 ms before anything is known."""

WINDOW: Final = 2 * SAMPLE_RATE
"""Samples (2 s) in which the fastest chunk is looked for."""


class DelayHistogram:
    """Relative arrival delays of every live feed so far, recent ones weighing more.

    Shared by the turns of a session, so that a turn starts with what the one before has learned.
    """

    def __init__(self) -> None:
        self.target = START
        """Samples to gather before playing: the 0.95 quantile of the delays, in `LEAST` .. `MOST`."""
        self._weights = np.zeros(BUCKETS)
        self._seen = 0

    def add(self, delay: int) -> None:
        """Count a chunk that came `delay` samples (0 or more) later than the fastest one would have."""
        keeps = min(FORGETTING, max(0.0, FORGETTING * (1 - _YOUNG / (self._seen + 1))))
        self._seen += 1
        self._weights *= keeps
        self._weights[min(delay // BUCKET, BUCKETS - 1)] += 1 - keeps
        index = int(np.searchsorted(np.cumsum(self._weights), QUANTILE * self._weights.sum()))
        self.target = min(MOST, max(LEAST, (index + 1) * BUCKET))


class ArrivalTracker:
    """One turn's arrivals, told to the histogram. Positions and times are samples of one sample clock."""

    def __init__(self, histogram: DelayHistogram) -> None:
        self.histogram = histogram
        self._recent: deque[tuple[int, int]] = deque()  # (time, delay); delays rise from left to right

    def arrived(self, at: int, now: int) -> None:
        """A chunk that starts with the turn's sample `at` came at time `now`."""
        delay, recent = now - at, self._recent
        while recent and recent[0][0] < now - WINDOW:
            recent.popleft()
        while recent and recent[-1][1] >= delay:
            recent.pop()
        recent.append((now, delay))
        self.histogram.add(delay - recent[0][1])
