"""Comings and goings of a conversation that will change nothing, or that its stage cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from mien.errors import ScriptError
from mien.messages import quoted
from mien.script import STAGINGS, Staged
from mien.talk.conversation import Conversation
from mien.talk.staging import staged
from mien.talk.tags import cues_of
from mien.talk.turns import Cue, Staging, Turn

_ANY_LENGTH = 1.0
"""Of a turn, in seconds, where all its cues have a place in the text: their order is that of the text."""

OnStage: TypeAlias = dict[str, bool | None]
"""By cast key whether somebody is on stage; None: that depends on an order nobody knows beforehand."""


def cannot_fade(cue: Cue, *, fades: bool) -> bool:
    """Whether somebody is to fade on a stage on which nobody can (`fades`)."""
    return isinstance(cue.value, Staging) and cue.value.transition == "fade" and not fades


def swaps_with_itself(cue: Cue, speaker: str) -> bool:
    """Whether somebody is to take its own place."""
    value = cue.value
    if cue.kind != "swap" or not isinstance(value, str | Staging):
        return False
    who, other = ("", value) if isinstance(value, str) else (value.who, value.other)
    return (who or speaker) == other


def check_staging(conversation: Conversation, *, fades: bool = True) -> dict[str, list[str]]:
    """By the key of a turn a sentence on each of its comings and goings that change nothing.

    `fades`: whether characters can on the stage. Where nobody knows beforehand which cue comes first, as in
    turns that are heard at once, only that is looked at, and behind them only those whose place on stage or
    off is the same in any order.
    """
    on_stage: OnStage = {member.key: member.on_stage for member in conversation.cast}
    found: dict[str, list[str]] = {}
    for turns in _heard_at_once(conversation.turns):
        stagings = [
            (turn, cue, event)
            for turn in turns
            for cue, event in _stagings(turn)
            # Of others the check of cues tells.
            if {event.character, event.other} - {""} <= on_stage.keys()
        ]
        staging_turns = {turn.key: turn for turn, _, _ in stagings}
        in_order = len(staging_turns) < 2 and all(map(_is_in_order, staging_turns.values()))
        unordered: list[Staged] = []
        for turn, cue, event in stagings:
            why = ""
            if cannot_fade(cue, fades=fades):
                why = "who cannot fade on this stage: open it with fades=True, or let it slide"
            elif in_order:
                why = _no_effect(event, on_stage)
                _follow(event, on_stage)
            else:
                unordered.append(event)
            if why:
                said = f"the cue {event.kind} is for {quoted(event.character)}, {why}."
                found.setdefault(turn.key, []).append(said)
        _follow_unordered(unordered, on_stage)
    return found


def _heard_at_once(turns: Iterable[Turn]) -> Iterator[list[Turn]]:
    """The turns one by one, but together those of which each begins before the others have ended."""
    together: list[Turn] = []
    for turn in turns:
        if together and turn.gap_s >= 0:
            yield together
            together = []
        together.append(turn)
    if together:
        yield together


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


def _no_effect(event: Staged, on_stage: OnStage) -> str:
    """Why nothing comes of it; `""` where something does, or may.

    A swap of two who are off stage is no such case: each comes to where the other would have.
    """
    is_here = on_stage[event.character]
    if event.kind == "enter" and is_here and event.place is None and event.size is None:
        return "who is on stage by then: give a place or a size, or take the cue out"
    if event.kind == "leave" and is_here is False:
        return "who is off stage by then: let it enter before, or take the cue out"
    if event.kind == "swap" and event.character == event.other:
        return "with itself: name somebody else"
    return ""


def _follow(event: Staged, on_stage: OnStage) -> None:
    """Who is on stage behind it."""
    if event.kind == "enter":
        on_stage[event.character] = True
    elif event.kind == "leave":
        on_stage[event.character] = False
    elif event.kind == "swap":
        one, other = event.character, event.other
        on_stage[one], on_stage[other] = on_stage[other], on_stage[one]


def _follow_unordered(events: Sequence[Staged], on_stage: OnStage) -> None:
    """Who is on stage behind them, in whatever order they come."""
    kinds: dict[str, set[str]] = {}
    for event in events:
        for key in {event.character, event.other} - {""}:
            kinds.setdefault(key, set()).add(event.kind)
    for key, asked in kinds.items():
        if asked <= {"enter", "move"}:
            on_stage[key] = True if "enter" in asked else on_stage[key]
        elif asked <= {"leave", "move"}:
            on_stage[key] = False
        else:
            on_stage[key] = None
