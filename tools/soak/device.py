"""A sound device on a virtual clock: it has a rate of its own and a buffer, runs dry, goes and comes back."""

from __future__ import annotations

from typing import Final

from mien.audio.deck import Pulled
from mien.clock import SAMPLE_RATE, Clock

BLOCK: Final = 480
"""Samples (10 ms) that are pulled at once."""


class SimulatedDevice:
    """Pulls from `deck` ahead of what is heard, as a device's thread does that never waits for a core.

    A playout as of `mien.audio.playout.Playout`. Parameters: `deck`; `clock`. `pump` is to be called as often
    as time passes, by whoever lets it pass.
    """

    def __init__(self, deck: Pulled, clock: Clock) -> None:
        self.name = "simulated"
        self.failure: str | None = None
        self.buffer = 4 * BLOCK
        """Samples that it holds."""
        self.dry = 0
        """How often it had nothing to play."""
        self._deck, self._clock = deck, clock
        self._from_ns = clock.now_ns()
        self._from = float(deck.position)
        self._rate = float(SAMPLE_RATE)
        self._heard = deck.position
        self._closed = False

    def start(self) -> None:
        """Begin now."""
        self._from_ns = self._clock.now_ns()
        self.pump()

    def position(self) -> int:
        """Samples heard."""
        self._heard = max(self._heard, min(int(self._due()), self._deck.position))
        return self._heard

    def take_back(self) -> int:
        """What is in the buffer is not heard any more, if the session says so."""
        return self.position()

    def goes_on(self) -> None:
        """What is pulled from now on is heard."""

    def close(self) -> None:
        """Pull no more."""
        self._closed = True

    def pump(self) -> None:
        """Fill the buffer."""
        if self._closed:
            return
        due = self._due()
        if due > self._deck.position:
            # Nothing was pulled for longer than it holds: what is heard stood still meanwhile.
            self.dry += 1
            self._from, self._from_ns = float(self._deck.position), self._clock.now_ns()
            due = self._from
        while self._deck.position < due + self.buffer:
            self._deck.pull(BLOCK)

    def change(self, buffer: int, parts_per_million: float) -> None:
        """Another device: of another buffer in samples, and a clock that is off by so much."""
        self._from, self._from_ns = self._due(), self._clock.now_ns()
        self._rate = SAMPLE_RATE * (1 + parts_per_million * 1e-6)
        self.buffer = buffer

    def lose(self) -> None:
        """It is unplugged: the session goes on silently, by the clock of the machine."""
        self.failure = "the simulated device was unplugged"
        self.change(BLOCK, 0.0)

    def find(self, buffer: int, parts_per_million: float) -> None:
        """It is there again."""
        self.failure = None
        self.change(buffer, parts_per_million)

    def _due(self) -> float:
        return self._from + (self._clock.now_ns() - self._from_ns) * self._rate / 1e9
