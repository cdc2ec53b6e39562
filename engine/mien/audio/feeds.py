"""What a host pushes while it is being made: PCM, or encoded bytes."""

from __future__ import annotations

from collections.abc import AsyncIterable
from math import isfinite
from numbers import Integral
from operator import index
from typing import Any, Final, get_args

import numpy as np
import numpy.typing as npt

from mien.arguments import MOST_SECONDS, is_number, seconds_of, whole_of
from mien.audio.addresses import reason_of
from mien.audio.feed_ending import EndsWithBlock
from mien.audio.formats import known_format
from mien.audio.levels import mixed
from mien.audio.queues import ByteQueue, FeedKind, PcmQueue, Queue
from mien.audio.timings_pushed import TimingsPushed
from mien.errors import AudioRejected, FeedFull
from mien.messages import quoted
from mien.types import F32

MIN_RATE_HZ = 1_000
MAX_RATE_HZ = 768_000
"""Rates outside of this are taken for a damaged header; 768 kHz is the highest that devices offer."""

MAX_CHANNELS: Final = 64
"""As many as FFmpeg has names for."""

MAX_AMPLITUDE = 8.0
"""Full scale is 1; what is 18 dB above it is damage, and would be heard by nothing else."""

_NUMBERS: Final = "biufc"
"""What numpy calls the kinds of numbers."""

MOST_S: Final = 300.0
"""Seconds of PCM that a feed holds: 58 MB at 48 kHz, half of that as int16."""

MOST_BYTES: Final = 32 * 2**20
"""Encoded bytes that a feed holds: half an hour of MP3, 6 minutes of 16-bit PCM at 48 kHz."""

_ROOM_S: Final = 0.01
"""Between two looks of `pump` at whether there is room again."""


def bounded(samples: F32) -> F32:
    """The samples as numbers in -MAX_AMPLITUDE..MAX_AMPLITUDE: a float format may hold anything, and one NaN
    would stay in every filter behind it."""
    # Looked at first: to mend them takes longer than all else that is done with a small packet.
    least, most = np.minimum.reduce(samples, initial=0.0), np.maximum.reduce(samples, initial=0.0)
    if least >= -MAX_AMPLITUDE and most <= MAX_AMPLITUDE:  # not so with NaN
        return samples
    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -MAX_AMPLITUDE, MAX_AMPLITUDE, out=finite)


