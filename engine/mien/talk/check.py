"""The linter: what a conversation asks of its cast that they cannot do."""

from __future__ import annotations

from collections.abc import Mapping

from mien.character import Character
from mien.documents.toml import did_you_mean
from mien.motion import resolve_expression
from mien.talk.conversation import Conversation
from mien.talk.turns import Cue


def check_conversation(conversation: Conversation, characters: Mapping[str, Character]) -> list[str]:
    """One sentence for each cue that will be passed over, in order; none when all is well.

    `characters` by cast key; turns of others are not looked at."""
    found = []
    for turn in conversation.turns:
        character = characters.get(turn.speaker)
        if character is None:
            continue
        for cue in turn.cues:
            if complaint := _complaint(cue, character):
                found.append(f"{conversation.source}: turn {turn.key!r}: {complaint}")
    return found


def _complaint(cue: Cue, character: Character) -> str | None:
    who = f"{character.name!r}"
    if cue.kind == "expression" and resolve_expression(character, str(cue.value)) is None:
        known = (*character.expressions, *character.aliases)
        return f"{who} has no expression for {cue.value!r}; {did_you_mean(str(cue.value), known)}"
    if cue.kind == "gesture" and cue.value and cue.value not in character.gestures:
        return f"{who} has no gesture {cue.value!r}; {did_you_mean(str(cue.value), character.gestures)}"
    if cue.kind == "drawing":
        slots = [slot.name for slot in character.slots]
        if cue.slot not in slots:
            return f"{who} has no slot {cue.slot!r}; {did_you_mean(cue.slot, slots)}"
        drawings = [drawing.name for drawing in character.slots[slots.index(cue.slot)].drawings]
        if cue.value and cue.value not in drawings:
            known_drawings = did_you_mean(str(cue.value), drawings)
            return f"slot {cue.slot!r} of {who} has no drawing {cue.value!r}; {known_drawings}"
    return None
