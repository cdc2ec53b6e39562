"""A stage that can be asked for its cast, a port for VTube Studio's plugins, and one of those."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from mien.serve.access import Access
from mien.serve.allowed import Allowed
from mien.serve.limits import Limits
from mien.serve.vts.asking import Ask, nobody
from mien.serve.vts.plugins import Plugins
from mien.serve.vts.port import Port
from mien.stage.placing import Standing
from mien.stage.shown import Repertoire
from mien.types import VISEMES
from serve.rig import Puppet, served

NAME = "Test Plugin"
DEVELOPER = "Somebody"


class Ensemble(Puppet):
    """A puppet with two in its cast, of whom `wren` is on stage."""

    def __init__(self) -> None:
        super().__init__()
        self.cast = ("wren", "otto")
        self.on_stage = ("wren",)

    def repertoire(self, who: str) -> Any:
        return Repertoire(
            expressions=("neutral", "happy", "sad"),
            labels={},
            visemes=VISEMES,
            gestures=("rest", "wave"),
            drawings={"glasses": ("round",), "mouth": ("aa", "sil")},
            slots=("face", "glasses", "mouth"),
            channels=("head_yaw",),
            mouth="mouth",
        )

    def standing(self, who: str) -> Any:
        return Standing(0.5, 1.0, 1.0)

    def swap(self, who: str, other: str, **how: Any) -> None:
        self.calls.append(("swap", (who, other), how))
        self.on_stage = tuple(other if one == who else one for one in self.on_stage)

    def leave(self, who: str, **how: Any) -> None:
        self.on_stage = tuple(one for one in self.on_stage if one != who)

    def told(self, *names: str) -> list[Any]:
        """The calls of these names so far, and how they were made."""
        return [(name, given, how) for name, given, how in tuple(self.calls) if name in names]


class Plugin:
    """A plugin over a real socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[Any] = []

    def send(self, kind: str, data: Any = None, **envelope: Any) -> None:
        self.socket.send(
            json.dumps(
                {
                    "apiName": "VTubeStudioPublicAPI",
                    "apiVersion": "1.0",
                    "requestID": "SomeID",
                    "messageType": kind,
                    "data": data,
                }
                | envelope
            )
        )

    def receive(self) -> Any:
        return json.loads(self.socket.recv(timeout=60))

    def answer(self) -> Any:
        """The next message that is no event; events before it are kept."""
        while (told := self.receive())["messageType"].endswith("Event"):
            self.events.append(told)
        return told

    def ask(self, kind: str, data: Any = None, **envelope: Any) -> Any:
        """What a request is answered with: its data."""
        self.send(kind, data, **envelope)
        told = self.answer()
        assert told["messageType"] == kind.removesuffix("Request") + "Response", told
        return told["data"]

    def refused(self, kind: str, data: Any = None, **envelope: Any) -> int:
        """The number of the error with which it is refused."""
        self.send(kind, data, **envelope)
        told = self.answer()
        assert told["messageType"] == "APIError", told
        assert told["data"]["message"]
        return int(told["data"]["errorID"])

    def event(self, kind: str) -> Any:
        """The next event of that kind: its data."""
        while True:
            for one in self.events:
                if one["messageType"] == kind:
                    self.events.remove(one)
                    return one["data"]
            self.events.append(self.receive())

    def enter(self, name: str = NAME, developer: str = DEVELOPER) -> str:
        """Ask for a token, and show it; the token."""
        who = {"pluginName": name, "pluginDeveloper": developer}
        token = self.ask("AuthenticationTokenRequest", who)["authenticationToken"]
        assert self.ask("AuthenticationRequest", who | {"authenticationToken": token})["authenticated"]
        return str(token)

    def inject(self, mode: str | None = None, **values: float) -> Any:
        data = {"parameterValues": [{"id": name, "value": value} for name, value in values.items()]}
        return self.ask("InjectParameterDataRequest", data | ({"mode": mode} if mode else {}))


@contextmanager
def plugged(
    puppet: Ensemble | None = None,
    plugins: Plugins | None = None,
    ask: Ask = nobody,
    allowed: Allowed | None = None,
    limits: Limits | None = None,
    access: Access | None = None,
) -> Iterator[tuple[Port, Ensemble]]:
    """A port of a server of a puppet."""
    puppet = puppet or Ensemble()
    plugins = Plugins(None, (NAME, "Other Plugin")) if plugins is None else plugins
    with (
        served(puppet, allowed=allowed, limits=limits) as (server, _),
        Port(server.house, access or Access(), plugins=plugins, ask=ask) as port,
    ):
        yield port, puppet


@contextmanager
def plugin_of(port: Port, *, enters: bool = True, name: str = NAME, **how: Any) -> Iterator[Plugin]:
    """A plugin, which is let in."""
    with connect(port.url, compression=None, close_timeout=0.1, **how) as socket:
        plugin = Plugin(socket)
        if enters:
            plugin.enter(name)
        yield plugin