class PcmFeed(TimingsPushed, EndsWithBlock):
    """Sound that the host pushes in chunks, from any thread, while the turn is already playing.

    Parameters: `rate` in Hz; `channels` of the chunks; `kind`: "speech" plays all that was pushed, however
    late it came; "live" catches up with its sender, by shorter pauses, faster speech and, at last, leaving
    out; `most_s`: seconds that it holds until they are decoded. A context manager, which ends it. Chunks
    pushed by several threads at once are kept whole, in the order in which they arrive. `push` never waits.
    Keep it until `end()`: a feed that its host forgets ends there, and its turn is damaged. Raises
    AudioRejected.
    """

    def __init__(
        self, rate: int, channels: int = 1, *, kind: FeedKind = "speech", most_s: float = MOST_S
    ) -> None:
        self.rate: Final = _whole(rate, "rate", MIN_RATE_HZ, MAX_RATE_HZ, " Hz")
        self.channels: Final = _whole(channels, "number of channels", 1, MAX_CHANNELS)
        if not is_number(most_s) or not 0 < float(most_s) <= MOST_SECONDS:
            raise AudioRejected(f"a feed cannot hold {quoted(most_s)} s; give seconds above 0.")
        self.queue: Final = PcmQueue(self.rate, _kind(kind), float(most_s))
        """What was pushed, for the turn."""

    def push(self, samples: npt.NDArray[Any], at: int | None = None) -> None:
        """Add samples: int16 or float32 in -1..1, shape (n,) when mono, or (n, channels).

        `at`: the position of their first sample, counted from the turn's first at the feed's rate, where
        chunks may come out of order, twice, or not at all (a sequence number times the samples of a packet);
        without it they follow the furthest that was pushed. Copied, so the caller may reuse the array. Raises
        AudioRejected for another type, shape or position, NaN, or peaks above 8; FeedFull while it holds
        `most_s` seconds; Closed after `end()`.
        """
        try:
            given, samples = samples, np.asarray(samples)
        except ValueError:
            raise AudioRejected("a feed was given rows of different lengths; push an array.") from None
        if samples.dtype.kind not in _NUMBERS:
            raise AudioRejected(f"samples cannot be {quoted(given)}: push an array of int16 or float32.")
        if samples.dtype not in (np.int16, np.float32):
            raise AudioRejected(f"a feed was given {samples.dtype} samples; push int16 or float32.")
        if samples.ndim == 2 and samples.shape[1] == self.channels:
            mono = samples[:, 0] if self.channels == 1 else _mixed(samples)
        elif samples.ndim == 1 and self.channels == 1:
            mono = samples
        else:
            wanted = "(n,) or (n, 1)" if self.channels == 1 else f"(n, {self.channels})"
            raise AudioRejected(f"a feed was given samples of shape {samples.shape}; push {wanted}.")
        position = None if at is None else _position(at)
        if samples.dtype == np.float32:
            _check_heights(samples)
        self.queue.push(mono.copy(), position)

    def _ended(self, failure: str | None) -> None:
        self.queue.end(failure)

    def wait_for_room(self, seconds: float = 0.0, timeout_s: float | None = None) -> bool:
        """Wait, on a thread that may, until `seconds` more would be taken; False after `timeout_s`.

        Also returns when nobody takes any more: the turn was interrupted, or the feed has ended. Raises
        FeedFull for more than it ever holds.
        """
        wanted = round(seconds_of("seconds", seconds) * self.rate)
        if wanted > self.queue.most:
            raise FeedFull(
                f"this {self.queue.name} never has room for {seconds:g} s: it holds "
                f"{self.queue.most / self.rate:g} s at most; push less at once, or open it with most_s."
            )
        return self.queue.wait_for_room(wanted, _timeout_of(timeout_s))

    @property
    def held_s(self) -> float:
        """Seconds pushed that are not decoded yet. From any thread."""
        return self.queue.held / self.rate

    @property
    def ended(self) -> bool:
        """No more samples will be pushed."""
        return self.queue.ended

    @property
    def pending(self) -> bool:
        """Samples were pushed that have not been handed on yet."""
        return self.queue.pending

    @property
    def starved(self) -> bool:
        """Everything pushed has been handed on, and the feed has not ended."""
        return self.queue.starved

    @property
    def _queue(self) -> Queue:
        return self.queue

    def __del__(self) -> None:
        if hasattr(self, "queue"):
            self.queue.forget()


