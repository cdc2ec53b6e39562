"""A window as a companion on the desktop: characters alone, over other windows, and clicked through."""

from __future__ import annotations

from typing import Any, Final

from mien.stage.glfw_window import glfw
from mien.stage.hands import STEP

_LEAST: Final = 64
"""Points that it is wide at least."""
_MOST: Final = 16_384


class Companion:
    """Moves and sizes one window. Parameter: its `handle`, of a window that is transparent."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._held: tuple[float, float] | None = None
        self._through: bool | None = None
        self._stand_in_the_corner()

    def pass_through(self, through: bool) -> None:
        """Whether clicks go to what lies below. Not while it is held."""
        if self._held is None and through != self._through:
            self._through = through
            glfw.set_window_attrib(self._handle, glfw.MOUSE_PASSTHROUGH, int(through))

    def hold(self) -> None:
        """It goes where the pointer goes from now on."""
        self._held = glfw.get_cursor_pos(self._handle)

    def let_go(self) -> None:
        """It stays where it is."""
        self._held = None

    def follow(self) -> None:
        """The pointer may have moved."""
        if self._held is not None:
            x, y = glfw.get_cursor_pos(self._handle)
            left, top = glfw.get_window_pos(self._handle)
            way = round(x - self._held[0]), round(y - self._held[1])
            if way != (0, 0):
                glfw.set_window_pos(self._handle, left + way[0], top + way[1])

    def grow(self, steps: float) -> None:
        """Larger, or smaller; the middle of its lower edge stays where it is."""
        width, height = glfw.get_window_size(self._handle)
        left, top = glfw.get_window_pos(self._handle)
        wide = min(_MOST, max(_LEAST, round(width * STEP**steps)))
        high = max(1, round(height * wide / width))
        glfw.set_window_size(self._handle, wide, high)
        glfw.set_window_pos(self._handle, left + (width - wide) // 2, top + height - high)

    def _stand_in_the_corner(self) -> None:
        """Of the desktop, below and at the right."""
        monitor = glfw.get_primary_monitor()
        if monitor:
            left, top, width, height = glfw.get_monitor_workarea(monitor)
            wide, high = glfw.get_window_size(self._handle)
            glfw.set_window_pos(self._handle, left + width - wide, top + height - high)


def why_no_companion(handle: Any) -> str:
    """Why a window that was to be one cannot be; empty: it can."""
    # Only a library of 3.4 or newer says so, and knows Wayland beside X.
    if hasattr(glfw, "get_platform") and glfw.get_platform() == glfw.PLATFORM_WAYLAND:
        return (
            "this is a plain window: on Wayland no program says where its windows are; log in to an X "
            "session, or unset WAYLAND_DISPLAY."
        )
    if not glfw.get_window_attrib(handle, glfw.TRANSPARENT_FRAMEBUFFER):
        return (
            "this is a plain window: the desktop shows no transparent ones; start a compositing manager, as "
            "picom, or turn its effects on."
        )
    return ""
