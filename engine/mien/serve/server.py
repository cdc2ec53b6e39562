"""The WebSocket server: one port, on a thread of its own with a loop of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from websockets.asyncio.server import Server as Sockets
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mien.errors import MienError
from mien.serve import pages
from mien.serve.access import Access
from mien.serve.connection import Connection
from mien.serve.house import House
from mien.serve.limits import Limits
from mien.serve.performance import Performance
from mien.serve.strangers import Strangers, may_send
from mien.threads import start_thread

if TYPE_CHECKING:
    from mien.serve.webrtc import Peers

_SEND_BUFFER: Final = 256 << 10
"""Bytes that the system holds for a client. More would be pictures that are old when they come."""
_CLOSES_S: Final = 2.0
"""Longest that a client may take to say good-bye."""


class CannotServe(MienError, OSError):
    """A server cannot listen where it was told to."""


class Server:
    """Serves a performance, which somebody opens and closes: hello and /ready wait for it.

    Parameters: `performance`; `access`, which says where it listens, too; `port`, 0 for any; `limits`;
    `peers`, None for a server without WebRTC and without a page. A context manager; listens from `start` on.
    Raises CannotServe.
    """

    def __init__(
        self,
        performance: Performance,
        access: Access,
        port: int = 0,
        *,
        limits: Limits | None = None,
        peers: Peers | None = None,
    ) -> None:
        self.access: Final = access
        self.port = port
        self._limits: Final = limits or Limits()
        self._loop = asyncio.new_event_loop()
        self.house: Final = House(performance, self._limits, self._loop, peers)
        self._thread = threading.Thread(target=self._run, name="mien-serve", daemon=True)
        self._sockets: Sockets | None = None
        self._strangers: Final = Strangers(self._limits.strangers, self.house.counters)

    def start(self) -> Self:
        """Listen. Raises CannotServe."""
        try:
            listening = listening_at(self.access.host, self.port, "another --port")
        except CannotServe:
            self._loop.close()
            raise
        self.port = listening.getsockname()[1]
        try:
            start_thread(self._thread)
            asyncio.run_coroutine_threadsafe(self._listen(listening), self._loop).result()
        except BaseException as error:
            listening.close()
            self.stop()
            if isinstance(error, OSError):
                raise cannot_serve(self.access.host, self.port, error, "another --port") from error
            raise
        return self

    def stop(self) -> None:
        """Say good-bye to all clients, and end the thread. Idempotent."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- the loop -----------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self, listening: socket.socket) -> None:
        limits = self._limits
        self._sockets = await serve(
            self._serve,
            sock=listening,
            process_request=self._asked,
            create_connection=self._strangers.kind(),
            compression=None,  # pictures and sound are compressed; the rest is short
            max_size=limits.stranger_bytes,
            max_queue=2,
            close_timeout=_CLOSES_S,
            open_timeout=limits.hello_s,
            logger=quiet_logger(),
        )
        self.house.begin()

    async def _asked(self, socket: ServerConnection, request: Request) -> Response | None:
        """A request: a page, a refusal, or None for a WebSocket."""
        try:
            return await self._answer(socket, request)
        except Exception as error:
            return pages.failed(error)

    async def _answer(self, socket: ServerConnection, request: Request) -> Response | None:
        counters = self.house.counters
        host, origin = pages.header(request, "Host") or "", pages.header(request, "Origin")
        wrong = self.access.wrong_host(host) or self.access.wrong_origin(origin, host)
        if wrong:
            counters.refused += 1
            return pages.text(HTTPStatus.FORBIDDEN, wrong)
        query = request.path.partition("?")[2]
        admits = self.access.admits(pages.header(request, "Authorization"), query)
        if admits is False:
            counters.refused += 1
            return pages.text(HTTPStatus.UNAUTHORIZED, "that is not the token of this server.")
        admitted = bool(admits) or not self.access.token
        if (pages.header(request, "Upgrade") or "").lower() == "websocket":
            if self._sockets is not None and len(self._sockets.connections) >= self._limits.connections:
                return pages.text(HTTPStatus.SERVICE_UNAVAILABLE, "as many are connected as may be.")
            socket.admitted = admitted  # type: ignore[attr-defined]  # read when it is served
            if admitted:
                may_send(socket, self._limits.message_bytes)
            if admits:
                self._strangers.leave(socket)
            return None
        page = await asyncio.to_thread(pages.answer, self.house, request, admitted=admitted)
        return page or pages.text(
            HTTPStatus.UPGRADE_REQUIRED,
            "this is mien serve: open a WebSocket here, or get /health, /ready, /schema or /metrics.",
        )

    async def _serve(self, socket: ServerConnection) -> None:
        def known() -> None:
            self._strangers.leave(socket)
            may_send(socket, self._limits.message_bytes)

        admitted = getattr(socket, "admitted", False)
        await Connection(socket, self.house, self.access, admitted=admitted, known=known).run()

    async def _close(self) -> None:
        if self._sockets is not None:
            self._sockets.close()
            self._strangers.end()
        await self.house.end()
        if self._sockets is not None:
            await self._sockets.wait_closed()
        await self._loop.shutdown_default_executor()


def listening_at(host: str, port: int, instead: str) -> socket.socket:
    """A socket that listens; `instead`: what to name where it cannot. Raises CannotServe."""
    try:
        return _bound(host, port)
    except (OSError, OverflowError) as error:
        raise cannot_serve(host, port, error, instead) from None


def cannot_serve(host: str, port: int, error: Exception, instead: str) -> CannotServe:
    """What is told where nobody can listen; `instead`: what to name."""
    why = getattr(error, "strerror", None) or error
    return CannotServe(f"nothing can be served at {host}:{port} ({why}); name {instead}, or another --host.")


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: there it means something else
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listening.bind(address)
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def quiet_logger() -> logging.Logger:
    """What strangers do wrong is counted, and told to them: it is nothing for the terminal."""
    logger = logging.getLogger("mien.serve")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
