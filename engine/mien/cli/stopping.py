"""Being told to end: Ctrl-C, SIGTERM and SIGHUP are one thing to every command. Nothing heavy is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIG_DFL, SIG_IGN, SIGINT, Signals, getsignal, raise_signal, signal
from threading import current_thread, main_thread
from types import FrameType
from typing import Final

_INSISTS: Final = 10
"""Told so many times, the program ends at once, whatever becomes of what it writes."""


class Stopped(KeyboardInterrupt):
    """The program was told to end: SIGTERM, or SIGHUP when its terminal is gone. The same as Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise Stopped here, as Ctrl-C raises KeyboardInterrupt, and each only once.

    What is told again while the command ends is ignored: closing half of what a driver holds ends in a crash,
    and a file in nothing. Whoever insists ends it at once. A signal that is ignored stays so:
    `nohup mien render` goes on when its terminal is closed.
    """
    before = {}
    stop = _Stop()
    try:
        if current_thread() is main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(Signals, name, None)
                if number is not None and getsignal(number) is not SIG_IGN:
                    before[number] = signal(number, stop)
        yield
    finally:
        for number, handler in before.items():
            signal(number, handler)


def stopped_by(stopped: KeyboardInterrupt, kept: str = "") -> int:
    """Say that the command was stopped, and return its exit status. `kept`: what there is of it."""
    with suppress(OSError):  # the terminal may be gone
        print("mien: stopped" + (f"; {kept}." if kept else "."), file=sys.stderr, flush=True)
    return 128 + (stopped.number if isinstance(stopped, Stopped) else 2)


class _Stop:
    """What is done when a signal comes."""

    def __init__(self) -> None:
        self._times = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self._times += 1
        if self._times == 1:
            raise KeyboardInterrupt if number == SIGINT else Stopped(number)
        if self._times >= _INSISTS:
            signal(number, SIG_DFL)
            raise_signal(number)
