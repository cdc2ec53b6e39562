"""Turns and cues as values: what one character says, and what it does while saying it.

A conversation file is read into these; a host that embeds Mien makes them itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from mien.audio import AudioInput, Source
from mien.audio.path_source import PathSource
from mien.errors import ScriptError
from mien.lipsync.schemes import SCHEMES, Scheme
from mien.messages import quoted
from mien.script import Side
from mien.talk.places import Place

MAX_GAP_S = 86_400
MAX_OVERLAP_S = 30
"""Seconds that a turn may wait for, and that it may begin before those before it have ended."""
GAPS: Final = f"seconds from -{MAX_OVERLAP_S}, over the end of the turn before, to {MAX_GAP_S}"
"""Which gaps there are, for messages."""

CueKind = Literal[
    "expression", "gaze", "gesture", "nod", "burst", "drawing", "enter", "leave", "move", "swap"
]
CUE_KINDS: tuple[CueKind, ...] = get_args(CueKind)
Transition = Literal["slide", "fade"]
TRANSITIONS: tuple[Transition, ...] = get_args(Transition)

VisemeScheme: TypeAlias = Scheme
VISEME_SCHEMES = SCHEMES


@dataclass(frozen=True, slots=True)
class Staging:
    """Who comes, goes or moves, and how: the value of a cue of the kind enter, leave, move or swap."""

    who: str = ""
    """A cast key; `""`: who speaks."""
    place: Place | None = None
    """Where to: a name or x, alone or with y, as of `CastEntry`. None: where it has its place, or is spread
    with the others."""
    size: float | None = None
    """As of `CastEntry`; None: as it was."""
    side: Side | None = None
    """Of the frame, to come from or go to; None: the nearer one, past as few of the others as can be."""
    transition: Transition = "slide"
    """`slide`: from or to beside the frame; `fade`: by opacity, on a stage that was opened with fades."""
    seconds: float | None = None
    """How long it takes, eased at both ends, up to 5; 0 is a cut. None: 0.9 to come or go, 0.7 to move."""
    other: str = ""
    """Of a swap: with whom. One of the two who is off stage comes for the other, who goes."""


CueValue: TypeAlias = str | float | tuple[float, float] | Staging | None


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that the speaker does at a time of a turn."""

    at_s: float
    """Seconds from the turn's first sample, 0 or more. Not used when `fraction` is given."""
    kind: CueKind
    value: CueValue
    """`expression`: its name, or a label that the character maps to one. `gaze`: "viewer", a cast key,
    or (x, y) in -1..1 as the gaze channels. `gesture`: its name, "" for rest. `nod`: depth in -1..1.
    `burst`: one of `script.BURSTS`, a laugh, a sigh or a breath.
    `drawing`: the drawing's name, "" for nothing, None to release the slot.
    `enter`, `leave`, `move`, `swap`: a `Staging`, or the key of whom it is for, "" for who speaks (of `swap`:
    of whom to exchange places with)."""
    slot: str = ""
    """For `drawing`: which slot."""
    fraction: float | None = None
    """Share of the turn's length in 0..1, for a turn without word times; see `tags.cues_of`."""


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word and when it is heard."""

    text: str
    start_s: float
    """Seconds from the turn's first sample."""
    end_s: float
    """`start_s` or later."""


@dataclass(frozen=True, slots=True)
class VisemeTimings:
    """Mouth shapes with their times, as a synthesizer gave them. They win over what the audio says."""

    scheme: VisemeScheme
    """Whose names the labels are: `oculus` (sil, PP, ... U), `rhubarb` (A-H, X), `azure` and `sapi`
    (0-21), `vrm` (aa, ih, ou, ee, oh); phones as `ipa`, `espeak` (espeak-ng's mnemonics) or `arpabet`;
    or `words`, from whose English spelling phones are guessed."""
    marks: tuple[tuple[str, float, float], ...]
    """(label, start, end) in seconds from the turn's first sample, in order of start."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One character's speech. `mien.talk.say` makes one from text with inline tags."""

    key: str
    """Its own name within the conversation; events and errors use it."""
    speaker: str
    """Cast key."""
    audio: AudioInput | None
    """None only for a turn that is read for its text and never queued."""
    text: str = ""
    """What is said, without tags."""
    words: tuple[Word, ...] = ()
    """In order; empty when their times are not known."""
    cues: tuple[Cue, ...] = ()
    """In the order they were written; `tags.cues_of` gives them in order of time."""
    gap_s: float = 0.0
    """Silence before this turn, in seconds; negative: for how long it speaks over those before it."""
    timings: VisemeTimings | None = None
    folder: Path | None = None
    """Where its audio file has to lie also when it is opened; None: anywhere."""

    @property
    def source(self) -> AudioInput | Source | None:
        """Its audio, as whoever opens it is given it."""
        if self.folder is not None and isinstance(self.audio, Path):
            return PathSource(self.audio, self.folder)
        return self.audio


def already_queued(key: str) -> str:
    """What is said of a turn whose key another has."""
    return f"a turn called {quoted(key)} is already queued; give each turn its own key."


def check_gap(turn: Turn) -> None:
    """Raises ScriptError for a gap that cannot be kept."""
    if not -MAX_OVERLAP_S <= turn.gap_s <= MAX_GAP_S:
        raise ScriptError(
            f"turn {quoted(turn.key)} has a gap of {quoted(turn.gap_s)} s; give seconds of silence up to "
            f"{MAX_GAP_S}, or down to -{MAX_OVERLAP_S} to speak over the end of the turn before."
        )
