"""Plays a pattern of arrivals: through Mien's buffer, and through one of a fixed delay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bench_jitter.patterns import PACKET, Arrivals
from mien.audio.arrival import DelayHistogram
from mien.audio.counters import JitterCounters
from mien.audio.jitter import JitterState
from mien.audio.turn import Chunk, End, TurnAudio
from mien.audio.voice import Voice
from mien.types import F32

BLOCK = 480
"""Samples of one pull."""

_NO_ROWS = np.zeros((0, 15), np.float32), np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was heard."""

    counters: JitterCounters
    heard: F32
    """(n,) float32: everything from the first sample played to the last."""
    position: int
    """The turn's samples that were gone through."""
    target: int
    """Target depth at the end, in samples."""
    depth: tuple[int, int]
    """Least and most samples held at a pull, from the moment it played until the end was known."""

    @property
    def mean_delay(self) -> float:
        """Samples that a sample was held, on average."""
        return self.counters.jitter_buffer_delay / max(1, self.counters.jitter_buffer_emitted_count)


def replay(arrivals: Arrivals, packet: F32, delays: DelayHistogram | None = None) -> Outcome:
    """Through a live turn's buffer, pulled every 10 ms. `packet`: (960,) float32, the sound of each packet
    (times its number plus 1); `delays`: what is known of arrivals, nothing when None."""
    turn = TurnAudio("replayed", live=True)
    counters = JitterCounters()
    voice = Voice(turn, -1.0, counters, delays or DelayHistogram())
    heard: list[F32] = []
    depths: list[int] = []
    now = next_one = 0
    while not voice.finished:
        while next_one < len(arrivals.times) and arrivals.times[next_one] <= now:
            number = int(arrivals.numbers[next_one])
            turn.inbox.append(Chunk(number * PACKET, packet * (number + 1), 0, *_NO_ROWS))
            next_one += 1
            if next_one == len(arrivals.times):
                turn.inbox.append(End(arrivals.packets * PACKET))
        voice.drain(now)
        if voice.jitter.startable or heard:
            if voice.jitter.state is JitterState.PLAYING:
                depths.append(voice.jitter.held)
            heard.append(voice.pull(BLOCK, now))
        now += BLOCK
    return Outcome(
        replace(counters),
        np.concatenate(heard),
        voice.jitter.position,
        voice.jitter.target,
        (min(depths, default=0), max(depths, default=0)),
    )


def fixed_delay(arrivals: Arrivals, delay: int) -> tuple[int, float]:
    """A buffer that plays every packet `delay` samples after it would have come, had it been as fast as the
    first one, and drops what comes later: (samples concealed, mean samples that the others were held)."""
    first = np.full(arrivals.packets, np.iinfo(np.int64).max)
    np.minimum.at(first, arrivals.numbers, arrivals.times)
    due = arrivals.times[0] + delay + np.arange(arrivals.packets) * PACKET
    came = first < np.iinfo(np.int64).max
    late = np.where(came, np.clip(first - due, 0, PACKET), PACKET)
    held = (due - first)[came & (late == 0)]
    return int(late.sum()), float(held.mean()) if len(held) else 0.0


def fixed_delay_of(arrivals: Arrivals, mean: float) -> tuple[int, int]:
    """The fixed delay that holds samples for `mean` on average, and what it conceals: (delay, samples)."""
    low, high = 0, 60 * 48_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fixed_delay(arrivals, middle)[1] <= mean else (low, middle)
    return low, fixed_delay(arrivals, low)[0]
