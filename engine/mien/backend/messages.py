"""What a host and its engine say to each other: msgspec structures, each with its name in the message."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Raw, Struct

from mien.talk import Cue, VisemeTimings, Word
from mien.talk.events import TurnEvent, TurnPosition
from mien.talk.places import Place

Names: TypeAlias = dict[str, Any]


class Message(Struct, frozen=True, tag=True, tag_field="is"):
    """What is sent; `is` names which."""


# -- sound ------------------------------------------------------------------------------------------


class FileSound(Message, frozen=True):
    """A file by its path; `folder`: in which it has to lie, "" anywhere."""

    path: str
    folder: str = ""


class AddressSound(Message, frozen=True):
    """An http(s) address, and which machines it may lead to."""

    url: str
    private: bool = False
    hosts: tuple[str, ...] = ()
    public: bool = True


class BytesSound(Message, frozen=True):
    """An audio file as it is."""

    data: bytes


class PcmSound(Message, frozen=True):
    """Samples that come as `Pushed`, under this number."""

    feed: int
    rate: int
    kind: str


class EncodedSound(Message, frozen=True):
    """Encoded bytes that come as `Pushed`, under this number."""

    feed: int
    format: str | None
    kind: str


Sound: TypeAlias = FileSound | AddressSound | BytesSound | PcmSound | EncodedSound


# -- from the host ----------------------------------------------------------------------------------


class Entry(Message, frozen=True):
    """Somebody of the cast, as `CastEntry`."""

    key: str
    character: str
    place: Place | None = None
    size: float = 1.0
    on_stage: bool = True


class Open(Message, frozen=True):
    """The first message: what stage to open. `memory`: bytes that are shared; `ledger`: the file that the
    engine writes its ledger to, none where that is empty."""

    cast: tuple[Entry, ...]
    options: Names
    memory: int
    ledger: str = ""


class Call(Message, frozen=True):
    """A call of the stage by its name, or what it is asked for. It is answered under its number."""

    number: int
    name: str
    arguments: Names = {}


class Say(Message, frozen=True):
    """A turn. `plain`: tags were taken out of its text already, and its cues are all there."""

    number: int
    speaker: str
    sound: Sound
    text: str = ""
    words: tuple[Word, ...] = ()
    cues: tuple[Cue, ...] = ()
    gap_s: float = 0.0
    timings: VisemeTimings | None = None
    key: str | None = None
    plain: bool = False


class Queue(Message, frozen=True):
    """Turns of a conversation, all or none."""

    number: int
    turns: tuple[Say, ...]


class Restore(Message, frozen=True):
    """What an engine is told that takes the place of another: calls; turns; how much of them was heard."""

    number: int
    calls: tuple[tuple[str, Names], ...]
    turns: tuple[Say, ...]
    heard_s: float


class Pushed(Message, frozen=True):
    """More of a feed: encoded bytes, or samples as int16 or float32 (`depth` 2 or 4 bytes), at a position."""

    feed: int
    data: bytes
    depth: int = 0
    at: int | None = None


class Told(Message, frozen=True):
    """What is told of a feed's mouth: (label, start, end) in seconds."""

    feed: int
    scheme: str
    marks: tuple[tuple[str, float, float], ...]


class FeedEnds(Message, frozen=True):
    """Nothing more comes of a feed; `failure`: why it broke off."""

    feed: int
    failure: str | None = None


class Run(Message, frozen=True):
    """Draw frames from now on, or rest."""

    runs: bool


class Back(Message, frozen=True):
    """The host needs the picture in a slot no more."""

    slot: int


class End(Message, frozen=True):
    """Close the stage and end."""


FromHost: TypeAlias = Open | Call | Say | Queue | Restore | Pushed | Told | FeedEnds | Run | Back | End


# -- from the engine --------------------------------------------------------------------------------


class Ready(Message, frozen=True):
    """The stage is open. What of it does not change."""

    renderer: str
    is_software: bool


class Answer(Message, frozen=True):
    """What a call gave."""

    number: int
    value: Raw


class Refusal(Message, frozen=True):
    """What a call raised: the error's name and its sentence. Number 0: the stage could not be opened, or has
    failed for good."""

    number: int
    kind: str
    sentence: str


class Shown(Message, frozen=True):
    """A frame is the host's, in a slot. `frame`: its number, counted from 0; `position`: the sample of the
    engine's session that was heard; `quiet`: nothing is said any more; `sound`: float32, two channels, what
    was heard since the frame that was given before; `unseen`: frames that were left out before it;
    `given_ns`: when it was given, by `perf_counter_ns`, which both processes have."""

    slot: int
    frame: int
    given_ns: int
    position: int
    quiet: bool
    unseen: int
    sound: bytes
    playing: tuple[TurnPosition, ...] = ()


class Happened(Message, frozen=True):
    """What happened to turns, in order; and, where it has changed, how the stage stands: calls that bring
    another one there."""

    events: tuple[TurnEvent, ...]
    position: int
    playing: tuple[TurnPosition, ...]
    stands: tuple[tuple[str, Names], ...] | None = None


class Room(Message, frozen=True):
    """So much of a feed has been taken from the engine's, in bytes or samples."""

    feed: int
    taken: int


FromEngine: TypeAlias = Ready | Answer | Refusal | Shown | Happened | Room
