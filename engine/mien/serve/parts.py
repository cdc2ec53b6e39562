"""What commands are made of: names, numbers, places, cues, times."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from mien.script import Side
from mien.talk.turns import CueKind, Transition, VisemeScheme

Key: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, description="A key of the cast.")]
Name: TypeAlias = Annotated[str, Meta(max_length=400)]
Number: TypeAlias = Annotated[float, Meta(ge=-1e9, le=1e9)]
# No tuple[Number, Number]: in a union with a text of limited length msgspec 0.23 crashes in the collector.
Point: TypeAlias = Annotated[tuple[Number, ...], Meta(min_length=2, max_length=2)]
Place: TypeAlias = Annotated[
    Name | Number | Annotated[tuple[Name | Number, ...], Meta(min_length=2, max_length=2)],
    Meta(description="far_left, left, center, right or far_right; or x, or (x, y), in frames."),
]
Id: TypeAlias = Annotated[
    Annotated[str, Meta(max_length=200)] | int | None,
    Meta(description="The client's own; the answer has it. Without one only a refusal is told."),
]


def tag_of(name: str) -> str:
    """The `type` of a structure: `LookAt` is `look_at`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a command."""


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=tag_of, kw_only=True):
    """What is sent; `type` names which."""

    id: Id = None


class WordTime(Part, frozen=True):
    """A spoken word, in seconds from the turn's first sample."""

    text: Name
    start_s: Number
    end_s: Number


class Staged(Part, frozen=True):
    """Who comes, goes or moves, and how: as `mien.Staging`."""

    who: Name = ""
    place: Place | None = None
    size: Number | None = None
    side: Side | None = None
    transition: Transition = "slide"
    seconds: Number | None = None
    other: Name = ""


CueValue: TypeAlias = Annotated[
    Name | Number | Point | Staged | None,
    Meta(description="By kind: a name, a depth, (x, y), a staging, or null."),
]


class TimedCue(Part, frozen=True):
    """Something that the speaker does at a time of its turn: as `mien.Cue`."""

    kind: CueKind
    value: CueValue = None
    at_s: Annotated[float, Meta(ge=0, le=1e9, description="Seconds from the turn's first sample.")] = 0.0
    slot: Name = ""
    fraction: Annotated[float, Meta(ge=0, le=1)] | None = None


class MouthTimes(Part, frozen=True):
    """Mouth shapes with their times, which win over what the sound says: as `mien.VisemeTimings`."""

    scheme: VisemeScheme
    marks: Annotated[
        tuple[tuple[Name, Number, Number], ...],
        Meta(description="(label, start, end), seconds from the turn's first sample, in order."),
    ]
