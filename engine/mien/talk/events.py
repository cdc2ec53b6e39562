"""What a host is told of turns, once it has been heard."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Literal

from mien.talk.turns import Cue

MOST = 10_000
"""Events kept for a host that never asks for them; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """Something that happened to a turn, counted from samples played."""

    kind: Literal["started", "word", "cue", "finished", "dropped"]
    """`word`: a timed word begins; `cue`: the character begins to follow one; `dropped`: an interruption
    came before the turn's first sample was heard."""
    turn: str
    speaker: str
    at: int | None
    """Sample of the session; None for a dropped turn."""
    position_s: float = 0.0
    """How much of the turn was played by then."""
    interrupted: bool = False
    damaged: str | None = None
    """Why the audio was not whole, in one sentence; None when it was."""
    text: str = ""
    """Of `word` the word, of `finished` as much of the turn's text as was heard."""
    cue: Cue | None = None
    """Of `cue`: which."""


@dataclass(frozen=True, slots=True)
class TurnPosition:
    """A turn that is heard now, and how far it has come."""

    turn: str
    speaker: str
    position_s: float
    """Seconds of it that have been heard."""


@dataclass(order=True, slots=True)
class _Item:
    at: int
    order: int
    event: TurnEvent = field(compare=False)


class Events:
    """Events in order of time, kept until their time has been heard.

    The frame's thread adds, and any thread takes: each call holds a lock for as long as it changes the list.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: list[_Item] = []
        self._order = 0

    def add(self, event: TurnEvent) -> None:
        """Tell of it once `event.at` has been heard; at once when that is None."""
        due = -1 if event.at is None else event.at
        if event.kind == "finished":
            due -= 1  # with the last sample of the turn, `at` is the one after it
        with self._lock:
            self._order += 1
            heappush(self._items, _Item(due, self._order, event))
            if len(self._items) > MOST:
                heappop(self._items)

    def forget(self, turn: str, after: int) -> None:
        """Drop the words and cues of a turn from sample `after` on: it has ended there."""
        with self._lock:
            self._items = [
                item
                for item in self._items
                if item.event.turn != turn or item.at < after or item.event.kind not in ("word", "cue")
            ]
            heapify(self._items)

    def take(self, heard: int) -> list[TurnEvent]:
        """What happened before sample `heard` and was not taken yet, oldest first."""
        taken = []
        with self._lock:
            while self._items and self._items[0].at < heard:
                taken.append(heappop(self._items).event)
        return taken
