"""The places for sources that may keep their reader waiting. Owned by the decode worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mien.audio.reader import MOST_READERS, Reader
from mien.audio.sources import Source
from mien.clock import Clock
from mien.errors import AudioRejected

LOOK_S: float = 1.0
"""Between two looks at what keeps its reader waiting."""

MOST_HUNG: Final = 60
"""Threads that may hang in sources which were given up. A thread cannot be ended from outside."""


class Readers:
    """Up to four sources that are read at the same time; a reader whose turn is over gives its place back,
    also where its thread still waits for an answer.

    Parameters: `wake` is called whenever a reader has something new; `clock` measures.
    """

    def __init__(self, wake: Callable[[], object], clock: Clock) -> None:
        self._wake = wake
        self._clock = clock
        self._readers: list[Reader] = []
        self._looked_ns = clock.now_ns()

    def __len__(self) -> int:
        """How many threads there are, those that hang included."""
        self._readers = [reader for reader in self._readers if reader.thread.is_alive()]
        return len(self._readers)

    @property
    def _reading(self) -> list[Reader]:
        # By what has ended: a thread is alive for a moment after its last word, and nobody says when it is
        # not any more.
        return [reader for reader in self._readers if not reader.ended and not reader.closed]

    @property
    def _waiting(self) -> list[Reader]:
        # Also for an answer that is owed to a turn which is gone: who is given the same object waits as well.
        return [reader for reader in self._readers if not reader.ended]

    @property
    def look_s(self) -> float | None:
        """In how many seconds to look again; None while nobody is read."""
        return LOOK_S if self._waiting else None

    def open(self, source: Source) -> Reader | None:
        """A reader of `source`, or None while there is no place, or another reads the same object.

        Raises AudioRejected when that object, or too many of those before, have never answered."""
        if len(self._reading) >= MOST_READERS:
            return None
        # One thread at a time stands in a host's object, whatever has become of the turn it reads for.
        same = [] if source.reads is None else [r for r in self._readers if r.reads is source.reads]
        if any(not reader.ended for reader in same):
            return None
        if any(not reader.left for reader in same):
            raise AudioRejected(
                f"{source.name} still owes the turn before an answer, and was given up; give each turn one "
                "of its own."
            )
        if len(self) >= MOST_READERS + MOST_HUNG:
            raise AudioRejected(
                f"{source.name} cannot be read: {MOST_HUNG} iterators and pipes before it were given up and "
                "still hang, each in a thread; let them end or raise after a time."
            )
        reader = Reader(source, self._wake, self._clock)
        self._readers.append(reader)
        return reader

    def look(self) -> None:
        """Give up what has not answered for long. To be called often; most calls do nothing."""
        now = self._clock.now_ns()
        if now - self._looked_ns < LOOK_S * 1e9:
            return
        self._looked_ns = now
        for reader in self._waiting:
            reader.look()

    def join(self, most_s: float) -> None:
        """Wait for the threads, of which some may hang."""
        each_s = most_s / max(MOST_READERS, len(self))
        for reader in self._readers:
            reader.thread.join(each_s)
