"""What is drawn over the picture of a window, as a panel, and hears of its keys and pointer first."""

from __future__ import annotations

from typing import Protocol

import moderngl

from mien.types import Size


class Overlay(Protocol):
    """Drawn by the window behind each frame, on its thread, with its context current.

    Places of the pointer are in pixels of the framebuffer, from its top left. `press`, `type`, `point`,
    `click` and `scroll` return True for what was for the overlay: the window does nothing about it then.
    """

    @property
    def is_shown(self) -> bool:
        """Whether anything is drawn. What is hidden costs nothing and hears of keys only."""
        ...

    @property
    def width(self) -> float:
        """Points of the desktop that it takes at the right of the window while it is shown, 0 for none: the
        picture is fitted beside it."""
        ...

    def get_ready(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        """The window has it from now on: make what takes long, so that no frame has to. Parameters, and what
        may be done, as of `draw`; what is drawn to `screen` is not seen."""
        ...

    def draw(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        """Draw over `screen`, whose size in pixels is `size`; `scale`: pixels to a point of the desktop.

        Finds GL state as the compositor's last program has left it, and may leave it as it likes: the window
        puts it back. Within it the stage may be asked and told as between two frames.
        """
        ...

    def press(self, key: int, action: int, mods: int) -> bool:
        """A key, by glfw's numbers."""
        ...

    def type(self, text: str) -> bool:
        """A character that was typed."""
        ...

    def point(self, x: float, y: float) -> bool:
        """The pointer is at (x, y); at (-1, -1), it has left the window."""
        ...

    def click(self, button: int, action: int, mods: int) -> bool:
        """A button of the mouse, by glfw's numbers."""
        ...

    def scroll(self, dx: float, dy: float) -> bool:
        """The wheel, in steps; dy up is positive."""
        ...

    def close(self) -> None:
        """The window is about to be closed; its context is current. Idempotent."""
        ...
