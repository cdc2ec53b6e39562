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
Large: TypeAlias = Annotated[
    Number | None, Meta(description="1 is the size that the art was drawn for; null: as it was.")
]
FromSide: TypeAlias = Annotated[
    Side | None, Meta(description="Of the frame, to come from or go to; null: the nearer one.")
]
How: TypeAlias = Annotated[Transition, Meta(description="fade: by opacity, of a stage with --fades.")]
Takes: TypeAlias = Annotated[
    Number | None,
    Meta(description="0 to 5; 0: at once; null: 0.9 to come or go, 0.7 to move."),
]
# No tuple[Number, Number]: in a union with a text of limited length msgspec 0.23 crashes in the collector.
Point: TypeAlias = Annotated[tuple[Number, ...], Meta(min_length=2, max_length=2)]
Place: TypeAlias = Annotated[
    Name | Number | Annotated[tuple[Name | Number, ...], Meta(min_length=2, max_length=2)],
    Meta(description="far_left, left, center, right or far_right; or x, or (x, y), in frames."),
]
Stands: TypeAlias = Annotated[
    Place | None,
    Meta(
        description="far_left, left, center, right or far_right; or x, or (x, y), in frames; null: as it "
        "was, or spread with the others."
    ),
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

    text: Annotated[Name, Meta(description="As it stands in the turn's text.")]
    start_s: Annotated[Number, Meta(description="Seconds from the turn's first sample.")]
    end_s: Annotated[Number, Meta(description="The same of its end.")]


class Staged(Part, frozen=True):
    """Who comes, goes or moves, and how: as `mien.Staging`."""

    who: Annotated[Name, Meta(description="A key of the cast; empty: who speaks, or `who` of the cue.")] = ""
    place: Stands = None
    size: Large = None
    side: FromSide = None
    transition: How = "slide"
    seconds: Takes = None
    other: Annotated[Name, Meta(description="Of a swap: with whom.")] = ""


CueValue: TypeAlias = Annotated[
    Name | Number | Point | Staged | None,
    Meta(
        description="By kind: of expression, gesture, burst and drawing a name; of gaze a key, `viewer` or "
        "(x, y); of nod a depth; of enter, leave, move and swap a staging, or a key; null: as of the command "
        "of that name."
    ),
]


class TimedCue(Part, frozen=True):
    """Something that the speaker does at a time of its turn: as `mien.Cue`."""

    kind: Annotated[CueKind, Meta(description="What is done.")]
    value: CueValue = None
    at_s: Annotated[float, Meta(ge=0, le=1e9, description="Seconds from the turn's first sample.")] = 0.0
    slot: Annotated[Name, Meta(description="Of a drawing: where it is worn.")] = ""
    fraction: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="In place of `at_s`: the share of the turn's sound before it, 0 to 1."),
    ] = None


class MouthTimes(Part, frozen=True):
    """Mouth shapes with their times, which win over what the sound says: as `mien.VisemeTimings`."""

    scheme: Annotated[VisemeScheme, Meta(description="Whose names the labels are; `words`: English words.")]
    marks: Annotated[
        tuple[tuple[Name, Number, Number], ...],
        Meta(max_length=20_000, description="[label, start, end], seconds from the turn's first sample."),
    ]
