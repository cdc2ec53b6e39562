"""A stage that draws when it is told to, a server of it, and a client of that."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from websockets.sync.client import ClientConnection, connect

import mien
from mien.clock import FrameRate
from mien.errors import Closed, ScriptError
from mien.serve.access import Access
from mien.serve.allowed import Allowed
from mien.serve.coding import Chunk, chunk_bytes
from mien.serve.limits import Limits
from mien.serve.performance import Performance
from mien.serve.server import Server
from mien.serve.webrtc import Peers
from mien.talk.events import TurnEvent
from mien.types import Size

SIZE = Size(64, 48)
HEAD = struct.Struct("<BBHHHIId")


class Puppet:
    """What `Performance` needs of a backend. Calls are kept; frames come when a test says so."""

    size = SIZE
    fps = FrameRate.of(30)
    renderer = "puppet"
    options = SimpleNamespace(background=None)
    loading: tuple[str, ...] = ()
    idle = True
    cast: tuple[str, ...] = ("wren",)
    on_stage: tuple[str, ...] = ("wren",)

    def __init__(self) -> None:
        self.calls: deque[tuple[str, tuple[Any, ...], dict[str, Any]]] = deque()
        self.happened: list[TurnEvent] = []
        self.warnings: tuple[str, ...] = ()
        self.dropped = 0
        self.late = 0
        self.shown = 0
        self.picture = np.full((SIZE.height, SIZE.width, 4), 255, np.uint8)
        self.sound = np.zeros((1600, 2), np.float32)
        self.rests = threading.Event()
        self.held = threading.Event()
        """Calls are made once it is set."""
        self.held.set()
        self._frames = threading.Semaphore(0)
        self._closed = False

    @property
    def position_s(self) -> float:
        return self.shown / 30

    def step(self, frames: int = 1) -> None:
        """So many frames are drawn."""
        self._frames.release(frames)

    def frame(self) -> Any:
        self.rests.clear()
        self._frames.acquire()
        if self._closed:
            raise Closed("closed")
        self.shown += 1
        return self.picture

    def rest(self) -> None:
        self.rests.set()

    def events(self) -> list[TurnEvent]:
        told, self.happened = self.happened, []
        return told

    def metrics(self) -> dict[str, Any]:
        return {"frames_late_total": self.late, "frames_expected_total": self.shown}

    def close(self) -> None:
        self._closed = True
        self.step(100)

    def say(self, speaker: str, audio: object, text: str = "", **how: Any) -> str:
        self.held.wait()
        if speaker != "wren":
            raise ScriptError(f"'{speaker}' is not in the cast; did you mean 'wren'?")
        self.calls.append(("say", (speaker, audio, text), how))
        return how["key"] or "turn-1"

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*given: Any, **named: Any) -> None:
            self.held.wait()
            self.calls.append((name, given, named))

        return call


MOST = 6000
"""Messages that are passed over for one: frames of minutes."""


class Talker:
    """A client over a real socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, type: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type, **fields}))

    def push(self, stream: int, data: bytes, offset: int, *, last: bool = False) -> None:
        self.socket.send(chunk_bytes(Chunk(stream, data, offset, last)))

    def receive(self) -> Any:
        """The next message: an object, or bytes."""
        told = self.socket.recv(timeout=60)
        return told if isinstance(told, bytes) else json.loads(told)

    def until(self, type: str, **fields: Any) -> Any:
        """The next text message of that type and with those fields; others before it are passed over: where
        frames come without end, not for ever."""
        for _ in range(MOST):
            told = self.receive()
            if isinstance(told, bytes) or told["type"] != type:
                continue
            if all(told[name] == value for name, value in fields.items()):
                return told
        raise AssertionError(f"of {MOST} messages none was {type} {fields}")

    def piece(self, kind: int) -> tuple[tuple[Any, ...], bytes]:
        """The next binary message of that kind: its head and its data."""
        while True:
            told = self.receive()
            if isinstance(told, bytes) and told[0] == kind:
                return HEAD.unpack_from(told), told[HEAD.size :]

    def hello(self, **fields: Any) -> Any:
        """Say hello; the welcome."""
        self.send("hello", **fields)
        return self.until("welcome")

    def ask(self, type: str, **fields: Any) -> Any:
        """Send a command; its answer."""
        self.send(type, id="asked", **fields)
        while True:
            told = self.receive()
            if not isinstance(told, bytes) and told.get("id") == "asked":
                return told


@contextmanager
def talking(
    server: Server, *, hello: bool = True, path: str = "/", narrow: bool = False, **how: Any
) -> Iterator[Talker]:
    """A client of a server, who has said hello. `narrow`: the system holds next to nothing for it."""
    address = f"ws://127.0.0.1:{server.port}{path}"
    if narrow:
        how["sock"] = socket.socket()
        how["sock"].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        how["sock"].connect(("127.0.0.1", server.port))
    with connect(
        address, compression=None, max_size=None, max_queue=1, close_timeout=0.1, **how
    ) as connected:
        talker = Talker(connected)
        if hello:
            talker.hello()
        yield talker


@contextmanager
def served(
    puppet: Puppet | None = None,
    access: Access | None = None,
    limits: Limits | None = None,
    allowed: Allowed | None = None,
    peers: Peers | None = None,
) -> Iterator[tuple[Server, Puppet]]:
    """A server of a puppet."""
    puppet = puppet or Puppet()
    performance = Performance(lambda: cast("mien.Backend", puppet), allowed, limits)
    with ExitStack() as stack:
        stack.callback(performance.close)
        stack.callback(puppet.step, 100)
        server = stack.enter_context(Server(performance, access or Access(), limits=limits, peers=peers))
        performance.open()
        server.house.tell_opened()
        yield server, puppet
