"""Who is on the stage, where each stands, and how large."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypeGuard

from mien.arguments import path_of, refuse
from mien.art.load import MAX_SCALE, MIN_SCALE
from mien.errors import ScriptError
from mien.messages import quoted
from mien.talk import Conversation, character_path
from mien.talk.places import Place
from mien.talk.row import fills
from mien.talk.staging import check_size, spot_of
from mien.types import Size

VIEWER = "viewer"
"""Who watches: a name to look at, and so none of the cast."""


@dataclass(frozen=True, slots=True)
class CastEntry:
    """Who is on the stage, and where."""

    key: str
    """What turns and gazes call it: any name but `viewer`."""
    character: str | Path
    """A bundled character's name, a folder with character.toml, or a .mien file."""
    place: Place | None = None
    """Where it stands: `left`, `center`, `right`, `far_left`, `far_right`, or x from 0 (left edge) to 1
    (right edge), alone or as (place, y), with y from 0 (upper edge) over 1 (lower edge) to 2; None spreads
    the cast evenly along the lower edge."""
    size: float = 1.0
    """How large it is: 1 fills the frame's height, unless the cast would not stand beside each other then."""
    on_stage: bool = True
    """Whether it is there at first. One who is not is loaded with the others, and costs nothing in a frame
    until `enter`."""


def cast_of(conversation: Conversation) -> tuple[CastEntry, ...]:
    """The cast of a conversation file, with its paths resolved. Raises AssetMissing."""
    return tuple(
        CastEntry(
            member.key, character_path(conversation, member), member.place, member.size, member.on_stage
        )
        for member in conversation.cast
    )


def entries_of(cast: Mapping[str, str | Path] | Sequence[CastEntry]) -> list[CastEntry]:
    """The cast, back to front, as entries that can stand on a stage. Raises ScriptError."""
    if isinstance(cast, Mapping):
        entries = [CastEntry(key, character) for key, character in cast.items()]
    elif isinstance(cast, Conversation):
        raise ScriptError("the cast cannot be a conversation: open that with Stage.of or LiveStage.of.")
    elif _is_entries(cast):
        entries = list(cast)
    else:
        refuse("the cast", cast, 'keys and characters, as {"wren": "wren"}, or a list of mien.CastEntry')
    if not entries:
        raise ScriptError("the cast is empty; a stage needs at least one character.")
    for entry in entries:
        _check_named(entry)
    keys = [entry.key for entry in entries]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ScriptError(f"{quoted(twice)} is in the cast twice; give each character its own key.")
    for entry in entries:
        check_size(entry.key, entry.size)
        if not isinstance(entry.on_stage, bool):
            refuse(f"on_stage of {quoted(entry.key)}", entry.on_stage, "True, or False for who enters later")
    return entries


def spots_of(entries: Sequence[CastEntry]) -> list[tuple[float, float] | None]:
    """(x, y) of where each stands, in widths and heights of the frame; None for who is spread with the
    others. Raises ScriptError."""
    return [None if entry.place is None else spot_of(entry.key, entry.place) for entry in entries]


def scale_of(entry: CastEntry, frame: Size, count: int) -> Callable[[Size], float]:
    """The scale, by the size of its canvas, at which one of `count` characters stands on a frame."""

    def scale(canvas: Size) -> float:
        wanted = float(entry.size) * fills(canvas, frame, count)
        for least_or_most, limit, which in (("least", MIN_SCALE, "larger"), ("most", MAX_SCALE, "smaller")):
            if (wanted < limit) if which == "larger" else (wanted > limit):
                # Rounded away from the limit, which the size that is named must keep.
                if which == "larger":  # of a side that is long enough no more is asked
                    width = max(frame.width, ceil(limit * count * canvas.width / (1.35 * entry.size)))
                    height = max(frame.height, ceil(limit * canvas.height / entry.size))
                else:
                    width, height = (int(side * limit / wanted) for side in frame)
                raise ScriptError(
                    f"{quoted(entry.key)} would be drawn {wanted:.3g} times as large as its art on a frame "
                    f"of {frame.width}x{frame.height}, and {limit:.3g} is the {least_or_most}: give a "
                    f"frame of {width}x{height} or {which}"
                    f"{'' if entry.size == 1 else f', or a {which} size'}."
                )
        return wanted

    return scale


def pan_of(x: float) -> float:
    """Where a voice comes from, -1 left .. 1 right, of somebody whose eyes are at `x` widths of the frame."""
    return min(0.5, max(-0.5, 1.2 * (x - 0.5)))


def _is_entries(cast: object) -> TypeGuard[Sequence[CastEntry]]:
    if isinstance(cast, str | bytes) or not isinstance(cast, Sequence):
        return False
    return all(isinstance(entry, CastEntry) for entry in cast)


def _check_named(entry: CastEntry) -> None:
    key = entry.key
    if not isinstance(key, str) or not key or not key.isprintable() or key == VIEWER:
        refuse("a key of the cast", key, f'a name of your own, other than "" and "{VIEWER}"')
    path_of(
        f"the character of {quoted(key)}",
        entry.character,
        "a bundled name, a folder with character.toml, or a .mien file",
    )
