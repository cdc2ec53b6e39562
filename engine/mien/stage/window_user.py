"""The part of a window that does what its user wants: keys, the pointer, and what is dropped on it."""

from __future__ import annotations

from pathlib import Path

from mien.stage.companion import Companion, Silhouette
from mien.stage.glfw_window import glfw
from mien.stage.hands import Hands
from mien.stage.window_camera import Filmed


class Steered(Filmed):
    """What keys, buttons and files that are dropped do."""

    _hands: Hands
    _silhouette: Silhouette | None = None

    def _dropped(self, paths: list[Path]) -> None:
        if self.on_drop is None:
            self.note("this window takes no files.")
        else:
            self.on_drop(paths, self._hands.whom)

    def _pressed(self, key: int, mods: int) -> None:
        if key in (glfw.KEY_ESCAPE, glfw.KEY_Q):
            glfw.set_window_should_close(self._handle, True)
        elif key == glfw.KEY_SPACE:
            self.interrupt()
        elif key == glfw.KEY_F:
            self._toggle_full_screen()
        elif key in (glfw.KEY_0, glfw.KEY_KP_0):
            self._hands.put_back()
        elif key in (glfw.KEY_R, glfw.KEY_S):
            self._film(still=key == glfw.KEY_S)

    def _pointed(self, place: tuple[float, float] | None) -> None:
        if self._companion is not None:
            self._companion.follow()
            return  # where the pointer is is looked at with each frame: it need not be over the window
        found = None if place is None else self._fit.in_frame(*place, self.size, self._pixels.height)
        self._hands.point(found, self._clock.now_ns())

    def _attend(self, companion: Companion) -> None:
        """A companion looks at the pointer wherever that is, and is clicked on where something of it is
        seen."""
        place = self._in_pixels(*glfw.get_cursor_pos(self._handle))
        found = self._fit.in_frame(*place, self.size, self._pixels.height, beside=True)
        self._hands.point(found, self._clock.now_ns())
        seen = self._silhouette
        assert seen is not None, "as of all companions"
        companion.pass_through(lambda: self._listener is None and (found is None or not seen.is_at(found)))

    def _clicked(self, button: int, action: int, mods: int) -> None:
        if button != glfw.MOUSE_BUTTON_LEFT:
            return
        if self._companion is not None:
            (self._companion.hold if action == glfw.PRESS else self._companion.let_go)()
        elif action == glfw.PRESS:
            self._hands.press(self._clock.now_ns())
        else:
            self._hands.release()

    def _scrolled(self, dy: float) -> None:
        if self._companion is not None:
            self._companion.grow(dy, self._beside.added, self._beside.above)
        else:
            self._hands.turn(dy)
