"""A window made wider for what stands beside its picture."""

from __future__ import annotations

from typing import Any

from mien.stage.glfw_window import errors_asked, glfw
from mien.stage.overlay import Overlay


class Beside:
    """Room beside the picture. Parameters: `handle`, glfw's window."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.added = 0
        """By how much the window was made wider, in the desktop's units."""
        self._moved: tuple[tuple[int, int], tuple[int, int]] | None = None
        """Where it was, and where it was put since there was no room at its right."""
        self._for: Overlay | None = None

    def taken(self, overlay: Overlay | None) -> int:
        """Pixels that an overlay which is shown takes at the right; never more than half of the window."""
        if overlay is None:
            return 0
        scale = glfw.get_window_content_scale(self._handle)[0]
        return min(round(overlay.width * scale), glfw.get_framebuffer_size(self._handle)[0] // 2)

    def follow(self, overlay: Overlay | None) -> None:
        """`overlay` is shown now. The window is made wider by what it takes, where the desktop has room, and
        is as it was, and where it was, once it is hidden."""
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
        """As wide as before; back where it was, unless it was moved since."""
        width, height = glfw.get_window_size(self._handle)
        glfw.set_window_size(self._handle, max(1, width - self.added), height)
        moved, self._moved, self.added = self._moved, None, 0
        if moved is not None and glfw.get_window_pos(self._handle) == moved[1]:
            glfw.set_window_pos(self._handle, *moved[0])

    def _widen(self, overlay: Overlay) -> None:
        monitor = glfw.get_primary_monitor()
        if not monitor:
            return
        width, height = glfw.get_window_size(self._handle)
        pixels = glfw.get_framebuffer_size(self._handle)[0]
        scale = glfw.get_window_content_scale(self._handle)[0]
        more = round(overlay.width * scale * width / max(1, pixels))
        left, _, room, _ = glfw.get_monitor_workarea(monitor)
        if width + more > room:
            return
        x, y = glfw.get_window_pos(self._handle)
        if x + width + more > left + room:
            to = left + room - width - more, y
            glfw.set_window_pos(self._handle, *to)
            self._moved = (x, y), to
        glfw.set_window_size(self._handle, width + more, height)
        self.added = more
