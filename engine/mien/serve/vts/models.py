"""Who is the model that plugins see, what else could be, and where it stands.

VTube Studio has one model. Here it is somebody of the cast who is on stage: the first, unless a plugin asked
for another.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from math import log2
from typing import Any, Final

from mien.catalog import bundled_names
from mien.errors import MienError
from mien.messages import quoted
from mien.serve import commands as told
from mien.serve.vts.envelope import ErrorId, Refused, Request, number_of
from mien.talk.places import LEAST_SIZE, LOWEST, MOST_SIZE

_DOUBLES: Final = 50.0
"""Of VTube Studio's sizes, -100..100, which make a model twice as large: 0 is size 1, 100 is 4."""
_MOST_S: Final = 2.0


def id_of(*names: str) -> str:
    """The 32 hexadecimal digits by which plugins know something of these names: the same at every start."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Scene:
    """The cast, as it was when it was asked for."""

    who: str
    """Key of the model; "" for none."""
    cast: tuple[str, ...]
    on_stage: tuple[str, ...]
    repertoire: dict[str, Any]
    """Of the model, as `cast` is answered."""
    standing: tuple[float, float, float] | None
    """x, y, size of the model, as of `Standing`; None without one."""

    @property
    def id(self) -> str:
        """The model's."""
        return id_of("model", self.who) if self.who else ""

    def named(self) -> dict[str, Any]:
        """The fields with which answers say which model they are of."""
        return {"modelLoaded": bool(self.who), "modelName": self.who, "modelID": self.id}


