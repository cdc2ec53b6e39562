"""What a host pushes beside a feed's sound: which mouth shapes are spoken when."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mien.audio.queues import Queue
from mien.lipsync.timed import Timings


class TimingsPushed(ABC):
    """The part of a feed that is told of mouths."""

    @property
    @abstractmethod
    def _queue(self) -> Queue:
        """What the feed's turn holds of it."""

    def push_timings(self, timings: Timings, *, offset_s: float = 0.0) -> None:
        """Say which mouth shapes, or words, are spoken when, as a speech service tells beside its sound: a
        `mien.VisemeTimings` in seconds of this turn, or `offset_s` less. From any thread, in any order, also
        after `end()`; a mark that ends where it begins lasts until the next. What it tells of wins over what
        the sound says, and over what was told before; what was heard already is left as it was, and counted
        in a warning. Raises AudioRejected, FormatError."""
        self._queue.told.push(timings, offset_s)
