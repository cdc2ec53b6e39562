"""A window that is closed while it is being loaded, and shows meanwhile that something goes on."""

from __future__ import annotations

import threading
from typing import Any

import glfw
import numpy as np
import pytest
from hands import Desk, tell

import mien
from mien.stage import show
from mien.stage.curtain import Curtain

told: dict[str, Any] = {}
desk = Desk()
patched = pytest.MonkeyPatch()
go_on = threading.Event()
read, draw = show.read_character, Curtain._draw
pictures: list[Any] = []
keys: list[str] = []
clicks = 0


def slow(*arguments: Any, **keywords: Any) -> Any:
    go_on.wait()
    return read(*arguments, **keywords)


def drawn(self: Curtain, nth: int) -> None:
    draw(self, nth)
    left, top = glfw.get_window_pos(self._handle)
    desk.point(left + 5, top + 5)
    if nth in (1, 9):
        pictures.append(desk.picture(left, top, *glfw.get_framebuffer_size(self._handle)))
    if nth == 10:
        for key in keys:
            desk.key(key)
        go_on.set()


patched.setattr(show, "read_character", slow)
patched.setattr(Curtain, "_draw", drawn)
with mien.open_window({"wren": "wren"}, size=(320, 180), playout="null") as window:
    told["opened"] = window.frame()
first, second = (picture.astype(int) for picture in pictures)
told["bar moves"] = bool(np.abs(first - second)[85:95].max() > 50)
told["bar alone"] = int(np.ptp(first[:80].reshape(-1, 3), axis=0).max())
for key in ("Escape", "q"):
    go_on.clear()
    keys[:] = [key]
    try:
        mien.open_window({"wren": "wren"}, size=(320, 180), playout="null")
    except mien.Closed as error:
        told[key] = str(error)
told["threads"] = [one.name for one in threading.enumerate() if one.name == "mien-loading"]
keys.clear()
moved: list[int] = []
steps = Curtain.go_on


def stepped(self: Curtain) -> None:
    """Between two programs: it is always long due, and at the third the user closes the window."""
    self._due_ns -= 10**9
    moved.append(self._nth)
    if len(moved) == 3:
        desk.key("Escape")
    steps(self)


patched.setattr(Curtain, "go_on", stepped)
try:
    mien.open_window({"wren": "wren"}, size=(320, 180), playout="null")
except mien.Closed as error:
    told["while compiling"] = str(error)
patched.setattr(Curtain, "go_on", steps)
told["moves while compiling"] = len(moved) == 3 and moved == sorted(set(moved))
go_on.clear()
patched.setattr(show, "read_character", lambda *_, **__: (go_on.wait(), 1 // 0))
try:
    mien.open_window({"wren": "wren"}, size=(320, 180), playout="null")
except ZeroDivisionError:
    told["fails"] = "as what loads does"
patched.undo()
with mien.open_window({"wren": "wren"}, size=(320, 180), playout="null") as window:
    told["again"] = window.frame()
tell(told)
