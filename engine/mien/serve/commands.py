"""What a client sends, as msgspec structures: the `type` of each is its name in small letters."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from mien.script import BurstKind, Side
from mien.serve.parts import (
    Command,
    CueValue,
    Key,
    MouthTimes,
    Name,
    Number,
    Place,
    Point,
    TimedCue,
    WordTime,
)
from mien.serve.sounds import Sound, StreamNumber
from mien.talk.turns import CueKind, Transition

# -- a turn -----------------------------------------------------------------------------------------


class Turn(Command, frozen=True, kw_only=True):
    """Somebody says something, behind what is queued. Answered with the turn's key."""

    speaker: Key
    audio: Sound
    text: Annotated[str, Meta(max_length=100_000, description="It may hold tags, as [happy].")] = ""
    words: Annotated[tuple[WordTime, ...], Meta(max_length=20_000)] = ()
    cues: Annotated[tuple[TimedCue, ...], Meta(max_length=2000)] = ()
    gap_s: Number = 0.0
    timings: MouthTimes | None = None
    key: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class Audio(Command, frozen=True, kw_only=True):
    """More of a turn's sound, for clients that send no binary messages."""

    stream: StreamNumber
    data: Annotated[bytes, Meta(description="In base64.")] = b""
    offset: Annotated[int, Meta(ge=0, description="Bytes before it; null: it follows.")] | None = None
    last: bool = False


class AudioFails(Command, frozen=True, kw_only=True):
    """A turn's sound breaks off: what came is played, and the turn is damaged by the reason."""

    stream: StreamNumber
    reason: Annotated[str, Meta(max_length=400)]


# -- the stage --------------------------------------------------------------------------------------


class Cue(Command, frozen=True, kw_only=True):
    """Somebody does something now."""

    who: Key
    kind: CueKind
    value: CueValue = None
    slot: Name = ""


class Expression(Command, frozen=True, kw_only=True):
    """A face, by its name or a label that maps to one."""

    who: Key
    name: Name


class Gaze(Command, frozen=True, kw_only=True):
    """Eyes go to somebody of the cast, to `viewer`, to (x, y) in -1..1, or to a place in pixels."""

    who: Key
    at: Annotated[Name | Point, Meta(description="A key, `viewer`, or (x, y).")] = "viewer"
    pixels: Annotated[bool, Meta(description="(x, y) is a place on the frame, in pixels.")] = False


class Gesture(Command, frozen=True, kw_only=True):
    """Arms do one of the character's gestures; an empty name is rest."""

    who: Key
    name: Name = ""


class Nod(Command, frozen=True, kw_only=True):
    """One nod; `depth` in -1..1."""

    who: Key
    depth: Number = 1.0


class Burst(Command, frozen=True, kw_only=True):
    """The body laughs, sighs or takes a breath."""

    who: Key
    kind: BurstKind


class Wear(Command, frozen=True, kw_only=True):
    """A drawing in a slot: an empty name shows nothing there, null gives the slot back."""

    who: Key
    slot: Name
    drawing: Name | None = None


class Hold(Command, frozen=True, kw_only=True):
    """A channel is held at a value, whatever behaviours say."""

    who: Key
    channel: Name
    value: Number
    seconds: Number = 0.1


class LetGo(Command, frozen=True, kw_only=True):
    """A channel, or all that are held, goes back to its behaviours."""

    who: Key
    channel: Name | None = None
    seconds: Number = 0.1


class Viseme(Command, frozen=True, kw_only=True):
    """A mouth shape, whatever is spoken; null: the voice has the mouth again."""

    who: Key
    viseme: Name | None = None


class Pause(Command, frozen=True, kw_only=True):
    """Everything stands at one sample."""


class Resume(Command, frozen=True, kw_only=True):
    """And goes on with the next."""


class Interrupt(Command, frozen=True, kw_only=True):
    """Whoever speaks is stopped, and the turns still queued are dropped: of all clients."""


class Seek(Command, frozen=True, kw_only=True):
    """The next frame shows that time of the session."""

    seconds: Number


# -- the cast ---------------------------------------------------------------------------------------


class _Comes(Command, frozen=True, kw_only=True):
    who: Key
    side: Side | None = None
    transition: Transition = "slide"
    seconds: Number | None = None


class Enter(_Comes, frozen=True, kw_only=True):
    """Somebody of the cast comes on stage."""

    place: Place | None = None
    size: Number | None = None


class Leave(_Comes, frozen=True, kw_only=True):
    """Somebody goes off stage."""


class Move(Command, frozen=True, kw_only=True):
    """Somebody stands elsewhere, or becomes larger or smaller."""

    who: Key
    place: Place | None = None
    size: Number | None = None
    seconds: Number | None = None


class Swap(_Comes, frozen=True, kw_only=True):
    """Two take each other's place."""

    other: Key


class Load(Command, frozen=True, kw_only=True):
    """A character joins the cast, off stage: a bundled one by its name, or a path that is allowed."""

    key: Key
    character: Annotated[str, Meta(min_length=1, max_length=4096)]
    place: Place | None = None
    size: Number = 1.0


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


# -- a session --------------------------------------------------------------------------------------


class Hello(Command, frozen=True, kw_only=True):
    """The first message of a connection."""

    token: Annotated[str, Meta(max_length=400, description="Where it came with no header or query.")] = ""
    session: Annotated[str, Meta(max_length=100, description="One to go on with.")] = ""
    after: Annotated[int, Meta(ge=0, description="The last `n` that was received of that session.")] = 0
    events: Annotated[bool, Meta(description="Whether events and warnings are told.")] = True


class Frames(Command, frozen=True, kw_only=True):
    """Pictures are sent from now on, as binary messages."""

    format: Literal["jpeg", "webp", "png", "raw"] = "jpeg"
    width: Annotated[int, Meta(ge=1, le=16384, description="null: the stage's.")] | None = None
    height: Annotated[int, Meta(ge=1, le=16384, description="null: in proportion.")] | None = None
    fps: Annotated[float, Meta(gt=0, le=240, description="At most; null: the stage's.")] | None = None
    quality: Annotated[int, Meta(ge=1, le=100)] = 80


class NoFrames(Command, frozen=True, kw_only=True):
    """No more pictures."""


class Sounds(Command, frozen=True, kw_only=True):
    """What is heard is sent from now on, as binary messages: two channels at 48 kHz."""

    samples: Literal["int16", "float32"] = "int16"


class NoSounds(Command, frozen=True, kw_only=True):
    """No more sound."""


class Offer(Command, frozen=True, kw_only=True):
    """A page's WebRTC offer; answered with `sdp`. Picture and sound come by that connection, until the
    session ends or makes another offer. Of servers that were started with --webrtc."""

    sdp: Annotated[str, Meta(min_length=1, max_length=65_536, description="As createOffer() made it.")]


SessionCommand: TypeAlias = Hello | Audio | AudioFails | Frames | NoFrames | Sounds | NoSounds | Offer
AnyCommand: TypeAlias = StageCommand | SessionCommand
