"""Streams of somebody else's, which answer when they like, or never."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

PATIENCE: int = 10
"""Looks in a row, a second apart, at a stream that owes an answer: it will not come, as an address's. Looks
are counted, not time: while the process is stopped nobody looks, and nobody is late."""


_Answer = TypeVar("_Answer")


class Asked:
    """A stream, and whether it owes an answer. One thread reads it, another one looks at it.

    Parameter: the `source` has `read`, and `seek` and `tell` where it can go back.
    """

    def __init__(self, source: Any) -> None:
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
        return self._answer(lambda: self._read(n)) or b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; where that is."""
        at: int | None = self._answer(lambda: self._source.seek(offset, whence))
        return self.tell() if at is None else at  # some that hosts write themselves give nothing

    def tell(self) -> int:
        """Where it stands."""
        return self._answer(lambda: int(self._source.tell()))

    def look(self) -> bool:
        """Whether it has owed the same answer for more than `PATIENCE` looks. For one thread, at its pace."""
        waiting = self._owes and self._answers == self._seen
        self._seen = self._answers
        self._looks = self._looks + 1 if waiting else 0
        return self._looks > PATIENCE

    def _answer(self, call: Callable[[], _Answer]) -> _Answer:
        self._owes = True
        try:
            return call()
        finally:
            self._answers += 1
            self._owes = False
