"""Calls of a live stage that are made by an engine: with the names, parameters and results that they have
there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from mien.backend import calls
from mien.stage.live import LiveStage
from mien.stage.shown import TimelineSpan

_P = ParamSpec("_P")
_R = TypeVar("_R")


def forwarded(method: Callable[Concatenate[LiveStage, _P], _R]) -> Callable[Concatenate[Forwarding, _P], _R]:
    """The same call, made by the engine."""
    name = method.__name__

    @wraps(method)
    def call(self: Forwarding, *arguments: _P.args, **keywords: _P.kwargs) -> _R:
        return cast("_R", self._make(name, calls.named(name, arguments, keywords)))

    return cast("Callable[Concatenate[Forwarding, _P], _R]", call)


class Forwarding(ABC):
    """The part of a backend that passes on. From any thread; each waits for its answer, some milliseconds at
    most, or, of calls that belong to the stage's own thread, until the frame that is drawn is done."""

    @abstractmethod
    def _make(self, name: str, arguments: dict[str, Any]) -> Any:
        """Have the engine make a call, and give what it gave. Raises what it raised."""

    @abstractmethod
    def _get(self, name: str) -> Any:
        """Ask the engine for a property."""

    set_expression = forwarded(LiveStage.set_expression)
    look_at = forwarded(LiveStage.look_at)
    look_at_place = forwarded(LiveStage.look_at_place)
    gesture = forwarded(LiveStage.gesture)
    nod = forwarded(LiveStage.nod)
    burst = forwarded(LiveStage.burst)
    wear = forwarded(LiveStage.wear)
    interrupt = forwarded(LiveStage.interrupt)
    pause = forwarded(LiveStage.pause)
    resume = forwarded(LiveStage.resume)
    hold = forwarded(LiveStage.hold)
    let_go = forwarded(LiveStage.let_go)
    show_viseme = forwarded(LiveStage.show_viseme)
    enter = forwarded(LiveStage.enter)
    leave = forwarded(LiveStage.leave)
    move = forwarded(LiveStage.move)
    swap = forwarded(LiveStage.swap)
    unload = forwarded(LiveStage.unload)
    playing = forwarded(LiveStage.playing)
    turns = forwarded(LiveStage.turns)
    standing = forwarded(LiveStage.standing)
    who_is_at = forwarded(LiveStage.who_is_at)
    bounds = forwarded(LiveStage.bounds)
    repertoire = forwarded(LiveStage.repertoire)
    seek = forwarded(LiveStage.seek)
    channels = forwarded(LiveStage.channels)
    slots = forwarded(LiveStage.slots)
    expression = forwarded(LiveStage.expression)
    faults = forwarded(LiveStage.faults)
    solo = forwarded(LiveStage.solo)
    mute = forwarded(LiveStage.mute)
    outlines = forwarded(LiveStage.outlines)
    atlas_pages = forwarded(LiveStage.atlas_pages)
    page_picture = forwarded(LiveStage.page_picture)
    residency = forwarded(LiveStage.residency)
    load = forwarded(LiveStage.load)

    def reload(self, who: str, character: str | Path | None = None) -> None:
        """Have somebody of the cast read anew, or as another `character`: as `LiveStage.reload`."""
        self._make("reload", {"who": who, "character": character})

    @property
    def paused(self) -> bool:
        """Whether it was told to pause, and not to resume since."""
        return cast("bool", self._get("paused"))

    @property
    def cast(self) -> tuple[str, ...]:
        """Keys of who can be on stage, back to front."""
        return cast("tuple[str, ...]", self._get("cast"))

    @property
    def on_stage(self) -> tuple[str, ...]:
        """Keys of who is on stage, or comes, back to front."""
        return cast("tuple[str, ...]", self._get("on_stage"))

    @property
    def loading(self) -> tuple[str, ...]:
        """Keys of who is being loaded."""
        return cast("tuple[str, ...]", self._get("loading"))

    @property
    def sources(self) -> dict[str, Path]:
        """What each of the cast is read from."""
        return cast("dict[str, Path]", self._get("sources"))

    @property
    def time_s(self) -> float:
        """Session time of the next frame of the engine that draws now, in seconds."""
        return cast("float", self._get("time_s"))

    @property
    def timeline(self) -> TimelineSpan:
        """What can be gone to with `seek`, of the engine that draws now."""
        return cast("TimelineSpan", self._get("timeline"))

    @property
    def output(self) -> str:
        """Where the sound goes, for people."""
        return cast("str", self._get("output"))

    @property
    def fallback(self) -> str | None:
        """Why there is no sound although a device was wanted."""
        return cast("str | None", self._get("fallback"))
