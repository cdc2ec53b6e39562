"""A window made wider, and a low one higher, for what stands beside its picture."""

from __future__ import annotations

from typing import Any

from mien.stage.glfw_window import errors_asked, glfw
from mien.stage.overlay import Overlay


class Beside:
    """Room beside the picture. Parameters: `handle`, glfw's window; `least`: so many points it is high then,
    where the desktop has room, its lower edge staying where it is."""

    def __init__(self, handle: Any, least: int = 0) -> None:
        self._handle, self._least = handle, least
        self.added = 0
        """By how much the window was made wider, in the desktop's units."""
        self.above = 0
        """By how much it was made higher."""
        self._moved: tuple[tuple[int, int], tuple[int, int]] | None = None
        """Where it was, and where it was put to have room at its right, and above."""
        self._for: Overlay | None = None

    def taken(self, overlay: Overlay | None) -> int:
        """Pixels that an overlay which is shown takes at the right; never more than half of the window."""
        if overlay is None:
            return 0
        scale = glfw.get_window_content_scale(self._handle)[0]
        return min(round(overlay.width * scale), glfw.get_framebuffer_size(self._handle)[0] // 2)

    def follow(self, overlay: Overlay | None) -> None:
        """`overlay` is shown now. The window is made wider by what it takes, and a low one higher, where the
        desktop has room, and is as it was, and where it was, once it is hidden."""
        if overlay is self._for or (self.added and self._fills_the_screen):  # done once it does not
            return
        self._for = overlay
        with errors_asked():
            if self.added:
                self._narrow()
            if overlay is not None and not self._fills_the_screen:
                self._widen(overlay)

    @property
    def _fills_the_screen(self) -> bool:
        return bool(
            glfw.get_window_monitor(self._handle) or glfw.get_window_attrib(self._handle, glfw.MAXIMIZED)
        )

    def _narrow(self) -> None:
        """As large as before; back where it was, or, where it was moved since, its lower edge where it is."""
        width, height = glfw.get_window_size(self._handle)
        now = x, y = glfw.get_window_pos(self._handle)
        to = self._moved[0] if self._moved is not None and now == self._moved[1] else (x, y + self.above)
        glfw.set_window_size(self._handle, max(1, width - self.added), max(1, height - self.above))
        if to != now:
            glfw.set_window_pos(self._handle, *to)
        self._moved, self.added, self.above = None, 0, 0

    def _widen(self, overlay: Overlay) -> None:
        monitor = glfw.get_primary_monitor()
        if not monitor:
            return
        width, height = glfw.get_window_size(self._handle)
        pixels = glfw.get_framebuffer_size(self._handle)[0]
        point = glfw.get_window_content_scale(self._handle)[0] * width / max(1, pixels)
        more = round(overlay.width * point)
        left, top, room, tall = glfw.get_monitor_workarea(monitor)
        if width + more > room:
            return
        above = max(0, min(round(self._least * point), tall) - height)
        x, y = glfw.get_window_pos(self._handle)
        to = min(x, left + room - width - more), max(min(y, top), y - above)
        if to != (x, y):
            glfw.set_window_pos(self._handle, *to)
            self._moved = (x, y), to
        glfw.set_window_size(self._handle, width + more, height + above)
        self.added, self.above = more, above
