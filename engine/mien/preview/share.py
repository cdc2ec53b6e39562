"""How much the panel does in a frame: as many of its steps as fit into its share, and one at least."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time_ns
from typing import Final

_MOST_MS: Final = 0.9
"""Processor time of a frame that steps share. With what a frame takes in any case (its copy to the window)
it is half of what the panel may take."""
_FADES: Final = 0.9
"""How much of the most that a step took is expected the next time, where it takes less."""


class Share:
    """The share of one frame after another. `clock`: the frame thread's processor time in ns."""

    def __init__(self, clock: Callable[[], int] = thread_time_ns) -> None:
        self._clock = clock
        self._begun_ns = 0
        self._is_fresh = True
        """No step was done in this frame yet."""
        self._took: dict[str, float] = {}
        """What each step takes, in ms: the most of the last times, and a little less each time."""

    def begin(self) -> None:
        """A frame begins."""
        self._begun_ns, self._is_fresh = self._clock(), True

    def fits(self, step: str) -> bool:
        """Whether a step is to be done in this frame yet."""
        left_ms = _MOST_MS - (self._clock() - self._begun_ns) / 1e6
        return self._is_fresh or self._took.get(step, _MOST_MS) <= left_ms

    def do(self, step: str, call: Callable[[], object]) -> None:
        """Do it."""
        self._is_fresh, begun_ns = False, self._clock()
        call()
        took_ms = (self._clock() - begun_ns) / 1e6
        self._took[step] = max(took_ms, _FADES * self._took.get(step, 0.0))
