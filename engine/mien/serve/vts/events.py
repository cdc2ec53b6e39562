"""What a plugin wants to be told of. Pure."""

from __future__ import annotations

from typing import Any, Final

from mien.messages import quoted
from mien.serve.vts.envelope import ErrorId, Refused, Request
from mien.serve.vts.hotkeys import ACTIONS

TEST: Final = "TestEvent"
LOADED: Final = "ModelLoadedEvent"
TRIGGERED: Final = "HotkeyTriggeredEvent"
_LONGEST_TEST: Final = 32
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_MOST_MODELS: Final = 1000


class Subscriptions:
    """Of one connection: event -> how it was asked for."""

    def __init__(self) -> None:
        self._wanted: dict[str, dict[str, Any]] = {}

    def change(self, request: Request) -> dict[str, Any]:
        """EventSubscriptionRequest; its answer. Raises Refused."""
        name, on = request.text("eventName"), request.flag("subscribe")
        config = request.data.get("config")
        if config is not None and not isinstance(config, dict):
            raise Refused(ErrorId.JSON_INVALID, f"config is {quoted(config)}; give an object.")
        if not name and not on:
            self._wanted.clear()
        elif name not in _CHECKS:
            raise Refused(
                ErrorId.EVENT_UNKNOWN, f"{quoted(name)} is not told here; there are {', '.join(_CHECKS)}."
            )
        elif on:
            self._wanted[name] = _CHECKS[name](config or {})
        else:
            self._wanted.pop(name, None)
        return {"subscribedEventCount": len(self._wanted), "subscribedEvents": list(self._wanted)}

    def __contains__(self, name: str) -> bool:
        return name in self._wanted

    def test(self, counter: int) -> dict[str, Any] | None:
        """What of a test event is told; None: nothing."""
        config = self._wanted.get(TEST)
        return None if config is None else {"yourTestMessage": config["message"], "counter": counter}

    def wants_loaded(self, id: str) -> bool:
        """Whether it is told that this model comes or goes."""
        config = self._wanted.get(LOADED)
        return config is not None and (not config["ids"] or id in config["ids"])

    def wants_triggered(self, action: str) -> bool:
        """Whether it is told that a plugin triggered a hotkey of this action."""
        config = self._wanted.get(TRIGGERED)
        return config is not None and not config["ignore"] and config["only"] in ("", action)


def _test(config: dict[str, Any]) -> dict[str, Any]:
    message = config.get("testMessageForEvent") or ""
    if not isinstance(message, str) or len(message) > _LONGEST_TEST:
        raise Refused(
            ErrorId.TEST_MESSAGE_TOO_LONG, f"testMessageForEvent: give a text of {_LONGEST_TEST} at most."
        )
    return {"message": message}


def _loaded(config: dict[str, Any]) -> dict[str, Any]:
    ids = config.get("modelID") or []
    ids = [ids] if isinstance(ids, str) else ids
    if not isinstance(ids, list) or len(ids) > _MOST_MODELS:
        raise Refused(ErrorId.MODEL_LOADED_ID, "modelID: give a list of ids.")
    for id in ids:
        if not isinstance(id, str) or len(id) != 32 or not _HEX.issuperset(id):
            raise Refused(ErrorId.MODEL_LOADED_ID, f"modelID has {quoted(id)}; an id has 32 hex digits.")
    return {"ids": {id.lower() for id in ids}}


def _triggered(config: dict[str, Any]) -> dict[str, Any]:
    only = config.get("onlyForAction") or ""
    if only and only not in ACTIONS:
        raise Refused(ErrorId.HOTKEY_ACTION, f"onlyForAction is {quoted(only)}, which is no hotkey's action.")
    return {"only": only, "ignore": config.get("ignoreHotkeysTriggeredByAPI") is True}


_CHECKS: Final = {TEST: _test, LOADED: _loaded, TRIGGERED: _triggered}
