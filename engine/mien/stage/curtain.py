"""What a window shows until its stage is ready: that something goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, Self, TypeVar

import moderngl

from mien.clock import Clock, RealClock
from mien.errors import Closed
from mien.interrupts import RejoinableThread
from mien.stage.glfw_window import Loader, errors_asked, glfw
from mien.stage.options import Rgba
from mien.threads import start_thread

_EVERY_S: Final = 1 / 30
_SELDOM_S: Final = 0.2
"""Longer than that between steps of something else, which each picture of the bar holds up."""
_TRACK: Final = 0.24
"""Of the window's width."""
_THICK: Final = 3
"""Points of the desktop."""
_LAPS: Final = 45
"""Frames in which the bar crosses its track."""
_MIDDLE: Final = 0.5
_FOOT: Final = 0.05
"""Of the window's height, from below: where the bar is, and where it is over a picture."""
_PATIENCE_S: Final = 0.5
"""For so long a picture stands without a bar before it moves."""
T = TypeVar("T")


class Loading(Generic[T]):
    """A thread that makes something. A context manager: leaving it waits for the thread."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._failed: list[BaseException] = []
        self._thread = RejoinableThread(self._run, "mien-loading")

    @property
    def is_over(self) -> bool:
        """It is made, or failed."""
        return bool(self._made or self._failed) or not self._thread.runs

    def result(self) -> T:
        """What was made; raises what making it raised. Waits."""
        self._thread.wait()
        for error in self._failed:
            raise error
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._make())
        except BaseException as error:
            self._failed.append(error)

    def __enter__(self) -> Self:
        start_thread(self._thread)
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.wait()


class Curtain:
    """A bar that moves. Parameters: `handle` of a window of glfw; `screen`, of its context; `behind` it, a
    premultiplied colour; `clock` that says when it moves on."""

    def __init__(
        self, handle: Any, screen: moderngl.Framebuffer, behind: Rgba, clock: Clock | None = None
    ) -> None:
        self._handle, self._screen, self._behind = handle, screen, behind
        self._clock = clock or RealClock()
        self._due_ns = self._clock.now_ns()
        self._nth = 0
        self._picture: Callable[[], object] | None = None
        # Until the stage listens itself.
        glfw.set_key_callback(handle, _closes)

    def show_until(self, is_over: Callable[[], bool]) -> None:
        """Until it is so. Raises Closed where the user closes the window first, by its button, Esc or Q."""
        while True:
            self._step()
            if is_over():
                return
            with errors_asked():
                glfw.wait_events_timeout(_EVERY_S)
            self._check()

    def go_on(self) -> None:
        """The same between two steps of something else on this thread: where it is due the bar moves on."""
        late_s = (self._clock.now_ns() - self._due_ns) / 1e9
        if late_s >= _SELDOM_S:
            self._nth += int(late_s / _EVERY_S)
            with errors_asked():
                glfw.poll_events()
            self._check()
            self._step()

    def open(self, picture: Callable[[], object]) -> None:
        """There is a picture, which `picture` brings to the back buffer: it is shown from now on. Where what
        is left takes long, the bar goes on over its foot."""
        with Loader(self._handle):
            picture()
            glfw.swap_buffers(self._handle)
        self._picture = picture
        self._due_ns = self._clock.now_ns() + round(_PATIENCE_S * 1e9)

    def _check(self) -> None:
        if glfw.window_should_close(self._handle):
            glfw.hide_window(self._handle)
            raise Closed("the window was closed while it was being loaded; open another.")

    def _step(self) -> None:
        self._draw(self._nth)
        self._nth += 1
        self._due_ns = self._clock.now_ns() + round(_EVERY_S * 1e9)

    def _draw(self, nth: int) -> None:
        width, height = glfw.get_framebuffer_size(self._handle)
        if width <= 0 or height <= 0:
            return
        with Loader(self._handle):
            if self._picture is None:
                self._screen.clear(color=self._behind)
            else:
                self._picture()
            track = max(8, round(width * _TRACK))
            thick = max(1, round(_THICK * glfw.get_window_content_scale(self._handle)[0]))
            share = _MIDDLE if self._picture is None else _FOOT
            left, bottom = (width - track) // 2, int((height - thick) * share)
            self._screen.clear(color=self._towards_light(0.25), viewport=(left, bottom, track, thick))
            bar = track // 4
            along = left + round(abs((2 * nth / _LAPS + 1) % 2 - 1) * (track - bar))  # there and back
            self._screen.clear(color=self._towards_light(0.75), viewport=(along, bottom, bar, thick))
            glfw.swap_buffers(self._handle)

    def _towards_light(self, share: float) -> Rgba:
        """What is behind, by this share lighter; where it is light, darker."""
        red, green, blue, alpha = self._behind
        light = 0.0 if red + green + blue > 1.5 else 1.0
        return (
            red + share * (light - red),
            green + share * (light - green),
            blue + share * (light - blue),
            max(alpha, share),
        )


def _closes(handle: Any, key: int, _code: int, action: int, _mods: int) -> None:
    if action == glfw.PRESS and key in (glfw.KEY_ESCAPE, glfw.KEY_Q):
        glfw.set_window_should_close(handle, True)
