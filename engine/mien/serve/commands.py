"""What a client sends, as msgspec structures: the `type` of each is its name in small letters. What is of its
session alone is in `session_commands`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from mien.script import BurstKind
from mien.serve.parts import (
    Command,
    CueValue,
    FromSide,
    How,
    Key,
    Large,
    MouthTimes,
    Name,
    Number,
    Point,
    Stands,
    Takes,
    TimedCue,
    WordTime,
)
from mien.serve.session_commands import (
    Audio as Audio,
)
from mien.serve.session_commands import (
    AudioFails as AudioFails,
)
from mien.serve.session_commands import (
    Frames as Frames,
)
from mien.serve.session_commands import (
    Hello as Hello,
)
from mien.serve.session_commands import (
    NoFrames as NoFrames,
)
from mien.serve.session_commands import (
    NoSounds as NoSounds,
)
from mien.serve.session_commands import (
    Offer as Offer,
)
from mien.serve.session_commands import (
    PushTimings as PushTimings,
)
from mien.serve.session_commands import (
    SessionCommand as SessionCommand,
)
from mien.serve.session_commands import (
    Sounds as Sounds,
)
from mien.serve.sounds import Sound
from mien.talk.turns import CueKind

# -- a turn -----------------------------------------------------------------------------------------


class Turn(Command, frozen=True, kw_only=True):
    """Somebody says something, behind what is queued. Answered with the turn's key."""

    speaker: Annotated[Key, Meta(description="Who of the cast.")]
    audio: Annotated[Sound, Meta(description="Its sound.")]
    text: Annotated[
        str, Meta(max_length=100_000, description="What is said. It may hold tags, as [happy].")
    ] = ""
    words: Annotated[
        tuple[WordTime, ...], Meta(max_length=20_000, description="When each is spoken, in order.")
    ] = ()
    cues: Annotated[
        tuple[TimedCue, ...], Meta(max_length=2000, description="What the speaker does meanwhile.")
    ] = ()
    gap_s: Annotated[
        Number,
        Meta(description="Silence before it, in seconds; below 0: so long it speaks over those before it."),
    ] = 0.0
    timings: Annotated[
        MouthTimes | None, Meta(description="Its mouth; null: as the sound says, and `push_timings`.")
    ] = None
    key: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)] | None,
        Meta(description="The turn's name in events, used once; null: one is made."),
    ] = None


# -- the stage --------------------------------------------------------------------------------------


class Cue(Command, frozen=True, kw_only=True):
    """Somebody does something now."""

    who: Key
    kind: Annotated[CueKind, Meta(description="What is done.")]
    value: CueValue = None
    slot: Annotated[Name, Meta(description="Of a drawing: where it is worn.")] = ""


class Expression(Command, frozen=True, kw_only=True):
    """A face, by its name or a label that maps to one."""

    who: Key
    name: Annotated[Name, Meta(description="One of `expressions` or `labels` of who it is, as `cast` tells.")]


class Gaze(Command, frozen=True, kw_only=True):
    """Eyes go to somebody of the cast, to `viewer`, to (x, y) in -1..1, or to a place in pixels."""

    who: Key
    at: Annotated[Name | Point, Meta(description="A key, `viewer`, or (x, y).")] = "viewer"
    pixels: Annotated[bool, Meta(description="(x, y) is a place on the frame, in pixels.")] = False


class Gesture(Command, frozen=True, kw_only=True):
    """Arms do one of the character's gestures; an empty name is rest."""

    who: Key
    name: Annotated[Name, Meta(description="One of `gestures`; empty: rest.")] = ""


class Nod(Command, frozen=True, kw_only=True):
    """One nod; `depth` in -1..1."""

    who: Key
    depth: Annotated[Number, Meta(description="-1 to 1; below 0: up.")] = 1.0


class Burst(Command, frozen=True, kw_only=True):
    """The body laughs, sighs or takes a breath."""

    who: Key
    kind: Annotated[BurstKind, Meta(description="Which.")]


