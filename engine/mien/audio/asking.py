"""Streams of somebody else's, which answer when they like, or never."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final, TypeVar

from mien.messages import quoted

PATIENCE: int = 10
"""Looks in a row, a second apart, at a stream that owes an answer: it will not come, as an address's. Looks
are counted, not time: while the process is stopped nobody looks, and nobody is late."""


_NOWHERE: Final = -1
"""A place for FFmpeg, which takes it for an error."""

_Answer = TypeVar("_Answer")


class Asked:
    """A stream, and whether it owes an answer. One thread reads it, another one looks at it.

    Parameters: the `source` has `read`, and `seek` and `tell` where it can go back. `flows`: what is there is
    to be given before more is waited for, as a buffered pipe's `read1` does.
    """

    def __init__(self, source: Any, *, flows: bool = False) -> None:
        self._source = source
        read = getattr(source, "read1", source.read) if flows else source.read
        self._read: Callable[[int], bytes | None] = read
        self._owes = False
        self._answers = self._seen = 0
        self._looks = 0
        self._over = False  # nobody reads on, or it has raised

    @property
    def failure(self) -> str | None:
        """Why it ended early, if it says so."""
        return getattr(self._source, "failure", None)

    def read(self, n: int) -> bytes:
        """Up to n bytes, whenever they come."""
        return self._answer(lambda: self._read(n) or b"", b"")

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; where that is."""
        return self._answer(lambda: self._go(offset, whence), _NOWHERE)

    def tell(self) -> int:
        """Where it stands."""
        return self._answer(lambda: _checked(int(self._source.tell())), _NOWHERE)

    def _go(self, offset: int, whence: int) -> int:
        at = self._source.seek(offset, whence)  # some that hosts write themselves give nothing
        return _checked(int(self._source.tell()) if at is None else at)

    def look(self) -> bool:
        """Whether it has owed the same answer for more than `PATIENCE` looks. For one thread, at its pace."""
        waiting = self._owes and self._answers == self._seen
        self._seen = self._answers
        self._looks = self._looks + 1 if waiting else 0
        return self._looks > PATIENCE

    def leave(self) -> None:
        """Nobody reads on: what is asked next finds the end, and with it ends whoever asks without one."""
        self._over = True

    def _answer(self, call: Callable[[], _Answer], over: _Answer) -> _Answer:
        if self._over:
            return over
        self._owes = True
        try:
            return call()
        except BaseException as error:
            # FFmpeg asks on behind an error, and of every further one PyAV prints a traceback.
            self._over = True
            if isinstance(error, Exception):
                raise
            # What PyAV does not hand on: FFmpeg would ask again, without an end.
            raise OSError(f"it raised {type(error).__name__}") from error
        finally:
            self._answers += 1
            self._owes = False


def _checked(at: int) -> int:
    """A place in a file. Raises OSError for what FFmpeg cannot count to."""
    if not 0 <= at < 1 << 62:
        raise OSError(f"it says that it stands at {quoted(at)}")
    return at
