"""Streams of somebody else's, which answer when they like, or never."""

from __future__ import annotations

from collections.abc import Callable

from mien.audio.headers import Readable

PATIENCE: int = 10
"""Looks in a row, a second apart, at a stream that owes an answer: it will not come, as an address's. Looks
are counted, not time: while the process is stopped nobody looks, and nobody is late."""


class Asked:
    """A stream, and whether it owes an answer. One thread reads it, another one looks at it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        # As `Pipe` reads: a buffered pipe's `read1` gives what is there.
        self._read: Callable[[int], bytes | None] = getattr(source, "read1", source.read)
        self._owes = False
        self._answers = self._seen = 0
        self._looks = 0

    @property
    def failure(self) -> str | None:
        """Why it ended early, if it says so."""
        return getattr(self._source, "failure", None)

    def read(self, n: int) -> bytes:
        """Up to n bytes, whenever they come."""
        self._owes = True
        try:
            return self._read(n) or b""
        finally:
            self._answers += 1
            self._owes = False

    def look(self) -> bool:
        """Whether it has owed the same answer for more than `PATIENCE` looks. For one thread, at its pace."""
        waiting = self._owes and self._answers == self._seen
        self._seen = self._answers
        self._looks = self._looks + 1 if waiting else 0
        return self._looks > PATIENCE
