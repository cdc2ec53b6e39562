"""Which calls of a live stage a host in another process has, and who makes each in the engine."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from mien.backend.coding import as_type
from mien.stage.live import LiveStage

AT_ONCE: Final = (
    "set_expression", "look_at", "look_at_place", "gesture", "nod", "burst", "wear", "interrupt",
    "pause", "resume", "hold", "let_go", "show_viseme", "load", "reload", "unload",
    "enter", "leave", "move", "swap",
    "playing", "turns", "standing", "who_is_at", "bounds", "repertoire",
)  # fmt: skip
"""Calls that any thread may make: answered while a frame is drawn."""

BETWEEN_FRAMES: Final = (
    "seek", "channels", "slots", "expression", "solo", "mute", "outlines", "atlas_pages", "page_picture",
    "residency",
)  # fmt: skip
"""Calls of the stage's own thread."""

ASKED: Final = (
    "idle", "position_s", "time_s", "warnings", "paused", "cast", "on_stage", "loading", "sources",
    "fallback", "output",
)  # fmt: skip
"""Properties that any thread may ask for."""

ASKED_BETWEEN: Final = ("timeline", "foreseen")
"""Properties of the stage's own thread."""

CALLS: Final = frozenset((*AT_ONCE, *BETWEEN_FRAMES))
PROPERTIES: Final = frozenset((*ASKED, *ASKED_BETWEEN))
WAITS_FOR_FRAME: Final = frozenset((*BETWEEN_FRAMES, *ASKED_BETWEEN))


@cache
def signature_of(name: str) -> inspect.Signature:
    """Of a call, without `self`."""
    own = inspect.signature(getattr(LiveStage, name))
    return own.replace(parameters=list(own.parameters.values())[1:])


def named(name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by their names. Raises TypeError, as the call itself would."""
    try:
        return dict(signature_of(name).bind(*arguments, **keywords).arguments)
    except TypeError as error:
        raise TypeError(f"{name}() {error}") from None


@cache
def types_of(name: str) -> Mapping[str, Any]:
    """Types of a call's parameters by name, and of what it gives as `return`; of a property that alone."""
    if name in PROPERTIES:
        value = inspect.getattr_static(LiveStage, name, None)
        if isinstance(value, property) and value.fget is not None:
            return typing.get_type_hints(value.fget)
        return {"return": tuple[str, ...]}  # `foreseen` is an attribute
    return typing.get_type_hints(getattr(LiveStage, name))


def make(stage: LiveStage, name: str, arguments: Mapping[str, Any]) -> Any:
    """Make a call of a stage with arguments as they were sent, or ask it for a property."""
    if name in PROPERTIES:
        return getattr(stage, name)
    types = types_of(name)
    typed = {key: as_type(value, types.get(key, Any)) for key, value in arguments.items()}
    call: Callable[..., Any] = getattr(stage, name)
    return call(**typed)
