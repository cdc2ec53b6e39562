"""How fast the machine is: a known loop of Python, timed at the start of a run and in its idle moments."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time_ns
from typing import Final

REFERENCE_US: Final = 80.0
"""What the loop takes on the machine that the figures of the docs are from: one core of an AMD EPYC with
CPython 3.11. Half of its speed is 160 us."""

SLACK_NS: Final = 4_000_000
"""A frame must not be due for so long: fifteen times what a look takes on the reference machine."""

_EVERY_NS: Final = 1_000_000_000
_ROUNDS: Final = 1000
LOOPS: Final = 3
"""Of a look, of which the fastest counts: the first finds its code in no cache."""


def loop_us(times: int = LOOPS, cpu_ns: Callable[[], int] = thread_time_ns) -> float:
    """What the loop takes, in microseconds of processor time: the fastest of so many.

    Of the thread's own time: other programs do not make it slower, a processor that is throttled does. It is
    Python's own work, and so depends on the version, as that of a frame does.
    """
    best_ns = 0
    for _ in range(times):
        begun_ns = cpu_ns()
        _loop()
        took_ns = cpu_ns() - begun_ns
        best_ns = min(best_ns, took_ns) if best_ns else took_ns
    return best_ns / 1000


class Speed:
    """Times the loop between frames, at most once a second. Belongs to the frame's thread.

    Parameters: `now_ns`, the clock of the frames; `look`, what times it.
    """

    def __init__(self, now_ns: Callable[[], int], look: Callable[[], float]) -> None:
        self._now_ns, self._look = now_ns, look
        self._looked_ns = now_ns()
        self._found: float | None = None

    def between(self, slack_ns: int) -> None:
        """After a frame: look, if the next one is not due for `slack_ns` nanoseconds, and it is time to."""
        if slack_ns < SLACK_NS:
            return
        now_ns = self._now_ns()
        if now_ns - self._looked_ns >= _EVERY_NS:
            self._looked_ns = now_ns
            self._found = self._look()

    def take(self) -> float | None:
        """Microseconds of the loop, once for each look; None when there was none since."""
        found, self._found = self._found, None
        return found


def _loop() -> int:
    value = 1
    for _ in range(_ROUNDS):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
    return value
