"""Conversation files: who is on stage, and what is said in which order.

The format is described in docs/conversation-format.md and assets/schemas/conversation.schema.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast

from mien.arguments import path_of
from mien.clock import FrameRate
from mien.documents.problems import Problems
from mien.documents.toml import did_you_mean, read_toml
from mien.errors import AssetMissing, ScriptError
from mien.talk.places import DIM_LISTENERS, LEAST_SIZE, LOWEST, MOST_SIZE, PLACES
from mien.talk.places import Place as StagePlace
from mien.talk.reading import Place, Table
from mien.talk.tags import parse_tags, place_tags
from mien.talk.timings import read_timings, read_words
from mien.talk.turns import MAX_GAP_S, MAX_OVERLAP_S, Cue, Turn

FILE_NAME = "conversation.toml"
MAX_FILE_BYTES = 16 << 20

_TOP = ("format", "title", "seed", "fps", "stage", "cast", "turn")
_CAST = ("key", "character", "place", "size", "voice")
_TURN = ("key", "speaker", "audio", "text", "gap_ms", "words", "words_file", "cues", "visemes")
_CUE = ("at_s", "expression", "gaze", "gesture", "nod", "slot", "drawing")
_ACTIONS = ("expression", "gaze", "gesture", "nod", "drawing")


@dataclass(frozen=True, slots=True)
class CastMember:
    """One character on the stage."""

    key: str
    """What turns and gazes call it."""
    character: str
    """A bundled character's name, or a path relative to the conversation file."""
    place: StagePlace | None
    """Where its anchor stands: a name or x, alone or with y (see `places`); None spreads the cast evenly."""
    voice: str = ""
    """What speaks it: free text, for people and for tools that make the audio."""
    size: float = 1.0
    """How large it is; 1 fills the frame's height, or its share of the width."""


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
    """At least one; keys differ, speakers are in the cast, audio is an existing `Path` or an URL."""
    dim_listeners: float = DIM_LISTENERS
    """How much darker listeners are drawn while somebody speaks, 0..1."""


_Item = TypeVar("_Item", CastMember, Turn)


def load_conversation(path: str | Path) -> Conversation:
    """Read a conversation: a `.toml` file, or a folder that holds `conversation.toml`.

    Raises AssetMissing when it, or a file it names, is not there; FormatError when it says something
    else than the format asks for."""
    file = path_of("path", path, "a conversation's folder, or its .toml file")
    if file.is_dir():
        if not (file / FILE_NAME).is_file():
            raise AssetMissing(f"{file}: no {FILE_NAME} in this folder; name a conversation folder or file.")
        file = file / FILE_NAME
    document = read_toml(file, f"name a folder with {FILE_NAME}, or a .toml file", MAX_FILE_BYTES)
    return _conversation(Place(file).table(document, _TOP, ("format", "cast", "turn")))


def _conversation(top: Table) -> Conversation:
    version = top.at("format").integer(top.get("format"), 0, 1 << 31)
    if version != 1:
        top.at("format").wrong(f"{version} is a version that this Mien does not read; write format = 1.")
    stage = top.at("stage").table(top.get("stage", {}), ("background", "dim_listeners"))
    background = None
    if "background" in stage:
        background = _bundled_or_path(stage.at("background"), stage.get("background"))
    for name in ("cast", "turn"):
        if not top.at(name).array(top.get(name)):
            top.at(name).wrong(f"is empty; add at least one [[{name}]].")
    problems = Problems()
    cast_place = top.at("cast")
    members: dict[str, CastMember] = {}
    for i, value in enumerate(cast_place.array(top.get("cast"))):
        with problems.gathered():
            member = _member(cast_place.at(i).table(value, _CAST, ("key", "character")))
            _add(members, member, cast_place.at(i))
    problems.tell()  # or each turn would complain of who is missing
    turn_place = top.at("turn")
    turns: dict[str, Turn] = {}
    for i, value in enumerate(turn_place.array(top.get("turn"))):
        with problems.gathered():
            table = turn_place.at(i).table(value, _TURN, ("key", "speaker", "audio"))
            turn = _turn(table, tuple(members))
            before = next(reversed(turns.values()), None)
            if turn.gap_s < 0 and before is not None and before.speaker == turn.speaker:
                table.at("gap_ms").wrong(
                    f"{turn.speaker!r} speaks the turn before it as well; give 0 or more."
                )
            _add(turns, turn, turn_place.at(i))
    problems.tell()
    return Conversation(
        title=top.text("title", top.place.file.resolve().parent.name),
        source=top.place.file,
        background=background,
        fps=_frame_rate(top.at("fps"), top.get("fps", 30)),
        seed=top.at("seed").integer(top.get("seed", 0), 0, (1 << 63) - 1),
        cast=tuple(members.values()),
        turns=tuple(turns.values()),
        dim_listeners=stage.at("dim_listeners").number(stage.get("dim_listeners", DIM_LISTENERS), 0.0, 1.0),
    )


