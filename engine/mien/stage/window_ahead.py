"""A window that is opened before it is known what it is to show, and shown once it is.

Opening one waits for the display and for the driver, half of it without the interpreter's lock: meanwhile a
thread loads the modules that the rest takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any, Final, NamedTuple

from mien.drawing_threads import drawing_threads
from mien.errors import MienError
from mien.interrupts import RejoinableThread
from mien.shader_cache import shader_cache
from mien.stage import window_probe
from mien.stage.glfw_library import without_cffi
from mien.threads import check_to_draw, start_thread
from mien.uncollected import uncollected

SIZE: Final = (1280, 720)
"""Of most windows, in pixels: of others none is opened ahead."""


class _Ahead(NamedTuple):
    handle: Any
    size: tuple[int, int]
    opened: ExitStack


_ready: list[_Ahead] = []


@contextmanager
def opened_ahead(modules: Sequence[str]) -> Iterator[None]:
    """Have a thread import `modules`, one after the other, and open a window of SIZE meanwhile, which nobody
    sees; `taken` takes it within the block. On the main thread.

    Nothing is raised for it: who opens a window of its own then is told why there can be none.
    """
    with ExitStack() as opened:
        try:
            if window_probe.display() is not None:
                opened.enter_context(window_probe.begun())
                check_to_draw()
                # Two threads that import what leads to the same find it half done: this one has nothing left
                # to import while the other does, and the block begins when that is over.
                with uncollected(stays=True):
                    with without_cffi():
                        import_module("mien.stage.glfw_window")
                    with _imported(modules):
                        _open(opened)
        except MienError:
            opened.close()
        yield


def is_ready() -> bool:
    """Whether a window can be taken."""
    return bool(_ready)


def taken(size: tuple[int, int], title: str, opened: ExitStack) -> Any:
    """The window that was opened ahead, if it is of this size, on the screen now with this title; None where
    there is none. `opened` closes it."""
    if not _ready or tuple(size) != _ready[-1].size:
        return None
    ahead = _ready.pop()
    opened.enter_context(ahead.opened)
    return _shown(ahead, title)


def shown(size: tuple[int, int], title: str, opened: ExitStack) -> Any:
    """The window that was opened ahead, or one that is opened now, on the screen with this title: it can
    still be taken. None where there can be none of this size: who opens one is told why. `opened` closes one
    that is opened now and that nobody takes."""
    if not _ready and window_probe.display() is not None:
        with suppress(MienError):
            _open(opened, (size[0], size[1]))
    return _shown(_ready[-1], title) if _ready and tuple(size) == _ready[-1].size else None


def _shown(ahead: _Ahead, title: str) -> Any:
    from mien.stage.glfw_window import errors_asked, glfw

    with errors_asked():
        glfw.set_window_title(ahead.handle, title)
        glfw.show_window(ahead.handle)
    return ahead.handle


def _open(opened: ExitStack, size: tuple[int, int] = SIZE) -> None:
    from mien.stage.glfw_window import window_of

    own = opened.enter_context(ExitStack())
    with drawing_threads(), shader_cache():
        handle = own.enter_context(window_of(size, "Mien", shown=False))
    _ready.append(_Ahead(handle, size, own.pop_all()))
    opened.callback(_close)


def _close() -> None:
    """End the window that nobody has taken."""
    while _ready:
        _ready.pop().opened.close()


@contextmanager
def _imported(modules: Sequence[str]) -> Iterator[None]:
    """A thread imports these; leaving the block waits for it, or, for an error, for the one that it is at."""
    left = deque(modules)

    def work() -> None:
        while left:
            try:
                import_module(left.popleft())
            except Exception:  # whoever needs it imports it again, and is told
                return

    thread = RejoinableThread(work, "mien-imports")
    start_thread(thread)
    try:
        yield
    except BaseException:
        left.clear()
        raise
    finally:
        thread.wait()
