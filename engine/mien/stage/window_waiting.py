"""A window that says that something goes on before there is a stage: that art is read, which it will show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from mien.composite.gl import context_over
from mien.stage import window_ahead
from mien.stage.art import clear_of
from mien.stage.curtain import Curtain, Loading
from mien.stage.glfw_window import Loader, glfw

T = TypeVar("T")


def made_meanwhile(
    size: tuple[int, int], title: str, opened: ExitStack, make: Callable[[], T], stop: Callable[[], object]
) -> T:
    """What `make` makes, on a thread; meanwhile a window of this size and title, which a stage takes
    afterwards, shows a bar that moves. `opened` closes one that none takes; where none can be opened, it is
    made all the same. On the main thread.

    Raises Closed where the user closes it, by its button, Esc or Q, and what `make` raises. `stop` is called
    where it is not to go on, and has `make` return.
    """
    handle = window_ahead.shown(size, title, opened)
    if handle is None:
        return make()
    loader = Loader(handle)
    with loader:
        glfw.swap_interval(1)
        context = context_over(loader)
    try:
        with Loading(make) as loading:
            try:
                Curtain(handle, context.screen, clear_of(None)).show_until(lambda: loading.is_over)
            except BaseException:
                stop()
                raise
            return loading.result()
    finally:
        context.release()
