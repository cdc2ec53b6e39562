"""The script: what happened when. Pictures are a pure function of it and time.

Times are integer samples at `clock.SAMPLE_RATE` on the session timeline. Events are only ever added; what no
picture from now on can depend on is dropped, so that a script is bounded however long a session lasts.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import attrgetter
from typing import Literal, TypeAlias, get_args

from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError
from mien.lipsync.track import SpeechTrack
from mien.messages import quoted

BurstKind: TypeAlias = Literal["laugh", "sigh", "breath"]
BURSTS: tuple[BurstKind, ...] = get_args(BurstKind)


@dataclass(frozen=True, slots=True)
class TurnComing:
    """A character is about to speak: it takes a breath, and its face moves ahead of the first word.

    Half a second before where the engine knows by then (a turn queued behind others, or with a gap). What
    comes of it may be late, and nothing when the turn is dropped.
    """

    at: int
    character: str
    turn: str
    starts: int
    """The sample at which the turn is expected to begin."""
    track: SpeechTrack
    """As that of the turn; what is decoded of it by then."""


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A character begins to speak: sample `at` is the first of its audio, unless `heard_from` is."""

    at: int
    character: str
    turn: str
    track: SpeechTrack
    heard_from: int | None = None
    """Where the audio began, when that came to light after it had been shown without; None: at `at`."""
    expected: int | None = None
    """Samples from `origin` to the turn's end, as far as file or text tell; None when nothing does."""
    accents: tuple[int, ...] = ()
    """Samples from `origin` to where long words begin, where the host has given their times."""

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
class GazeMoved:
    """What the character looks at has moved to (x, y): eyes and head follow it without a saccade.

    It belongs to the last GazeSet before it, and is at most `FOLLOWED` later than the one before.
    """

    at: int
    character: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PartnerSet:
    """Whom the character deals with stands in direction (x, y), as the gaze channels: eyes go there by
    themselves, now and then."""

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
class VocalBurst:
    """A laugh, a sigh or a breath: the body's part in it. The mouth follows the sound, if there is one."""

    at: int
    character: str
    kind: BurstKind


@dataclass(frozen=True, slots=True)
class DrawingSet:
    """A slot shows another drawing until told otherwise (an outfit). `""` shows nothing, None releases."""

    at: int
    character: str
    slot: str
    drawing: str | None


Event: TypeAlias = (
    TurnComing
    | TurnStarted
    | TurnEnded
    | ExpressionSet
    | GazeSet
    | GazeMoved
    | PartnerSet
    | GestureSet
    | Nod
    | VocalBurst
    | DrawingSet
)

_AT = attrgetter("at")

FULL_WEIGHT = 0.5
"""An ExpressionSet below this weight is an echo: it moves channels only."""

FOLLOWED = SAMPLE_RATE * 80 // 1000
"""Longest that two positions of one moving target lie apart (80 ms, 12 a second). Eyes are as late as that
behind it, so that they know its way between any two positions."""

KEPT = 10 * SAMPLE_RATE
"""Span before `sealed` of which every event is kept: motion looks back 6.5 s at most, and from there ..."""

KEPT_EVENTS = 8
"""... at so many events more of a kind, which are kept however old they are."""

_LOOKED_AT = 128
"""Events added between two looks at what can be dropped."""


def lane_of(event: Event) -> str:
    """What an event competes with: only events of one lane replace each other.

    `coming`, `turn`, `expression`, `echo`, `gaze`, `trail` (of a gaze that moves), `partner`, `gesture`,
    `nod`, `burst`, or `drawing:SLOT`.
    """
    match event:
        case TurnComing():
            return "coming"
        case TurnStarted() | TurnEnded():
            return "turn"
        case ExpressionSet():
            return "expression" if event.weight >= FULL_WEIGHT else "echo"
        case GazeSet():
            return "gaze"
        case GazeMoved():
            return "trail"
        case PartnerSet():
            return "partner"
        case GestureSet():
            return "gesture"
        case Nod():
            return "nod"
        case VocalBurst():
            return "burst"
        case DrawingSet():
            return f"drawing:{event.slot}"


