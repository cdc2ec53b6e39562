"""The jitter buffer: chunks arrive whenever they do, samples leave steadily.

Pure: no thread, clock or codec. In the spirit of aiortc's jitter buffer (integer positions, bounded) and
of WebRTC's NetEq (conceal and rebuffer; counters named after webrtc-stats). One thread owns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32

FADE = 384
"""Samples (8 ms) over which sound goes away when it runs out, and comes back."""

TARGET_FEED = 3840
"""Samples (80 ms) gathered before a live feed starts or starts again: NetEq's starting depth."""

INTERRUPTION = SAMPLE_RATE * 150 // 1000
"""Concealment of at least 150 ms counts as an interruption, as in webrtc-stats."""


class JitterState(Enum):
    """What the buffer is doing."""

    IDLE = "idle"
    """Nothing has arrived."""
    PRIMING = "priming"
    """Gathering its first `target` samples; nothing has been played."""
    PLAYING = "playing"
    CONCEALING = "concealing"
    """It ran out: the last sound is fading out."""
    REBUFFERING = "rebuffering"
    """Silent until `target` samples have been gathered again."""
    DRAINING = "draining"
    """The end has arrived; what is left is played."""
    FINISHED = "finished"
    """The last sample has been played."""


@dataclass(slots=True)
class JitterCounters:
    """Totals since the start, in samples unless said otherwise. May be shared by several buffers."""

    chunks_received: int = 0
    """Chunks."""
    chunks_discarded: int = 0
    """Chunks that were wholly late, wholly duplicate, or beyond the capacity."""
    chunks_late: int = 0
    """Chunks of which at least a part came after its time."""
    samples_discarded: int = 0
    """Late, duplicate, or beyond the capacity."""
    samples_lost: int = 0
    """Never arrived although later ones did; their time was kept silent."""
    emitted_count: int = 0
    """Samples that were played as they came."""
    concealed_samples: int = 0
    """Samples made up where real ones were missing, silence included."""
    silent_concealed_samples: int = 0
    concealment_events: int = 0
    """Events: each run of concealed samples is one."""
    interruption_count: int = 0
    """Runs of concealed samples of at least 150 ms."""


