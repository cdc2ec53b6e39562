"""What a character was drawn with: which cues it can follow, and what to write instead of others."""

from __future__ import annotations

from typing import Final

from mien.character import Character
from mien.messages import did_you_mean, nearest, quoted, suggestion
from mien.motion.labels import Labels
from mien.talk.places import PLACES
from mien.talk.turns import CUE_KINDS, Cue

DRAWN: Final = ("expression", "gesture", "drawing")
"""Kinds of cues that ask for something drawn."""


class Abilities:
    """The expressions, gestures, slots and drawings of one character. Asked from any thread."""

    def __init__(self, character: Character) -> None:
        self._labels = Labels(character)
        self._expressions = (*character.expressions, *character.aliases)
        self._gestures = character.gestures
        self._slots = {slot.name: [drawing.name for drawing in slot.drawings] for slot in character.slots}

    def expression(self, label: str) -> str | None:
        """The character's expression for a label; None when there is none."""
        return self._labels.resolve(label)

    def can_follow(self, cue: Cue) -> bool:
        """Whether the character has what a cue asks for; of one of another kind than `DRAWN` it has."""
        match cue.kind:
            case "expression":
                return self.expression(str(cue.value)) is not None
            case "gesture":
                return not cue.value or cue.value in self._gestures
            case "drawing":
                return cue.slot in self._slots and (not cue.value or cue.value in self._slots[cue.slot])
        return True

    def complaint(self, cue: Cue, who: str) -> str:
        """Why `who` cannot follow a cue, and what to write instead. A millisecond: near names are sought."""
        name, value = quoted(who), str(cue.value)
        if cue.kind == "expression":
            if remedy := _of_a_tag(value):
                return f"{name} cannot follow {quoted(value)}: {remedy}"
            known = did_you_mean(value, self._expressions)
            return f"{name} has no expression for {quoted(value)}; {known}"
        if cue.kind == "gesture":
            return f"{name} has no gesture {quoted(value)}; {did_you_mean(value, self._gestures)}"
        if cue.slot not in self._slots:
            return f"{name} has no slot {quoted(cue.slot)}; {did_you_mean(cue.slot, self._slots)}"
        known = did_you_mean(value, self._slots[cue.slot])
        return f"slot {quoted(cue.slot)} of {name} has no drawing {quoted(value)}; {known}"


def _of_a_tag(label: str) -> str:
    """What to write instead of a label that looks like a tag of another kind; `""` for any other."""
    tag, colon, value = label.partition(":")
    kind = nearest(tag, CUE_KINDS) if colon else None
    if kind is None:
        return ""
    if kind in ("expression", "burst"):  # of which the label alone is the tag
        return suggestion(value.strip() or None, "")
    if tag.lower() != kind:
        return suggestion(f"{kind}:{value}", "")
    if kind == "nod":
        return "nod's depth is a number from -1 to 1."
    if kind == "move":
        return did_you_mean(value, PLACES)
    if kind == "drawing":
        return "write drawing:SLOT=NAME, or drawing:SLOT= for nothing."
    return "" if value.strip() else "a name is missing behind the colon."
