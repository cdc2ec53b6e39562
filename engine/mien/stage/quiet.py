"""When a run of frames is over."""

from __future__ import annotations

from typing import Final

from mien.arguments import seconds_of
from mien.clock import FrameRate, s_to_samples

TAIL_S: Final = 1.2
"""Seconds shown after the last turn, so that faces come to rest."""


class Quiet:
    """When a run of frames is over: so long after the last turn, or after so many seconds.

    Parameters: `rate`; `tail_s`; `seconds`, None for as long as it takes. Raises ScriptError.
    """

    def __init__(self, rate: FrameRate, tail_s: float, seconds: float | None) -> None:
        self._rate = rate
        self._tail = s_to_samples(seconds_of("tail_s", tail_s))
        self._frames = None if seconds is None else rate.frames(seconds)
        self.start(0)

    def start(self, first: int) -> None:
        """The run begins with the frame of this index."""
        self._quiet_from = first
        self._last = None if self._frames is None else first + self._frames

    def over(self, index: int, *, quiet: bool) -> bool:
        """Whether the frame of this index is not shown any more; `quiet`: all turns have been heard."""
        if self._last is not None and index >= self._last:
            return True
        if not quiet:
            self._quiet_from = index + 1
            return False
        return self._rate.sample(index - self._quiet_from) >= self._tail
