"""What all plugins share: parameters, the model, what is triggered; and who of them is told. On one loop."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import version
from typing import Any, Final

from mien.errors import MienError
from mien.serve import commands as told
from mien.serve.house import House
from mien.serve.streams import Streams
from mien.serve.vts.asking import Ask
from mien.serve.vts.driver import Driver
from mien.serve.vts.envelope import answer_text
from mien.serve.vts.events import LOADED, TEST, TRIGGERED, Subscriptions
from mien.serve.vts.hotkeys import Hotkey, Hotkeys
from mien.serve.vts.models import Models, Scene, id_of
from mien.serve.vts.plugins import Plugins
from mien.serve.vts.tracking import Tracking

_MOST_EVENTS: Final = 1000
"""That wait to be sent: a plugin that reads nothing for longer is let go."""
_TICK_S: Final = 1.0
_WHY: Final = "vts"
"""Why the stage draws."""


class Member:
    """A plugin that is connected. Parameter: `let_go`, called where it reads nothing."""

    def __init__(self, let_go: Callable[[], object]) -> None:
        self.plugin: tuple[str, str] = ("", "")
        """Name and developer, once it is let in."""
        self.is_in = False
        """It is let in."""
        self.events: Final = Subscriptions()
        self.waiting: Final[asyncio.Queue[str]] = asyncio.Queue(_MOST_EVENTS)
        """Events that are to be sent."""
        self._let_go = let_go

    def tell(self, event: str, data: dict[str, Any]) -> None:
        """Have an event sent, behind those before it. Never waits."""
        try:
            self.waiting.put_nowait(answer_text(event, uuid.uuid4().hex, data))
        except asyncio.QueueFull:
            self._let_go()


class Shared:
    """Parameters: the `house` of a server; `plugins` that may; `ask`, how a person is asked."""

    def __init__(self, house: House, plugins: Plugins, ask: Ask) -> None:
        self.house: Final = house
        self.plugins: Final = plugins
        self.ask: Final = ask
        self.asking: Final = asyncio.Lock()
        """Held while a person is asked."""
        self.version: Final = f"1.30.0 (Mien {version('mien')})"
        self.began_s: Final = time.monotonic()
        self.members: Final[set[Member]] = set()
        self.tracking: Final = Tracking()
        self.models: Final = Models(self._do)
        self.hotkeys: Final = Hotkeys(self.models)
        self.driver: Final = Driver(self._do, self.tracking, house.loop)
        self._streams: Final = Streams(0)
        self._who = ""
        self._seconds = 0

    @property
    def now_s(self) -> float:
        """The time of all that is injected."""
        return self.house.loop.time()

    async def scene(self) -> Scene:
        """How the cast is now; who is the model from now on is driven, and told of. Raises MienError."""
        await self.house.opened()
        scene = await self.models.scene()
        if scene.who != self._who:
            before, self._who = self._who, scene.who
            self.driver.drive(scene.who)
            for who, loaded in ((before, False), (scene.who, True)):
                if who:
                    self._tell_loaded(who, loaded=loaded)
        return scene

    def settle(self) -> None:
        """Somebody was let in, or not, or has gone: the stage draws for those who are in alone."""
        self.house.performance.frames.hold(_WHY, on=self._somebody_is_in)

    @property
    def _somebody_is_in(self) -> bool:
        return any(member.is_in for member in self.members)

    async def follow(self) -> None:
        """What is injected has changed. Raises MienError."""
        if not self._who:
            await self.scene()
        self.driver.follow()

    def tell_triggered(self, scene: Scene, hotkey: Hotkey) -> None:
        """A plugin has triggered a hotkey."""
        data = {
            "hotkeyID": hotkey.id(scene.who),
            "hotkeyName": hotkey.name,
            "hotkeyAction": hotkey.action,
            "hotkeyFile": hotkey.file,
            "hotkeyTriggeredByAPI": True,
            "modelID": scene.id,
            "modelName": scene.who,
            "isLive2DItem": False,
        }
        for member in self.members:
            if member.events.wants_triggered(hotkey.action):
                member.tell(TRIGGERED, data)

    async def tick(self) -> None:
        """Each second: test events, and who is the model, for others of the server may have changed that."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._seconds += 1
            for member in self.members:
                if (data := member.events.test(self._seconds)) is not None:
                    member.tell(TEST, data)
            if self._somebody_is_in and self.house.performance.is_open:
                with suppress(MienError):
                    await self.scene()

    def _do(self, command: told.StageCommand) -> Future[Any]:
        return self.house.performance.do(command, self._streams)

    def _tell_loaded(self, who: str, *, loaded: bool) -> None:
        id = id_of("model", who)
        for member in self.members:
            if member.events.wants_loaded(id):
                member.tell(LOADED, {"modelLoaded": loaded, "modelName": who, "modelID": id})