def _frame_rate(place: Place, value: object) -> FrameRate:
    try:
        return FrameRate.of(value)
    except ScriptError as error:
        place.wrong(str(error))


def _add(found: dict[str, _Item], item: _Item, place: Place) -> None:
    if item.key in found:
        place.at("key").wrong(f"{item.key!r} is used twice; give each its own key.")
    found[item.key] = item


def _member(table: Table) -> CastMember:
    place = table.get("place")
    return CastMember(
        key=table.at("key").name(table.get("key")),
        character=_bundled_or_path(table.at("character"), table.get("character")),
        place=None if place is None else _stage_place(table.at("place"), place),
        voice=table.text("voice"),
        size=table.at("size").number(table.get("size", 1.0), LEAST_SIZE, MOST_SIZE),
    )


def _stage_place(place: Place, value: object) -> StagePlace:
    if not isinstance(value, list):
        return _across(place, value)
    if len(value) != 2:
        place.wrong(f"{value!r} is no place; write a name or x, or [x, y] with y = 1 for the lower edge.")
    return (_across(place.at(0), value[0]), place.at(1).number(value[1], 0.0, LOWEST))


def _across(place: Place, value: object) -> str | float:
    return place.choice(value, tuple(PLACES)) if isinstance(value, str) else place.number(value, 0.0, 1.0)


def _bundled_or_path(place: Place, value: object) -> str:
    return place.relative(place.name(value))


def _turn(table: Table, cast_keys: tuple[str, ...]) -> Turn:
    speaker = table.at("speaker").name(table.get("speaker"))
    if speaker not in cast_keys:
        table.at("speaker").wrong(f"{speaker!r} is not in the cast; {did_you_mean(speaker, cast_keys)}")
    if "words" in table and "words_file" in table:
        table.at("words_file").wrong("words are given as well; keep one of the two.")
    plain, tags = parse_tags(table.text("text"))
    words = read_words(table)
    cues = list(place_tags(plain, tags, words))
    cue_place = table.at("cues")
    for i, value in enumerate(cue_place.array(table.get("cues", []))):
        cues.append(_cue(cue_place.at(i).table(value, _CUE, ("at_s",))))
    for cue in cues:
        if cue.kind == "gaze" and isinstance(cue.value, str) and cue.value not in (*cast_keys, "viewer"):
            place = table.at("text") if cue not in cues[len(tags) :] else cue_place
            place.wrong(f"gaze at {cue.value!r}: {did_you_mean(cue.value, (*cast_keys, 'viewer'))}")
    return Turn(
        key=table.at("key").name(table.get("key")),
        speaker=speaker,
        audio=table.at("audio").inside_or_url(table.get("audio")),
        text=plain,
        words=words,
        cues=tuple(cues),
        gap_s=table.at("gap_ms").number(table.get("gap_ms", 0), -1000 * MAX_OVERLAP_S, 1000 * MAX_GAP_S)
        / 1000,
        timings=read_timings(table),
    )


def _cue(table: Table) -> Cue:
    at_s = table.at("at_s").seconds(table.get("at_s"))
    actions = [action for action in _ACTIONS if action in table]
    if len(actions) != 1:
        said = " and ".join(actions) or "nothing to do"
        table.place.wrong(f"has {said}; give one of {', '.join(_ACTIONS)}, and a table for each cue.")
    if ("slot" in table) != ("drawing" in table):
        table.place.wrong("slot and drawing belong together; give both.")
    kind = actions[0]
    place, value = table.at(kind), table.get(kind)
    if kind == "gaze" and isinstance(value, list):
        if len(value) != 2:
            place.wrong(f"{value!r} is not a direction; write [x, y], each in -1..1, or a name.")
        x, y = (place.at(i).number(part, -1.0, 1.0) for i, part in enumerate(value))
        return Cue(at_s, "gaze", (x, y))
    if kind == "nod":
        return Cue(at_s, "nod", 1.0 if value is True else place.number(value, -1.0, 1.0))
    if kind == "gesture":
        gesture = place.text(value)
        return Cue(at_s, "gesture", "" if gesture == "rest" else gesture)
    if kind == "drawing":
        # TOML has no null: `false` releases the slot, where "" shows nothing in it.
        slot = table.at("slot").name(table.get("slot"))
        return Cue(at_s, "drawing", None if value is False else place.text(value), slot=slot)
    return Cue(at_s, cast("Literal['expression', 'gaze']", kind), place.name(value))
