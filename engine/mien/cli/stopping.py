"""Being told to end: Ctrl-C, SIGTERM and SIGHUP are one thing to every command. Nothing heavy is imported."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIG_DFL, SIG_IGN, SIGINT, Signals, default_int_handler, getsignal, raise_signal, signal
from threading import Timer, current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Final

from mien.cli.streams import tell

_FRAGILE: Final = ("moderngl", "glfw")
"""Libraries of C that do not look whether what they call back has raised."""
_FORGETS: Final = ("mien.observe.collector", "weakref")
"""Modules that Python calls at any time, and whose exceptions it prints and forgets."""
_AGAIN_S: Final = 0.02
"""After which a signal that came in the middle of one is sent again."""
_LOST_S: Final = 5.0
"""After which one more is heard: a library may have swallowed the first."""
_INSISTS: Final = 10
"""Told so many times, the program ends at once, whatever becomes of what it writes."""


class Stopped(KeyboardInterrupt):
    """The program was told to end: by Ctrl-C, SIGTERM, or SIGHUP when its terminal is gone.

    Not even Ctrl-C is a plain KeyboardInterrupt: one that has passed a text that was executed, as dataclasses
    do, is remembered by Python, which kills itself when `python -m` ends, whoever has caught it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable(*, to_the_end: bool = False) -> Iterator[None]:
    """Have Ctrl-C, SIGTERM and SIGHUP raise Stopped here, and each only once.

    What is told again while the command ends is ignored: closing half of what a driver holds ends in a crash,
    and a file in nothing. Whoever insists ends it at once. A signal that is ignored stays so:
    `nohup mien render` goes on when its terminal is closed.

    `to_the_end`: the program ends with what is done here. Once it has been told, it stays so until the
    process is gone: drivers and threads take a moment to close, and a second signal would take the status.
    """
    before = {}
    stop = _Stop()
    if to_the_end:
        # First of all, to be done last: behind it Python puts back what it found, and signals kill.
        atexit.register(stop.deafen)
    try:
        if current_thread() is main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(Signals, name, None)
                if number is not None and getsignal(number) is not SIG_IGN:
                    before[number] = signal(number, stop)
        yield
    finally:
        stop.numbers = tuple(before) if to_the_end and stop.told else ()
        for number, handler in before.items():
            if number not in stop.numbers:
                # Python's own for Ctrl-C would print a traceback of what is closed while the program ends.
                signal(number, SIG_DFL if to_the_end and handler is default_int_handler else handler)


def stopped_by(stopped: KeyboardInterrupt, kept: str = "") -> int:
    """Say that the command was stopped, and return its exit status. `kept`: what there is of it."""
    tell("mien: stopped" + (f"; {kept}." if kept else "."))
    return 128 + number_of(stopped)


def number_of(stopped: KeyboardInterrupt) -> int:
    """The number of the signal; of one that a library has raised that of Ctrl-C."""
    return stopped.number if isinstance(stopped, Stopped) else SIGINT


def _in_the_way(frame: FrameType | None) -> bool:
    """Whether a library is at work that crashes when what it calls in Python raises.

    Seen: moderngl in the middle of linking a program, one of 17 renders that were stopped while they loaded.
    """
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        # What a collection, a finalizer or `__del__` raises is printed and forgotten, and all goes on.
        if name.partition(".")[0] in _FRAGILE or name in _FORGETS or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _send(number: int) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), number)


class _Stop:
    """What is done when a signal comes."""

    def __init__(self) -> None:
        self.numbers: tuple[Signals, ...] = ()
        """Which are left to it when the program ends."""
        self._times = 0
        self._told_s = 0.0

    @property
    def told(self) -> bool:
        """Whether one has come."""
        return self._times > 0

    def deafen(self) -> None:
        """From now on none that is left to it does anything."""
        for number in self.numbers:
            signal(number, SIG_IGN)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._times == 0 and _in_the_way(frame):
            again = Timer(_AGAIN_S, _send, (number,))
            again.daemon = True
            again.start()
            return
        self._times += 1
        lost = monotonic() - self._told_s > _LOST_S and not self.numbers  # behind the end nothing is
        if self._times == 1 or lost:
            self._told_s = monotonic()
            raise Stopped(number)
        if self._times >= _INSISTS:
            signal(number, SIG_DFL)
            raise_signal(number)
