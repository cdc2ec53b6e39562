"""Messages of plugins of `mien serve --vts`: good ones, and what takes them."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import Future
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from websockets.exceptions import ConnectionClosedOK
from websockets.protocol import State

from fuzz import octets, trees
from mien.catalog import bundled_names
from mien.errors import FormatError
from mien.serve import commands as told
from mien.serve.counters import Counters
from mien.serve.limits import Limits
from mien.serve.strangers import Strangers
from mien.serve.vts.asking import nobody
from mien.serve.vts.envelope import API_NAME, API_VERSION
from mien.serve.vts.parameters import Parameter
from mien.serve.vts.plugins import Plugins
from mien.serve.vts.session import Session
from mien.serve.vts.shared import Shared

_WHO: Final = {"pluginName": "Fuzz", "pluginDeveloper": "Somebody"}
_REQUESTS: Final[tuple[tuple[str, Any], ...]] = (
    ("APIStateRequest", None),
    ("AuthenticationTokenRequest", _WHO | {"pluginIcon": "iVBORw0KGgo="}),
    ("AuthenticationRequest", _WHO | {"authenticationToken": "abc"}),
    ("CurrentModelRequest", {}),
    ("ModelLoadRequest", {"modelID": "0123456789abcdef0123456789abcdef"}),
    (
        "MoveModelRequest",
        {"timeInSeconds": 0.2, "valuesAreRelativeToModel": False, "positionX": 0.1, "rotation": 16.3},
    ),
    ("HotkeysInCurrentModelRequest", {"modelID": "", "live2DItemFileName": ""}),
    ("HotkeyTriggerRequest", {"hotkeyID": "happy", "itemInstanceID": ""}),
    ("ExpressionStateRequest", {"details": True, "expressionFile": "happy.exp3.json"}),
    ("ExpressionActivationRequest", {"expressionFile": "happy.exp3.json", "fadeTime": 0.5, "active": True}),
    ("ItemListRequest", {"includeAvailableItemFiles": True, "includeItemInstancesInScene": True}),
    ("ParameterValueRequest", {"name": "FaceAngleX"}),
    (
        "ParameterCreationRequest",
        {"parameterName": "HeadYaw", "explanation": "x", "min": -50, "max": 50, "defaultValue": 10},
    ),
    ("ParameterDeletionRequest", {"parameterName": "HeadYaw"}),
    (
        "InjectParameterDataRequest",
        {
            "faceFound": True,
            "mode": "set",
            "parameterValues": [
                {"id": "FaceAngleX", "value": 12.3, "weight": 0.8},
                {"id": "MouthOpen", "value": 1},
            ],
        },
    ),
    (
        "EventSubscriptionRequest",
        {"eventName": "TestEvent", "subscribe": True, "config": {"testMessageForEvent": "text"}},
    ),
)  # fmt: skip
_CAST: Final[dict[str, Any]] = {
    "cast": ["wren", "otto"],
    "on_stage": ["wren"],
    "loading": [],
    "repertoire": {
        who: {
            "expressions": ["neutral", "happy"],
            "gestures": ["wave"],
            "drawings": {"glasses": ["round"], "mouth": ["aa"]},
            "mouth": "mouth",
        }
        for who in ("wren", "otto")
    },
    "standing": {who: [0.5, 1.0, 1.0] for who in ("wren", "otto")},
}


def samples() -> list[bytes]:
    """One of each request."""
    bundled_names("characters")  # which is imported with the first
    return [_message(kind, data) for kind, data in _REQUESTS]


def _message(kind: str, data: Any) -> bytes:
    head = {"apiName": API_NAME, "apiVersion": API_VERSION, "requestID": "SomeID"}
    return json.dumps({**head, "messageType": kind, "data": data}).encode()


def mutated(data: bytes, random: Random) -> bytes:
    """With another value somewhere; one of ten with other bytes."""
    return octets.mutated(data, random) if random.random() < 0.1 else trees.as_json(data, random)


def read(path: Path) -> None:
    """Take a message as a port does, of a plugin that is let in and of one that is not, up to where a stage
    would be told. Raises FormatError, and what failed."""
    loop = _Loop()
    try:
        loop.run_until_complete(_taken(path.read_bytes()))
    finally:
        loop.close()


class _Loop(asyncio.BaseEventLoop):
    """One without sockets, which the process that reads an input may not open: nothing is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = SimpleNamespace(select=lambda timeout: [])

    def _process_events(self, events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


async def _taken(data: bytes) -> None:
    shared = _shared()
    token = shared.plugins.grant(*_WHO.values())
    shown = _message("AuthenticationRequest", _WHO | {"authenticationToken": token})
    for before in ([], [shown]):
        socket: Any = _Socket([*before, data])
        await Session(socket, shared, Strangers(4, Counters()), 1 << 20).run()
        answered = json.loads(socket.sent[-1])
        if len(socket.sent) != len(before) + 1:
            raise AssertionError(f"{len(socket.sent)} answers to {len(before) + 1} messages")
        if answered["messageType"] != "APIError":
            continue
        if answered["data"]["errorID"] == 0:
            raise AssertionError(answered["data"]["message"])
        if before:
            raise FormatError(answered["data"]["message"])


class _Socket:
    """A connection on which messages come, each once that before it was answered. Parameter: those."""

    state = State.OPEN
    remote_address = ("127.0.0.1", 1)

    def __init__(self, come: list[bytes]) -> None:
        self.sent: list[str] = []
        self.protocol = SimpleNamespace(state=State.OPEN)
        self._come, self._got = come, 0

    async def recv(self) -> bytes:
        """The next."""
        while len(self.sent) < self._got:
            await asyncio.sleep(0)
        if self._got == len(self._come):
            raise ConnectionClosedOK(None, None)
        self._got += 1
        return self._come[self._got - 1]

    async def send(self, text: str) -> None:
        """An answer."""
        self.sent.append(text)


def _shared() -> Shared:
    """With a stage that takes all it is told."""

    def do(command: told.StageCommand, streams: object) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(_CAST if isinstance(command, told.Cast) else {})
        return done

    async def opened() -> None:
        pass

    stage = SimpleNamespace(fps=30, size=SimpleNamespace(width=1280, height=720))
    performance = SimpleNamespace(
        do=do, stage=stage, is_open=True, frames=SimpleNamespace(hold=lambda why, on: None)
    )
    house: Any = SimpleNamespace(
        performance=performance, opened=opened, limits=Limits(), counters=Counters(),
        loop=asyncio.get_running_loop(), keep=lambda task: None,
    )  # fmt: skip
    shared = Shared(house, Plugins(None, ["Fuzz"]), nobody)
    own = Parameter("HeadYaw", -50, 50, 0, *_WHO.values())
    shared.tracking.create((own.added_by, own.developer), own, "")
    return shared
