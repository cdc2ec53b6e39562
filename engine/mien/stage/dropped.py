"""A stage that nobody closed: when nobody can reach it, what it holds is given back, with a warning."""

from __future__ import annotations

import atexit
import threading
import warnings
import weakref
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import moderngl

from mien.audio import AudioSession
from mien.composite.gl import Compositor
from mien.composite.gl.forked import is_forked
from mien.errors import ContextNotCurrent, NoThreads
from mien.threads import start_thread


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a stage has to give back, without a way back to the stage."""

    opened: ExitStack
    """Gives everything back, on the thread that opened it."""
    audio: AudioSession
    compositor: Compositor
    context: moderngl.Context
    own: bool
    """The context is the stage's own."""
    moves: bool
    """The context may be released on any thread: a window's may not."""
    owner: int
    """Ident of the thread that opened it."""

    def give_back(self) -> None:
        """On whatever thread this is."""
        if threading.get_ident() != self.owner:
            if self.own and not self.moves:
                # Whatever is the window's waits for its own thread, which ends the program.
                self.audio.close()
                atexit.register(self.opened.close)
                return
            if self.own:
                self.context.release()
            self.compositor.abandon()
        # In a program's context that is not current now nothing can be freed but by its end.
        with suppress(ContextNotCurrent):
            self.opened.close()


def give_back_if_dropped(stage: object, holdings: Holdings) -> weakref.finalize[Any, Any]:
    """Have it given back when nobody holds the stage any more. `detach` it when the stage is closed."""
    finalizer = weakref.finalize(stage, _dropped, type(stage).__name__, holdings)
    # At the end of the program the system frees it all.
    finalizer.atexit = False
    return finalizer


def _dropped(kind: str, holdings: Holdings) -> None:
    if is_forked():
        return
    if threading.get_ident() == holdings.owner:
        holdings.give_back()
    else:
        # The collector may run on one of the threads that are to end.
        try:
            start_thread(threading.Thread(target=holdings.give_back, name="mien-release"))
        except NoThreads:
            atexit.register(holdings.give_back)
    warnings.warn(
        f"a {kind} was dropped and is closed now: use it in a `with` block, or call close()",
        ResourceWarning,
        stacklevel=2,
    )
