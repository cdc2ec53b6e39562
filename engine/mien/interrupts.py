"""Ctrl-C held back from what has to be done to its end, and what a handler of a signal comes within."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Callable
from types import FrameType


def defer_interrupts(*steps: Callable[[], object]) -> KeyboardInterrupt | None:
    """Do the steps, whatever the user presses; what they pressed, if they did, to be raised when all is done.

    A step that is interrupted is done again from its beginning, and one that has just ended may be: give such
    as do the same when they are done twice.
    """
    interrupted = None
    left = list(steps)
    while left:
        try:
            while left:
                left[0]()
                del left[0]
        except KeyboardInterrupt as error:
            interrupted = error
    return interrupted


class Ongoing:
    """Whether a call goes on: true, asked on its thread, as by a handler of a signal that came within it.

    Looked for among the calls that have not returned. A flag would stay where Ctrl-C breaks a call off at a
    line where no block ends in order.
    """

    def __init__(self) -> None:
        self.call: FrameType | None = None
        """What was begun last, also when it was broken off."""

    def __bool__(self) -> bool:
        if self.call is None:
            return False
        frame = inspect.currentframe()
        while frame is not None and frame is not self.call:
            frame = frame.f_back
        return frame is not None

    def begun(self) -> _Begun:
        """`with ongoing.begun():`, in the function that does it."""
        return _Begun(self)


class _Begun:
    """The block of a call that goes on."""

    def __init__(self, ongoing: Ongoing) -> None:
        self._ongoing = ongoing
        self._before: FrameType | None = None

    def __enter__(self) -> None:
        self._before = self._ongoing.call
        frame = inspect.currentframe()
        self._ongoing.call = None if frame is None else frame.f_back

    def __exit__(self, *_: object) -> None:
        self._ongoing.call = self._before


class RejoinableThread(threading.Thread):
    """A daemon thread whose end can be waited for, again and again where Ctrl-C comes in between.

    `join` cannot: when it is interrupted, Python before 3.13 takes the thread for ended (it releases the lock
    that the thread holds), and the next `join` returns at once.
    """

    def __init__(self, target: Callable[[], None], name: str) -> None:
        super().__init__(target=target, name=name, daemon=True)
        self._process = os.getpid()
        self._over = threading.Event()

    def run(self) -> None:
        """The thread's work."""
        try:
            super().run()
        finally:
            self._over.set()

    @property
    def elsewhere(self) -> bool:
        """Whether it is of the process that this one was forked off."""
        return self._process != os.getpid()

    @property
    def runs(self) -> bool:
        """Whether it has begun and not ended; in a process that was forked off no thread runs."""
        return self.ident is not None and not self.elsewhere and not self._over.is_set()

    def wait(self) -> None:
        """Until it has ended; not at all for one that was never started, or runs in another process."""
        if self.runs:
            self._over.wait()
            self.join()
