"""A window of glfw, its context for moderngl, and its errors as ours."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from mien.errors import RendererUnavailable
from mien.installing import pip_install
from mien.stage.glfw_library import named
from mien.stage.window_probe import refuse_crashing, safe_path

with safe_path(), named():
    try:
        import glfw as glfw
    except ImportError as error:  # or Ctrl-C has ended a process that it looks for the library with
        raise RendererUnavailable(
            f"no window can be opened: its library glfw cannot be loaded ({error}); `{pip_install('glfw')}`, "
            "or use `mien render`, which needs no display."
        ) from error

_NOT_INITIALIZED = 0x00010001


class Loader:
    """How moderngl, and whatever makes the window's context current, gets at it."""

    standalone = True

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._before: list[Any] = []

    def load_opengl_function(self, name: str) -> int:
        """The address of a GL function, 0 for one that is not there."""
        return int(glfw.get_proc_address(name) or 0)

    def __enter__(self) -> None:
        self._before.append(glfw.get_current_context())
        glfw.make_context_current(self._handle)

    def __exit__(self, *exception: object) -> None:
        # glfw remembers by itself which of its windows is current: the program's, if one was.
        glfw.make_context_current(self._before.pop())

    def release(self) -> None:
        """The window's library frees it."""


@contextmanager
def errors_asked() -> Iterator[None]:
    """The binding's default is a warning for each error; here they are asked for and explained."""
    binding = cast(Any, glfw)
    before, binding.ERROR_REPORTING = binding.ERROR_REPORTING, False
    try:
        yield
    finally:
        binding.ERROR_REPORTING = before


@contextmanager
def window_of(
    size: tuple[int, int], title: str, *, companion: bool = False, shown: bool = True
) -> Iterator[Any]:
    """A window of glfw, which is ended with it unless the program had begun it before.

    `companion`: without a frame, transparent, and over others, as far as the desktop does that. `shown`: from
    the first; else `glfw.show_window` shows it.

    glfw's window hints are at their defaults afterwards: they cannot be asked for and put back.
    """
    with errors_asked():
        glfw.get_error()
        glfw.get_time()
        ours = cast(Any, glfw).get_error()[0] == _NOT_INITIALIZED
        if ours:
            refuse_crashing()
            # Not with our last window: the program, or another window of ours, may be using it by then.
            atexit.register(glfw.terminate)
        if ours and not glfw.init():
            raise RendererUnavailable(
                f"no window can be opened ({_glfw_error()}); run it in a desktop session, "
                "or use `mien render`, which needs no display."
            )
        glfw.default_window_hints()
        for hint, value in (
            (glfw.CONTEXT_VERSION_MAJOR, 3),
            (glfw.CONTEXT_VERSION_MINOR, 3),
            (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
            (glfw.OPENGL_FORWARD_COMPAT, True),
            (glfw.DEPTH_BITS, 0),
            (glfw.SCALE_TO_MONITOR, True),
            (glfw.TRANSPARENT_FRAMEBUFFER, companion),
            (glfw.DECORATED, not companion),
            (glfw.FLOATING, companion),
            (glfw.FOCUS_ON_SHOW, not companion),
            (glfw.VISIBLE, shown),
        ):
            glfw.window_hint(hint, value)
        handle = glfw.create_window(size[0], size[1], title, None, None)
        glfw.default_window_hints()
        reason = "" if handle else _glfw_error()
    if not handle:
        raise RendererUnavailable(
            f"no window with OpenGL 3.3 can be opened ({reason}); update the GPU driver, "
            "or use `mien render`."
        )
    try:
        yield handle
    finally:
        glfw.destroy_window(handle)


def _glfw_error() -> str:
    code, text = cast(Any, glfw).get_error()
    return text.decode(errors="replace") if text else f"glfw error {code}"
