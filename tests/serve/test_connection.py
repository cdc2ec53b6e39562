"""One session, and connections that take it from each other, step by step on one loop."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosedError

from mien.serve.access import Access
from mien.serve.clients import Clients
from mien.serve.connection import Connection
from mien.serve.counters import Counters
from mien.serve.house import House
from mien.serve.limits import Limits
from mien.serve.replies import Answer, Welcome


class Network:
    """A socket whose other side takes a message whenever `takes` is released."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.took: list[Any] = []
        self.takes = asyncio.Semaphore(0)
        self.waits = asyncio.Event()

    async def recv(self) -> str:
        return await self.said.get()

    async def send(self, text: str) -> None:
        self.waits.set()
        await self.takes.acquire()
        self.took.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        pass


def house_of(clients: Clients) -> House:
    """What a connection needs of it."""

    async def opened() -> None:
        pass

    def welcome(hello: Any, client: Any, *, resumed: bool, lost: int) -> Welcome:
        return Welcome(
            id=None, session=client.session, resumed=resumed, lost=lost, streams={}, version="", width=1,
            height=1, fps=30.0, renderer="",
        )  # fmt: skip

    tasks: set[Any] = set()
    made = SimpleNamespace(
        limits=clients.limits, clients=clients, counters=Counters(), opened=opened, welcome=welcome,
        arrive=lambda client: None, leave=lambda client: None, keep=tasks.add,
    )  # fmt: skip
    return cast("House", made)


def test_what_is_told_while_another_connection_takes_a_session_goes_to_that_one() -> None:
    async def run() -> None:
        clients = Clients(Limits())
        house = house_of(clients)

        async def connected(session: str = "") -> tuple[Network, asyncio.Task[None]]:
            network = Network()
            connection = Connection(cast("ServerConnection", network), house, Access(), admitted=True)
            task = asyncio.create_task(connection.run())
            network.said.put_nowait(json.dumps({"type": "hello", "session": session}))
            await network.waits.wait()
            network.waits.clear()
            return network, task

        old, old_task = await connected()
        old.takes.release()
        client = next(iter(clients))
        client.tell(Answer(id="a"))
        await old.waits.wait()  # "a" is in the network, which takes nothing
        new, new_task = await connected(client.session)
        client.tell(Answer(id="b"))
        for _ in range(10):
            old.takes.release()
        for _ in range(20):
            await asyncio.sleep(0)
        for _ in range(10):
            new.takes.release()
        for _ in range(20):
            await asyncio.sleep(0)
        assert [told["id"] for told in new.took if told["type"] == "answer"] == ["a", "b"]
        assert [told["id"] for told in old.took if told["type"] == "answer"] == ["a"]
        old_task.cancel()
        new_task.cancel()
        await asyncio.gather(old_task, new_task, return_exceptions=True)

    asyncio.run(run())


def test_a_session_whose_client_goes_before_it_is_welcomed_is_left() -> None:
    """Else it would count as connected for ever, and the stage would draw for it."""

    class Gone(Network):
        async def send(self, text: str) -> None:
            raise ConnectionClosedError(None, None)

    async def run() -> None:
        clients, left = Clients(Limits()), list[Any]()
        house = house_of(clients)
        house.leave = left.append  # type: ignore[method-assign, assignment]  # of a stand-in
        network = Gone()
        network.said.put_nowait(json.dumps({"type": "hello"}))
        await Connection(cast("ServerConnection", network), house, Access(), admitted=True).run()
        assert left == list(clients) and len(left) == 1

    asyncio.run(run())
