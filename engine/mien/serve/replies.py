"""What a server sends, as msgspec structures: the `type` of each is its name in small letters."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from mien.serve.parts import tag_of

Id: TypeAlias = Annotated[str | int | None, Meta(description="That of what is answered.")]
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
    version: Annotated[str, Meta(description="Of Mien.")]
    width: Annotated[int, Meta(description="Of the stage, in pixels.")]
    height: Annotated[int, Meta(description="The same.")]
    fps: Annotated[float, Meta(description="Frames a second of the stage.")]
    renderer: Annotated[str, Meta(description="What draws.")]


class Answer(Reply, frozen=True, kw_only=True):
    """A command was done. What it gave, by its names."""

    n: Number = 0
    id: Id = None
    value: Annotated[dict[str, Any], Meta(description="By command: `turn`, `sdp`, what was asked for.")] = {}


Code: TypeAlias = Literal[
    "bad_message", "refused", "not_allowed", "limit", "feed_full", "gap", "closed", "failed"
]


class Error(Reply, frozen=True, kw_only=True):
    """A message could not be understood, or a command not be done. It has changed nothing."""

    n: Number = 0
    id: Id = None
    about: Annotated[str, Meta(description="The `type` of what was sent, as far as it is known.")] = ""
    code: Annotated[Code, Meta(description="What is wrong, for programs.")]
    sentence: Annotated[str, Meta(description="What is wrong, and what to do, for people.")]
    stream: Annotated[int, Meta(description="Whose chunk was refused; 0: it was none.")] = 0
    received: Annotated[int, Meta(description="Bytes of that stream that were taken.")] = 0


class HappenedCue(Struct, frozen=True, kw_only=True):
    """A cue that is followed."""

    kind: Annotated[str, Meta(description="As of a turn's cue.")]
    value: Annotated[Any, Meta(description="The same.")] = None
    at_s: Annotated[float, Meta(description="Seconds from the turn's first sample.")] = 0.0
    slot: Annotated[str, Meta(description="As of a turn's cue.")] = ""


class Event(Reply, frozen=True, kw_only=True):
    """Something happened to a turn, counted from samples played: as `mien.TurnEvent`."""

    n: Number = 0
    kind: Annotated[str, Meta(description="started, word, cue, finished or dropped.")]
    turn: Annotated[str, Meta(description="Its key.")]
    speaker: Annotated[str, Meta(description="Who of the cast.")]
    at: Annotated[int | None, Meta(description="Sample of the session, 48 kHz; null: not heard.")] = None
    position_s: Annotated[float, Meta(description="Seconds of the turn that were heard.")] = 0.0
    interrupted: Annotated[bool, Meta(description="It was stopped before its end.")] = False
    damaged: Annotated[str | None, Meta(description="Why its sound was not whole, or it was dropped.")] = None
    text: Annotated[str, Meta(description="Of word: it; of finished: what was heard of the text.")] = ""
    cue: Annotated[HappenedCue | None, Meta(description="Of a cue: which.")] = None


class Warned(Reply, frozen=True, kw_only=True, tag="warning"):
    """What could not be followed, or went wrong beside: one sentence."""

    n: Number = 0
    sentence: Annotated[str, Meta(description="What, for people.")]


class Room(Reply, frozen=True, kw_only=True):
    """A stream that was full takes more, from `received` on."""

    n: Number = 0
    stream: Annotated[int, Meta(description="Which.")]
    received: Annotated[int, Meta(description="Bytes of it that came.")]


class Bye(Reply, frozen=True, kw_only=True):
    """The server ends this connection, and why."""

    sentence: Annotated[str, Meta(description="Why, for people.")]


Told: TypeAlias = Answer | Error | Event | Warned | Room
"""What a session keeps for a client that is away."""
AnyReply: TypeAlias = Welcome | Bye | Told
