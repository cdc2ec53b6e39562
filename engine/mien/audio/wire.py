"""One connection of the network, checked before it is made, with an end to every wait."""

from __future__ import annotations

import errno
import io
import os
import selectors
import socket
import ssl
import time
from collections.abc import Generator
from contextlib import closing
from typing import Any, Final, TypeAlias, cast

from mien.audio.addresses import Address, refusal
from mien.errors import AudioRejected

Place: TypeAlias = tuple[int, Any]
"""Family and address of a socket."""

_UNDER_WAY: Final = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)

_HEAD_START_S: Final = 0.25
"""Longest that one machine of a name is waited for before the next is tried beside it (RFC 8305)."""


def connections(address: Address, name: str, deadline: float) -> Generator[Wire, None, None]:
    """Connections to the machines that an address leads to and its policy allows, made as they are asked for;
    whoever takes one ends it. `name` for messages.

    Raises AudioRejected when the policy allows none; behind the last one OSError, why it was the last."""
    failed: OSError | None = None
    with closing(_connected(_places(address, name), deadline)) as sockets:
        try:
            for plain in sockets:
                try:
                    secured = _secured(plain, address, deadline)
                except OSError as error:
                    failed = failed or error
                else:
                    yield Wire(secured, deadline)
        except OSError as error:
            raise failed or error from error
    raise failed or OSError("its machines do not answer")


def _secured(plain: socket.socket, address: Address, deadline: float) -> socket.socket:
    try:
        plain.settimeout(left(deadline))
        if address.parts.scheme == "https":
            return ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
    except BaseException:
        plain.close()
        raise
    return plain


def _connected(places: list[Place], deadline: float) -> Generator[socket.socket, None, None]:
    """Sockets in the order in which they are connected: one that fails, or takes longer than a moment, has
    the next place tried. Raises OSError when no more can be."""
    failed = 0
    with selectors.DefaultSelector() as waiting:
        try:
            while places or waiting.get_map():
                if places:
                    family, where = places.pop(0)
                    try:
                        tried = socket.socket(family, socket.SOCK_STREAM)
                    except OSError as error:  # a family that this system does without
                        failed = error.errno or errno.EAFNOSUPPORT
                        continue
                    tried.setblocking(False)
                    code = tried.connect_ex(where)
                    if code not in _UNDER_WAY:
                        tried.close()
                        failed = code
                        continue
                    waiting.register(tried, selectors.EVENT_WRITE)
                wait_s = left(deadline)
                for key, _ in waiting.select(min(wait_s, _HEAD_START_S) if places else wait_s):
                    found = cast("socket.socket", key.fileobj)
                    waiting.unregister(found)
                    code = found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not code:
                        yield found
                        continue
                    found.close()
                    failed = code
        finally:
            for key in list(waiting.get_map().values()):
                cast("socket.socket", key.fileobj).close()
    if failed:
        raise OSError(failed, os.strerror(failed))


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


def _places(address: Address, name: str) -> list[Place]:
    """Where to connect to: all that the policy allows; raises when none is."""
    found = socket.getaddrinfo(address.ascii_host, address.port, type=socket.SOCK_STREAM)
    allowed: list[Place] = [
        (family, where) for family, *_, where in found if address.policy.allows(address.host, str(where[0]))
    ]
    if found and not allowed:
        raise AudioRejected(refusal(name, address.host, str(found[0][4][0]), address.policy))
    return allowed


def left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