class Models:
    """Parameter: `do`, which has a command done."""

    def __init__(self, do: Callable[[told.StageCommand], Future[Any]]) -> None:
        self._do = do
        self._chosen = ""
        self._last = ""
        self._since = time.monotonic()

    async def done(self, command: told.StageCommand) -> Any:
        """Have a command done; what it gave. Raises MienError."""
        return await asyncio.wrap_future(self._do(command))

    async def scene(self) -> Scene:
        """How it is now. Raises MienError."""
        found = await self.done(told.Cast())
        on_stage = tuple(found["on_stage"])
        first = next((key for key in found["cast"] if key in on_stage), "")
        who = self._chosen if self._chosen in on_stage else first  # it may be being loaded still
        if who != self._last:
            self._last, self._since = who, time.monotonic()
        return _scene_of(found, who)

    async def scene_of(self, key: str) -> Scene:
        """The same, as it would be with another as the model. Raises MienError."""
        return _scene_of(await self.done(told.Cast()), key)

    def current(self, scene: Scene) -> dict[str, Any]:
        """CurrentModelResponse."""
        channels, slots = (len(scene.repertoire.get(name, ())) for name in ("channels", "slots"))
        return {
            **scene.named(),
            "vtsModelName": f"{scene.who}.vtube.json" if scene.who else "",
            "vtsModelIconName": "",
            "live2DModelName": "",
            "modelLoadTime": 0,
            "timeSinceModelLoaded": int(1000 * (time.monotonic() - self._since)) if scene.who else 0,
            "numberOfLive2DParameters": channels,
            "numberOfLive2DArtmeshes": slots,
            "hasPhysicsFile": bool(scene.who),
            "numberOfTextures": 0,
            "textureResolution": 0,
            "modelPosition": _position(scene),
        }

    def available(self, scene: Scene) -> dict[str, Any]:
        """AvailableModelsResponse: the cast, and what is bundled."""
        models = [
            {
                "modelLoaded": key == scene.who,
                "modelName": key,
                "modelID": id_of("model", key),
                "vtsModelName": f"{key}.vtube.json",
                "vtsModelIconName": "",
            }
            for key in dict.fromkeys((*scene.cast, *bundled_names("characters")))
        ]
        return {"numberOfModels": len(models), "availableModels": models}

    def key_of(self, scene: Scene, id: str) -> str:
        """The name that an id means, of who could be the model. Raises Refused."""
        for key in (*scene.cast, *bundled_names("characters")):
            if id in (id_of("model", key), key):
                return key
        raise Refused(ErrorId.MODEL_ID_NOT_FOUND, f"there is no model {quoted(id)}; ask for the list.")

    async def load(self, scene: Scene, id: str) -> str:
        """Make another the model, who comes in the place of who is it; its id. Raises Refused."""
        try:
            key = self.key_of(scene, id)
        except Refused:
            key = id  # a path, which `allowed` decides about
        try:
            is_known = key in scene.cast
            if not is_known:
                character, key = key, key if key in bundled_names("characters") else id_of("file", key)
                is_known = key in scene.cast
                if not is_known:
                    await self.done(told.Load(key=key, character=character))
            await self._come(scene, key, is_known=is_known)
        except MienError as error:
            wrong = ErrorId.CANNOT_CHANGE_MODEL if key in scene.cast else ErrorId.MODEL_ID_NOT_FOUND
            raise Refused(wrong, str(error)) from None
        self._chosen = key
        return id_of("model", key)

    async def _come(self, scene: Scene, key: str, *, is_known: bool) -> None:
        if key in scene.on_stage:
            return
        if scene.who and is_known:
            await self.done(told.Swap(who=scene.who, other=key))
            return
        # Who is being loaded can only enter, which it does once it is there.
        x, y, size = scene.standing or (0.5, 1.0, 1.0)
        await self.done(told.Enter(who=key, place=(x, y), size=size))
        await self.unload(scene)

    async def unload(self, scene: Scene) -> None:
        """The model goes off stage. Raises MienError."""
        if scene.who:
            await self.done(told.Leave(who=scene.who))

    async def move(self, scene: Scene, request: Request) -> None:
        """MoveModelRequest. Raises Refused, MienError."""
        if not scene.who:
            raise Refused(ErrorId.MOVE_NO_MODEL, "no model is on stage; load one.")
        wrong = ErrorId.MOVE_OUT_OF_RANGE
        seconds = request.data.get("timeInSeconds")
        relative = request.data.get("valuesAreRelativeToModel")
        if seconds is None or not isinstance(relative, bool):
            raise Refused(
                ErrorId.MOVE_MISSING_FIELDS,
                "give timeInSeconds, and valuesAreRelativeToModel as true or false.",
            )
        seconds = number_of("timeInSeconds", seconds, wrong, 0, _MOST_S)
        x, y = (request.number(name, wrong, 1000) for name in ("positionX", "positionY"))
        size = request.number("size", wrong, 200 if relative else 100)
        request.number("rotation", wrong, 360)
        now = _position(scene)
        if relative:
            x, y, size = (
                None if by is None else by + now[name]
                for name, by in (("positionX", x), ("positionY", y), ("size", size))
            )
        if x is None and y is None and size is None:
            return
        size = now["size"] if size is None else size
        x = now["positionX"] if x is None else x
        y = now["positionY"] if y is None else y
        large = min(MOST_SIZE, max(LEAST_SIZE, 2.0 ** (max(-1000.0, min(1000.0, size)) / _DOUBLES)))
        place = (min(1.0, max(0.0, (x + 1) / 2)), min(LOWEST, max(0.0, (1 - y) / 2 + large / 2)))
        await self.done(told.Move(who=scene.who, place=place, size=large, seconds=seconds))


def _scene_of(found: dict[str, Any], who: str) -> Scene:
    return Scene(
        who,
        tuple(found["cast"]),
        tuple(found["on_stage"]),
        found["repertoire"].get(who) or {},
        None if who not in found["standing"] else tuple(found["standing"][who]),
    )


def _position(scene: Scene) -> dict[str, float]:
    """Where the model's middle is: -1 to 1 from the frame's left to its right, and up."""
    if scene.standing is None:
        return {"positionX": 0.0, "positionY": 0.0, "rotation": 0.0, "size": 0.0}
    x, y, size = scene.standing
    return {
        "positionX": 2 * x - 1,
        "positionY": 1 - 2 * (y - size / 2),
        "rotation": 0.0,
        "size": max(-100.0, min(100.0, _DOUBLES * log2(size))),
    }
