"""How much is queued on a stage, of all clients together."""

from __future__ import annotations

import threading
from typing import Final

from mien.errors import ScriptError
from mien.serve.limits import Limits


class Queued:
    """Turns that are not over, and the sound that came with them. Parameter: `limits`. From any thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits: Final = limits
        self._turns: dict[str, int] = {}
        self._coming: list[int] = []
        """Sound of those that were taken and are not queued yet."""
        self._lock = threading.Lock()

    def take(self, more: int) -> None:
        """A turn with so many bytes of sound is to be queued: `queued` or `refused` is to follow. Raises
        ScriptError where it is too much."""
        with self._lock:
            turns = len(self._turns) + len(self._coming)
            held = sum(self._turns.values()) + sum(self._coming)
            if turns >= self._limits.turns:
                raise ScriptError(f"{turns} turns are queued, as many as may be: wait until one is over.")
            if held + more > self._limits.sound_bytes:
                raise ScriptError(
                    f"{held >> 20} MiB of sound are queued, and {self._limits.sound_bytes >> 20} may be: "
                    "wait until a turn is over, or send sound as a stream."
                )
            self._coming.append(more)

    def queued(self, turn: str, held: int) -> None:
        """It was queued."""
        with self._lock:
            self._coming.remove(held)
            self._turns[turn] = held

    def refused(self, held: int) -> None:
        """It was not."""
        with self._lock:
            self._coming.remove(held)

    def over(self, turn: str) -> None:
        """It is over."""
        with self._lock:
            self._turns.pop(turn, None)

    def clear(self) -> None:
        """None is left of those that were queued."""
        with self._lock:
            self._turns.clear()
