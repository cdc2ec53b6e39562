"""What each request of a plugin that was let in does, and what is answered."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from mien.messages import quoted
from mien.serve.vts.envelope import ErrorId, Refused, Request, number_of
from mien.serve.vts.hotkeys import hotkeys_of
from mien.serve.vts.parameters import DEFAULTS, Parameter, own_default
from mien.serve.vts.shared import Member, Shared
from mien.serve.vts.tracking import Injected

_MOST_VALUES: Final = 1000
Answer: TypeAlias = dict[str, Any]


async def _statistics(shared: Shared, member: Member, request: Request) -> Answer:
    stage = shared.house.performance.stage
    return {
        "uptime": int(1000 * (time.monotonic() - shared.began_s)),
        "framerate": round(float(stage.fps)),
        "vTubeStudioVersion": shared.version,
        "allowedPlugins": len(shared.plugins),
        "connectedPlugins": len(shared.members),
        "startedWithSteam": False,
        "windowWidth": stage.size.width,
        "windowHeight": stage.size.height,
        "windowIsFullscreen": False,
    }


async def _current(shared: Shared, member: Member, request: Request) -> Answer:
    return shared.models.current(await shared.scene())


async def _available(shared: Shared, member: Member, request: Request) -> Answer:
    return shared.models.available(await shared.scene())


async def _load(shared: Shared, member: Member, request: Request) -> Answer:
    if request.data.get("modelID") is None:
        raise Refused(ErrorId.MODEL_ID_MISSING, "modelID is missing; name a model, or give an empty text.")
    id, scene = request.text("modelID"), await shared.scene()
    if not id:
        await shared.models.unload(scene)
    else:
        id = await shared.models.load(scene, id)
    await shared.scene()
    return {"modelID": id}


async def _move(shared: Shared, member: Member, request: Request) -> Answer:
    await shared.models.move(await shared.scene(), request)
    return {}


async def _hotkeys(shared: Shared, member: Member, request: Request) -> Answer:
    scene, asked = await shared.scene(), request.text("modelID")
    if not asked or asked == scene.id:
        own = [] if request.text("live2DItemFileName") and not asked else list(hotkeys_of(scene))
        return {**scene.named(), "availableHotkeys": [one.listed(scene.who) for one in own]}
    key = shared.models.key_of(scene, asked)
    other = await shared.models.scene_of(key)
    named = {**other.named(), "modelLoaded": False}
    return {**named, "availableHotkeys": [one.listed(key) for one in hotkeys_of(other)]}


async def _trigger(shared: Shared, member: Member, request: Request) -> Answer:
    if item := request.text("itemInstanceID"):
        raise Refused(ErrorId.HOTKEY_ITEM_NOT_FOUND, f"there is no Live2D item {quoted(item)}.")
    scene = await shared.scene()
    hotkey = shared.hotkeys.find(scene, request.text("hotkeyID"))
    await shared.hotkeys.trigger(scene, hotkey)
    shared.tell_triggered(scene, hotkey)
    await shared.scene()
    return {"hotkeyID": hotkey.id(scene.who)}


async def _expressions(shared: Shared, member: Member, request: Request) -> Answer:
    scene = await shared.scene()
    file, details = request.text("expressionFile"), request.flag("details")
    return {**scene.named(), "expressions": shared.hotkeys.expressions(scene, file, details=details)}


async def _activate(shared: Shared, member: Member, request: Request) -> Answer:
    file, on = request.text("expressionFile"), request.flag("active")
    request.number("fadeTime", ErrorId.JSON_INVALID)
    await shared.hotkeys.activate(await shared.scene(), file, on=on)
    return {}


async def _items(shared: Shared, member: Member, request: Request) -> Answer:
    files, instances = (
        request.flag(name) for name in ("includeAvailableItemFiles", "includeItemInstancesInScene")
    )
    found = shared.hotkeys.items(await shared.scene(), files=files, instances=instances)
    if name := request.text("onlyItemsWithFileName"):
        for listed in ("itemInstancesInScene", "availableItemFiles"):
            found[listed] = [one for one in found[listed] if one["fileName"] == name]
    if id := request.text("onlyItemsWithInstanceID"):
        found["itemInstancesInScene"] = [
            one for one in found["itemInstancesInScene"] if one["instanceID"] == id
        ]
    return found


async def _face_found(shared: Shared, member: Member, request: Request) -> Answer:
    return {"found": shared.tracking.face_found(shared.now_s)}


async def _parameters(shared: Shared, member: Member, request: Request) -> Answer:
    scene, values = await shared.scene(), shared.tracking.values(shared.now_s)
    return {
        **scene.named(),
        "customParameters": [_listed(one, values) for one in shared.tracking.custom],
        "defaultParameters": [_listed(one, values) for one in DEFAULTS.values()],
    }


async def _parameter(shared: Shared, member: Member, request: Request) -> Answer:
    name = request.text("name")
    found = shared.tracking.parameter(name)
    if found is None:
        raise Refused(ErrorId.VALUE_NOT_FOUND, f"there is no parameter {quoted(name)}; ask for the list.")
    return _listed(found, shared.tracking.values(shared.now_s))


def _listed(parameter: Parameter, values: dict[str, float]) -> Answer:
    return {
        "name": parameter.name,
        "addedBy": parameter.added_by,
        "value": values.get(parameter.name, parameter.default),
        "min": parameter.low,
        "max": parameter.high,
        "defaultValue": parameter.default,
    }


async def _create(shared: Shared, member: Member, request: Request) -> Answer:
    name = request.text("parameterName")
    wrong = ErrorId.PARAM_VALUES
    low, high, default = (request.number(field, wrong) for field in ("min", "max", "defaultValue"))
    if low is None or high is None:
        raise Refused(wrong, "min and max are needed; give numbers.")
    if default is None:
        default = own_default(name) or 0.0
    made = Parameter(name, low, high, default, *member.plugin)
    shared.tracking.create(member.plugin, made, request.text("explanation"))
    return {"parameterName": name}


async def _delete(shared: Shared, member: Member, request: Request) -> Answer:
    name = request.text("parameterName")
    shared.tracking.delete(member.plugin, name)
    shared.driver.follow()
    return {"parameterName": name}


async def _inject(shared: Shared, member: Member, request: Request) -> Answer:
    mode, given = request.text("mode") or "set", request.data.get("parameterValues")
    if mode not in ("set", "add"):
        raise Refused(ErrorId.INJECT_MODE, f"mode is {quoted(mode)}; give set or add.")
    face = request.flag("faceFound")
    if not isinstance(given, list) or not given:
        raise Refused(ErrorId.INJECT_NOTHING, "parameterValues is empty; give id and value of each.")
    if len(given) > _MOST_VALUES:
        raise Refused(
            ErrorId.INJECT_VALUE, f"parameterValues has more than {_MOST_VALUES}; send them in parts."
        )
    values = [_injected(one) for one in given]
    shared.tracking.inject(member.plugin, mode, values, face=face, now_s=shared.now_s)
    await shared.follow()
    return {}


def _injected(told: object) -> Injected:
    name = told.get("id") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(name, str):
        raise Refused(ErrorId.INJECT_NOT_FOUND, f"parameterValues has {quoted(told)}; give id and value.")
    value = number_of(f"value of {quoted(name)}", told.get("value"), ErrorId.INJECT_VALUE)
    weight = told.get("weight")
    if weight is None:
        return Injected(name, value)
    return Injected(name, value, number_of(f"weight of {quoted(name)}", weight, ErrorId.INJECT_WEIGHT, 0, 1))


async def _subscribe(shared: Shared, member: Member, request: Request) -> Answer:
    return member.events.change(request)


ANSWERS: Final[dict[str, Callable[[Shared, Member, Request], Awaitable[Answer]]]] = {
    "StatisticsRequest": _statistics,
    "CurrentModelRequest": _current,
    "AvailableModelsRequest": _available,
    "ModelLoadRequest": _load,
    "MoveModelRequest": _move,
    "HotkeysInCurrentModelRequest": _hotkeys,
    "HotkeyTriggerRequest": _trigger,
    "ExpressionStateRequest": _expressions,
    "ExpressionActivationRequest": _activate,
    "ItemListRequest": _items,
    "FaceFoundRequest": _face_found,
    "InputParameterListRequest": _parameters,
    "ParameterValueRequest": _parameter,
    "ParameterCreationRequest": _create,
    "ParameterDeletionRequest": _delete,
    "InjectParameterDataRequest": _inject,
    "EventSubscriptionRequest": _subscribe,
}
"""Each request of a plugin that was let in, and what answers it. A request more is a row here."""
