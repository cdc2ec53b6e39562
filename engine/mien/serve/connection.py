"""One connection of one client: what it sends is read and done, what it is to be told is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from mien.errors import MienError
from mien.serve import commands as told
from mien.serve.access import Access
from mien.serve.answers import answered, refused
from mien.serve.clients import Client, TooManyClients
from mien.serve.coding import BadMessage, chunk_of, command_of, hello_of, text_of
from mien.serve.doing import Value
from mien.serve.house import House
from mien.serve.limits import BAD_COSTS, OFFER_COSTS, Bucket
from mien.serve.replies import Bye, Error, Told

BAD_TOKEN, TAKEN_OVER, TOO_SLOW, TOO_MANY, NO_HELLO, ENDING = 4401, 4409, 4408, 4429, 4400, 1001
"""Codes that a connection is closed with."""
_BYE_S: Final = 1.0
"""Longest that a connection may take for the last sentence."""


class Connection:
    """Parameters: the `socket`; the `house`; `access`; `admitted`: it has shown the token; `known`, called
    once its hello was taken."""

    def __init__(
        self,
        socket: ServerConnection,
        house: House,
        access: Access,
        *,
        admitted: bool,
        known: Callable[[], object] = lambda: None,
    ) -> None:
        self._socket, self._house, self._access, self._admitted = socket, house, access, admitted
        self._known = known
        limits = house.limits
        self._bucket = Bucket(limits.messages_per_s, limits.burst)
        self._pending = asyncio.Semaphore(limits.pending)
        self._news = asyncio.Event()
        self._loop: Final = asyncio.get_running_loop()

    async def run(self) -> None:
        """Until it ends."""
        try:
            async with asyncio.timeout(self._house.limits.hello_s):
                hello = await self._hello()
        except TimeoutError:
            await self._end(NO_HELLO, "no hello came in time; send it first.")
            return
        except ConnectionClosed:
            return
        if hello is None:
            return
        client = await self._welcomed(hello)
        if client is None:
            return
        sender = asyncio.create_task(self._send_all(client))
        try:
            await self._read_all(client)
        except ConnectionClosed:
            pass
        finally:
            self._leave(client)
            sender.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sender

    # -- the beginning ------------------------------------------------------------------------------

    async def _hello(self) -> told.Hello | None:
        """The first message; None where the connection was ended for it."""
        while True:
            data = await self._read()
            try:
                hello = hello_of(data)
            except BadMessage as bad:
                self._count_bad()
                await self._refuse(bad.error)
                continue
            if not self._admitted and not self._access.knows(hello.token):
                self._house.counters.refused += 1
                await self._end(BAD_TOKEN, "this server wants its token, and that is not it.")
                return None
            self._known()
            return hello

    async def _welcomed(self, hello: told.Hello) -> Client | None:
        house = self._house
        try:
            await house.opened()
        except MienError as error:
            await self._end(ENDING, f"there is no stage: {error}")
            return None
        now = self._loop.time()
        client = house.clients.find(hello.session, now) if hello.session else None
        resumed = client is not None
        if client is None:
            try:
                client = house.clients.open(now, events=hello.events)
            except TooManyClients:
                await self._end(TOO_MANY, f"{len(house.clients)} clients are connected, as many as may be.")
                return None
        if client.take_over is not None:
            client.take_over()
        client.events = hello.events
        lost = 0
        if resumed:
            client.outbox.received(hello.after)
            lost = max(0, client.outbox.oldest - 1 - hello.after)
        client.sent = client.outbox.oldest - 1
        client.wake, client.take_over, client.let_go = self._news.set, self._taken_over, self._too_slow
        house.arrive(client)
        try:
            await self._socket.send(text_of(house.welcome(hello, client, resumed=resumed, lost=lost)))
        except BaseException as error:  # it has gone before it was welcomed, and its session is left
            self._leave(client)
            if isinstance(error, ConnectionClosed):
                return None
            raise
        self._news.set()
        return client

    def _leave(self, client: Client) -> None:
        """Its session waits for it, unless another connection goes on with it."""
        if self._has(client):
            self._house.leave(client)

    def _has(self, client: Client) -> bool:
        """Whether no other connection goes on with it."""
        return client.wake == self._news.set

    def _taken_over(self) -> None:
        """Another connection goes on with this session."""
        self._end_soon(TAKEN_OVER, "another connection has this session now.")

    def _too_slow(self) -> None:
        """What was told is kept no longer, and the client has not taken it."""
        self._end_soon(TOO_SLOW, "too much waits to be told; come back with this session.")

    def _end_soon(self, code: int, sentence: str) -> None:
        self._house.keep(self._loop.create_task(self._end(code, sentence)))

    # -- reading ------------------------------------------------------------------------------------

    async def _read(self) -> str | bytes:
        """The next message, not before it may be read."""
        data = await self._socket.recv()
        self._house.counters.received += 1
        wait = self._bucket.wait_s(self._loop.time())
        if wait > 0:
            self._house.counters.throttled += 1
            await asyncio.sleep(wait)
        return data

    async def _read_all(self, client: Client) -> None:
        while True:
            data = await self._read()
            try:
                if isinstance(data, str):
                    await self._take(client, command_of(data))
                else:
                    self._tell(client, client.streams.take(chunk_of(data)))
            except BadMessage as bad:
                self._count_bad()
                self._tell(client, bad.error)

    def _count_bad(self) -> None:
        self._house.counters.bad += 1
        self._bucket.wait_s(self._loop.time(), BAD_COSTS - 1)

    async def _take(self, client: Client, command: told.AnyCommand) -> None:
        if isinstance(command, told.SessionCommand):
            if isinstance(command, told.Offer):
                self._bucket.wait_s(self._loop.time(), OFFER_COSTS - 1)
            try:
                self._tell(client, self._house.settle(client, command))
            except MienError as error:  # the stage is closed just now
                self._tell(client, refused(command, error))
            return
        await self._pending.acquire()
        try:
            done = self._house.performance.do(command, client.streams)
        except MienError as error:
            self._pending.release()
            self._tell(client, refused(command, error))
            return

        def finish() -> None:
            self._pending.release()
            self._tell(client, answered(command, done, client.streams))

        def on_its_thread(_: Future[Value]) -> None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(finish)

        done.add_done_callback(on_its_thread)

    def _tell(self, client: Client, reply: Told | None) -> None:
        if reply is not None:
            self._house.counters.count(reply)
            client.tell(reply)

    # -- sending ------------------------------------------------------------------------------------

    async def _send_all(self, client: Client) -> None:
        """What is told goes first, then sound, then pictures; each once the network has taken the last. Until
        another connection has the session: what this one sent then would be lost."""
        try:
            while self._has(client):
                if (text := client.outbox.after(client.sent)) is not None:
                    client.sent += 1
                    await self._socket.send(text)
                    continue
                if (piece := client.take_piece()) is not None:
                    await self._socket.send(piece)
                    continue
                self._news.clear()
                await self._news.wait()
        except (ConnectionClosed, LookupError):  # of the second it is told in `_too_slow`
            pass

    async def _refuse(self, error: Error) -> None:
        self._house.counters.count(error)
        await self._socket.send(text_of(error))

    async def _end(self, code: int, sentence: str) -> None:
        with suppress(ConnectionClosed, TimeoutError):  # of one that reads nothing
            async with asyncio.timeout(_BYE_S):
                await self._socket.send(text_of(Bye(sentence=sentence)))
        await self._socket.close(code, sentence.encode()[:120].decode("utf-8", "ignore"))
