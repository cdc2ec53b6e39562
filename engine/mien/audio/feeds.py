"""What a host pushes while it is being made: PCM, or encoded bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterable, Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.audio.levels import mixed
from mien.errors import AudioRejected, Closed
from mien.types import F32

MIN_RATE_HZ = 1_000
MAX_RATE_HZ = 768_000
"""Rates outside of this are taken for a damaged header; 768 kHz is the highest that devices offer."""

MAX_AMPLITUDE = 8.0
"""Full scale is 1; what is 18 dB above it is damage, and would be heard by nothing else."""


def bounded(samples: F32) -> F32:
    """The samples as numbers in -MAX_AMPLITUDE..MAX_AMPLITUDE: a float format may hold anything, and one NaN
    would stay in every filter behind it."""
    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -MAX_AMPLITUDE, MAX_AMPLITUDE, out=finite)


class PcmFeed:
    """Sound that the host pushes in chunks, from any thread, while the turn is already playing.

    Parameters: `rate` in Hz; `channels` of the chunks. Chunks pushed by several threads at once are kept
    whole, in the order in which they arrive. Nothing here waits: what is pushed is held until decoded.
    """

    def __init__(self, rate: int, channels: int = 1) -> None:
        if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
            raise AudioRejected(
                f"a feed of {rate} Hz: give a rate between {MIN_RATE_HZ} and {MAX_RATE_HZ} Hz."
            )
        if channels < 1:
            raise AudioRejected(f"a feed of {channels} channels: give 1 or more.")
        self.rate = rate
        self.channels = channels
        self.ended = False
        """No more samples will be pushed."""
        self._chunks: deque[F32] = deque()
        self._wake: Callable[[], object] | None = None
        self._abandoned = False

    def push(self, samples: npt.NDArray[Any]) -> None:
        """Add samples: int16 or float32 in -1..1, shape (n,) when mono, or (n, channels).

        Copied, so the caller may reuse the array. Raises AudioRejected for another type or shape, Closed
        after `end()`.
        """
        if self.ended:
            raise Closed("this feed has ended; open another PcmFeed for the next turn.")
        samples = np.asarray(samples)
        if samples.dtype == np.int16:
            scaled = samples.astype(np.float32) / np.float32(32768)
        elif samples.dtype == np.float32:
            scaled = bounded(samples)
        else:
            raise AudioRejected(f"a feed was given {samples.dtype} samples; push int16 or float32.")
        if scaled.ndim == 1 and self.channels == 1:
            mono: F32 = scaled
        elif scaled.ndim == 2 and scaled.shape[1] == self.channels:
            mono = mixed(scaled)
        else:
            wanted = "(n,) or (n, 1)" if self.channels == 1 else f"(n, {self.channels})"
            raise AudioRejected(f"a feed was given samples of shape {samples.shape}; push {wanted}.")
        if len(mono) and not self._abandoned:
            self._chunks.append(mono)
            self._call()

    def end(self) -> None:
        """Say that the turn is complete. Idempotent."""
        self.ended = True
        self._call()

    @property
    def pending(self) -> bool:
        """Samples were pushed that the worker has not handed on yet."""
        return bool(self._chunks)

    @property
    def starved(self) -> bool:
        """Everything pushed has been handed on, and the host has not ended it."""
        return not self._chunks and not self.ended

    def attach(self, wake: Callable[[], object]) -> None:
        """Have `wake` called after every push; for the worker. Raises AudioRejected on a second turn."""
        if self._wake is not None:
            raise AudioRejected("this feed already belongs to a turn; open one PcmFeed for each turn.")
        self._wake = wake

    def peek(self) -> F32 | None:
        """The oldest chunk, (n,) float32, left in place so that `pending` holds until it is handed on."""
        return self._chunks[0] if self._chunks else None

    def drop(self) -> None:
        """Remove the chunk that `peek` gave."""
        self._chunks.popleft()

    def abandon(self) -> None:
        """Nobody will take the rest: what was pushed is freed, as is what is pushed from here on."""
        self._abandoned = True
        self._chunks.clear()

    def _call(self) -> None:
        if self._wake is not None:
            self._wake()


class EncodedFeed:
    """An audio file that the host pushes in pieces, from any thread, while the turn is already playing: what
    a speech service streams.

    Parameter: `format`, FFmpeg's name of the container when it is known (`mp3`, `ogg`, `wav`, `aac`, `flac`,
    `webm`); naming it saves some bytes of guessing. Nothing here waits: what is pushed is held until read.
    """

    def __init__(self, format: str | None = None) -> None:
        self.format = format
        self.ended = False
        """No more bytes will be pushed."""
        self.failure: str | None = None
        """Why the stream ended early, when the host said so."""
        self.pushed_bytes = 0
        self._chunks: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._waiting = False
        self._wake: Callable[[], object] | None = None
        self._abandoned = False

    def push(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes, however the stream was cut. Raises Closed after `end()`, AudioRejected for no bytes."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise AudioRejected(f"an encoded feed was given {type(data).__name__}; push bytes.")
        with self._changed:
            if self.ended:
                raise Closed("this feed has ended; open another EncodedFeed for the next turn.")
            if len(data) and not self._abandoned:
                self._chunks.append(bytes(data))
                self.pushed_bytes += len(data)
                self._changed.notify_all()

    def end(self) -> None:
        """Say that the stream is complete. Idempotent."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def fail(self, reason: str) -> None:
        """End the stream early: what came is played, and the turn is damaged by `reason`."""
        self.failure = self.failure or reason.strip().rstrip(".") or "it failed"
        self.end()

    async def pump(self, chunks: AsyncIterable[bytes]) -> None:
        """Push all that an async iterator gives, then end. What it raises fails the feed and goes on up."""
        try:
            async for chunk in chunks:
                self.push(chunk)
        except BaseException as error:
            self.fail(f"its stream broke off: {error or type(error).__name__}")
            raise
        self.end()

    def abandon(self) -> None:
        """Nobody will read on: what was pushed is freed, as is what is pushed from here on."""
        with self._changed:
            self._abandoned = True
            self._chunks.clear()
            self._changed.notify_all()

    @property
    def starved(self) -> bool:
        """Everything pushed has been read, more is being waited for, and the host has not ended it."""
        return self._waiting and not self._chunks and not self.ended

    def attach(self, wake: Callable[[], object]) -> None:
        """Give it to a turn; `wake` is called when it starves. Raises AudioRejected on a second turn."""
        if self._wake is not None:
            raise AudioRejected("this feed already belongs to a turn; open one EncodedFeed for each turn.")
        self._wake = wake

    def wait(self) -> None:
        """Return as soon as there is something to read, or nothing ever will be."""
        with self._changed:
            self._waiting = True
            if self.starved and self._wake is not None:
                self._wake()
            self._changed.wait_for(lambda: self._chunks or self.ended or self._abandoned)
            self._waiting = False

    def read(self, n: int) -> bytes:
        """Up to n bytes, as soon as there are any; none at the end. For the thread that decodes it."""
        self.wait()
        with self._changed:
            if not self._chunks:
                return b""
            data = self._chunks.popleft()
            if len(data) > n:
                self._chunks.appendleft(data[n:])
            return data[:n]
