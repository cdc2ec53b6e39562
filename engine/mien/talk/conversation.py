"""Conversation files: who is on stage, and what is said in which order.

The format is described in docs/conversation-format.md and assets/schemas/conversation.schema.json.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from mien.arguments import path_of, refuse
from mien.audio.addresses import PUBLIC, Address, AddressPolicy
from mien.catalog import bundled_remedy
from mien.clock import FrameRate
from mien.documents.paths import inside, relative
from mien.documents.problems import Problems
from mien.documents.table import Table, same_letters
from mien.documents.toml import read_toml
from mien.errors import AssetMissing, AudioRejected, ScriptError
from mien.messages import did_you_mean, encodable, quoted
from mien.talk.cue_tables import check_named, read_cues, read_place
from mien.talk.places import DIM_LISTENERS, LEAST_SIZE, MOST_SIZE, Place
from mien.talk.tags import parse_tags, place_tags
from mien.talk.timings import read_timings, read_words
from mien.talk.turns import MAX_GAP_S, MAX_OVERLAP_S, Turn

FILE_NAME = "conversation.toml"
MAX_FILE_BYTES = 4 << 20
"""Largest conversation.toml: with the times of all words in it, that is some 17 hours of talk."""

FORMAT = 1
"""The version of the format that is read here."""


@dataclass(frozen=True, slots=True)
class CastMember:
    """One character on the stage."""

    key: str
    """What turns and gazes call it."""
    character: str
    """A bundled character's name, or a path relative to the conversation file."""
    place: Place | None
    """Where its anchor stands: a name or x, alone or with y (see `places`); None spreads the cast evenly."""
    voice: str = ""
    """What speaks it: free text, for people and for tools that make the audio."""
    size: float = 1.0
    """How large it is; 1 fills the frame's height, or its share of the width."""
    on_stage: bool = True
    """Whether it is there at first; else it waits for a cue `enter`."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation whose file has been read and checked; its audio files exist but are not opened."""

    title: str
    source: Path
    """The file it was read from; relative names count from its folder."""
    background: str | None
    """A bundled background's name, or a path relative to the file; None for an empty stage."""
    fps: FrameRate
    """Frames per second to render at when nothing else is asked, 1..240."""
    seed: int
    """Seeds everything random in motion and direction; 0..2**63-1."""
    cast: tuple[CastMember, ...]
    """At least one; keys differ."""
    turns: tuple[Turn, ...]
    """At least one, unless it is of a character `alone`; keys differ, speakers are in the cast, audio is an
    existing `Path` or an `Address`."""
    dim_listeners: float = DIM_LISTENERS
    """How much darker listeners are drawn while somebody speaks, 0..1."""


_Item = TypeVar("_Item", CastMember, Turn)


def load_conversation(path: str | Path, addresses: AddressPolicy = PUBLIC) -> Conversation:
    """Read a conversation: a `.toml` file, or a folder that holds `conversation.toml`.

    `addresses`: which machines the audio of its turns may come from; public ones, unless told otherwise.
    Raises AssetMissing when it, or a file it names, is not there; FormatError when it says something
    else than the format asks for."""
    file = path_of("path", path, "a conversation's folder, or its .toml file")
    if not isinstance(addresses, AddressPolicy):
        refuse("addresses", addresses, "a mien.AddressPolicy")
    if file.is_dir():
        if not (file / FILE_NAME).is_file():
            raise AssetMissing(f"{file}: no {FILE_NAME} in this folder; name a conversation folder or file.")
        file = file / FILE_NAME
    remedy = bundled_remedy("conversations", file) or f"name a folder with {FILE_NAME}, or a .toml file"
    document = read_toml(file, remedy, MAX_FILE_BYTES)
    return _conversation(Table(document, str(file)), file, addresses)


def alone(character: Path) -> Conversation:
    """A character's folder or .mien file as the whole cast of a conversation in which nothing is said."""
    path = character.resolve()
    name = (path.parent if path.name == "character.toml" else path).stem
    member = CastMember("character" if name == "viewer" else name, str(path), None)
    return Conversation(name, character, None, FrameRate.of(30), 0, (member,), ())


def _conversation(top: Table, file: Path, addresses: AddressPolicy) -> Conversation:
    top.version(FORMAT)
    title = top.text("title", encodable(file.resolve().parent.name))
    fps, seed = _frame_rate(top), top.whole("seed", 0, 0, (1 << 63) - 1)
    background, dim_listeners = _stage(top.table("stage"))
    problems = Problems()
    with problems.gathered():
        for key in ("cast", "turn"):  # which are read below
            top.has(key)
        top.finish()
    members = problems.of(lambda: _each(top, "cast", _member), {})
    names = _names(top.take("cast"))
    turns = problems.of(lambda: _each(top, "turn", lambda row: _turn(row, names, file.parent, addresses)), {})
    problems.tell()
    for i, (before, turn) in enumerate(pairwise(turns.values()), 1):
        if turn.gap_s < 0 and before.speaker == turn.speaker:
            raise top.error(
                f"is negative, but {quoted(turn.speaker)} speaks the turn before it as well; give 0 or more",
                f"turn[{i}] gap_ms",
            )
    return Conversation(
        title=title,
        source=file,
        background=background,
        fps=fps,
        seed=seed,
        cast=tuple(members.values()),
        turns=tuple(turns.values()),
        dim_listeners=dim_listeners,
    )


