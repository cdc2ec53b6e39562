"""Ctrl-C held back from what has to be done to its end; what a handler of a signal comes within; waits into
which both may come."""

from __future__ import annotations

# `signal` looks its names up in enumerations, which takes 45 us a block instead of 3.
import _signal  # type: ignore[import-not-found]
import inspect
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import FrameType
from typing import Final

_LOOK_S: Final = 1.0
"""Longest that who waits goes without a look: whoever should have rung may have been broken off."""


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


class HeldBack:
    """`with HeldBack():` has Ctrl-C that comes in the block do behind it what it does, by Python or by a
    handler of the program's: for what is short, waits for nobody, and would be half done. Elsewhere than on
    the main thread, which it comes on, nothing is changed.
    """

    def __enter__(self) -> None:
        self._pressed: tuple[object, ...] | None = None
        self._handler: Callable[..., object] | None = None
        if threading.current_thread() is threading.main_thread():
            handler = _signal.getsignal(_signal.SIGINT)
            if callable(handler):
                self._handler = handler
                _signal.signal(_signal.SIGINT, self._press)

    def __exit__(self, *_: object) -> None:
        if self._handler is not None:
            if _signal.getsignal(_signal.SIGINT) == self._press:  # else it is somebody else's by now
                _signal.signal(_signal.SIGINT, self._handler)
            if self._pressed is not None:
                self._handler(*self._pressed)

    def _press(self, *told: object) -> None:
        self._pressed = told


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

    def set_aside(self) -> _Begun:
        """`with ongoing.set_aside():`, at a place where the call leaves all in order: in the block it does
        not count as going on."""
        return _Begun(self, aside=True)


class _Begun:
    """The block of a call that goes on, or of one within it that is set aside."""

    def __init__(self, ongoing: Ongoing, *, aside: bool = False) -> None:
        self._ongoing = ongoing
        self._aside = aside
        self._before: FrameType | None = None

    def __enter__(self) -> None:
        self._before = self._ongoing.call
        # Not by way of this call's own frame: one that names itself keeps all it was called from, and their
        # pictures, until the cyclic collector comes.
        self._ongoing.call = None if self._aside else sys._getframe(1)

    def __exit__(self, *_: object) -> None:
        self._ongoing.call = self._before


class Bell:
    """Has those who wait for something look whether it is so.

    Each of these calls may be broken off at any line, as by Ctrl-C, or come within another, as in a handler
    of a signal: nothing stays locked. A `threading.Condition`, of which an `Event` is made, that is broken
    off while it takes its lock back ends in a RuntimeError, and Ctrl-C is forgotten.
    """

    def __init__(self) -> None:
        self._waiting: deque[threading.Lock] = deque()

    def ring(self) -> None:
        """It may be so now. Never waits."""
        for _ in range(len(self._waiting)):
            with suppress(IndexError):  # another rings as well
                self._waiting.popleft().release()

    def wait_until(self, so: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Return when it is `so`, which is asked again at each ring; False after the timeout."""
        end_s = None if timeout_s is None else monotonic() + timeout_s
        while not so():
            left_s = _LOOK_S if end_s is None else min(_LOOK_S, end_s - monotonic())
            if left_s <= 0:
                return False
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
            try:
                if not so():  # since it stands here: what comes later is rung for
                    mine.acquire(timeout=left_s)
            finally:
                with suppress(ValueError):  # rung for
                    self._waiting.remove(mine)
        return True


class Flag:
    """As `threading.Event`, on a Bell."""

    def __init__(self) -> None:
        self._is_set = False
        self._bell = Bell()

    def is_set(self) -> bool:
        """Whether it is."""
        return self._is_set

    def set(self) -> None:
        """Set it: who waits goes on."""
        self._is_set = True
        self._bell.ring()

    def clear(self) -> None:
        """Take it back."""
        self._is_set = False

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until it is set; False after the timeout."""
        return self._bell.wait_until(self.is_set, timeout_s)


class RejoinableThread(threading.Thread):
    """A daemon thread whose end can be waited for, again and again where Ctrl-C comes in between.

    `join` cannot: when it is interrupted, Python before 3.13 takes the thread for ended (it releases the lock
    that the thread holds), and the next `join` returns at once.
    """

    def __init__(self, target: Callable[[], None], name: str) -> None:
        super().__init__(target=target, name=name, daemon=True)
        self._process = os.getpid()
        self._over = Flag()

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
