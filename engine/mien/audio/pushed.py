"""Sound that a host pushes as PCM, brought to 48 kHz chunk by chunk, each where it belongs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mien.audio.queues import PcmQueue, PushedChunk
from mien.clock import SAMPLE_RATE
from mien.types import F32

if TYPE_CHECKING:
    import av

    from mien.audio.conversion import Converter


class Place(Enum):
    """Where a piece belongs."""

    NEXT = "next"
    """Behind all before it."""
    MISSING = "missing"
    """Silence behind all before it, for what has not come: it takes its time and is not played."""
    LATE = "late"
    """Before the end of those before it, at `PcmStream.at`."""


class PcmStream:
    """A feed's sound, as `Decoder` and `Reader` give theirs; `place` and `at` say where it belongs."""

    def __init__(self, queue: PcmQueue) -> None:
        self.expected: int | None = None
        self.faults: list[str] = []
        self.place = Place.NEXT
        """Of the piece that was given last."""
        self.at = 0
        """The turn's sample, at 48 kHz, with which that piece begins."""
        self._queue = queue
        self._converter: Converter | None = None
        self._next = 0  # samples of the feed that went into the converter, those that are missing included
        self._out = 0  # samples that came out of it
        self._missing: deque[tuple[int, int]] = deque()  # which of those are, from .. to

    def pieces(self) -> Iterator[F32 | None]:
        """(n,) float32 mono at 48 kHz, chunk by chunk; None while nothing is there."""
        queue = self._queue
        while True:
            ended = queue.ended  # read before the chunks: what was pushed before the end is seen
            chunk = queue.peek()
            if chunk is not None:
                # Dropped once the consumer has come back for more, so that `pending` covers the hand-over.
                yield from self._placed(chunk)
                queue.drop()
            elif ended:
                break
            else:
                yield None
        if self._converter is not None:
            yield from self._in_order(_converted(self._converter, None))
        if queue.failure is not None:
            self.faults.append(queue.failure)

    def close(self) -> None:
        """Free what nobody will take. Idempotent."""
        self._queue.abandon()

    def _placed(self, chunk: PushedChunk) -> Iterator[F32]:
        known = max(0, min(len(chunk.samples), self._next - chunk.at))
        if known:
            yield self._late(_floats(chunk.samples[:known]), chunk.at)
        if chunk.at > self._next:
            yield from self._left_out(chunk.at)
        if known < len(chunk.samples):
            yield from self._take(_floats(chunk.samples[known:]))

    def _late(self, samples: F32, at: int) -> F32:
        """By a converter of its own: the other one has gone on."""
        frame = _frame(samples, self._queue.rate)
        converter = _converter(frame)
        sound = np.concatenate((_converted(converter, frame), _converted(converter, None)))
        self.place, self.at = Place.LATE, self._at_48k(at)
        end = self._at_48k(at + len(samples))
        # What the other one holds back still will come in order, and better: it knows both sides of it.
        end = min(end, max((self._out, *(until for start, until in self._missing if start < end))))
        return sound[: max(0, end - self.at)]

    def _left_out(self, until: int) -> Iterator[F32]:
        """Time goes on to sample `until` of the feed, a second at a time."""
        self._missing.append((self._at_48k(self._next), self._at_48k(until)))
        while self._next < until:
            yield from self._take(np.zeros(min(until - self._next, self._queue.rate), np.float32))

    def _take(self, samples: F32) -> Iterator[F32]:
        frame = _frame(samples, self._queue.rate)
        self._converter = self._converter or _converter(frame)
        self._next += len(samples)
        yield from self._in_order(_converted(self._converter, frame))

    def _in_order(self, sound: F32) -> Iterator[F32]:
        """What came out of the converter, cut where something is missing."""
        while len(sound):
            start, end = self._missing[0] if self._missing else (self._out + len(sound),) * 2
            inside = start <= self._out
            n = min(len(sound), (end if inside else start) - self._out)
            self.place = Place.MISSING if inside else Place.NEXT
            self.at = self._out
            self._out += n
            if self._missing and self._out >= end:
                self._missing.popleft()
            piece, sound = sound[:n], sound[n:]
            if n:
                yield piece

    def _at_48k(self, position: int) -> int:
        return round(position * SAMPLE_RATE / self._queue.rate)


def _converter(first: av.AudioFrame) -> Converter:
    from mien.audio.conversion import Converter  # here, as in `sources`

    return Converter(first)


def _frame(samples: F32, rate: int) -> av.AudioFrame:
    import av

    frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
    frame.sample_rate = rate
    return frame


def _floats(samples: npt.NDArray[Any]) -> F32:
    return samples.astype(np.float32) / np.float32(32768) if samples.dtype == np.int16 else samples


def _converted(converter: Converter, frame: av.AudioFrame | None) -> F32:
    return converter.push(frame)
