"""What a client is told, numbered and kept until it was, so that one that comes back misses nothing."""

from __future__ import annotations

from collections import deque
from typing import Final

from msgspec.structs import replace

from mien.serve.coding import text_of
from mien.serve.limits import Limits
from mien.serve.replies import Told


class Outbox:
    """Keeps the last messages within `limits`."""

    def __init__(self, limits: Limits) -> None:
        self._limits: Final = limits
        self._kept: deque[tuple[int, str]] = deque()
        self._bytes = 0
        self.newest = 0
        """The number of the last message; 0: there was none."""

    def add(self, reply: Told) -> None:
        """Number a message and keep it; the oldest go where there are too many."""
        self.newest += 1
        text = text_of(replace(reply, n=self.newest))
        self._kept.append((self.newest, text))
        self._bytes += len(text)
        limits = self._limits
        while len(self._kept) > 1 and (
            len(self._kept) > limits.kept_messages or self._bytes > limits.kept_bytes
        ):
            self._drop()

    @property
    def oldest(self) -> int:
        """The number of the oldest message that is kept; one more than the newest where none is."""
        return self._kept[0][0] if self._kept else self.newest + 1

    def received(self, number: int) -> None:
        """The client has all up to this one."""
        while self._kept and self._kept[0][0] <= number:
            self._drop()

    def after(self, number: int) -> str | None:
        """The message behind that one; None: there is none yet. Raises LookupError where it was dropped."""
        if number >= self.newest:
            return None
        if number + 1 < self.oldest:
            raise LookupError(number)
        return self._kept[number + 1 - self.oldest][1]

    def _drop(self) -> None:
        self._bytes -= len(self._kept.popleft()[1])