def same(one: Event, other: Event) -> bool:
    """Whether two events ask the same of the same character, at whatever times."""
    if isinstance(one, GazeSet | GazeMoved) and isinstance(other, GazeSet | GazeMoved):
        return (one.character, one.x, one.y) == (other.character, other.x, other.y)
    return type(one) is type(other) and replace(one, at=other.at) == other


_NO_LANES: Mapping[str, Sequence[Event]] = {}


@dataclass(slots=True)
class Script:
    """Events per character, kept in order of time; equal times keep the order of appending.

    Owned by one thread. Poses are asked for at `sealed` or later; what only earlier ones need is dropped.
    """

    seed: int = 0
    """Seeds every random choice of motion and direction."""
    sealed: int = -1
    """The last time that was shown: nothing may be added at or before it, or a picture already shown would
    have been wrong. Moved by `seal`."""
    version: int = 0
    """Another whenever events are added or dropped: what was worked out from them is out of date then."""
    _lanes: dict[str, dict[str, list[Event]]] = field(default_factory=dict)
    _floor: list[Event] = field(default_factory=list)
    _added: int = 0
    """Events since the last look at what can be dropped."""

    def append(self, event: Event) -> None:
        """Add an event. Raises ScriptError when its time has been shown already."""
        if event.at <= self.sealed:
            raise ScriptError(
                f"{type(event).__name__} for {quoted(event.character)} is at {event.at / SAMPLE_RATE:.3f} s, "
                f"but {self.sealed / SAMPLE_RATE:.3f} s has been shown; give a later time."
            )
        if isinstance(event, TurnStarted | TurnEnded):
            insort(self._floor, event, key=_AT)
        lanes = self._lanes.setdefault(event.character, {})
        insort(lanes.setdefault(lane_of(event), []), event, key=_AT)
        self._added += 1
        self.version += 1

    def seal(self, at: int) -> None:
        """Say that sample `at` has been shown."""
        self.sealed = max(self.sealed, at)
        if self._added >= _LOOKED_AT:
            self._added = 0
            self._drop(self.sealed - KEPT)

    def of(self, character: str) -> Sequence[Event]:
        """The character's events in order of time."""
        return sorted(chain.from_iterable(self.lanes(character).values()), key=_AT)

    def lanes(self, character: str) -> Mapping[str, Sequence[Event]]:
        """The character's events by lane (see `lane_of`), each in order of time (live views)."""
        return self._lanes.get(character, _NO_LANES)

    def latest(self, character: str, lanes: Iterable[str]) -> Event | None:
        """The character's last event in any of some lanes; None when there is none."""
        own = self.lanes(character)
        return max((own[lane][-1] for lane in lanes if own.get(lane)), key=_AT, default=None)

    @property
    def floor(self) -> Sequence[Event]:
        """TurnStarted and TurnEnded of everybody, in order of time (a live view)."""
        return self._floor

    def last_turns(self, character: str, at: int) -> Sequence[Event]:
        """The character's last two TurnStarted or TurnEnded at or before sample `at`, oldest first."""
        turns = self.lanes(character).get("turn")
        if not turns:
            return ()
        end = bisect_right(turns, at, key=_AT)
        return turns[max(0, end - 2) : end]

    def _drop(self, before: int) -> None:
        """Drop what no pose at `sealed` or later can depend on: events before `before`, but for the last few
        of each lane."""
        self.version += 1
        floor = self._floor
        kept_from = max(0, bisect_right(floor, before, key=_AT) - KEPT_EVENTS)
        needed: set[int] = set()
        for lanes in self._lanes.values():
            for events in lanes.values():
                del events[: max(0, bisect_right(events, before, key=_AT) - KEPT_EVENTS)]
            # Whether a look has come to rest depends on the turns around its beginning, however long ago.
            gazes = lanes.get("gaze", [])
            if last := bisect_right(gazes, before, key=_AT):
                trail = lanes.get("trail", [])
                moved = bisect_right(trail, before, key=_AT)
                since = max(gazes[last - 1].at, trail[moved - 1].at if moved else 0)
                first = bisect_right(floor, since, key=_AT)
                needed.update(range(max(0, first - KEPT_EVENTS), min(first + KEPT_EVENTS, kept_from)))
        floor[:kept_from] = [floor[i] for i in sorted(needed)]
