"""Connections whose peer is not known yet: it has shown no token, and nothing that it said was taken.

Anybody can open such connections, so there are few, what they may send is short, and a new one is let in
whatever the others do: the one that is there for longest makes room. Who is known is not counted here, and is
not touched by them.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

from mien.serve.counters import Counters

_MOST_PARTS: Final = 20_000
"""Of one message. A part without bytes takes memory, too, and counts for no length."""
_MOST_UNREAD: Final = 64 << 20
"""Bytes that wait for a peer who asks for more of them: each ping is answered with a copy."""
_MOST_UNREAD_OF_STRANGERS: Final = 64 << 10


class Strangers:
    """Parameters: `most` at once; `counters`, where it is counted who made room. On one loop."""

    def __init__(self, most: int, counters: Counters) -> None:
        self._most, self._counters = most, counters
        self._all: dict[ServerConnection, None] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, one: object) -> bool:
        return one in self._all

    def come(self, one: ServerConnection) -> None:
        """One more; where it is one too many, the oldest is ended."""
        if len(self._all) >= self._most:
            oldest = next(iter(self._all))
            self.leave(oldest)
            self._counters.strangers_ended += 1
            oldest.transport.abort()  # a good-bye would wait for a peer who may read nothing
        self._all[one] = None

    def leave(self, one: ServerConnection) -> None:
        """Its peer is known now, or it has ended. Idempotent."""
        self._all.pop(one, None)

    def end(self) -> None:
        """End those that have not even asked for anything: a server that ends would wait for them."""
        for one in tuple(self._all):
            if one.protocol.state is State.CONNECTING:
                one.transport.abort()

    def kind(self) -> type[ServerConnection]:
        """What each connection of a server is to be: it is counted from its first byte on."""
        strangers = self

        class Counted(_Bounded):
            """A connection of these."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                """It is open."""
                super().connection_made(transport)
                strangers.come(self)

            def connection_lost(self, exc: Exception | None) -> None:
                """It is not any more."""
                strangers.leave(self)
                super().connection_lost(exc)

            @property
            def most_unread(self) -> int:
                """Fewer before it is known."""
                return _MOST_UNREAD_OF_STRANGERS if self in strangers else _MOST_UNREAD

        return Counted


class _Bounded(ServerConnection):
    """Takes no more memory than its messages may: those of many empty parts, and pings whose answers nobody
    reads, end it."""

    _parts = 0

    @property
    def most_unread(self) -> int:
        """Bytes that may wait for it."""
        return _MOST_UNREAD

    def process_event(self, event: Event) -> None:
        """What has come of it."""
        if isinstance(event, Frame):
            if event.opcode is Opcode.PING:
                if self.transport.get_write_buffer_size() > self.most_unread:
                    self.transport.abort()
            elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._parts = 0 if event.fin else self._parts + 1
                if self._parts > _MOST_PARTS:
                    self.transport.abort()
                    return  # it is kept no more
        super().process_event(event)


def may_send(one: ServerConnection, most: int) -> None:
    """From now on its messages may have so many bytes."""
    protocol: Any = one.protocol
    protocol.max_message_size = most
    protocol.max_size = most  # its name before websockets 15.1
