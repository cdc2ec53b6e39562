"""A companion on the desktop, held and let go by a real pointer, with other windows below it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import glfw
import numpy as np
from hands import Desk, Hands, tell

import mien
from mien.preview import Panel
from mien.preview.outlines import _COLOURS

RED = np.array((61, 66, 237, 255), np.uint8)
"""BGRA of the dot."""
told: dict[str, Any] = {}
desk = Desk()
if sys.argv[1] == "composites":
    desk.composites()
with mien.open_window({"wren": "wren"}, size=(320, 180), playout="null", companion=True) as window:
    handle = window._handle
    hands = Hands(window)
    hands.frames(3)
    told["plain"] = window.plain_because
    told["frame"] = glfw.get_window_attrib(handle, glfw.DECORATED)
    told["over others"] = glfw.get_window_attrib(handle, glfw.FLOATING)
    if window.plain_because is None:
        head = window.bounds("wren", "head")
        x, y = head.x + head.width / 2, head.y + head.height / 2
        corner = glfw.get_window_pos(handle)
        wide = 1280 - corner[0]  # of the window, as far as it is on the screen
        alpha = desk.pixels(glfw.get_x11_window(handle), wide, 180)[..., 3]
        told["corner"] = corner
        told["seen until"] = [
            corner[0] + int(np.flatnonzero((alpha > 25).any(axis=0))[-1]) + 1,
            corner[1] + 180,
        ]
        told["clear"], told["opaque"] = int(alpha[2, 2]), int(alpha[round(y), round(x)])
        below = desk.catches(*corner, 320, 180)
        clicks: list[int] = []
        clicked = window._clicked

        def heard(button: int, action: int, mods: int) -> None:
            clicks.extend([1] if action == glfw.PRESS else [])
            clicked(button, action, mods)

        window._clicked = heard  # type: ignore[method-assign]
        # Beside the figure, within the box in which it is drawn.
        clear = [
            (across, down)
            for down in range(8, 172, 4)
            for across in range(8, wide - 8, 4)
            if window.who_is_at(across, down) == "wren"
            and not alpha[down - 6 : down + 7, across - 6 : across + 7].any()
        ]
        told["clear places"] = len(clear)
        told["clicked"] = []
        for place in (clear[0], (x, y), clear[len(clear) // 2], (x, y + 4), clear[-1], (2, 2)):
            hands.point(*place)
            hands.frames(2)
            desk.click()
            hands.frames(1)
            told["clicked"].append([len(clicks), desk.caught(below)])
            clicks.clear()
        hands.frames(30)  # so that the next click is none of two
        hands.point(2, 2)
        hands.frames(2)
        told["through beside"] = glfw.get_window_attrib(handle, glfw.MOUSE_PASSTHROUGH)
        hands.point(x, y)
        hands.frames(2)
        told["through on it"] = glfw.get_window_attrib(handle, glfw.MOUSE_PASSTHROUGH)
        desk.button(1, down=True)
        hands.frames(1)
        for _ in range(4):
            hands.point(x - 25, y - 10)
            hands.frames(2)
        desk.button(1, down=False)
        hands.frames(2)
        told["moved to"] = glfw.get_window_pos(handle)
        told["stands"] = window.standing("wren").x

        def stands_now() -> list[int]:
            return [*glfw.get_window_pos(handle), *glfw.get_window_size(handle)]

        def pressed(key: str) -> list[int]:
            desk.key(key)
            hands.frames(4)
            return stands_now()

        window.overlay = Panel(window)
        told["panel"] = [stands_now(), pressed("h"), pressed("h")]
        told["panel, dragged"] = [pressed("h")]
        below_panel = glfw.get_window_size(handle)[1] - 180 + y
        hands.point(x, below_panel)
        hands.frames(2)
        desk.button(1, down=True)
        hands.frames(2)
        hands.point(x - 200, below_panel - 100)
        hands.frames(3)
        desk.button(1, down=False)
        told["panel, dragged"] += [stands_now()]
        board = window.overlay._board
        assert board is not None
        board._slots.outlined["wren"] = {"head"}
        hands.frames(2)
        (box,) = window.outlines("wren", "head")
        line = _COLOURS[crc32(b"head") % len(_COLOURS)][::-1]
        seen = desk.pixels(glfw.get_x11_window(handle), 320, 640)[..., :3]
        rows = np.flatnonzero((seen == line).all(axis=-1).sum(axis=1) > 4)
        told["outlined"] = [int(rows[0]), round(min(y for _, y in box.corners))]
        board._slots.outlined.clear()
        told["panel, grown"] = []
        for step in (1, -1):
            hands.point(x, glfw.get_window_size(handle)[1] - 180 + y)
            hands.frames(2)
            desk.wheel(step)
            hands.frames(3)
            told["panel, grown"].append(stands_now()[2:])
        told["panel, dragged"] += [pressed("h")]
        window.overlay = None
        hands.frames(2)

        def reds() -> int:
            """Pixels as red as the dot."""
            seen = desk.pixels(glfw.get_x11_window(handle), *glfw.get_window_size(handle))
            return int((seen == RED).all(axis=-1).sum())

        told["dot"] = [reds()]
        window.record(Path(sys.argv[2]) / "clip.webm")
        hands.frames(6)
        told["dot"].append(reds())
        told["dot in the frame"] = int((window.screenshot() == RED[[2, 1, 0, 3]]).all(axis=-1).sum())
        window.stop_recording()
        hands.frames(3)
        told["dot"].append(reds())
        window.overlay = None
        desk.point(100, 100)
        hands.frames(3)
        event: Any = window._show.script.latest("wren", ("gaze", "trail"))
        told["looks at the pointer far away"] = (event.x, event.y)
        left, top = glfw.get_window_pos(handle)
        hands.point(x, y)
        hands.frames(2)
        desk.wheel(2)
        hands.frames(3)
        told["grown"] = [*glfw.get_window_size(handle), glfw.get_window_pos(handle)[1] - top]
    hands.point(*(glfw.get_window_size(handle)[side] / 2 for side in (0, 1)))
    hands.frames(2)
    desk.key("Escape")
    hands.frames(2)
    told["left by its key"] = not window.is_open
    told["made in frames"] = window.ledger.count("gl_alloc_after_ready_total")
tell(told)
