"""How late the chunks of live feeds come, and how much must therefore be gathered before playing.

Pure. After WebRTC's NetEq (modules/audio_coding/neteq: `histogram.cc`, `underrun_optimizer.cc` and
`relative_arrival_delay_tracker.cc`): of the delays relative to the fastest chunk of the last 2 s, the longest
of every 0.5 s goes into a histogram that forgets, and the target depth is its 0.95 quantile. Unlike there,
a chunk's own length is part of its delay: playing starts with a whole chunk at hand, not with its first
sample.
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

INTERVAL: Final = SAMPLE_RATE // 2
"""Samples (0.5 s) of which the longest delay is one observation, so that 0.983 remembers half a minute."""

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
        """Count chunks that came up to `delay` samples (0 or more) later than the fastest one would have."""
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
        self._since: int | None = None
        self._longest = 0  # delay since then

    def arrived(self, at: int, n: int, now: int) -> None:
        """A chunk of n samples, of which the first is the turn's sample `at`, came at time `now`."""
        delay, recent = now - at, self._recent
        while recent and recent[0][0] < now - WINDOW:
            recent.popleft()
        while recent and recent[-1][1] >= delay:
            recent.pop()
        recent.append((now, delay))
        if self._since is None:
            self._since = now
        elif now - self._since >= INTERVAL:
            self.histogram.add(self._longest)
            self._since, self._longest = now, 0
        self._longest = max(self._longest, delay - recent[0][1] + n)
