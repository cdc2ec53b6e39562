"""The timeline of a session's sound, as it is paused and gone through: back, where it was played, and on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.audio.deck import Deck
from mien.audio.decode import DecodeWorker
from mien.audio.playout import OfflinePull
from mien.clock import SAMPLE_RATE
from mien.interrupts import HeldBack

LONGEST_PULL: Final = SAMPLE_RATE
"""Offline, longer pulls are made in pieces of 1 s, well within what is decoded ahead."""

_AT_ONCE: Final = 5 * SAMPLE_RATE
"""Samples that are passed over at once, where they are decoded."""


class GoneThrough(ABC):
    """The part of an audio session on which time is stopped, and gone through."""

    _deck: Deck
    _offline: OfflinePull
    _worker: DecodeWorker

    @abstractmethod
    def _check(self) -> None:
        """Raises Closed where the session is."""

    @property
    def paused(self) -> bool:
        """Whether the timeline stands still, or is about to."""
        return self._deck.paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        """From any thread: nobody waits, and the next pull obeys."""
        self._deck.paused = paused

    @property
    def replays(self) -> bool:
        """Whether what is played next was played before."""
        return self._deck.replays

    def seek(self, at: int | None) -> int:
        """Go to a sample of the timeline that was played before and is kept; None: to the newest. Returns it;
        `position` is there at once. On the thread that draws."""
        with HeldBack():
            return self._deck.seek(at)

    @contextmanager
    def passed_over(self) -> Iterator[int]:
        """Nothing of the timeline is played in this block, or until a `seek`, whether it is paused or not: it
        is passed over. Nor is anything decoded that is not waited for. Gives the newest sample, which
        stays where it is but for `pass_over`."""
        with self._worker.way.wanted(asleep=True):
            try:
                with HeldBack():
                    newest = self._deck.stand_aside()
                yield newest
            finally:
                self._deck.passed_over = False

    def pass_over(self, n: int) -> None:
        """Let the newest of the timeline be n samples further, of which nobody hears anything. Waits for the
        decoder. On the thread that draws, where it is `passed_over`. Raises as `pull`."""
        self._check()
        for at in range(0, n, LONGEST_PULL):
            few = min(LONGEST_PULL, n - at)
            with HeldBack():
                here = self._deck.ready_to_pass(few)
            if not here:
                with self._worker.way.waited_for():
                    self._offline.wait(few, self._deck.ready_to_pass)
            with HeldBack():
                self._deck.pass_over(few)

    def uneventful(self) -> int:
        """How many samples, 5 s at most, can be passed over at once without anything that an event
        tells of. On the thread that draws."""
        with HeldBack():
            return self._deck.uneventful(_AT_ONCE)

    @property
    def next(self) -> int:
        """The sample of the timeline that is played next: `known`, but while something is replayed."""
        return self._deck.session

    @property
    def history(self) -> int:
        """Samples of sound that can be gone back to."""
        return self._deck.history.span