class EncodedFeed(TimingsPushed, EndsWithBlock):
    """An audio file that the host pushes in pieces, from any thread, while the turn is already playing: what
    a speech service streams.

    Parameters: `format`, FFmpeg's name of the container when it is known (`mp3`, `ogg`, `wav`, `aac`, `flac`,
    `webm`); naming it saves some bytes of guessing; `kind` as of a `PcmFeed`; `most_bytes` that it holds
    until they are read. A context manager, which ends it. `push` never waits. Keep it until `end()`: a feed
    that its host forgets ends there, and its turn is damaged.
    """

    def __init__(
        self, format: str | None = None, *, kind: FeedKind = "speech", most_bytes: int = MOST_BYTES
    ) -> None:
        if format is not None and not (isinstance(format, str) and format):
            raise AudioRejected(f"an encoded feed cannot be of {quoted(format)}; name a container, as 'mp3'.")
        known_format(format)
        self.format: Final = format
        most = _whole(most_bytes, "number of bytes to hold", 1, 2**40)
        self.queue: Final = ByteQueue(format, _kind(kind), most)
        """What was pushed, for the turn."""

    def push(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes, however the stream was cut. Raises AudioRejected for no bytes, FeedFull while it holds
        `most_bytes`, Closed after `end()`."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise AudioRejected(f"an encoded feed was given {type(data).__name__}; push bytes.")
        self.queue.push(bytes(data))

    def _ended(self, failure: str | None) -> None:
        self.queue.end(failure)

    def fail(self, reason: str) -> None:
        """End the stream early: what came is played, and the turn is damaged by `reason`."""
        if not isinstance(reason, str):
            raise AudioRejected(f"reason cannot be {quoted(reason)}: give a text that says why it ended.")
        self.queue.end(reason.strip().rstrip(".") or "it failed")

    async def pump(self, chunks: AsyncIterable[bytes]) -> None:
        """Push all that an async iterator gives, as there is room, then end. What it raises fails the feed
        and goes on up."""
        if not isinstance(chunks, AsyncIterable):
            raise AudioRejected(f"chunks cannot be {quoted(chunks)}: give an async iterator of bytes.")
        import asyncio  # which a host that has no loop need not have

        try:
            async for chunk in chunks:
                while not self.queue.wait_for_room(len(chunk), 0):
                    await asyncio.sleep(_ROOM_S)
                self.push(chunk)
        except BaseException as error:
            self.fail(f"its stream broke off: {reason_of(error)}")
            raise
        self.end()

    def wait_for_room(self, n: int = 1, timeout_s: float | None = None) -> bool:
        """Wait, on a thread that may, until n more bytes would be taken; False after `timeout_s`.

        Also returns when nobody takes any more: the turn was interrupted, or the feed has ended.
        """
        wanted = whole_of("n", n, 0, 2**40, "a number of bytes")
        return self.queue.wait_for_room(wanted, _timeout_of(timeout_s))

    @property
    def ended(self) -> bool:
        """No more bytes will be pushed."""
        return self.queue.ended

    @property
    def failure(self) -> str | None:
        """Why the stream ended early, when the host said so."""
        return self.queue.failure

    @property
    def starved(self) -> bool:
        """Everything pushed has been read, more is being waited for, and the feed has not ended."""
        return self.queue.starved

    @property
    def _queue(self) -> Queue:
        return self.queue

    def __del__(self) -> None:
        if hasattr(self, "queue"):
            self.queue.forget()


def _timeout_of(timeout_s: object) -> float | None:
    return None if timeout_s is None else seconds_of("timeout_s", timeout_s)


def _whole(given: object, what: str, least: int, most: int, unit: str = "") -> int:
    """A whole number of a host's within bounds. Raises AudioRejected."""
    try:
        number = int(given) if isinstance(given, float) and given.is_integer() else index(given)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if isinstance(given, bool) or not least <= number <= most:
        raise AudioRejected(
            f"a feed cannot have {quoted(given)} as its {what}; give {least} to {most}{unit}."
        )
    return number


def _position(at: object) -> int:
    if isinstance(at, bool) or not isinstance(at, Integral):
        raise AudioRejected(f"a chunk was pushed at {quoted(at)}; give a whole number of samples.")
    return index(at)


def _kind(given: object) -> FeedKind:
    for kind in get_args(FeedKind):
        if isinstance(given, str) and given == kind:
            return kind  # type: ignore[no-any-return]
    raise AudioRejected(f'a feed cannot be of kind {quoted(given)}; give "speech" or "live".')


def _mixed(samples: npt.NDArray[Any]) -> F32:
    """(n, channels) int16 or float32 -> (n,) float32."""
    floats = samples.astype(np.float32) / np.float32(32768) if samples.dtype == np.int16 else samples
    return mixed(floats)


def _check_heights(samples: npt.NDArray[Any]) -> None:
    """Raises AudioRejected for float32 samples that can be no sound."""
    with np.errstate(invalid="ignore"):
        peak = max(float(samples.max(initial=0)), -float(samples.min(initial=0)))
    if not isfinite(peak):
        raise AudioRejected(
            "samples hold NaN or infinity: push finite numbers in -1..1 (np.nan_to_num makes NaN silence)."
        )
    if peak > MAX_AMPLITUDE:
        raise AudioRejected(
            f"samples reach {peak:g}, and float32 is heard in -1..1: divide samples of 16 bits by 32768, or "
            "push them as int16."
        )
