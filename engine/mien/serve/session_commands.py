"""What a client sends of its session: its beginning, a turn's sound, what it wants to be sent."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from mien.serve.parts import Command, MouthTimes, Number
from mien.serve.sounds import StreamNumber


class Hello(Command, frozen=True, kw_only=True):
    """The first message of a connection."""

    token: Annotated[str, Meta(max_length=400, description="Where it came with no header or query.")] = ""
    session: Annotated[str, Meta(max_length=100, description="One to go on with.")] = ""
    after: Annotated[int, Meta(ge=0, description="The last `n` that was received of that session.")] = 0
    events: Annotated[bool, Meta(description="Whether events and warnings are told.")] = True


class Audio(Command, frozen=True, kw_only=True):
    """More of a turn's sound, for clients that send no binary messages."""

    stream: StreamNumber
    data: Annotated[bytes, Meta(description="The piece.")] = b""
    offset: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Bytes of the stream before it; null: it follows."),
    ] = None
    last: Annotated[bool, Meta(description="Nothing comes behind it.")] = False


class AudioFails(Command, frozen=True, kw_only=True):
    """A turn's sound breaks off: what came is played, and the turn is damaged by the reason."""

    stream: StreamNumber
    reason: Annotated[str, Meta(max_length=400, description="As `damaged` of the turn's end tells it.")]


class PushTimings(Command, frozen=True, kw_only=True):
    """Mouth shapes, or words, of a turn whose sound streams, as a speech service tells them beside it: in any
    order, before their sound or behind it, also after its last piece."""

    stream: StreamNumber
    timings: Annotated[MouthTimes, Meta(description="They win over the sound, and over those before.")]
    offset_s: Annotated[Number, Meta(description="Seconds of the turn before what the times count from.")] = (
        0.0
    )


class Frames(Command, frozen=True, kw_only=True):
    """Pictures are sent from now on, as binary messages."""

    format: Annotated[
        Literal["jpeg", "webp", "png", "raw"], Meta(description="raw: RGBA, premultiplied.")
    ] = "jpeg"
    width: Annotated[
        Annotated[int, Meta(ge=1, le=16384)] | None,
        Meta(description="In pixels, at most the stage's; null: in proportion to `height`, or the stage's."),
    ] = None
    height: Annotated[Annotated[int, Meta(ge=1, le=16384)] | None, Meta(description="The same.")] = None
    fps: Annotated[
        Annotated[float, Meta(gt=0, le=240)] | None, Meta(description="At most; null: the stage's.")
    ] = None
    quality: Annotated[int, Meta(ge=1, le=100, description="Of jpeg and webp.")] = 80


class NoFrames(Command, frozen=True, kw_only=True):
    """No more pictures."""


class Sounds(Command, frozen=True, kw_only=True):
    """What is heard is sent from now on, as binary messages: two channels at 48 kHz."""

    samples: Annotated[Literal["int16", "float32"], Meta(description="What each is.")] = "int16"


class NoSounds(Command, frozen=True, kw_only=True):
    """No more sound."""


class Offer(Command, frozen=True, kw_only=True):
    """A page's WebRTC offer; answered with `sdp`. Picture and sound come by that connection, until the
    session ends or makes another offer. Of servers that were started with --webrtc."""

    sdp: Annotated[str, Meta(min_length=1, max_length=65_536, description="As createOffer() made it.")]


SessionCommand: TypeAlias = (
    Hello | Audio | AudioFails | PushTimings | Frames | NoFrames | Sounds | NoSounds | Offer
)