def _each(top: Table, key: str, read: Callable[[Table], _Item]) -> dict[str, _Item]:
    """Every `[[key]]` of the document by its own key; all that are wrong are told at once."""
    found: dict[str, _Item] = {}
    named: set[str] = set()
    problems = Problems()
    for i, row in enumerate(top.rows(key)):
        with problems.gathered():
            item = read(top.child(f"{key}[{i}]", row))
            found[item.key] = item
        with problems.gathered():
            name = _name(row)  # of one that is wrong, too
            if name in named:
                what = f"is {quoted(name)}, which is used twice; give each its own key"
                raise top.error(what, f"{key}[{i}] key")
            if name is not None:
                named.add(name)
    problems.tell()
    return found


def _name(row: object) -> str | None:
    """The key of a cast member or a turn that may be wrong otherwise; None when it has none."""
    key = row.get("key") if isinstance(row, dict) else None
    return same_letters(key) if isinstance(key, str) else None


def _names(rows: object) -> tuple[str, ...] | None:
    """Who is in the cast; None when that cannot be told, and then nobody is missed there."""
    names = dict.fromkeys(name for row in rows if (name := _name(row))) if isinstance(rows, list) else {}
    return tuple(names) if names and isinstance(rows, list) and len(names) == len(rows) else None


def _frame_rate(top: Table) -> FrameRate:
    value = top.take("fps")
    try:
        return FrameRate.of(30 if value is None else value)
    except ScriptError as error:
        raise top.error(str(error), "fps:") from error


def _stage(table: Table) -> tuple[str | None, float]:
    background = relative(table, "background") if table.has("background") else None
    dim_listeners = table.number("dim_listeners", DIM_LISTENERS, 0.0, 1.0)
    table.finish()
    return background, dim_listeners


def _member(table: Table) -> CastMember:
    problems = Problems()
    member = CastMember(
        key=problems.of(lambda: table.called("key"), ""),
        character=problems.of(lambda: relative(table, "character"), ""),
        place=problems.of(lambda: read_place(table), None),
        voice=problems.of(lambda: table.text("voice", ""), ""),
        size=problems.of(lambda: table.number("size", 1.0, LEAST_SIZE, MOST_SIZE), 1.0),
        on_stage=problems.of(lambda: table.flag("on_stage", True), True),
    )
    with problems.gathered():
        table.finish()
    problems.tell()
    return member


def _audio(table: Table, folder: Path, addresses: AddressPolicy) -> Path | Address:
    """A file in the conversation's folder, or an address of machines that the policy allows."""
    named = table.filled("audio")
    if "://" not in named:
        return inside(table, "audio", folder)
    try:
        return Address(named, addresses)
    except AudioRejected as error:
        raise table.error(f"cannot be read: {str(error).rstrip('.')}", "audio") from error


def _turn(table: Table, cast: Collection[str] | None, folder: Path, addresses: AddressPolicy) -> Turn:
    problems = Problems()
    text = problems.of(lambda: table.text("text", "", MAX_FILE_BYTES), "")
    plain, tags = parse_tags(text)
    words = problems.of(lambda: read_words(table, folder), ())
    turn = Turn(
        key=problems.of(lambda: table.called("key"), ""),
        speaker=problems.of(lambda: _speaker(table, cast), ""),
        audio=problems.of(lambda: _audio(table, folder, addresses), None),
        text=plain,
        words=words,
        cues=(*place_tags(plain, tags, words), *problems.of(lambda: read_cues(table), [])),
        gap_s=problems.of(lambda: table.number("gap_ms", 0, -1000 * MAX_OVERLAP_S, 1000 * MAX_GAP_S), 0)
        / 1000,
        timings=problems.of(lambda: read_timings(table, folder), None),
        folder=folder,
    )
    with problems.gathered():
        table.finish()
    for i, cue in enumerate(turn.cues):
        where = "text" if i < len(tags) else f"cues[{i - len(tags)}] {cue.kind}"
        with problems.gathered():
            check_named(table, cue, where, cast)
    problems.tell()
    return turn


def _speaker(table: Table, cast: Collection[str] | None) -> str:
    speaker = table.called("speaker")
    if cast is not None and speaker not in cast:
        raise table.error(
            f"is {quoted(speaker)}, who is not in the cast; {did_you_mean(speaker, cast)}", "speaker"
        )
    return speaker
