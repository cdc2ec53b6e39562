"""What went wrong in a session, one sentence each."""

from __future__ import annotations

from collections import deque
from typing import Final

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
        self._in_advance: dict[str, str] = {}
        self._stopped_ns = 0

    def of_turn(self, key: str, reason: str) -> None:
        """Something about a turn."""
        self.append(f"turn {quoted(key)}: {reason}")

    def in_advance(self, key: str, reason: str) -> None:
        """Why a turn that was queued just now will not be whole, unless that is mended."""
        self._in_advance[key] = reason
        self.of_turn(key, reason)

    def ended(self, key: str, reason: str | None) -> None:
        """A turn has ended; why its audio was not whole, None when it was. What was told in advance is
        not told again."""
        if self._in_advance.pop(key, None) != reason and reason:
            self.of_turn(key, reason)

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
