"""What plugins can trigger: expressions, gestures, drawings, and others of the cast, as hotkeys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from mien.errors import MienError
from mien.messages import quoted
from mien.serve import commands as told
from mien.serve.vts.envelope import ErrorId, Refused
from mien.serve.vts.models import Models, Scene, id_of

EXPRESSION_END: Final = ".exp3.json"
_MOTION_END: Final = ".motion3.json"
_PICTURE_END: Final = ".png"
_NEUTRAL: Final = "neutral"
ACTIONS: Final = (
    "Unset",
    "TriggerAnimation",
    "ChangeIdleAnimation",
    "ToggleExpression",
    "RemoveAllExpressions",
    "MoveModel",
    "ChangeBackground",
    "ReloadMicrophone",
    "ReloadTextures",
    "CalibrateCam",
    "ChangeVTSModel",
    "TakeScreenshot",
    "ScreenColorOverlay",
    "RemoveAllItems",
    "ToggleItemScene",
    "DownloadRandomWorkshopItem",
    "ExecuteItemAction",
    "ArtMeshColorPreset",
    "ToggleTracker",
    "ToggleTwitchFeature",
    "LoadEffectPreset",
    "ToggleLive2DEditorAPI",
    "WebItemAction",
    "ToggleModelSound",
)
"""All of VTube Studio's."""


@dataclass(frozen=True, slots=True)
class Hotkey:
    """Something that can be triggered."""

    kind: Literal["expression", "none", "gesture", "drawing", "model"]
    name: str
    """Plugins may trigger it by this, too."""
    action: str
    about: str
    file: str = ""
    slot: str = ""
    drawing: str = ""

    def id(self, who: str) -> str:
        """By which plugins know it, of one model."""
        return id_of(who, self.kind, self.name)

    def listed(self, who: str) -> dict[str, Any]:
        """As HotkeysInCurrentModelResponse has it."""
        return {
            "name": self.name,
            "type": self.action,
            "description": self.about,
            "file": self.file,
            "hotkeyID": self.id(who),
            "keyCombination": [],
            "onScreenButtonID": -1,
        }


def hotkeys_of(scene: Scene) -> Iterator[Hotkey]:
    """Of the model: in this order, for a name that two have means the first."""
    if not scene.who:
        return
    repertoire = scene.repertoire
    for name in repertoire.get("expressions", ()):
        yield Hotkey("expression", name, "ToggleExpression", "Toggles an expression", name + EXPRESSION_END)
    yield Hotkey("none", "Remove all expressions", "RemoveAllExpressions", "Back to the face at rest")
    for name in repertoire.get("gestures", ()):
        yield Hotkey("gesture", name, "TriggerAnimation", "Toggles a gesture of the arms", name + _MOTION_END)
    for slot, drawings in repertoire.get("drawings", {}).items():
        for drawing in drawings if slot != repertoire.get("mouth") else ():
            name = f"{slot}: {drawing}"
            yield Hotkey("drawing", name, "ToggleItemScene", "Toggles a drawing", "", slot, drawing)
    for key in scene.cast:
        if key != scene.who:
            yield Hotkey(
                "model", key, "ChangeVTSModel", "Another comes in this one's place", f"{key}.vtube.json"
            )


