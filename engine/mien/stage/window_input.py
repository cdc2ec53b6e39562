"""What a window hears of its keys, pointer and desktop: first for its overlay, then for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakMethod

from mien.stage.glfw_window import glfw
from mien.stage.overlay import Overlay

GONE = (-1.0, -1.0)
"""Where the pointer is told to be once it has left the window."""


class WindowInput(ABC):
    """The part of a window that is told what its user does. Everything comes while events are polled.

    What is asked of a stage there is put in its queue, as from another thread, and heard by the next frame.
    """

    _handle: Any
    _overlay: Overlay | None = None
    _held: frozenset[int] = frozenset()
    """Buttons that were pressed on the picture itself: letting go of them is for it, wherever that is."""

    def _listen(self) -> None:
        """From now on all is heard."""
        for listen, hear in (
            (glfw.set_key_callback, self._on_key),
            (glfw.set_char_callback, self._on_char),
            (glfw.set_cursor_pos_callback, self._on_point),
            (glfw.set_cursor_enter_callback, self._on_enter),
            (glfw.set_mouse_button_callback, self._on_button),
            (glfw.set_scroll_callback, self._on_scroll),
            (glfw.set_drop_callback, self._on_drop),
            (glfw.set_window_refresh_callback, self._on_damaged),
        ):
            listen(self._handle, weakly(hear))

    @property
    def _listener(self) -> Overlay | None:
        """The overlay, where it is to be asked about the pointer."""
        return self._overlay if self._overlay is not None and self._overlay.is_shown else None

    def _in_pixels(self, x: float, y: float) -> tuple[float, float]:
        """A place of the pointer, in points of the desktop, as pixels of the framebuffer."""
        width, height = glfw.get_window_size(self._handle)
        wide, high = glfw.get_framebuffer_size(self._handle)
        return (x * wide / max(1, width), y * high / max(1, height))

    def _on_key(self, _handle: Any, key: int, _code: int, action: int, mods: int) -> None:
        if self._overlay is not None and self._overlay.press(key, action, mods):
            return
        if action == glfw.PRESS:
            self._pressed(key, mods)

    def _on_char(self, _handle: Any, code: int) -> None:
        if (overlay := self._listener) is not None:
            overlay.type(chr(code))

    def _on_point(self, _handle: Any, x: float, y: float) -> None:
        place = self._in_pixels(x, y)
        taken = (overlay := self._listener) is not None and overlay.point(*place)
        self._pointed(None if taken and not self._held else place)

    def _on_enter(self, _handle: Any, inside: int) -> None:
        if not inside:
            if (overlay := self._listener) is not None:
                overlay.point(*GONE)
            self._pointed(None)

    def _on_button(self, _handle: Any, button: int, action: int, mods: int) -> None:
        taken = (overlay := self._listener) is not None and overlay.click(button, action, mods)
        if action == glfw.RELEASE and button in self._held:
            self._held -= {button}
            self._clicked(button, action, mods)
        elif action == glfw.PRESS and not taken:
            self._held |= {button}
            self._clicked(button, action, mods)

    def _on_scroll(self, _handle: Any, dx: float, dy: float) -> None:
        if (overlay := self._listener) is None or not overlay.scroll(dx, dy):
            self._scrolled(dy)

    def _on_drop(self, _handle: Any, names: Sequence[str]) -> None:
        self._on_point(_handle, *glfw.get_cursor_pos(self._handle))
        self._dropped([Path(name) for name in names])

    @abstractmethod
    def _dropped(self, paths: list[Path]) -> None:
        """Files were dropped where the pointer is."""

    @abstractmethod
    def _pressed(self, key: int, mods: int) -> None:
        """A key was pressed."""

    @abstractmethod
    def _pointed(self, place: tuple[float, float] | None) -> None:
        """The pointer is there, in pixels of the framebuffer; None: it is not on the picture."""

    @abstractmethod
    def _clicked(self, button: int, action: int, mods: int) -> None:
        """A button was pressed on the picture, or let go after that."""

    @abstractmethod
    def _scrolled(self, dy: float) -> None:
        """The wheel was turned on the picture; up is positive."""

    @abstractmethod
    def _on_damaged(self, _handle: Any) -> None:
        """The desktop has lost what the window showed."""


def weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method, for a library that keeps it: it does not keep the window."""
    held = WeakMethod(method)

    def call(*arguments: Any) -> None:
        if (bound := held()) is not None:
            bound(*arguments)

    return call
