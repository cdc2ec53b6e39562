"""The streams of the program, whatever has become of them. Nothing heavy is imported."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO, cast

_PATIENCE_S: Final = 0.5
"""For how long there may be no room before what is said beside the work is left out."""
_PIECE: Final = 512
"""Bytes; a pipe that has any room takes as many without a wait (POSIX's least PIPE_BUF)."""


def hold_closed() -> None:
    """Have standard input, output and error lead nowhere where they are closed: else the next file that is
    opened is one of them, and what libraries print goes there."""
    with suppress(OSError):
        while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(fd, True)
        os.close(fd)


def tell(line: str) -> None:
    """A line on standard error; nothing where that cannot be written any more."""
    with suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)


def settle() -> None:
    """Write what standard output and error still keep; where that fails it goes nowhere. Python would try
    once more when it ends, and end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            give_up(stream)


def give_up(stream: TextIO) -> None:
    """Have a stream lead nowhere from now on, also with what it keeps."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


class Unfailing:
    """Standard error, for what is said beside the work, which it neither ends nor holds up.

    What cannot be written is lost. A terminal that is held (Ctrl-S) or whose other end stands still, and a
    pipe that nobody reads, have no room: what is said then is lost as well, until they have.
    """

    def __init__(self) -> None:
        self.encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        self._full = False

    def write(self, text: str) -> int:
        """Write as much of a text as there is room for. Returns its length."""
        with suppress(OSError, ValueError, AttributeError):
            stream = _itself(sys.stderr)
            stream.flush()
            if (fd := _may_be_full(stream)) is None:
                stream.write(text)
            else:
                self._write(fd, text.encode(self.encoding, "backslashreplace"))
        return len(text)

    def _write(self, fd: int, data: bytes) -> None:
        with _unwaiting(fd) as out:
            room = select.poll()
            room.register(out, select.POLLOUT)
            while data:
                self._full = not room.poll(0 if self._full else 1000 * _PATIENCE_S)
                if self._full:
                    return
                data = data[os.write(out, data[:_PIECE]) :]

    def flush(self) -> None:
        """Nothing is kept back but what another has written to the stream."""
        with suppress(OSError, ValueError, AttributeError):
            _itself(sys.stderr).flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()

    def fileno(self) -> int:
        """Its number. Raises OSError, ValueError or AttributeError where it has none."""
        return sys.stderr.fileno()


def _itself(stream: TextIO) -> TextIO:
    """Where `rich`, while it shows how far it is, has put itself before a stream: the stream behind it. Or
    what is written there would come back here, for ever."""
    return cast(TextIO, getattr(stream, "rich_proxied_file", stream))


def _may_be_full(stream: TextIO) -> int | None:
    """The number of a stream that is a terminal or a pipe; None for what has room until it fails, and where
    the system cannot be asked."""
    if sys.platform == "win32":
        return None
    try:
        fd = stream.fileno()
    except (OSError, ValueError, AttributeError):  # of a program's own
        return None
    return fd if os.isatty(fd) or stat.S_ISFIFO(os.fstat(fd).st_mode) else None


@contextmanager
def _unwaiting(fd: int) -> Iterator[int]:
    """A terminal opened once more, so that writing does not wait, whoever else writes there and waits. What
    cannot be opened, as a terminal without a name in a container, and a pipe, is used as it is."""
    own = None
    with suppress(OSError):
        own = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield fd if own is None else own
    finally:
        if own is not None:
            os.close(own)