class Wear(Command, frozen=True, kw_only=True):
    """A drawing in a slot: an empty name shows nothing there, null gives the slot back."""

    who: Key
    slot: Annotated[Name, Meta(description="One of `slots`.")]
    drawing: Annotated[
        Name | None, Meta(description="One of `drawings` of that slot; empty: nothing; null: as before.")
    ] = None


class Hold(Command, frozen=True, kw_only=True):
    """A channel is held at a value, whatever behaviours say."""

    who: Key
    channel: Annotated[Name, Meta(description="One of `channels`.")]
    value: Annotated[Number, Meta(description="Within the channel's range.")]
    seconds: Annotated[Number, Meta(description="In which it goes there, 0 to 5.")] = 0.1


class LetGo(Command, frozen=True, kw_only=True):
    """A channel, or all that are held, goes back to its behaviours."""

    who: Key
    channel: Annotated[Name | None, Meta(description="One of `channels`; null: all that are held.")] = None
    seconds: Annotated[Number, Meta(description="In which it goes back, 0 to 5.")] = 0.1


class Viseme(Command, frozen=True, kw_only=True):
    """A mouth shape, whatever is spoken; null: the voice has the mouth again."""

    who: Key
    viseme: Annotated[Name | None, Meta(description="One of `visemes`; null: as is spoken.")] = None


class Pause(Command, frozen=True, kw_only=True):
    """Everything stands at one sample."""


class Resume(Command, frozen=True, kw_only=True):
    """And goes on with the next."""


class Interrupt(Command, frozen=True, kw_only=True):
    """Whoever speaks is stopped, and the turns still queued are dropped: of all clients."""


class Seek(Command, frozen=True, kw_only=True):
    """The next frame shows that time of the session."""

    seconds: Annotated[Number, Meta(description="Of the session, from 0; back only with --history.")]


# -- the cast ---------------------------------------------------------------------------------------


class _Comes(Command, frozen=True, kw_only=True):
    who: Key
    side: FromSide = None
    transition: How = "slide"
    seconds: Takes = None


class Enter(_Comes, frozen=True, kw_only=True):
    """Somebody of the cast comes on stage."""

    place: Stands = None
    size: Large = None


class Leave(_Comes, frozen=True, kw_only=True):
    """Somebody goes off stage."""


class Move(Command, frozen=True, kw_only=True):
    """Somebody stands elsewhere, or becomes larger or smaller."""

    who: Key
    place: Stands = None
    size: Large = None
    seconds: Takes = None


class Swap(_Comes, frozen=True, kw_only=True):
    """Two take each other's place."""

    other: Annotated[Key, Meta(description="Who comes in the place of `who`.")]


class Load(Command, frozen=True, kw_only=True):
    """A character joins the cast, off stage: a bundled one by its name, or a path that is allowed."""

    key: Annotated[Key, Meta(description="The key that it is to have.")]
    character: Annotated[
        str, Meta(min_length=1, max_length=4096, description="A bundled one's name, or a path.")
    ]
    place: Stands = None
    size: Annotated[Number, Meta(description="1 is the size that the art was drawn for.")] = 1.0


class Unload(Command, frozen=True, kw_only=True):
    """Somebody who has left is not of the cast any more."""

    key: Key


# -- what is asked for ------------------------------------------------------------------------------


class Cast(Command, frozen=True, kw_only=True):
    """Who is there, and what each can do."""


class State(Command, frozen=True, kw_only=True):
    """What goes on: time, who speaks, the turns, what could not be followed."""


class Metrics(Command, frozen=True, kw_only=True):
    """What frames and turns cost so far (docs/metrics.md), and what the server counts."""


StageCommand: TypeAlias = (
    Turn | Cue | Expression | Gaze | Gesture | Nod | Burst | Wear | Hold | LetGo | Viseme | Pause | Resume
    | Interrupt | Seek | Enter | Leave | Move | Swap | Load | Unload | Cast | State | Metrics
)  # fmt: skip
"""What is done on the stage, by its thread."""
AnyCommand: TypeAlias = StageCommand | SessionCommand
