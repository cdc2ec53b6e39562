"""What the programs of this folder share: hands at the window, and eyes on it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import glfw

sys.path.insert(0, str(Path(__file__).parents[1]))
from desk import Desk
from drag import Drag

import mien
from mien.types import U8

__all__ = ["Desk", "Drag", "Hands", "tell"]


class Hands:
    """At one window, whose places are meant."""

    def __init__(self, window: mien.Window) -> None:
        self.window, self.desk = window, Desk()
        self.handle = window._handle

    def frames(self, count: int) -> None:
        """Let frames be shown, and what was done be heard."""
        for _ in range(count):
            self.window.frame()
        self.desk.sync()

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place in the window."""
        left, top = glfw.get_window_pos(self.handle)
        self.desk.point(left + x, top + y)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, as a desktop does."""
        self.desk.resize(glfw.get_x11_window(self.handle), width, height)

    def seen(self) -> U8:
        """(h, w, 3) uint8: what the screen shows of it."""
        left, top = glfw.get_window_pos(self.handle)
        return self.desk.picture(left, top, *glfw.get_framebuffer_size(self.handle))


def tell(told: dict[str, Any]) -> None:
    """To the test that has started the program."""
    sys.stdout.write(json.dumps(told) + "\n")
