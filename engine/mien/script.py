"""The script: an append-only list of what happened when. Pictures are a pure function of it and time.

Times are integer samples at `clock.SAMPLE_RATE` on the session timeline.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError
from mien.lipsync.track import SpeechTrack


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A character begins to speak: sample `at` is the first of its audio, unless `heard_from` is."""

    at: int
    character: str
    turn: str
    track: SpeechTrack
    heard_from: int | None = None
    """Where the audio began, when that came to light after it had been shown without; None: at `at`."""

    @property
    def origin(self) -> int:
        """The sample at which the track begins."""
        return self.at if self.heard_from is None else self.heard_from


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn's last sample was before `at`."""

    at: int
    character: str
    turn: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class ExpressionSet:
    """The character's expression changes to `expression` (a name that the character has)."""

    at: int
    character: str
    expression: str
    weight: float = 1.0
    """1 is the whole expression; a listener's echo is weaker and touches only channels and lids."""


@dataclass(frozen=True, slots=True)
class GazeSet:
    """The character looks at a direction: gaze (x, y) in -1..1, as the gaze channels."""

    at: int
    character: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class GestureSet:
    """Arms go to a gesture of the character; `""` is rest."""

    at: int
    character: str
    gesture: str


@dataclass(frozen=True, slots=True)
class Nod:
    """One nod of the head, `depth` in 0..1 (negative: a small upward nod)."""

    at: int
    character: str
    depth: float = 1.0


@dataclass(frozen=True, slots=True)
class DrawingSet:
    """A slot shows another drawing until told otherwise (an outfit). `""` shows nothing, None releases."""

    at: int
    character: str
    slot: str
    drawing: str | None


Event: TypeAlias = TurnStarted | TurnEnded | ExpressionSet | GazeSet | GestureSet | Nod | DrawingSet

_AT = attrgetter("at")

FULL_WEIGHT = 0.5
"""An ExpressionSet below this weight is an echo: it moves channels only."""


def lane_of(event: Event) -> str:
    """What an event competes with: only events of one lane replace each other.

    `turn`, `expression`, `echo`, `gaze`, `gesture`, `nod`, or `drawing:SLOT`.
    """
    match event:
        case TurnStarted() | TurnEnded():
            return "turn"
        case ExpressionSet():
            return "expression" if event.weight >= FULL_WEIGHT else "echo"
        case GazeSet():
            return "gaze"
        case GestureSet():
            return "gesture"
        case Nod():
            return "nod"
        case DrawingSet():
            return f"drawing:{event.slot}"


_NO_LANES: Mapping[str, Sequence[Event]] = {}


@dataclass(slots=True)
class Script:
    """Events per character, kept in order of time; equal times keep the order of appending.

    Owned by one thread. `sealed` is the last time that was shown: nothing may be added at or before
    it, or a picture already shown would have been wrong.
    """

    seed: int = 0
    """Seeds every random choice of motion and direction."""
    sealed: int = -1
    _events: dict[str, list[Event]] = field(default_factory=dict)
    _turns: dict[str, list[Event]] = field(default_factory=dict)
    _lanes: dict[str, dict[str, list[Event]]] = field(default_factory=dict)
    _floor: list[Event] = field(default_factory=list)

    def append(self, event: Event) -> None:
        """Add an event. Raises ScriptError when its time has been shown already."""
        if event.at <= self.sealed:
            raise ScriptError(
                f"{type(event).__name__} for {event.character!r} is at {event.at / SAMPLE_RATE:.3f} s, but "
                f"{self.sealed / SAMPLE_RATE:.3f} s has been shown; give a later time."
            )
        insort(self._events.setdefault(event.character, []), event, key=_AT)
        if isinstance(event, TurnStarted | TurnEnded):
            insort(self._turns.setdefault(event.character, []), event, key=_AT)
            insort(self._floor, event, key=_AT)
        lanes = self._lanes.setdefault(event.character, {})
        insort(lanes.setdefault(lane_of(event), []), event, key=_AT)

    def of(self, character: str) -> Sequence[Event]:
        """The character's events in order of time (a live view; do not change it)."""
        return self._events.get(character, ())

    def lanes(self, character: str) -> Mapping[str, Sequence[Event]]:
        """The character's events by lane (see `lane_of`), each in order of time (live views)."""
        return self._lanes.get(character, _NO_LANES)

    @property
    def floor(self) -> Sequence[Event]:
        """TurnStarted and TurnEnded of everybody, in order of time (a live view)."""
        return self._floor

    def last_turns(self, character: str, at: int) -> Sequence[Event]:
        """The character's last two TurnStarted or TurnEnded at or before sample `at`, oldest first."""
        turns = self._turns.get(character)
        if not turns:
            return ()
        end = bisect_right(turns, at, key=_AT)
        return turns[max(0, end - 2) : end]

    def until(self, character: str, at: int) -> Sequence[Event]:
        """The character's events at or before sample `at`."""
        events = self._events.get(character)
        return events[: bisect_right(events, at, key=_AT)] if events else ()
