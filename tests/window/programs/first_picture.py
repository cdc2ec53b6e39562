"""A window whose characters are seen before every program is ready, and that is closed in between."""

from __future__ import annotations

from typing import Any

import glfw
import numpy as np
import pytest
from hands import Desk, tell

import mien
from mien.composite.gl import Compositor
from mien.stage.curtain import Curtain
from mien.stage.window import Window

told: dict[str, Any] = {}
desk = Desk()
patched = pytest.MonkeyPatch()
opening, warm_up, go_on = Curtain.open, Compositor.warm_up, Curtain.go_on
rehearse = Window._rehearse
compiles: list[int] = []
pictures: list[Any] = []
compositors: list[Compositor] = []
moved: list[int] = []


def seen(handle: Any) -> Any:
    """What is on the screen of the window; the pointer is beside it."""
    left, top = glfw.get_window_pos(handle)
    desk.point(left + 900, top + 700)
    return desk.picture(left, top, *glfw.get_framebuffer_size(handle)).astype(int)


def opened(self: Curtain, picture: Any) -> None:
    opening(self, picture)
    handles.append(self._handle)
    pictures.append(seen(self._handle))


def warmed(self: Compositor, *arguments: Any) -> None:
    compositors.append(self)
    compiles.append(self.counters.compiles)
    warm_up(self, *arguments)
    compiles.append(self.counters.compiles)


def stepped(self: Curtain) -> None:
    """Between two programs: it is always long due."""
    if self._picture is not None:
        self._due_ns -= 10**9
        if len(moved) < 3:
            moved.append(self._nth)
        elif len(moved) == 3:
            bar.append(seen(self._handle))
            moved.append(self._nth)
            if closes:
                desk.key("Escape")
    go_on(self)


def rehearsed(self: Window) -> None:
    told["sealed"] = self._show.script.sealed
    drawn = self._compositor.counters.frames
    rehearse(self)
    told["rehearsed"] = self._compositor.counters.frames - drawn


handles: list[Any] = []
bar: list[Any] = []
closes = False
patched.setattr(Curtain, "open", opened)
patched.setattr(Compositor, "warm_up", warmed)
patched.setattr(Curtain, "go_on", stepped)
patched.setattr(Window, "_rehearse", rehearsed)
with mien.open_window({"wren": "wren"}, size=(640, 360), playout="null") as window:
    told["frames before the first"] = window.ledger.frames_produced
    told["compiles"] = list(compiles)
    drawn = window._compositor.counters.frames
    window.frame()
    told["drawn for the first"] = window._compositor.counters.frames - drawn
    now = seen(window._handle)
    told["compiled in a frame"] = window._compositor.counters.compiles - compiles[-1]
    told["frames"] = window.ledger.frames_produced
(first,) = pictures
told["colours of the first"] = len(np.unique(first.reshape(-1, 3), axis=0))
told["moved"] = float(np.abs(first - now).mean() / np.abs(first - first[0, 0]).mean())
high = len(first)
told["above the bar"] = int(np.abs(bar[0] - first)[: high * 4 // 5].max())
told["at the bar"] = int(np.abs(bar[0] - first)[high * 4 // 5 :].max())
closes = True
moved.clear()
try:
    mien.open_window({"wren": "wren"}, size=(640, 360), playout="null")
except mien.Closed as error:
    told["closed"] = str(error)
patched.undo()
tell(told)
