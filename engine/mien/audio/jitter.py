"""The jitter buffer: chunks arrive whenever they do, samples leave steadily.

Pure: no thread, clock or codec. In the spirit of aiortc's jitter buffer (integer positions, bounded) and
of WebRTC's NetEq (conceal and rebuffer; counters named after webrtc-stats). One thread owns it.
docs/audio.md has a picture of the states.
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from mien.audio.arrival import START, ArrivalTracker, DelayHistogram
from mien.audio.concealment import Concealment
from mien.audio.counters import JitterCounters
from mien.audio.segments import Segments
from mien.clock import SAMPLE_RATE
from mien.types import F32


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
    FLUSHING = "flushing"
    """Interrupted: what sounds fades out, and all else that is held or still comes is dropped."""
    FINISHED = "finished"
    """The last sample has been played."""


class JitterBuffer:
    """One turn's sound, put in by position and pulled in order.

    Parameters: `target`: samples gathered before playing starts or resumes, or the histogram of a live
    source's arrival delays, from which the target is taken and to which arrivals are told; `capacity`: most
    samples held, the rest is discarded and counted; `counters`: where to count.

    Times (`now`) are samples of the clock by which it is pulled; only a live source needs them.
    """

    def __init__(
        self,
        target: int | DelayHistogram = START,
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
        self.interrupted = False
        """Whether `flush` ended it."""
        self._fixed = target if isinstance(target, int) else START
        self._arrivals = None if isinstance(target, int) else ArrivalTracker(target)
        self._capacity = capacity
        self._segments = Segments()
        self._furthest = 0  # the end of the furthest sample that has come
        self._fade = 0  # length of the fade of an interruption, `_fade_left` of which is to come
        self._fade_left = 0
        self._concealment = Concealment(self.counters)

    @property
    def held(self) -> int:
        """Samples held."""
        return self._segments.held

    @property
    def tail(self) -> F32:
        """(FADE,) float32: the last samples played, oldest first."""
        return self._concealment.tail

    @property
    def target(self) -> int:
        """Samples gathered before it plays, or plays again; 1 or more."""
        return max(1, self._arrivals.histogram.target if self._arrivals is not None else self._fixed)

    @property
    def live(self) -> bool:
        """Whether its source comes as it is made, so that its delays are told and its depth is kept."""
        return self._arrivals is not None

    @property
    def remaining(self) -> int | None:
        """Samples still to come out; None while the end is not known."""
        if self.state in (JitterState.FLUSHING, JitterState.FINISHED):
            return self._fade_left
        return None if self.total is None else max(0, self.total - self.position)

    def put(self, chunk: F32, at: int, now: int = 0) -> None:
        """Add (n,) float32 whose first sample is the turn's sample `at`; late and known parts are dropped."""
        counters, kept = self.counters, 0
        counters.chunks_received += 1
        late = at < self.position
        counters.chunks_late += late
        if self._arrivals is not None and self.state is not JitterState.FINISHED:
            self._arrivals.arrived(at, len(chunk), now)
        if self.state not in _OVER:
            end = len(chunk) if self.total is None else min(len(chunk), self.total - at)
            kept = self._segments.add(chunk[: max(0, end)], at, now, self.position, self._capacity)
        counters.samples_discarded += len(chunk) - kept
        if not kept:
            counters.chunks_discarded += 1
            counters.chunks_duplicate += not late and at + len(chunk) <= self._furthest
        else:
            counters.chunks_reordered += not late and at < self._furthest
            self._furthest = max(self._furthest, at + len(chunk))
            if self.state is JitterState.IDLE:
                self.state = JitterState.PRIMING

    def finish(self, total: int) -> None:
        """Say that the turn is `total` samples long and nothing more will come."""
        self.total = total
        if self.state in _OVER:
            return
        if self.position >= total:
            self._end()
        else:
            self.state = JitterState.DRAINING

    def flush(self, fade: int) -> None:
        """Interrupt: `fade` samples more, falling to silence, and nothing after them.

        What does not sound, because it has not begun or has run out, ends at once.
        """
        if self.state in _OVER:
            return
        sounds = self.state not in (*_BEFORE, JitterState.REBUFFERING)
        self.interrupted = True
        self.state = JitterState.FLUSHING
        self._fade = self._fade_left = fade if sounds else 0
        if not self._fade:
            self._end()

    def skip(self, n: int) -> None:
        """Leave out the next n samples, of which the last is held."""
        self.counters.samples_skipped += n
        self.position += n
        self._segments.drop_before(self.position)

    @property
    def startable(self) -> bool:
        """Whether `pull` would play: enough has been gathered, or all there is."""
        return self.total is not None or self.held >= self.target

    def pull(self, n: int, now: int = 0) -> tuple[F32, int]:
        """The next samples: ((m,) float32, how many of them were made up).

        m is n, except that it is less at the end of the turn and 0 while priming.
        """
        state = self.state
        if state is JitterState.FINISHED or (state in _BEFORE and not self.startable):
            return np.zeros(0, np.float32), 0
        if state in _BEFORE or (state in _STARVED and self.startable):
            self.state = JitterState.PLAYING if self.total is None else JitterState.DRAINING
        flushing = state is JitterState.FLUSHING
        if flushing:
            n = min(n, self._fade_left)
        out = np.zeros(n, np.float32)
        done = concealed = 0
        while done < n and self.state is not JitterState.FINISHED:
            played, made_up = self._next(out[done:], now + done)
            done += played
            concealed += made_up
            if self.total is not None and self.position >= self.total:
                self._end()
        if flushing:
            faded = self._fade - self._fade_left
            out[:done] *= 1 - (np.arange(faded, faded + done, dtype=np.float32) + 1) / np.float32(self._fade)
            self._fade_left = max(0, self._fade_left - done)
            if not self._fade_left:
                self._end()
        return out[:done], concealed

    def _next(self, out: F32, now: int) -> tuple[int, int]:
        """Fill the beginning of `out`: (samples filled, of which made up). (0, 0): look again."""
        first = self._segments.first
        if self.state in _STARVED:
            return len(out), self._conceal(out)
        if first is not None and first <= self.position:
            return self._play(out, now), 0
        if first is not None:
            # Later sound is here and this was not: hold its time, so that what follows keeps its place.
            n = min(len(out), first - self.position)
            self.counters.samples_lost += n
            self.position += n
            return n, self._conceal(out[:n])
        if self.state is JitterState.FLUSHING:
            return len(out), self._conceal(out)
        if self.total is not None:
            self.counters.samples_lost += self.total - self.position
            self.position = self.total
        else:
            self.state = JitterState.CONCEALING
        return 0, 0

    def _play(self, out: F32, now: int) -> int:
        samples, came = self._segments.read(self.position, len(out))
        n = len(samples)
        out[:n] = samples
        self._concealment.played(out[:n])
        self.position += n
        self._count(n, now - came)
        return n

    def _count(self, n: int, waited: int) -> None:
        """n samples were played as they came, the first of them after `waited` samples' time."""
        counters = self.counters
        counters.emitted_count += n
        if self._arrivals is not None:
            counters.jitter_buffer_emitted_count += n
            counters.jitter_buffer_delay += n * waited + n * (n - 1) // 2
            counters.jitter_buffer_target_delay += n * self.target

    def _conceal(self, out: F32) -> int:
        self._concealment.fill(out)
        if self.state is JitterState.CONCEALING and self._concealment.silent:
            self.state = JitterState.REBUFFERING
        return len(out)

    def _end(self) -> None:
        self._concealment.end()
        self.counters.samples_flushed += self.held if self.interrupted else 0
        self._segments.clear()
        self._fade_left = 0
        self.state = JitterState.FINISHED


_BEFORE = (JitterState.IDLE, JitterState.PRIMING)
_OVER = (JitterState.FLUSHING, JitterState.FINISHED)
_STARVED = (JitterState.CONCEALING, JitterState.REBUFFERING)
