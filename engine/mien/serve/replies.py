"""What a server sends, as msgspec structures: the `type` of each is its name in small letters."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from mien.serve.parts import tag_of

Id: TypeAlias = str | int | None
Number: TypeAlias = Annotated[int, Meta(ge=0, description="Of the session's messages; 0: of none.")]


class Reply(Struct, frozen=True, tag_field="type", tag=tag_of, kw_only=True):
    """What is sent; `type` names which."""


class Welcome(Reply, frozen=True, kw_only=True):
    """The answer to hello."""

    id: Id = None
    session: Annotated[str, Meta(description="To go on with after the connection is lost. Keep it secret.")]
    resumed: Annotated[bool, Meta(description="False: it is a new session.")] = False
    lost: Annotated[
        int, Meta(description="Messages that were kept no longer, in a session that goes on.")
    ] = 0
    streams: Annotated[
        dict[str, int], Meta(description="Bytes of each stream that came, in a session that goes on.")
    ] = {}
    version: str
    width: int
    height: int
    fps: float
    renderer: str


class Answer(Reply, frozen=True, kw_only=True):
    """A command was done. What it gave, by its names."""

    n: Number = 0
    id: Id = None
    value: dict[str, Any] = {}


Code: TypeAlias = Literal[
    "bad_message", "refused", "not_allowed", "limit", "feed_full", "gap", "closed", "failed"
]


class Error(Reply, frozen=True, kw_only=True):
    """A message could not be understood, or a command not be done. It has changed nothing."""

    n: Number = 0
    id: Id = None
    about: Annotated[str, Meta(description="The `type` of what was sent, as far as it is known.")] = ""
    code: Code
    sentence: Annotated[str, Meta(description="What is wrong, and what to do, for people.")]
    stream: Annotated[int, Meta(description="Whose chunk was refused; 0: it was none.")] = 0
    received: Annotated[int, Meta(description="Bytes of that stream that were taken.")] = 0


class HappenedCue(Struct, frozen=True, kw_only=True):
    """A cue that is followed."""

    kind: str
    value: Any = None
    at_s: float = 0.0
    slot: str = ""


class Event(Reply, frozen=True, kw_only=True):
    """Something happened to a turn, counted from samples played: as `mien.TurnEvent`."""

    n: Number = 0
    kind: Annotated[str, Meta(description="started, word, cue, finished or dropped.")]
    turn: str
    speaker: str
    at: Annotated[int | None, Meta(description="Sample of the session, at 48 kHz.")] = None
    position_s: float = 0.0
    interrupted: bool = False
    damaged: str | None = None
    text: str = ""
    cue: HappenedCue | None = None


class Warned(Reply, frozen=True, kw_only=True, tag="warning"):
    """What could not be followed, or went wrong beside: one sentence."""

    n: Number = 0
    sentence: str


class Room(Reply, frozen=True, kw_only=True):
    """A stream that was full takes more, from `received` on."""

    n: Number = 0
    stream: int
    received: int


class Bye(Reply, frozen=True, kw_only=True):
    """The server ends this connection, and why."""

    sentence: str


Told: TypeAlias = Answer | Error | Event | Warned | Room
"""What a session keeps for a client that is away."""
AnyReply: TypeAlias = Welcome | Bye | Told
