"""What a host has pushed into a feed and nobody has taken yet: the side of a feed that its turn holds. It
outlives the feed: when the host forgets a feed that it has not ended, the queue ends."""

from __future__ import annotations

import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mien.errors import AudioRejected, Closed, FeedFull
from mien.interrupts import Bell, Ongoing
from mien.lipsync.streamed import StreamedMouth
from mien.messages import quoted

FeedKind: TypeAlias = Literal["speech", "live"]
"""What a feed does that has fallen behind: `speech` plays all of it, later; `live` catches up."""

LONGEST_JUMP_S: Final = 50
"""Most by which a chunk may lie beyond those before it. Less than the minute that is decoded ahead: or the
decoder waits until what is missing is over, and that lasts until what lies behind it has been decoded."""

_LEAST_PER_S: Final = 100
"""Chunks of so small a part of a second (10 ms) are joined while they wait."""

_FORGOTTEN: Final = "its host dropped it without end()"


class Queue(ABC):
    """What all feeds' queues share. Pushed into from any thread, taken from by one.

    Parameters: `name` of the feed for messages; `kind`; `most`, what it holds at most, in its own unit.
    """

    _chunks: deque[Any]

    def __init__(self, name: str, kind: FeedKind, most: int) -> None:
        self.name = name
        self.kind: FeedKind = kind
        self.most = most
        self.ended = False
        """No more will be pushed."""
        self.failure: str | None = None
        """Why it ended early, when it did."""
        self.held = 0  # of what was pushed: how much has not been taken, in its own unit
        # Which its holder may take again: the collector may forget a feed in the middle of a push.
        self._lock = threading.RLock()
        self._changed = Bell()
        _queues.add(self)
        self._changing = Ongoing()
        self._changes: deque[Callable[[], object]] = deque()
        self._wake: Callable[[], object] | None = None
        self._process: int | None = None  # in which it was given to a turn
        self.abandoned = False  # nobody will take the rest
        self.told = StreamedMouth()  # of its mouth

    @property
    @abstractmethod
    def starved(self) -> bool:
        """Everything pushed has been taken, and the host has not ended it."""

    def attach(self, wake: Callable[[], object]) -> None:
        """Give it to a turn; `wake` is called when the turn may go on. Raises AudioRejected on a second."""
        if self._wake is not None:
            raise AudioRejected(f"this {self.name} already belongs to a turn; open one feed for each turn.")
        self._wake, self._process = wake, os.getpid()

    def detach(self) -> None:
        """The turn was refused, and nothing taken: it may be given to another."""
        self._wake = self._process = None

    def end(self, failure: str | None = None) -> None:
        """The turn is complete, or failed. Idempotent."""
        with self._lock:
            self._change(partial(self._end, failure))
        self._changed.ring()
        self._call()

    def _end(self, failure: str | None) -> None:
        if not self.ended:
            self.failure = failure
        self.ended = True

    def _change(self, change: Callable[[], object]) -> None:
        """Make a change; where a handler of a signal asks for it within another one, behind that. The lock is
        held."""
        self._changes.append(change)
        while self._changes and not self._changing:
            with self._changing.begun():
                while self._changes:
                    self._changes.popleft()()

    def forget(self) -> None:
        """The host has dropped the feed."""
        self.end(_FORGOTTEN)

    def abandon(self) -> None:
        """Nobody will take the rest: what was pushed is freed, as is what is pushed from here on."""
        with self._lock:
            self._change(self._abandon)
        self._changed.ring()

    def _abandon(self) -> None:
        self.abandoned = True
        self._chunks.clear()
        self.held = 0

    def wait_for_room(self, n: int, timeout_s: float | None) -> bool:
        """Return when n more would be taken, or dropped; False after the timeout. More than all that it holds
        is waited for until it is empty."""

        def over() -> bool:
            self._check_taken()
            return self.abandoned or self.ended or self._room(min(n, self.most))

        return self._changed.wait_until(over, timeout_s)

    def _room(self, n: int) -> bool:
        return self.held + n <= self.most

    def _check_open(self) -> None:
        if self.ended:
            raise Closed(f"this {self.name} has ended; open another for the next turn.")
        self._check_taken()

    def _check_taken(self) -> None:
        """Raise Closed where nobody will ever take what is pushed."""
        if self._process not in (None, os.getpid()):
            raise Closed(
                f"this {self.name} belongs to the process that this one was forked off; push into it there."
            )

    def _call(self) -> None:
        if self._wake is not None:
            self._wake()


_queues: Final[weakref.WeakSet[Queue]] = weakref.WeakSet()


def _renew_locks() -> None:
    """In a process that was forked off: who held a lock may not be there to give it back."""
    for one in list(_queues):
        one._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_renew_locks)


@dataclass(frozen=True, slots=True)
class PushedChunk:
    """One push of PCM."""

    at: int
    """Where its first sample belongs, in samples of the feed from the turn's first."""
    samples: npt.NDArray[Any]
    """(n,) int16 or float32 mono, at the feed's rate."""


