"""What encoded streams are written into: files, pipes, sockets, requests.

Connecting waits in Python, which lets other threads run meanwhile: FFmpeg would not let them.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Protocol
from urllib.parse import urlsplit

OUT: Final = "-"
"""Standard output."""
_CONNECTS_S: Final = 10.0


class Link(Protocol):
    """What takes bytes. Raises OSError where it breaks off."""

    def write(self, data: bytes) -> int:
        """Take all of it; how many bytes that were."""

    def close(self) -> None:
        """No more comes."""


def opened(address: str) -> IO[bytes]:
    """What bytes are written into at once, a path or OUT; of a pipe once somebody reads."""
    if address == OUT:
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    return Path(address).open("wb", buffering=0)


def whole(write: Callable[[memoryview], int | None], data: bytes | memoryview) -> int:
    """Have all be written: a pipe takes a part, where it has no room for more."""
    left = memoryview(data).cast("B")
    size = len(left)
    while left:
        left = left[write(left) or 0 :]
    return size


class FileLink:
    """A file or a pipe. Parameter: `address`, a path or OUT."""

    def __init__(self, address: str) -> None:
        self._file = opened(address)

    def write(self, data: bytes) -> int:
        """Take it."""
        return whole(self._file.write, data)

    def close(self) -> None:
        """Close it."""
        self._file.close()


class TcpLink:
    """A TCP connection. Parameter: `address`, `tcp://host:port`; with `?listen` another connects to it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        place = parts.hostname or "", parts.port or 0
        if "listen" in parts.query.replace("=", "&").split("&"):
            with socket.create_server(place) as listening:
                self._socket, _ = listening.accept()
        else:
            self._socket = socket.create_connection(place, _CONNECTS_S)
        self._socket.settimeout(None)

    def write(self, data: bytes) -> int:
        """Take it."""
        self._socket.sendall(data)
        return len(data)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class HttpLink:
    """The body of a POST, in pieces. Parameters: `address`, http or https; the `kind` of what is sent."""

    def __init__(self, address: str, kind: str) -> None:
        parts = urlsplit(address)
        connects: Any = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection: http.client.HTTPConnection = connects(
            parts.hostname or "", parts.port, timeout=_CONNECTS_S
        )
        self._connection.putrequest("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        for name, value in (("Content-Type", kind), ("Transfer-Encoding", "chunked")):
            self._connection.putheader(name, value)
        self._connection.endheaders()
        assert self._connection.sock is not None
        self._connection.sock.settimeout(None)

    def write(self, data: bytes) -> int:
        """Take it."""
        if data:
            self._connection.send(b"%x\r\n%b\r\n" % (len(data), bytes(data)))
        return len(data)

    def close(self) -> None:
        """It is whole."""
        try:
            self._connection.send(b"0\r\n\r\n")
        finally:
            self._connection.close()


def link_of(target: str) -> Link:
    """What a stream is written into: an address of TCP or HTTP, a path, or OUT."""
    if target.startswith("tcp://"):
        return TcpLink(target)
    if target.startswith(("http://", "https://")):
        return HttpLink(target, "video/webm")
    return FileLink(target)
