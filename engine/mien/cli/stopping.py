"""Being told to end: Ctrl-C, SIGTERM and SIGHUP are one thing to every command. Nothing heavy is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIG_IGN, Signals, getsignal, signal
from threading import current_thread, main_thread
from types import FrameType


class Stopped(KeyboardInterrupt):
    """The program was told to end: SIGTERM, or SIGHUP when its terminal is gone. The same as Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise Stopped here, as Ctrl-C raises KeyboardInterrupt.

    One that is ignored stays so: `nohup mien render` goes on when its terminal is closed.
    """
    before = {}
    try:
        if current_thread() is main_thread():
            for name in ("SIGTERM", "SIGHUP"):
                number = getattr(Signals, name, None)
                if number is not None and getsignal(number) is not SIG_IGN:
                    before[number] = signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal(number, handler)


def stopped_by(stopped: KeyboardInterrupt, kept: str = "") -> int:
    """Say that the command was stopped, and return its exit status. `kept`: what there is of it."""
    with suppress(OSError):  # the terminal may be gone
        print("mien: stopped" + (f"; {kept}." if kept else "."), file=sys.stderr, flush=True)
    return 128 + (stopped.number if isinstance(stopped, Stopped) else 2)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)
