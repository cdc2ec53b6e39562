"""A real pointer at a window: eyes follow it, a drag places, the wheel makes larger, 0 puts all back."""

from __future__ import annotations

from typing import Any

import glfw
from hands import Hands, tell

import mien
from mien.types import Rect


def head() -> tuple[float, float]:
    found: Rect = window.bounds("wren", "head")
    return (found.x + found.width / 2, found.y + found.height / 2)


def gaze() -> tuple[float, float]:
    event: Any = window._show.script.latest("wren", ("gaze", "trail"))
    return (event.x, event.y) if event is not None else (0.0, 0.0)


told: dict[str, Any] = {}
with mien.open_window({"wren": "wren"}, size=(320, 180), playout="null", seed=3) as window:
    hands = Hands(window)
    hands.frames(2)
    for name, place in (("right", (310, 20)), ("left", (5, 170))):
        hands.point(*place)
        hands.frames(2)
        told[f"gaze {name}"] = gaze()
    window.leads_gaze = False
    hands.frames(2)
    told["gaze let go"] = gaze()
    hands.point(300, 20)
    hands.frames(2)
    told["gaze off"] = gaze()
    window.leads_gaze = True

    told["stood"] = window.standing("wren")
    x, y = head()
    hands.point(x, y)
    hands.desk.button(1, down=True)
    hands.frames(1)
    hands.point(x + 64, y - 18)
    hands.frames(1)
    hands.desk.button(1, down=False)
    hands.frames(2)
    told["dragged"] = window.standing("wren")
    x, y = head()
    hands.point(x, y)
    hands.desk.wheel(3)
    hands.frames(2)
    told["wheel"] = window.standing("wren")
    told["head moved"] = [now - before for now, before in zip(head(), (x, y), strict=True)]
    hands.desk.key("0")
    hands.frames(2)
    told["put back"] = window.standing("wren")

    # In a window of another shape places are those of the frame within it.
    glfw.set_window_size(window._handle, 640, 640)
    hands.frames(3)
    x, y = head()
    hands.point(2 * x, (640 - 360) / 2 + 2 * y)
    hands.desk.button(1, down=True)
    hands.point(2 * x + 64, (640 - 360) / 2 + 2 * y)
    hands.desk.button(1, down=False)
    hands.frames(30)
    told["dragged in a larger window"] = window.standing("wren")
    hands.desk.key("f")
    hands.frames(3)
    told["full screen"] = glfw.get_window_size(window._handle)
    hands.desk.key("f")
    hands.frames(3)
    told["again"] = glfw.get_window_size(window._handle)
tell(told)