class Hotkeys:
    """Does what hotkeys and expressions ask for, and knows what of it is on. Parameter: `models`."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._faces: dict[str, str] = {}
        """Who -> the expression that plugins asked for."""
        self._gestures: dict[str, str] = {}
        self._worn: dict[tuple[str, str], str] = {}
        """(who, slot) -> the drawing."""

    def find(self, scene: Scene, asked: str) -> Hotkey:
        """By its id, or its name, capitals aside. Raises Refused."""
        if not scene.who:
            raise Refused(ErrorId.HOTKEY_NO_MODEL, "no model is on stage; load one.")
        own = tuple(hotkeys_of(scene))
        for one in own:
            if asked == one.id(scene.who):
                return one
        for one in own:
            if asked and asked.casefold() == one.name.casefold():
                return one
        raise Refused(ErrorId.HOTKEY_NOT_FOUND, f"there is no hotkey {quoted(asked)}; ask for the list.")

    async def trigger(self, scene: Scene, hotkey: Hotkey) -> None:
        """Do it. Raises Refused."""
        who = scene.who
        try:
            match hotkey.kind:
                case "expression":
                    await self._face(who, hotkey.name, on=self._faces.get(who) != hotkey.name)
                case "none":
                    await self._face(who, "", on=False)
                case "gesture":
                    name = "" if self._gestures.get(who) == hotkey.name else hotkey.name
                    await self._models.done(told.Gesture(who=who, name=name))
                    self._gestures[who] = name
                case "drawing":
                    await self._wear(who, hotkey.slot, hotkey.drawing)
                case "model":
                    await self._models.load(scene, id_of("model", hotkey.name))
        except MienError as error:
            raise Refused(ErrorId.HOTKEY_FAILED, str(error)) from None

    async def activate(self, scene: Scene, file: str, *, on: bool) -> None:
        """ExpressionActivationRequest. Raises Refused, MienError."""
        if not scene.who:
            raise Refused(ErrorId.EXPRESSION_NO_MODEL, "no model is on stage; load one.")
        name = self._expression(scene, file, ErrorId.EXPRESSION_FILE, ErrorId.EXPRESSION_NOT_FOUND)
        if on or self._faces.get(scene.who) == name:
            await self._face(scene.who, name, on=on)

    def expressions(self, scene: Scene, file: str, *, details: bool) -> list[dict[str, Any]]:
        """What ExpressionStateResponse lists: all, or the one that is named. Raises Refused."""
        names = scene.repertoire.get("expressions", ())
        if file:
            names = (
                self._expression(
                    scene, file, ErrorId.EXPRESSION_STATE_FILE, ErrorId.EXPRESSION_STATE_NOT_FOUND
                ),
            )
        used = {one.name: one.id(scene.who) for one in hotkeys_of(scene) if one.kind == "expression"}
        return [
            {
                "name": name,
                "file": name + EXPRESSION_END,
                "active": self._faces.get(scene.who) == name,
                "deactivateWhenKeyIsLetGo": False,
                "autoDeactivateAfterSeconds": False,
                "secondsRemaining": 0,
                "usedInHotkeys": [{"name": name, "id": used[name]}] if details else [],
                "parameters": [],
            }
            for name in names
        ]

    def items(self, scene: Scene, *, files: bool, instances: bool) -> dict[str, Any]:
        """What ItemListResponse has: drawings of slots are the items."""
        own = [one for one in hotkeys_of(scene) if one.kind == "drawing"]
        on = [one for one in own if self._worn.get((scene.who, one.slot)) == one.drawing]
        return {
            "itemsInSceneCount": len(on),
            "totalItemsAllowedCount": len({one.slot for one in own}),
            "canLoadItemsRightNow": False,
            "availableSpots": [],
            "itemInstancesInScene": [_instance(one, scene.who) for one in on] if instances else [],
            "availableItemFiles": [
                {"fileName": one.name + _PICTURE_END, "type": "PNG", "loadedCount": int(one in on)}
                for one in own
            ]
            if files
            else [],
        }

    async def _face(self, who: str, name: str, *, on: bool) -> None:
        await self._models.done(told.Expression(who=who, name=name if on else _NEUTRAL))
        self._faces[who] = name if on else ""

    async def _wear(self, who: str, slot: str, drawing: str) -> None:
        off = self._worn.get((who, slot)) == drawing
        await self._models.done(told.Wear(who=who, slot=slot, drawing=None if off else drawing))
        self._worn.pop((who, slot), None)
        if not off:
            self._worn[who, slot] = drawing

    def _expression(self, scene: Scene, file: str, invalid: ErrorId, missing: ErrorId) -> str:
        if not file.endswith(EXPRESSION_END):
            raise Refused(invalid, f"{quoted(file)} is no expression; it ends in {EXPRESSION_END}.")
        name = file.removesuffix(EXPRESSION_END)
        if name not in scene.repertoire.get("expressions", ()):
            raise Refused(missing, f"there is no expression {quoted(name)}; ask for the list.")
        return name


def _instance(item: Hotkey, who: str) -> dict[str, Any]:
    return {
        "fileName": item.name + _PICTURE_END,
        "instanceID": item.id(who),
        "order": 1,
        "type": "PNG",
        "censored": False,
        "flipped": False,
        "locked": True,
        "smoothing": 0.0,
        "framerate": 0.0,
        "frameCount": -1,
        "currentFrame": -1,
        "pinnedToModel": True,
        "pinnedModelID": id_of("model", who),
        "pinnedArtMeshID": item.slot,
        "groupName": "",
        "sceneName": "",
        "fromWorkshop": False,
    }
