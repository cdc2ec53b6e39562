"""The linter: what a conversation asks of its cast and its sound that they cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from mien.audio import resolve
from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.errors import MienError
from mien.messages import did_you_mean, quoted
from mien.motion import resolve_expression
from mien.talk.conversation import Conversation
from mien.talk.turns import Cue, Turn

_SLACK_S: Final = 0.3
"""Files are a little shorter than what their words were timed in: encoders cut silence."""


def check_conversation(conversation: Conversation, characters: Mapping[str, Character]) -> list[str]:
    """One sentence for each cue, time or file that will be passed over, in order; none when all is well.

    `characters` by cast key; cues of others are not looked at. Audio files are asked for their lengths, about
    1.5 ms each.
    """
    found = []
    for turn in conversation.turns:
        complaints = [*_of_sound(turn)]
        if (character := characters.get(turn.speaker)) is not None:
            complaints += [said for cue in turn.cues if (said := _complaint(cue, character))]
        found += [f"{conversation.source}: turn {quoted(turn.key)}: {said}" for said in complaints]
    return found


def without_what_fails(turn: Turn, character: Character) -> Turn:
    """The turn without the cues that its speaker cannot follow: they have been told of."""
    return replace(turn, cues=tuple(cue for cue in turn.cues if _complaint(cue, character) is None))


def _of_sound(turn: Turn) -> list[str]:
    """What is wrong with its file, or lies behind its end."""
    if not isinstance(turn.audio, Path):
        return []
    try:
        with closing(resolve(turn.audio).open()) as sound:
            samples = sound.expected
    except MienError as error:
        return [str(error)]
    if samples is None:
        return []
    length_s, found = samples / SAMPLE_RATE, []
    last = turn.words[-1] if turn.words else None
    if last is not None and last.end_s > length_s + _SLACK_S:
        found.append(
            f"the word {quoted(last.text)} ends at {last.end_s:.2f} s, and its audio at {length_s:.2f} s"
        )
    if turn.timings is not None and turn.timings.marks and turn.timings.marks[-1][2] > length_s + _SLACK_S:
        end_s = turn.timings.marks[-1][2]
        found.append(f"its mouth shapes end at {end_s:.2f} s, and its audio at {length_s:.2f} s")
    for cue in turn.cues:
        if cue.at_s > length_s + _SLACK_S:
            found.append(f"the cue {cue.kind} is at {cue.at_s:.2f} s, and its audio ends at {length_s:.2f} s")
    return [f"{said}; it will not be seen: give times within the audio." for said in found]


def _complaint(cue: Cue, character: Character) -> str | None:
    who = f"{quoted(character.name)}"
    if cue.kind == "expression" and resolve_expression(character, str(cue.value)) is None:
        known = (*character.expressions, *character.aliases)
        return f"{who} has no expression for {quoted(cue.value)}; {did_you_mean(str(cue.value), known)}"
    if cue.kind == "gesture" and cue.value and cue.value not in character.gestures:
        return f"{who} has no gesture {quoted(cue.value)}; {did_you_mean(str(cue.value), character.gestures)}"
    if cue.kind == "drawing":
        slots = [slot.name for slot in character.slots]
        if cue.slot not in slots:
            return f"{who} has no slot {quoted(cue.slot)}; {did_you_mean(cue.slot, slots)}"
        drawings = [drawing.name for drawing in character.slots[slots.index(cue.slot)].drawings]
        if cue.value and cue.value not in drawings:
            known_drawings = did_you_mean(str(cue.value), drawings)
            return f"slot {quoted(cue.slot)} of {who} has no drawing {quoted(cue.value)}; {known_drawings}"
    return None
