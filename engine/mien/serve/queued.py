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
        self._lock = threading.Lock()

    def check(self, more: int) -> None:
        """Raises ScriptError where a turn with so many bytes of sound is too much."""
        with self._lock:
            turns, held = len(self._turns), sum(self._turns.values())
        if turns >= self._limits.turns:
            raise ScriptError(f"{turns} turns are queued, as many as may be: wait until one is over.")
        if held + more > self._limits.sound_bytes:
            raise ScriptError(
                f"{held >> 20} MiB of sound are queued, and {self._limits.sound_bytes >> 20} may be: wait "
                "until a turn is over, or send sound as a stream."
            )

    def add(self, turn: str, held: int) -> None:
        """A turn was queued."""
        with self._lock:
            self._turns[turn] = held

    def over(self, turn: str) -> None:
        """It is over."""
        with self._lock:
            self._turns.pop(turn, None)

    def clear(self) -> None:
        """None is left."""
        with self._lock:
            self._turns.clear()