class PcmQueue(Queue):
    """Samples. Parameters: `rate` in Hz; `kind`; `most_s`, seconds."""

    def __init__(self, rate: int, kind: FeedKind, most_s: float) -> None:
        super().__init__(f"feed of {rate} Hz", kind, round(most_s * rate))
        self.rate = rate
        self._chunks: deque[PushedChunk] = deque()
        self._furthest = 0

    def push(self, samples: npt.NDArray[Any], at: int | None) -> None:
        """Add (n,) int16 or float32, the queue's own from here on, at position `at`, or behind all others.
        Raises Closed, FeedFull; AudioRejected for a position that cannot be."""
        with self._lock:
            self._check_open()
            if at is not None and not 0 <= at <= self._furthest + LONGEST_JUMP_S * self.rate:
                raise AudioRejected(
                    f"a chunk was pushed at sample {quoted(at)} of a feed that has come to "
                    f"{self._furthest}; count from 0 at the turn's first sample, and leave out no more "
                    f"than {LONGEST_JUMP_S} s."
                )
            if self.abandoned or not len(samples):
                return
            if not self._room(len(samples)):
                raise FeedFull(
                    f"this {self.name} holds {self.held / self.rate:.1f} s and was to take "
                    f"{len(samples) / self.rate:.1f} s more, of {self.most / self.rate:g} s at most; push "
                    "less at once, and call wait_for_room() before."
                )
            self._change(partial(self._put, samples, at))
        self._call()

    def _put(self, samples: npt.NDArray[Any], at: int | None) -> None:
        start = self._furthest if at is None else at
        self._add(PushedChunk(start, samples))
        self.held += len(samples)
        self._furthest = max(self._furthest, start + len(samples))

    def _add(self, chunk: PushedChunk) -> None:
        """Put it behind the last, or to it: each one takes the worker 0.2 ms, be it of one sample."""
        last = self._chunks[-1] if len(self._chunks) > 1 else None  # the first is the worker's to drop
        if (
            last is not None
            and chunk.at == last.at + len(last.samples)
            and len(last.samples) + len(chunk.samples) <= self.rate // _LEAST_PER_S
            and last.samples.dtype == chunk.samples.dtype
        ):
            chunk = PushedChunk(last.at, np.concatenate((last.samples, chunk.samples)))
            self._chunks.pop()
        self._chunks.append(chunk)

    @property
    def pending(self) -> bool:
        """Samples were pushed that the worker has not handed on yet."""
        return bool(self._chunks)

    @property
    def starved(self) -> bool:
        """Everything pushed has been handed on, and the host has not ended it."""
        return not self._chunks and not self.ended

    def peek(self) -> PushedChunk | None:
        """The oldest chunk, left in place so that `pending` holds until it is handed on."""
        try:
            return self._chunks[0]
        except IndexError:
            return None

    def drop(self) -> None:
        """Remove the chunk that `peek` gave."""
        with self._lock:
            if self._chunks:
                self.held -= len(self._chunks.popleft().samples)
        self._changed.ring()


class ByteQueue(Queue):
    """Encoded bytes. Parameters: `format`, FFmpeg's name of it, if known; `kind`; `most` bytes."""

    def __init__(self, format: str | None, kind: FeedKind, most: int) -> None:
        super().__init__(f"encoded feed{f' of {format}' if format else ''}", kind, most)
        self.format = format
        self._chunks: deque[bytes] = deque()
        self._waiting = False

    def push(self, data: bytes) -> None:
        """Add bytes. Raises Closed, FeedFull."""
        with self._lock:
            self._check_open()
            if self.abandoned or not data:
                return
            if not self._room(len(data)):
                raise FeedFull(
                    f"this {self.name} holds {self.held} bytes and was to take {len(data)} more, of "
                    f"{self.most} at most; call wait_for_room() before, or let pump() do it."
                )
            self._change(partial(self._put, data))
        self._changed.ring()

    def _put(self, data: bytes) -> None:
        self._chunks.append(data)
        self.held += len(data)

    @property
    def starved(self) -> bool:
        """Everything pushed has been read, more is being waited for, and the host has not ended it."""
        return self._waiting and not self._chunks and not self.ended

    def wait(self) -> None:
        """Return as soon as there is something to read, or nothing ever will be."""
        self._waiting = True
        if self.starved:
            self._call()
        self._changed.wait_until(lambda: bool(self._chunks) or self.ended or self.abandoned)
        self._waiting = False

    def read(self, n: int) -> bytes:
        """Up to n bytes, as soon as there are any; none at the end. For the thread that decodes it."""
        self.wait()
        with self._lock:
            if not self._chunks:
                return b""
            data = self._chunks.popleft()
            if len(data) > n:
                self._chunks.appendleft(data[n:])
            data = data[:n]
            self.held -= len(data)
        self._changed.ring()
        return data

    def _room(self, n: int) -> bool:
        # One chunk is taken whatever its size: its bytes are there already.
        return not self.held or super()._room(n)
