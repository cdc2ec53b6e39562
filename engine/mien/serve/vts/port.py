"""The port that plugins of VTube Studio connect to, on the loop of a server's house."""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from websockets.asyncio.server import Server as Sockets
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mien.serve import pages
from mien.serve.access import Access
from mien.serve.house import House
from mien.serve.server import cannot_serve, listening_at, quiet_logger
from mien.serve.strangers import Strangers
from mien.serve.vts.asking import Ask, nobody
from mien.serve.vts.discovery import broadcast
from mien.serve.vts.plugins import Plugins
from mien.serve.vts.session import Session
from mien.serve.vts.shared import Shared

_LONGEST: Final = 1 << 20
"""Bytes of a message."""
_LONGEST_OF_STRANGERS: Final = 256 << 10
"""The same of a plugin that is not let in: the picture of itself, 128 by 128, is the largest."""
_CLOSES_S: Final = 2.0
_INSTEAD: Final = "another port with --vts"


class Port:
    """Parameters: the `house` of a server that has started; `access`, of which the origins count, and where
    it listens: each plugin has a token of its own; `port`, 0 for any; `plugins`; `ask`, how a person is
    asked; `tells`: it is broadcast by UDP where the port is.

    A context manager; ends before its server does. Raises CannotServe.
    """

    def __init__(
        self,
        house: House,
        access: Access,
        port: int = 0,
        *,
        plugins: Plugins | None = None,
        ask: Ask = nobody,
        tells: bool = False,
    ) -> None:
        self.access: Final = access
        self.port = port
        self.shared: Final = Shared(house, Plugins() if plugins is None else plugins, ask)
        self._loop: Final = house.loop
        self._tells: Final = tells
        self._sockets: Sockets | None = None
        self._strangers: Final = Strangers(house.limits.strangers, house.counters)

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self.access.host}]" if ":" in self.access.host else self.access.host
        return f"ws://{host}:{self.port}"

    def start(self) -> Self:
        """Listen. Raises CannotServe."""
        listening = listening_at(self.access.host, self.port, _INSTEAD)
        self.port = listening.getsockname()[1]
        try:
            asyncio.run_coroutine_threadsafe(self._listen(listening), self._loop).result()
        except BaseException as error:
            listening.close()
            if isinstance(error, OSError):
                raise cannot_serve(self.access.host, self.port, error, _INSTEAD) from error
            raise
        return self

    def stop(self) -> None:
        """Let all channels and plugins go. Idempotent."""
        if self._sockets is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- the loop -----------------------------------------------------------------------------------

    async def _listen(self, listening: socket.socket) -> None:
        self._sockets = await serve(
            self._serve,
            sock=listening,
            process_request=self._asked,
            create_connection=self._strangers.kind(),
            compression=None,
            max_size=_LONGEST_OF_STRANGERS,
            max_queue=4,
            close_timeout=_CLOSES_S,
            open_timeout=self.shared.house.limits.hello_s,
            logger=quiet_logger(),
        )
        self.shared.house.keep(asyncio.create_task(self.shared.tick()))
        if self._tells:
            self.shared.house.keep(asyncio.create_task(broadcast(self.access.host, self.port)))

    async def _asked(self, connection: ServerConnection, request: Request) -> Response | None:
        """A request: a refusal, or None for a WebSocket."""
        # No page is this port's own: not even one whose site's name leads here.
        wrong = self.access.wrong_origin(pages.header(request, "Origin"), "")
        if wrong:
            self.shared.house.counters.refused += 1
            return pages.text(HTTPStatus.FORBIDDEN, wrong)
        if len(self.shared.members) >= self.shared.house.limits.connections:
            return pages.text(HTTPStatus.SERVICE_UNAVAILABLE, "as many are connected as may be.")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        await Session(connection, self.shared, self._strangers, _LONGEST).run()

    async def _close(self) -> None:
        if (sockets := self._sockets) is not None:
            self._sockets = None
            self.shared.driver.end()
            sockets.close()
            self._strangers.end()
            await sockets.wait_closed()
