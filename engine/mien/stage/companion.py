"""A window as a companion on the desktop: characters alone, over other windows, and clicked through."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, sqrt
from typing import Any, Final, TypeAlias

import moderngl
import numpy as np

from mien.composite.gl import Compositor
from mien.stage.fit import Fit
from mien.stage.glfw_window import glfw
from mien.stage.hands import STEP
from mien.types import Size

_LEAST: Final = 64
"""Points that it is wide at least."""
_MOST: Final = 16_384
_COVERS: Final = 26
"""Of 255: where a picture is less opaque, nobody sees that there is anything to click on."""

_LAMP: Final = 6
"""Points: the radius of the dot that says that a clip is recorded."""
_RED: Final = (0.93, 0.26, 0.24, 1.0)
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in widths of the frame from its left and heights from its top, 0..1."""


class Companion:
    """Moves and sizes one window. Parameter: its `handle`, of a window that is transparent."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._held: tuple[float, float] | None = None
        self._through: bool | None = None
        self._seen = (0.0, 0.0, 1.0, 1.0)
        self.stand_in_the_corner()

    def pass_through(self, through: Callable[[], bool]) -> None:
        """Whether clicks go to what lies below, as `through` says. It is not asked while the window is
        held."""
        if self._held is None and (now := through()) != self._through:
            self._through = now
            glfw.set_window_attrib(self._handle, glfw.MOUSE_PASSTHROUGH, int(now))

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

    def grow(self, steps: float, beside: int = 0, above: int = 0) -> None:
        """Larger, or smaller; the middle of its lower edge stays where it is. `beside`, `above`: so much of
        its width and height is not the picture's, and stays."""
        width, height = glfw.get_window_size(self._handle)
        left, top = glfw.get_window_pos(self._handle)
        before = max(1, width - beside)
        wide = min(_MOST, max(_LEAST, round(before * STEP**steps)))
        high = max(1, round((height - above) * wide / before)) + above
        glfw.set_window_size(self._handle, wide + beside, high)
        glfw.set_window_pos(self._handle, left + (before - wide) // 2, top + height - high)

    def stand_in_the_corner(self, seen: Box = (0.0, 0.0, 1.0, 1.0)) -> None:
        """Of the desktop, below and at the right. `seen`: the box of what is seen in the window."""
        self._seen = seen
        monitor = glfw.get_primary_monitor()
        if monitor:
            left, top, width, height = glfw.get_monitor_workarea(monitor)
            wide, high = (
                round(share * side)
                for share, side in zip(seen[2:], glfw.get_window_size(self._handle), strict=True)
            )
            glfw.set_window_pos(self._handle, left + width - wide, top + height - high)

    def draw_lamp(self, screen: moderngl.Framebuffer, fit: Fit) -> None:
        """A red dot on the screen at the figure's upper right, where `fit` is the frame's place on it: the
        window has no title that could say that a clip is recorded."""
        radius = round(_LAMP * glfw.get_window_content_scale(self._handle)[0])
        across = fit.left + round(self._seen[2] * fit.width) - radius
        up = fit.bottom + round((1.0 - self._seen[1]) * fit.height) - radius
        for row in range(-radius, radius):
            half = round(sqrt(radius**2 - (row + 0.5) ** 2))
            screen.clear(color=_RED, viewport=(across - half, up + row, 2 * half, 1))


def seen_box(compositor: Compositor, size: Size) -> Box:
    """The box of what the last frame shows; all of the frame where nothing is seen. Waits for the GPU. `size`
    of the frame."""
    picture = np.empty((size.height, size.width, 4), np.uint8)
    compositor.read_into(picture)
    seen = picture[..., 3] >= _COVERS
    if not seen.any():
        return 0.0, 0.0, 1.0, 1.0
    columns, rows = (np.flatnonzero(seen.any(axis=axis)) for axis in (0, 1))
    left, top, right, bottom = map(int, (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    return left / size.width, top / size.height, right / size.width, bottom / size.height


class Silhouette:
    """Says where the last frame shows something. Belongs to the window's thread.

    One pixel is read, of the frame that was drawn last, and so long ago that no GPU has to be waited for.
    Parameters: `compositor`, `size` of its frames.
    """

    def __init__(self, ctx: moderngl.Context, compositor: Compositor, size: Size) -> None:
        self._compositor, self._size = compositor, size
        with compositor.current():
            self._pixel = ctx.framebuffer([ctx.texture((1, 1), 4)])

    def is_at(self, place: tuple[float, float]) -> bool:
        """Whether it covers a place, in pixels of the frame from its top left."""
        x, y = floor(place[0]), floor(place[1])
        width, height = self._size
        if not (0 <= x < width and 0 <= y < height):
            return False
        # The whole frame, of which this pixel alone lies on the target.
        with self._compositor.current():
            self._compositor.blit_to(self._pixel, (-x, y + 1 - height, width, height), over=False)
            return self._pixel.read(components=4)[3] >= _COVERS


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
