"""Cues and places as conversation files have them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, cast

from mien.documents.table import Table, same_letters
from mien.messages import did_you_mean, quoted
from mien.script import BURSTS, SIDES, STAGINGS, Side, StagingKind
from mien.talk.places import LEAST_SIZE, LOWEST, MOST_SIZE, PLACES, Place
from mien.talk.staging import MOST_S
from mien.talk.turns import CUE_KINDS, TRANSITIONS, Cue, Staging, Transition


def read_place(table: Table) -> Place | None:
    """`place`; None when it is left out."""
    value = table.take("place")
    if value is None:
        return None
    if not isinstance(value, list):
        return _across(table, "place", value)
    if len(value) != 2:
        raise table.error(
            f"is {quoted(value)}, no place; write a name or x, or [x, y] with y = 1 for the lower edge",
            "place",
        )
    return (_across(table, "place[0]", value[0]), table.as_number("place[1]", value[1], 0.0, LOWEST))


def _across(table: Table, key: str, value: object) -> str | float:
    if isinstance(value, str):
        return table.known(key, value, PLACES)
    return table.as_number(key, value, 0.0, 1.0)


def check_named(table: Table, cue: Cue, where: str, names: Collection[str] | None) -> None:
    """Raises FormatError where a cue names somebody who is not in the cast, whose keys are `names`."""
    if names is None:
        return
    if cue.kind == "gaze" and isinstance(cue.value, str) and cue.value not in ("viewer", *names):
        known = did_you_mean(cue.value, (*names, "viewer"))
        raise table.error(f"has a gaze at {quoted(cue.value)}, who is not there; {known}", where)
    if isinstance(cue.value, Staging):
        for who in (cue.value.who, cue.value.other):
            if who and who not in names:
                known = did_you_mean(who, names)
                raise table.error(f"names {quoted(who)}, who is not in the cast; {known}", where)


def read_cues(turn: Table) -> list[Cue]:
    """`cues` of a turn."""
    return [_cue(turn.child(f"cues[{i}]", row)) for i, row in enumerate(turn.items("cues"))]


def _cue(table: Table) -> Cue:
    at_s = table.seconds("at_s")
    actions = [action for action in CUE_KINDS if table.has(action)]
    if len(actions) == 1 and actions[0] in STAGINGS:
        staging = _staging(table, actions[0])
        table.finish()
        return Cue(at_s, actions[0], staging)
    slot = table.called("slot") if table.has("slot") else ""
    table.finish()
    if len(actions) != 1:
        said = " and ".join(actions) or "nothing to do"
        raise table.error(f"has {said}; give one of {', '.join(CUE_KINDS)}, and a table for each cue")
    if bool(slot) != table.has("drawing"):
        raise table.error("has only one of slot and drawing, which belong together; give both")
    kind = actions[0]
    value = table.take(kind)
    if kind == "gaze" and isinstance(value, list):
        if len(value) != 2:
            raise table.error(
                f"is {quoted(value)}, which is no direction; write [x, y], each in -1..1, or a name", kind
            )
        x, y = (table.as_number(f"gaze[{i}]", part, -1.0, 1.0) for i, part in enumerate(value))
        return Cue(at_s, "gaze", (x, y))
    if kind == "nod":
        return Cue(at_s, "nod", 1.0 if value is True else table.number(kind, None, -1.0, 1.0))
    if kind == "burst":
        return Cue(at_s, "burst", table.choice(kind, None, BURSTS))
    if kind == "gesture":
        gesture = table.text(kind, None)
        return Cue(at_s, "gesture", "" if gesture == "rest" else gesture)
    if kind == "drawing":
        # TOML has no null: `false` releases the slot, where "" shows nothing in it.
        return Cue(at_s, "drawing", None if value is False else table.text(kind, None), slot=slot)
    return Cue(at_s, cast("Literal['expression', 'gaze']", kind), table.called(kind))


def _staging(table: Table, kind: StagingKind) -> Staging:
    """What belongs to a cue of the kind enter, leave, move or swap."""
    who, other = _whom(table, kind)
    place = read_place(table) if kind in ("enter", "move") else None
    size = None
    if kind in ("enter", "move") and table.has("size"):
        size = table.number("size", None, LEAST_SIZE, MOST_SIZE)
    if kind == "move" and place is None and size is None:
        raise table.error("has no place and no size; give one of them, or both", kind)
    side = table.choice("side", None, SIDES) if kind != "move" and table.has("side") else None
    seconds = table.number("seconds", None, 0.0, MOST_S) if table.has("seconds") else None
    transition = "slide" if kind == "move" else table.choice("transition", "slide", TRANSITIONS)
    return Staging(who, place, size, cast("Side | None", side), cast(Transition, transition), seconds, other)


def _whom(table: Table, kind: StagingKind) -> tuple[str, str]:
    """For whom it is, and for whom else; `""`: for who speaks."""
    value = table.take(kind)
    if kind == "swap" and isinstance(value, list):
        if len(value) != 2:
            raise table.error(f"is {quoted(value)}; write two keys of the cast", kind)
        one, other = (same_letters(table.as_text(f"{kind}[{i}]", who)) for i, who in enumerate(value))
        return one, other
    if value is True and kind != "swap":
        return "", ""
    who = table.called(kind)
    return ("", who) if kind == "swap" else (who, "")
