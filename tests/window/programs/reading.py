"""`mien play` of art: a window is there while it is read, and ends the reading when it is closed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import glfw
import numpy as np
import pytest
from hands import Desk, tell

from mien.cli import main
from mien.importing.importer import Importer
from mien.stage import window_ahead
from mien.stage.curtain import Curtain

told: dict[str, Any] = {}
desk = Desk()
patched = pytest.MonkeyPatch()
make, close, draw = Importer.make, Importer.close, Curtain._draw
go_on = threading.Event()
handles: list[Any] = []
pictures: list[Any] = []
closed: list[Importer] = []


def slow(self: Importer) -> Any:
    go_on.wait()
    return make(self)


def ended(self: Importer) -> None:
    closed.append(self)
    close(self)
    go_on.set()


def drawn(at_10: Callable[[], object]) -> Callable[[Curtain, int], None]:
    def draw_it(self: Curtain, nth: int) -> None:
        draw(self, nth)
        if nth in (1, 9):
            left, top = glfw.get_window_pos(self._handle)
            pictures.append(desk.picture(left, top, *glfw.get_framebuffer_size(self._handle)))
        if nth == 10 and not go_on.is_set():
            handles.append(self._handle)
            told["title"] = glfw.get_window_title(self._handle)
            at_10()

    return draw_it


def play(*arguments: str) -> int:
    go_on.clear()
    return main(["play", sys.argv[1], "--silent", "--seconds", "0.2", *arguments])


patched.setattr(Importer, "make", slow)
patched.setattr(Importer, "close", ended)
patched.setattr(Curtain, "_draw", drawn(go_on.set))
taken = window_ahead.taken
patched.setattr(window_ahead, "taken", lambda *given: handles.append(taken(*given)) or handles[-1])
told["shown"] = play()
first, second = (picture.astype(int) for picture in pictures[:2])
told["bar moves"] = bool(np.abs(first - second).max() > 50)
told["the same window"] = handles[0] == handles[1]
told["of another size"] = play("--size", "320x180")
told["the same again"] = handles[2] == handles[3]
closed.clear()
patched.setattr(Curtain, "_draw", drawn(lambda: desk.key("Escape")))
told["closed"] = play()
told["ended"] = len(closed) > 0 and closed[0].pid is None
told["left"] = [len(window_ahead._ready), len(desk.windows("Mien"))]
told["threads"] = [one.name for one in threading.enumerate() if one.name == "mien-loading"]
tell(told)
