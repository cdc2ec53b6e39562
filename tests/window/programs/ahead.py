"""A window that is opened ahead: in which order what happens."""

from __future__ import annotations

import sys
import threading
from typing import Any

import glfw
import pytest
from hands import Desk, tell

from mien.stage import window_ahead

told: dict[str, Any] = {"steps": []}
desk = Desk()
patched = pytest.MonkeyPatch()


def step(what: str) -> None:
    told["steps"].append(what)


def seen() -> int:
    desk.sync()
    return len(desk.windows("Mien"))


with window_ahead.opened_ahead(("mien.stage.window",)):
    assert window_ahead.is_ready()
    # Or what is imported here might be half imported there.
    assert all(one.name != "mien-imports" for one in threading.enumerate())
    handle = window_ahead._ready[0].handle
    step("seen" if glfw.get_window_attrib(handle, glfw.VISIBLE) else "opened unseen")
    from mien.stage import show
    from mien.stage.window import Window

    step("modules are there" if "mien.stage.window" in sys.modules else "not imported")
    read, take = show.read_character, window_ahead.taken

    def noted(*arguments: Any, **keywords: Any) -> Any:
        step("read")
        return read(*arguments, **keywords)

    def taken(*arguments: Any) -> Any:
        found = take(*arguments)
        step("taken" if found is handle else "another")
        step("seen" if glfw.get_window_attrib(found, glfw.VISIBLE) else "unseen")
        return found

    show.read_character = noted
    patched.setattr(window_ahead, "taken", taken)
    with Window({"wren": "wren"}, size=window_ahead.SIZE, playout="null") as window:
        told["title"] = glfw.get_window_title(window._handle)
        start, audio = window._presenter.start, window._audio
        patched.setattr(audio, "let_begin", lambda: step("sound begins"))
        patched.setattr(window._presenter, "start", lambda: (step("frames begin"), start()))
        step("drawn" if window.frame() else "closed")
    show.read_character = read
    patched.undo()
told["left"] = seen()
with window_ahead.opened_ahead(()), Window({"wren": "wren"}, size=(320, 180), playout="null"):
    assert window_ahead.is_ready()
told["of another size"] = seen()
told["threads"] = [one.name for one in threading.enumerate() if one.name == "mien-imports"]
tell(told)
