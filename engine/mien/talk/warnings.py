"""What went wrong in a session, one sentence each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from mien.bounded_cache import BoundedCache
from mien.messages import quoted
from mien.observe.stops import Stops

_MOST: Final = 1000
"""Warnings kept; the oldest are forgotten first."""


class Warnings(deque[str]):
    """The latest. Owned by the frame's thread, read by any. Parameter `failure`: of the sound device at the
    start, which is told otherwise."""

    def __init__(self, failure: str | None = None) -> None:
        super().__init__(maxlen=_MOST)
        self._failure = failure
        self._told = BoundedCache[str, frozenset[str]](_MOST)
        """By the key of a turn what was told of it when it was queued. Its last cues come behind its end."""
        self._stopped_ns = 0

    def of_turn(self, key: str, reason: str) -> None:
        """Something about a turn, unless it was told when the turn was queued."""
        if reason not in (self._told.get(key) or ()):
            self.append(f"turn {quoted(key)}: {reason}")

    def of_queued(self, key: str, reasons: Iterable[str]) -> None:
        """What is known already of a turn that was queued just now; it is not told again when it happens."""
        told = dict.fromkeys(reasons)
        self.extend(f"turn {quoted(key)}: {reason}" for reason in told)
        if told or self._told.get(key):  # of a turn before it that went by the same key
            self._told.put(key, frozenset(told))

    def of_device(self, failure: str | None) -> None:
        """Why a session no longer plays, None while it does; told when it changes."""
        if failure != self._failure:
            self._failure = failure
            self.append(failure or "the sound device is back.")

    def of_stops(self, stops: Stops | None) -> None:
        """The process did not run for a while, where that is so."""
        if stops is not None and stops.lost_ns != self._stopped_ns:
            lost_s, self._stopped_ns = (stops.lost_ns - self._stopped_ns) / 1e9, stops.lost_ns
            self.append(
                f"the process did not run for {lost_s:.1f} s (it was stopped, or the machine slept or was "
                "too busy); the session went on from where it was."
            )
