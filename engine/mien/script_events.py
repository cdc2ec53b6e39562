"""What a script is made of: events, each with its time and its character.

Times are integer samples at `clock.SAMPLE_RATE` on the session timeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, get_args

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import SpeechTrack
from mien.script_overrides import ChannelHeld as ChannelHeld
from mien.script_overrides import VisemeShown as VisemeShown
from mien.types import BurstKind

BURSTS: tuple[BurstKind, ...] = get_args(BurstKind)
StagingKind: TypeAlias = Literal["enter", "leave", "move", "swap"]
STAGINGS: tuple[StagingKind, ...] = get_args(StagingKind)
Side: TypeAlias = Literal["left", "right"]
SIDES: tuple[Side, ...] = get_args(Side)


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
    whom: str = field(default="", compare=False)
    """Who of the cast stands there; "" for nobody. Where they go, the look follows."""


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


@dataclass(frozen=True, slots=True)
class Staged:
    """What is asked of where somebody stands. It is in no script: when its time comes it becomes `Entered`,
    `Exited` and `Placed` of all whom it concerns."""

    at: int
    character: str
    kind: StagingKind
    lasts: int
    """Samples that it takes; 0: a cut."""
    place: tuple[float, float] | None = None
    """Where to, in widths and heights of the frame; None: as it was, or spread with the others."""
    size: float | None = None
    """As `CastEntry.size`; None: as it was."""
    side: Side | None = None
    """Of the frame, to come from or to go to; None: the nearer one."""
    fades: bool = False
    """Comes or goes by opacity, and not from or to a side."""
    other: str = ""
    """Of a swap: with whom."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The character stands somewhere else from now on, and goes there in `lasts` samples.

    It goes from where it is on its way, if it is: nothing jumps.
    """

    at: int
    character: str
    scale: float
    """Pixels of the frame to a pixel of its pages."""
    x: float
    y: float
    """Where the top left of its canvas is then, pixels of the frame."""
    lasts: int
    depth: float | None = None
    """Who has a higher one is drawn in front, from `at` on; None: as the cast has it."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The character comes on stage in `lasts` samples."""

    at: int
    character: str
    x: float
    y: float
    """How far from its place it begins, pixels of the frame."""
    fades: bool
    lasts: int


@dataclass(frozen=True, slots=True)
class Exited:
    """The character goes off stage: it is gone after `lasts` samples."""

    at: int
    character: str
    x: float
    y: float
    """How far from its place it is then, pixels of the frame."""
    fades: bool
    lasts: int


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
    | Staged
    | Placed
    | Entered
    | Exited
    | ChannelHeld
    | VisemeShown
)

FULL_WEIGHT = 0.5
"""An ExpressionSet below this weight is an echo: it moves channels only."""

FOLLOWED = SAMPLE_RATE * 80 // 1000
"""Longest that two positions of one moving target lie apart (80 ms, 12 a second). Eyes are as late as that
behind it, so that they know its way between any two positions."""


HOLD: Final = "hold:"
"""What the lanes of `ChannelHeld` begin with."""


def lane_of(event: Event) -> str:
    """What an event competes with: only events of one lane replace each other.

    `coming`, `turn`, `expression`, `echo`, `gaze`, `trail` (of a gaze that moves), `partner`, `gesture`,
    `nod`, `burst`, `place`, `presence`, `staged`, `viseme`, `drawing:SLOT`, or
    `hold:CHANNEL`.
    """
    if isinstance(event, ExpressionSet):
        return "expression" if event.weight >= FULL_WEIGHT else "echo"
    if isinstance(event, DrawingSet):
        return f"drawing:{event.slot}"
    if isinstance(event, ChannelHeld):
        return f"{HOLD}{event.channel}"
    return _LANES[type(event)]


_LANES: Final[Mapping[type[Event], str]] = {
    TurnComing: "coming",
    TurnStarted: "turn",
    TurnEnded: "turn",
    GazeSet: "gaze",
    GazeMoved: "trail",
    PartnerSet: "partner",
    GestureSet: "gesture",
    Nod: "nod",
    VocalBurst: "burst",
    Staged: "staged",
    Placed: "place",
    Entered: "presence",
    Exited: "presence",
    VisemeShown: "viseme",
}


def same(one: Event, other: Event) -> bool:
    """Whether two events ask the same of the same character, at whatever times."""
    if isinstance(one, GazeSet | GazeMoved) and isinstance(other, GazeSet | GazeMoved):
        return (one.character, one.x, one.y) == (other.character, other.x, other.y)
    return type(one) is type(other) and replace(one, at=other.at) == other
