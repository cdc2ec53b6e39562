"""What a host is told of turns, once it has been heard."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal

from mien.interrupts import HeldBack, Ongoing
from mien.talk.timed import Timed
from mien.talk.turns import Cue, Word

MOST = 10_000
"""Events kept for a host that never asks for them; those of the oldest turns are forgotten first."""


_ALWAYS = 1 << 60


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """Something that happened to a turn, counted from samples played."""

    kind: Literal["started", "word", "cue", "finished", "dropped"]
    """`word`: a timed word begins; `cue`: the character begins to follow one, or laughs, sighs or breathes
    with the sound; `dropped`: an interruption came before the turn's first sample was heard."""
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


@dataclass(slots=True, eq=False)
class _Telling:
    """What is still to be told of a turn that has begun, in order of time."""

    order: int
    started: TurnEvent
    cues: Timed[tuple[float, Cue]]
    words: Timed[Word]
    followed: Callable[[int, Cue], bool]
    heard: deque[TurnEvent] = field(default_factory=deque)
    """What was heard in its sound and is still to be told."""
    has_started: bool = False
    """Its start was told."""
    finished: TurnEvent | None = None

    def __len__(self) -> int:
        return len(self.cues) + len(self.words) + len(self.heard) + 2 - self.has_started

    def take(self, heard: int) -> Iterator[tuple[int, int, int, TurnEvent]]:
        """(sample, order of the turn, order within a sample, event) of what was before sample `heard`."""
        turn, speaker, begun = self.started.turn, self.started.speaker, self.started.at or 0
        over = self.is_over(heard)
        if over:  # with the last sample of the turn: its end is the one after it
            heard += 1
        if not self.has_started and begun < heard:
            self.has_started = True
            yield begun, self.order, 0, self.started
        for number, at, (at_s, cue) in self.cues.take(heard):
            if self.followed(number, cue):
                yield at, self.order, 1, TurnEvent("cue", turn, speaker, at, at_s, cue=cue)
        while self.heard and (self.heard[0].at or 0) < heard:
            event = self.heard.popleft()
            yield event.at or 0, self.order, 1, event
        for _, at, word in self.words.take(heard):
            yield at, self.order, 2, TurnEvent("word", turn, speaker, at, word.start_s, text=word.text)
        if over:
            assert self.finished is not None
            yield self.finished.at or 0, self.order, 3, self.finished

    def is_over(self, heard: int) -> bool:
        """Its last sample is before sample `heard`."""
        return self.finished is not None and (self.finished.at or 0) <= heard


class Events:
    """Events in order of time, kept until their time has been heard.

    The frame's thread adds, and any thread takes: each call holds a lock for as long as it changes the list.
    A handler of a signal that comes in such a call takes nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._changing = Ongoing()
        self._dropped: deque[tuple[int, int, TurnEvent]] = deque(maxlen=MOST)
        self._turns: deque[_Telling] = deque()
        self._running: dict[str, _Telling] = {}
        self._taken: list[TurnEvent] = []
        """Those that are about to be told."""
        self._kept = 0
        """Events of turns that have ended."""
        self._order = 0
        self._closed = False

    def __len__(self) -> int:
        """How many are still to be told."""
        with self._lock:
            return len(self._dropped) + sum(map(len, self._turns))

    def drop(self, event: TurnEvent, at: int = -1) -> None:
        """Tell at once of a turn that never began; behind what is told with it of up to sample `at`."""
        with self._lock, self._changing.begun():
            self._order += 1
            self._dropped.append((at, self._order, event))

    def begin(
        self,
        started: TurnEvent,
        cues: Timed[tuple[float, Cue]],
        words: Timed[Word],
        followed: Callable[[int, Cue], bool],
    ) -> None:
        """A turn begins: tell of it, of its words, and of its cues where they are `followed` (asked with the
        number of each), as heard."""
        with self._lock, self._changing.begun():
            self._order += 1
            telling = _Telling(self._order, started, cues, words, followed)
            self._turns.append(telling)
            self._running[started.turn] = telling
            # For a host that never asks. What it does ask for is gone from here soon after its end.
            while self._kept > MOST and self._turns[0].finished is not None:
                self._kept -= len(self._turns.popleft())

    def hear(self, turn: str, at: int, cue: Cue) -> None:
        """What a turn's sound says of itself is followed at sample `at` as `cue`."""
        with self._lock, self._changing.begun():
            telling = self._running[turn]
            telling.heard.append(TurnEvent("cue", turn, telling.started.speaker, at, cue.at_s, cue=cue))

    def end(self, finished: TurnEvent) -> None:
        """The turn ends: nothing of it is told that would have come later, and this last."""
        end = finished.at or 0
        with self._lock, self._changing.begun():
            telling = self._running.pop(finished.turn)
            telling.finished = finished
            for timed in (telling.cues, telling.words):
                timed.cut(end, at_end=not finished.interrupted)
            self._kept += len(telling)

    def close(self) -> None:
        """What is still to be told is told with the next call, whenever it was to be heard."""
        self._closed = True

    def take(self, heard: int) -> list[TurnEvent]:
        """What happened before sample `heard` and was not taken yet, oldest first."""
        with HeldBack():  # and none is lost with Ctrl-C
            self._taken += self._take(_ALWAYS if self._closed else heard)
        taken, self._taken = self._taken, []
        return taken

    def _take(self, heard: int) -> list[TurnEvent]:
        with self._lock:
            if self._changing:  # by the call that was interrupted on this thread: the next one tells
                return []
        with self._lock, self._changing.begun():
            taken = [(at, order, 0, event) for at, order, event in self._dropped]
            self._dropped.clear()
            for telling in self._turns:
                taken += telling.take(heard)
            self._turns = deque(telling for telling in self._turns if not telling.is_over(heard))
            self._kept = sum(len(telling) for telling in self._turns if telling.finished is not None)
        return [event for *_, event in sorted(taken, key=itemgetter(0, 1, 2))]
