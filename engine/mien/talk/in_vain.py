"""Comings and goings of a conversation that will change nothing, or that its stage cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from mien.errors import ScriptError
from mien.messages import quoted
from mien.script import STAGINGS, Staged
from mien.talk.conversation import Conversation
from mien.talk.staging import staged
from mien.talk.tags import cues_of
from mien.talk.turns import Cue, Staging, Turn

_ANY_LENGTH = 1.0
"""Of a turn, in seconds, where all its cues have a place in the text: their order is that of the text."""


def fades_in_vain(cue: Cue, *, fades: bool) -> bool:
    """Whether somebody is to fade on a stage on which nobody can (`fades`)."""
    return isinstance(cue.value, Staging) and cue.value.transition == "fade" and not fades


def staged_in_vain(conversation: Conversation, *, fades: bool = True) -> dict[str, list[str]]:
    """By the key of a turn a sentence on each of its comings and goings that change nothing.

    `fades`: whether characters can on the stage. Where nobody knows beforehand which cue comes first, as in
    turns that are heard at once, only that is looked at.
    """
    cast = {member.key for member in conversation.cast}
    here = {member.key for member in conversation.cast if member.on_stage}
    overlap = {turn.key for pair in pairwise(conversation.turns) if pair[1].gap_s < 0 for turn in pair}
    found: dict[str, list[str]] = {}
    for turn in conversation.turns:
        sure = turn.key not in overlap and _is_in_order(turn)
        for cue, event in _stagings(turn):
            if {event.character, event.other} - {""} - cast:
                continue  # which is told otherwise
            if fades_in_vain(cue, fades=fades):
                why = "who cannot fade on this stage: open it with fades=True, or let it slide"
            else:
                why = _why(event, here) if sure else ""
                _follow(event, here)
            if why:
                said = f"the cue {event.kind} is for {quoted(event.character)}, {why}."
                found.setdefault(turn.key, []).append(said)
    return found


def _is_in_order(turn: Turn) -> bool:
    """Whether it is known in which order its stagings come: not of some that have a time, and others a place
    in a text without times."""
    stagings = (cue for cue in turn.cues if cue.kind in STAGINGS)
    # What comes with the first sample comes first either way.
    return len({cue.fraction is None for cue in stagings if cue.fraction is not None or cue.at_s > 0.0}) < 2


def _stagings(turn: Turn) -> Iterator[tuple[Cue, Staged]]:
    for _, cue in cues_of(turn, _ANY_LENGTH):
        if cue.kind in STAGINGS:
            with suppress(ScriptError):  # of a program's own: told when its time comes
                yield cue, staged(cue.kind, cue.value, turn.speaker)


def _why(event: Staged, here: set[str]) -> str:
    """Why nothing comes of it; `""` where something does."""
    is_here = event.character in here
    if event.kind == "enter" and is_here and event.place is None and event.size is None:
        return "who is on stage by then: give a place or a size, or take the cue out"
    if event.kind == "leave" and not is_here:
        return "who is off stage by then: let it enter before, or take the cue out"
    if event.kind == "swap" and not is_here and event.other not in here:
        return f"and neither it nor {quoted(event.other)} is on stage by then: let one of them enter before"
    if event.kind == "swap" and event.character == event.other:
        return "with itself: name somebody else"
    return ""


def _follow(event: Staged, here: set[str]) -> None:
    """Who is on stage behind it."""
    if event.kind == "enter":
        here.add(event.character)
    elif event.kind == "leave":
        here.discard(event.character)
    elif event.kind == "swap" and (event.character in here) != (event.other in here):
        here.symmetric_difference_update((event.character, event.other))
