"""One connection of the network, checked before it is made, with an end to every wait."""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

from mien.audio.addresses import Address, refusal, without_secrets
from mien.errors import AudioRejected


def connect(address: Address, name: str, deadline: float) -> Wire:
    """A connection to a machine that an address leads to and its policy allows; `name` for messages.

    Raises AudioRejected when the policy allows none, OSError when none answers."""
    failed: OSError | None = None
    for family, where in _numbers(address, name):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(left(deadline))
            plain.connect(where)
            if address.parts.scheme == "https":
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
        except OSError as error:
            plain.close()
            failed = error
        else:
            return Wire(plain, deadline)
    raise failed or OSError("it has no address")


class Wire:
    """What `http.client` uses of a socket: until it is told to `wait`, all of it by a deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline: float | None = deadline
        self._wait_s = 0.0

    def wait(self, seconds: float) -> None:
        """From here on every read may take so long."""
        self._deadline, self._wait_s = None, seconds

    def sendall(self, data: bytes) -> None:
        """Send it."""
        self._sock.settimeout(self._limit())
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """The bytes that come."""
        return io.BufferedReader(_Incoming(self))

    def recv_into(self, buffer: Any) -> int:
        """Wait for bytes."""
        self._sock.settimeout(self._limit())
        return self._sock.recv_into(buffer)

    def cut(self) -> None:
        """End a wait, from any thread."""
        try:
            # Not SSLSocket's, which takes away what the reading thread stands in.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        """`http.client` is done with it; the response reads on."""

    def end(self) -> None:
        """Close it."""
        self._sock.close()

    def _limit(self) -> float:
        return self._wait_s if self._deadline is None else left(self._deadline)


class _Incoming(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.recv_into(buffer)


def _numbers(address: Address, name: str) -> Iterator[tuple[int, Any]]:
    """Where to connect to, (family, address of a socket): all that the policy allows; raises when none is."""
    host = address.host.encode("idna").decode() if not address.host.isascii() else address.host
    found = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
    allowed = [
        (family, where) for family, *_, where in found if address.policy.allows(address.host, str(where[0]))
    ]
    if found and not allowed:
        raise AudioRejected(refusal(name, address.host, str(found[0][4][0])))
    yield from allowed


def left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def reason_of(error: BaseException) -> str:
    """What an error of a network says, for the middle of a sentence."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return without_secrets(str(text)).rstrip(".").lower()
