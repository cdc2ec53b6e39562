"""What a stage tells of itself when it is asked: values, each as it was when it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from mien.art.faults import CharacterFaults as CharacterFaults
from mien.art.looks import ExpressionState as ExpressionState
from mien.motion.owners import ChannelOwner as ChannelOwner
from mien.origin import Origin as Origin
from mien.talk.turn_log import TurnStatus as TurnStatus
from mien.types import Size

SlotOwner: TypeAlias = Literal["default", "expression", "mouth", "blink", "gesture", "host"]
"""Which behaviour says what a slot shows: `default` where nobody does, `host` what `wear`, `hold` of a lid or
`show_viseme` say."""


class ChannelState(NamedTuple):
    """A channel of a character (Live2D and VTube Studio: a parameter), as it was in the last frame."""

    # No dataclass: all of a character's are made again and again beside frames, and 26 of those take 0.2 ms.
    name: str
    low: float
    """Least value."""
    high: float
    """Greatest value."""
    rest: float
    """Value where nothing moves it."""
    value: float
    """As shown in the last frame, overrides included."""
    owner: ChannelOwner
    """Which behaviour has the say: without whom it would be furthest from there. `idle` is life by itself
    (sway, breath, posture), `mouth` what follows its own voice, `gaze` looks and what of the head goes with
    them, `cue` nods, bursts and what listening does, `physics` what hangs, `host` what `hold` and
    `show_viseme` say."""
    held: float | None
    """What `hold` asks for; None: nobody holds it, or it is let go."""
    because: str = ""
    """What of the owner it is: `expression happy`, `gesture wave`, `turn x, mood sad of expression sad`; ""
    where there is no more to say."""


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot of a character, as it was in the last frame."""

    name: str
    drawings: tuple[str, ...]
    """What it can show, by name, for `wear`."""
    default: str
    """The drawing shown where nothing asks for another; "" for nothing."""
    shown: tuple[tuple[str, float], ...]
    """(drawing, weight 0..1) in the last frame, the heaviest first; "" is nothing; more than one while it
    fades."""
    owner: SlotOwner
    """Who says so."""
    worn: str | None
    """What `wear` asks for: a drawing, or "" for nothing; None: nothing is worn."""
    solo: bool
    """It is among those that `solo` names."""
    mute: bool
    """It is among those that `mute` names."""
    clipped_to: str
    """The slot within whose shape it is drawn; "" for none."""
    together: tuple[str, ...]
    """The slots that were drawn with it as one picture in the last frame, itself among them, bottom to top;
    empty where it is drawn by itself."""
    because: str = ""
    """What of the owner it is, as of `ChannelState.because`; of a host `wear`, `hold` or `show_viseme`. Of a
    slot that shows nothing by itself, of a character that was made of art, why: `hidden in the art`."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Drawing -> where it comes from, of a character that was made of art; empty for others."""


@dataclass(frozen=True, slots=True)
class SlotOutline:
    """Where a slot draws something on the last frame."""

    slot: str
    drawing: str
    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
    """(x, y) of the drawing's box in pixels of the frame, from its top left clockwise: turned and scaled as
    the slot is. A mesh may bend what is in it beyond."""
    weight: float
    """0..1: how much of it is shown."""


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What a character has, by name: all that a host can ask it for."""

    expressions: tuple[str, ...]
    """For `set_expression`, in the order of its file."""
    labels: Mapping[str, str]
    """Label -> expression, of all other words that `set_expression` and tags in text take."""
    visemes: tuple[str, ...]
    """For `show_viseme`: the 15 of Oculus, each drawn or, along the fallback, by another."""
    gestures: tuple[str, ...]
    """For `gesture`; "" (rest) is not among them."""
    drawings: Mapping[str, tuple[str, ...]]
    """Slot -> drawings, for `wear`: of the slots that have a choice, or can be empty."""
    slots: tuple[str, ...]
    """Bottom to top, for `solo`, `mute` and `bounds`."""
    channels: tuple[str, ...]
    """For `hold`, in the order of `channels`."""
    mouth: str
    """The slot of the mouth."""


@dataclass(frozen=True, slots=True)
class AtlasPage:
    """A page of drawings."""

    number: int
    """What `page_picture` calls it."""
    size: Size
    """Pixels."""
    bytes: int
    """What it takes on the GPU while it is resident."""
    owner: str
    """Key of whose drawings are on it; "" for the background's."""
    drawings: tuple[str, ...]
    """`slot/drawing` of what is on it, as far as known: nothing for a background."""
    resident: bool
    """Its pixels are on the GPU."""
    changes: int = 0
    """How often some of them were exchanged there, since somebody was read anew."""


@dataclass(frozen=True, slots=True)
class Residency:
    """Counters of the pages of a stage."""

    pages: int
    resident: int
    bytes: int
    """Of all pages."""
    resident_bytes: int
    """Of those on the GPU."""
    budget: int | None
    """Bytes that may be resident; None: all pages are, always."""
    uploads: int
    """Pages brought to the GPU since the stage was opened, the first ones included."""
    evictions: int
    """Pages that made room for another. The misses that came of it are counted in the ledger."""


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """What of the session's time can be gone to with `seek`, in seconds of the session."""

    first_s: float
    """The earliest."""
    now_s: float
    """What the next frame shows."""
    newest_s: float
    """The latest that has been shown: before it everything is replayed."""
    last_s: float
    """The latest: up to where the turns that are queued are known."""
