"""Comings, goings and moves as they are told: held to what can be, and made events of."""

from __future__ import annotations

from typing import Final

from mien.arguments import choice_of, is_number, number_of, refuse, text_of
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.motion.standing import LONGEST
from mien.script import SIDES, Staged, StagingKind
from mien.talk.places import LEAST_SIZE, LOWEST, MOST_SIZE, PLACES
from mien.talk.turns import TRANSITIONS, CueValue, Staging

LASTS_S: Final = {"enter": 0.9, "leave": 0.9, "move": 0.7, "swap": 0.9}
"""Seconds that each takes, unless it is said."""
MOST_S: Final = LONGEST / SAMPLE_RATE


def spot_of(who: str, place: object) -> tuple[float, float]:
    """(x, y) of a place, in widths and heights of the frame. Raises ScriptError, naming who is there."""
    across, down = place if isinstance(place, tuple | list) and len(place) == 2 else (place, 1.0)
    x: object = PLACES.get(across) if isinstance(across, str) else across
    if not is_number(x) or not 0.0 <= float(x) <= 1.0:
        remedy = f"use {', '.join(PLACES)}, or a number from 0 (left edge) to 1."
        if isinstance(across, str):
            remedy = did_you_mean(across, PLACES, remedy)
        raise ScriptError(f"{quoted(who)} is placed at {quoted(across)}; {remedy}")
    if not is_number(down) or not 0.0 <= float(down) <= LOWEST:
        raise ScriptError(
            f"{quoted(who)} is placed {quoted(down)} down; use a number from 0 (upper edge) over 1 (lower "
            "edge) to 2."
        )
    return (float(x), float(down))


def check_size(who: str, size: object) -> float:
    """A size that somebody can have. Raises ScriptError."""
    if not is_number(size) or not LEAST_SIZE <= float(size) <= MOST_SIZE:
        raise ScriptError(
            f"{quoted(who)} has the size {quoted(size)}; give a number from {LEAST_SIZE} to {MOST_SIZE:g}, "
            "where 1 fills the frame."
        )
    return float(size)


def staging_of(kind: str, value: CueValue) -> Staging:
    """What a cue of the kind enter, leave, move or swap asks for. Raises ScriptError where it cannot be."""
    name = f"the value of a cue of {kind}"
    if isinstance(value, str):
        text_of(name, value, "a key of the cast")
        value = Staging(other=value) if kind == "swap" else Staging(value)
    if not isinstance(value, Staging):
        refuse(name, value, "a key of the cast, or a mien.Staging")
    for what in (value.who, value.other):
        text_of(f"whom {name} is for", what, "a key of the cast")
    who = value.who or "who speaks"
    if value.place is not None:
        spot_of(who, value.place)
    if value.size is not None:
        check_size(who, value.size)
    if value.side is not None:
        choice_of("the side", value.side, SIDES)
    choice_of("the transition", value.transition, TRANSITIONS)
    if value.seconds is not None:
        number_of("seconds", value.seconds, 0, MOST_S, f"a number from 0, a cut, to {MOST_S:g}")
    if kind == "move" and value.place is None and value.size is None:
        raise ScriptError("a move has no place and no size: give one of them, or both.")
    if kind == "swap" and not value.other:
        raise ScriptError("a swap is of two: give the key of the other.")
    return value


def staged(kind: StagingKind, value: CueValue, speaker: str) -> Staged:
    """The event of a cue at sample 0. Raises ScriptError."""
    staging = staging_of(kind, value)
    who = staging.who or speaker
    seconds = LASTS_S[kind] if staging.seconds is None else float(staging.seconds)
    return Staged(
        0,
        who,
        kind,
        s_to_samples(seconds),
        None if staging.place is None else spot_of(who, staging.place),
        None if staging.size is None else float(staging.size),
        staging.side,
        staging.transition == "fade",
        staging.other,
    )
