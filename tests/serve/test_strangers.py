"""Who is not known yet: what a peer without a token may send, for how long, and how many there may be."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

import mien
from mien.errors import NoThreads
from mien.serve.access import Access
from mien.serve.clients import Clients
from mien.serve.connection import NO_HELLO, Connection
from mien.serve.counters import Counters
from mien.serve.house import House
from mien.serve.limits import Limits
from mien.serve.performance import Performance
from mien.serve.server import CannotServe, Server
from serve import virtual
from serve.plugin import plugged, plugin_of
from serve.rig import Puppet, served, talking

TOKEN = "correct-horse-battery-staple"
LARGE = {"kind": "base64", "data": base64.b64encode(bytes(40_000)).decode()}
"""A turn's sound that is no first message."""
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def silent(server: Server) -> socket.socket:
    """A peer that connects and says nothing."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


# -- how much ---------------------------------------------------------------------------------------


def test_what_has_to_show_a_token_may_send_little_before_it() -> None:
    with served(access=Access(token=TOKEN)) as (server, puppet):
        with talking(server, hello=False) as stranger:
            with pytest.raises(ConnectionClosed) as closed:
                stranger.send("turn", speaker="wren", audio=LARGE)
                stranger.until("never")
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
        with talking(server, hello=False) as client:
            client.hello(token=TOKEN)
            assert client.ask("turn", speaker="wren", audio=LARGE)["type"] == "answer"
        known: Any = {"additional_headers": {"Authorization": f"Bearer {TOKEN}"}}
        with talking(server, hello=False, **known) as client:  # both at once, as it is known already
            client.send("hello")
            client.send("turn", id=1, speaker="wren", audio=LARGE)
            assert client.until("answer")["id"] == 1
    assert [name for name, *_ in puppet.calls] == ["say", "say"]


def test_a_peer_that_pings_and_reads_nothing_is_ended() -> None:
    with served() as (server, _), socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(60)
        peer.connect(("127.0.0.1", server.port))
        peer.sendall(UPGRADE)
        ping = b"\x89\xfd" + bytes(4) + b"x" * 125
        with pytest.raises(ConnectionError):
            for _ in range(4000):  # 50 MB
                peer.sendall(ping * 100)


def test_a_message_of_parts_without_bytes_ends_its_connection() -> None:
    with served(limits=Limits(hello_s=3600)) as (server, _), silent(server) as peer:
        peer.sendall(UPGRADE + b"\x01\x80" + bytes(4))
        with pytest.raises(ConnectionError):
            for _ in range(300):
                peer.sendall((b"\x00\x80" + bytes(4)) * 100)
            while peer.recv(4096):
                pass
            raise ConnectionResetError  # as it is told where all was read before


# -- how long ---------------------------------------------------------------------------------------


class Line:
    """A socket whose other side says something each `each_s`. Parameter: what it says."""

    def __init__(self, says: str, each_s: float) -> None:
        self.says, self.each_s = says, each_s
        self.told: list[Any] = []
        self.closed: int | None = None

    async def recv(self) -> str:
        await asyncio.sleep(self.each_s)
        return self.says

    async def send(self, text: str) -> None:
        self.told.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        self.closed = code


@pytest.mark.parametrize(
    "line", [Line("", 1000.0), Line("{", 0.5), Line('{"type": "nod", "who": "wren"}', 0.001)]
)
def test_whatever_it_says_a_peer_that_says_no_hello_is_let_go_after_ten_seconds(line: Line) -> None:
    limits = Limits()
    house = SimpleNamespace(limits=limits, clients=Clients(limits), counters=Counters())

    async def run() -> None:
        connection = Connection(
            cast("ServerConnection", line), cast("House", house), Access(token=TOKEN), admitted=False
        )
        await connection.run()

    _, passed_s = virtual.run(run())
    assert passed_s == pytest.approx(limits.hello_s)
    assert line.closed == NO_HELLO and line.told[-1]["type"] == "bye"
    # What means nothing counts for twenty: 1000 at once, and 500 a second.
    assert len(line.told) <= 1 + (limits.burst + limits.messages_per_s * limits.hello_s) / 20 + 1


def test_before_hello_only_that_it_is_missing_is_said_of_a_message() -> None:
    with served() as (server, puppet), talking(server, hello=False) as client:
        client.send("turn", id="a", audio={"kind": "tape"})  # which lacks a speaker, too
        told = client.until("error")
        assert (told["id"], told["about"], told["code"]) == ("a", "turn", "refused")
        assert told["sentence"] == "say hello first: this turn was not done; send it again."
        client.send("hello", id="b", tokn="x")
        assert "did you mean 'token'" in client.until("error", id="b")["sentence"]
        client.socket.send(b"\1\0\0\0")
        assert "say hello first" in client.until("error")["sentence"]
        client.hello()
    assert not puppet.calls


# -- how many ---------------------------------------------------------------------------------------


def test_of_too_many_strangers_the_oldest_goes_and_nobody_who_is_known() -> None:
    limits = Limits(strangers=3)
    with served(access=Access(token=TOKEN), limits=limits) as (server, _):
        with talking(server, hello=False) as known, talking(server, hello=False) as early:
            known.hello(token=TOKEN)
            others = [silent(server) for _ in range(3)]  # and nobody asked for anything
            with pytest.raises(ConnectionClosed):
                early.until("never")
            with talking(server, hello=False) as late:
                assert others[0].recv(1) == b""
                late.hello(token=TOKEN)
                assert known.ask("nod", who="wren")["type"] == "answer"
            for one in others:
                one.close()
        assert server.house.counters.strangers_ended == 2


def test_plugins_that_are_not_let_in_are_few_and_make_the_stage_draw_nothing() -> None:
    with plugged(limits=Limits(strangers=2)) as (port, _):
        frames = port.shared.house.performance.frames
        with plugin_of(port, enters=False) as stranger, plugin_of(port, enters=False) as other:
            stranger.ask("APIStateRequest")
            assert not frames._reasons
            token = other.enter()
            assert frames._reasons == {"vts"}
            wrong = {"pluginName": "Test Plugin", "pluginDeveloper": "Somebody", "authenticationToken": "x"}
            assert not other.ask("AuthenticationRequest", wrong)["authenticated"]
            assert not frames._reasons
            other.ask("AuthenticationRequest", wrong | {"authenticationToken": token})
            more = [socket.create_connection(("127.0.0.1", port.port), timeout=60) for _ in range(2)]
            with pytest.raises(ConnectionClosed):
                stranger.receive()
            assert other.ask("StatisticsRequest")["connectedPlugins"] >= 1
            for one in more:
                one.close()


def test_a_plugin_that_was_let_in_is_no_stranger_again_when_it_asks_for_another_token() -> None:
    with plugged() as (port, _), plugin_of(port) as plugin:
        other = {"pluginName": "Third Plugin", "pluginDeveloper": "Somebody"}
        assert plugin.refused("AuthenticationTokenRequest", other) == 50  # nobody can be asked
        assert len(port._strangers) == 0
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        plugin.refused("AuthenticationTokenRequest", other)
        assert len(port._strangers) == 1


def test_a_plugin_that_is_not_let_in_may_send_little() -> None:
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        with pytest.raises(ConnectionClosed) as closed:
            plugin.ask("APIStateRequest", {"x": "x" * 300_000})
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
    with plugged() as (port, _), plugin_of(port) as plugin:
        plugin.ask("APIStateRequest", {"x": "x" * 300_000})


# -- requests that nobody can read ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("Host: 127.0.0.1\r\nOrigin: http://[", 403),
        ("Host: 127.0.0.1\r\nHost: other.example", 401),
        ("Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nOrigin: http://evil.example", 403),
        ("Host: 127.0.0.1\r\nAuthorization: Basic x\r\nAuthorization: Bearer y", 401),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_in_a_sentence(lines: str, status: int) -> None:
    assert asked(f"GET /ready HTTP/1.1\r\n{lines}\r\n\r\n") == status


def test_an_address_that_cannot_be_read_is_refused_in_a_sentence() -> None:
    host = "Host: 127.0.0.1\r\n\r\n"
    assert asked(f"GET //[ HTTP/1.1\r\n{host}") == 426
    assert asked(f"GET /ready?token=x{'&a=1' * 30} HTTP/1.1\r\n{host}") == 401


def asked(request: str) -> int:
    """The status of the answer."""
    with served(access=Access(token=TOKEN)) as (server, _), silent(server) as peer:
        peer.sendall(request.encode())
        answer = b""
        while more := peer.recv(4096):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body.decode().rstrip("\n").endswith(".") and b"log" not in body
    return int(head.split()[1])


@given(text=st.text(max_size=40) | st.sampled_from(["http://[", "//]", "http://[::1", "token=%", "a" * 9]))
def test_whatever_a_peer_says_of_itself_is_judged(text: str) -> None:
    access = Access(token=TOKEN)
    assert access.wrong_origin(text, "127.0.0.1")
    assert access.admits(text, "") is False
    assert access.admits(None, "token=" + text) is False
    Access().wrong_host(text)


# -- beginning --------------------------------------------------------------------------------------


@pytest.mark.parametrize("raised", [OSError("nothing is left"), MemoryError(), NoThreads("none.")])
def test_a_server_that_cannot_listen_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    async def serve(*given: object, **named: object) -> None:
        raise raised

    performance = Performance(lambda: cast("mien.Backend", Puppet()))
    if isinstance(raised, NoThreads):

        def none(thread: object) -> None:
            raise raised

        monkeypatch.setattr("mien.serve.server.start_thread", none)
    else:
        monkeypatch.setattr("mien.serve.server.serve", serve)
    server = Server(performance, Access())
    wanted = CannotServe if isinstance(raised, OSError) else type(raised)
    with pytest.raises(wanted):
        server.start()
    assert "mien-serve" not in [thread.name for thread in threading.enumerate()]
    with socket.create_server(("127.0.0.1", server.port)):  # it is free again
        pass


def test_a_port_for_plugins_that_cannot_listen_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.serve.vts.port import Port

    async def serve(*given: object, **named: object) -> None:
        raise OSError("nothing is left")

    monkeypatch.setattr("mien.serve.vts.port.serve", serve)
    with served() as (server, _):
        port = Port(server.house, Access())
        with pytest.raises(CannotServe, match=r"nothing is left.*--vts"):
            port.start()
        with socket.create_server(("127.0.0.1", port.port)):
            pass
