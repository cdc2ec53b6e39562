"""Tells the network, or this machine alone, where the port is, as VTube Studio does: by UDP."""

from __future__ import annotations

import asyncio
import socket
import uuid
from contextlib import suppress
from typing import Any, Final

from mien.serve.access import is_loopback
from mien.serve.vts.envelope import answer_text

UDP_PORT: Final = 47779
"""Where plugins hear it."""
_EACH_S: Final = 2.0
_KIND: Final = "VTubeStudioAPIStateBroadcast"


def told_of(port: int, instance: str) -> bytes:
    """What is told of a port, by the server with that id."""
    data: dict[str, Any] = {"active": True, "port": port, "instanceID": instance, "windowTitle": "Mien"}
    return answer_text(_KIND, _KIND, data).encode()


async def broadcast(host: str, port: int, to: tuple[str, int] | None = None) -> None:
    """Tell it each two seconds, until it is cancelled. `host`: what the port listens on: this machine alone
    is told of one that only it can reach. `to`: tell that address instead. A network that is away, or that
    lets no broadcast through, is no fault."""
    instance = uuid.uuid4().hex
    place = to or ("127.255.255.255" if is_loopback(host) else "255.255.255.255", UDP_PORT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        while True:
            with suppress(OSError):
                sender.sendto(told_of(port, instance), place)
            await asyncio.sleep(_EACH_S)
