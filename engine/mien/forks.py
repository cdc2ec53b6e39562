"""What a process that is forked off lets go of: ends of sockets and pipes by which others know that this
program is there. It would keep them, and with them processes that this program has left."""

from __future__ import annotations

import io
import os
import socket
import weakref
from contextlib import suppress
from typing import IO, Any, Final

_sockets: Final[weakref.WeakSet[socket.socket]] = weakref.WeakSet()
_files: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


def ours_alone(end: socket.socket | IO[bytes] | None) -> None:
    """Have whoever is forked off close a socket, or a pipe as `subprocess` opens it; None: nothing."""
    if isinstance(end, socket.socket):
        _sockets.add(end)
    elif end is not None:
        # Without its buffer, whose lock another thread may have held.
        _files.add(end.raw if isinstance(end, io.BufferedWriter) else end)


def _let_go() -> None:
    """In a process that was forked off."""
    for end in list(_sockets):
        with suppress(OSError):
            os.close(end.detach())
    for file in list(_files):
        with suppress(OSError):
            file.close()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_let_go)
