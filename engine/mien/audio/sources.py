"""What a turn's sound may come from, and PCM that a host pushes while it is being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from mien.errors import AudioRejected, Closed
from mien.types import F32

MIN_RATE_HZ = 1_000
MAX_RATE_HZ = 768_000
"""Rates outside of this are taken for a damaged header; 768 kHz is the highest that devices offer."""


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
            scaled = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        else:
            raise AudioRejected(f"a feed was given {samples.dtype} samples; push int16 or float32.")
        if scaled.ndim == 1 and self.channels == 1:
            mono: F32 = scaled
        elif scaled.ndim == 2 and scaled.shape[1] == self.channels:
            mono = scaled.mean(axis=1, dtype=np.float32)
        else:
            wanted = "(n,) or (n, 1)" if self.channels == 1 else f"(n, {self.channels})"
            raise AudioRejected(f"a feed was given samples of shape {samples.shape}; push {wanted}.")
        if len(mono):
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

    def _call(self) -> None:
        if self._wake is not None:
            self._wake()


AudioInput: TypeAlias = str | Path | bytes | BinaryIO | PcmFeed
"""A file by name, the bytes of a file, a binary file object, or pushed PCM."""


def name_of(source: AudioInput) -> str:
    """What to call a source in messages."""
    if isinstance(source, str | Path):
        return f"audio file {str(source)!r}"
    if isinstance(source, bytes):
        return f"audio of {len(source)} bytes"
    if isinstance(source, PcmFeed):
        return f"feed of {source.rate} Hz"
    name = getattr(source, "name", None)
    return f"audio file {name!r}" if isinstance(name, str) else "audio from a file object"