class JitterBuffer:
    """One turn's sound, put in by position and pulled in order.

    Parameters: `target`: samples gathered before playing starts or resumes; `capacity`: most samples
    held, the rest is discarded and counted; `counters`: where to count.
    """

    def __init__(
        self,
        target: int = TARGET_FEED,
        capacity: int = 180 * SAMPLE_RATE,
        counters: JitterCounters | None = None,
    ) -> None:
        self.state = JitterState.IDLE
        self.position = 0
        """The turn's next sample to play. Concealment while nothing has arrived does not move it: what
        comes late is played late, not thrown away."""
        self.total: int | None = None
        """The turn's length once `finish` was called."""
        self.counters = counters if counters is not None else JitterCounters()
        self.held = 0
        """Samples held."""
        self.target = max(1, target)
        """Samples gathered before it plays, or plays again."""
        self._capacity = capacity
        self._segments: list[tuple[int, F32]] = []  # by start, never overlapping, never empty
        self._tail = np.zeros(FADE, np.float32)  # the last samples played, for fading out
        self._concealed_run = 0
        self._fading_in = FADE  # samples of the fade-in done

    def put(self, chunk: F32, at: int) -> None:
        """Add (n,) float32 whose first sample is the turn's sample `at`; late and known parts are dropped."""
        self.counters.chunks_received += 1
        start, end = at, at + len(chunk)
        if start < self.position:
            self.counters.chunks_late += 1
        if self.total is not None:
            end = min(end, self.total)
        cuts = [(max(start, self.position), end)]
        for known, samples in self._segments:
            if known >= end:
                break
            left, right = cuts[-1]
            if known + len(samples) > left:
                cuts[-1:] = [(left, min(known, right)), (max(left, known + len(samples)), right)]
        kept = 0
        for left, right in cuts:
            right = min(right, left + self._capacity - self.held)
            if right > left:
                self._insert(left, chunk[left - at : right - at])
                kept += right - left
        self.counters.samples_discarded += len(chunk) - kept
        if not kept:
            self.counters.chunks_discarded += 1
        elif self.state is JitterState.IDLE:
            self.state = JitterState.PRIMING

    def _insert(self, at: int, samples: F32) -> None:
        self.held += len(samples)
        index = len(self._segments)
        while index and self._segments[index - 1][0] > at:
            index -= 1
        self._segments.insert(index, (at, samples))

    def finish(self, total: int) -> None:
        """Say that the turn is `total` samples long and nothing more will come."""
        self.total = total
        if self.position >= total:
            self._end()
        elif self.state is not JitterState.FINISHED:
            self._resume(JitterState.DRAINING)

    @property
    def startable(self) -> bool:
        """Whether `pull` would play: enough has been gathered, or all there is."""
        return self.total is not None or self.held >= self.target

    def pull(self, n: int) -> tuple[F32, int]:
        """The next samples: ((m,) float32, how many of them were made up).

        m is n, except that it is less at the end of the turn and 0 while priming.
        """
        state = self.state
        if state is JitterState.FINISHED or (state in _BEFORE and not self.startable):
            return np.zeros(0, np.float32), 0
        if state in _BEFORE or (state in _STARVED and self.startable):
            self._resume(JitterState.PLAYING if self.total is None else JitterState.DRAINING)
        out = np.zeros(n, np.float32)
        done = concealed = 0
        while done < n and self.state is not JitterState.FINISHED:
            room = n - done
            if self.state in _STARVED:
                played, made_up = room, self._conceal(out[done:])
            elif self._segments and self._segments[0][0] <= self.position:
                played, made_up = self._play(out[done:]), 0
            elif self._segments:
                # Later sound is here and this was not: hold its time, so that what follows keeps its place.
                played = min(room, self._segments[0][0] - self.position)
                made_up = self._conceal(out[done : done + played])
                self.counters.samples_lost += played
                self.position += played
            elif self.total is not None:
                self.counters.samples_lost += self.total - self.position
                self.position = self.total
                played = made_up = 0
            else:
                self.state = JitterState.CONCEALING
                continue
            done += played
            concealed += made_up
            if self.total is not None and self.position >= self.total:
                self._end()
        return out[:done], concealed

    def _play(self, out: F32) -> int:
        start, samples = self._segments[0]
        offset = self.position - start
        n = min(len(out), len(samples) - offset)
        out[:n] = samples[offset : offset + n]
        if self._concealed_run:
            self._fading_in = 0
            self._close_run()
        if self._fading_in < FADE:
            k = min(n, FADE - self._fading_in)
            out[:k] *= (np.arange(self._fading_in, self._fading_in + k, dtype=np.float32) + 1) / FADE
            self._fading_in += k
        self.position += n
        self.held -= n
        if offset + n == len(samples):
            del self._segments[0]
        else:
            # A view, not a copy: the chunk stays until its last sample is played.
            self._segments[0] = (self.position, samples[offset + n :])
        self._tail = out[n - FADE : n].copy() if n >= FADE else np.concatenate((self._tail[n:], out[:n]))
        self.counters.emitted_count += n
        return n

    def _conceal(self, out: F32) -> int:
        """Fill with the last sound played backwards (so that it joins without a click), fading to silence."""
        counters, done = self.counters, self._concealed_run
        if not done:
            counters.concealment_events += 1
        n = len(out)
        k = max(0, min(n, FADE - done))
        if k:
            ramp = 1 - (np.arange(done, done + k, dtype=np.float32) + 1) / FADE
            out[:k] = self._tail[::-1][done : done + k] * ramp
        out[k:] = 0
        self._concealed_run += n
        counters.concealed_samples += n
        counters.silent_concealed_samples += n - k
        if self.state is JitterState.CONCEALING and self._concealed_run >= FADE:
            self.state = JitterState.REBUFFERING
        return n

    def _resume(self, state: JitterState) -> None:
        self.state = state

    def _close_run(self) -> None:
        self.counters.interruption_count += self._concealed_run >= INTERRUPTION
        self._concealed_run = 0

    def _end(self) -> None:
        self._close_run()
        self._segments.clear()
        self.held = 0
        self.state = JitterState.FINISHED


_BEFORE = (JitterState.IDLE, JitterState.PRIMING)
_STARVED = (JitterState.CONCEALING, JitterState.REBUFFERING)
