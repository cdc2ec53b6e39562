"""What is wrong with a character in whatever it shows, as far as it can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mien.art.covers import at_rest, covers, layers_of
from mien.art.doubts import doubts_of
from mien.art.looks import Look
from mien.art.phrases import side_first
from mien.character import Character
from mien.origin import Origin


@dataclass(frozen=True, slots=True)
class CharacterFaults:
    """What is wrong with a character in whatever it shows: sentences without their ends, for people."""

    missing: tuple[str, ...]
    """Parts of the face that layers of its art may be, or that these hide, each with what to do."""
    lacks: tuple[str, ...]
    """What it lacks beside these for all of its expressions, with what to do where that is known."""
    covered: tuple[str, ...]
    """What of its face lies under another layer at rest, with what to put below what."""
    doubted: tuple[str, ...]
    """Layers of its art that may not be meant as they are (with almost nothing on them, an iris beside its
    white), and corrections that may not be meant: each with what to do. docs/import.md lists them."""


def character_faults(character: Character) -> CharacterFaults:
    """What is wrong with a character."""
    shown = covers(_seen(character), layers_of(character))
    doubts = doubts_of(one for slot in character.slots for one in slot.origins.values())
    looks = [Look(character, expression) for expression in character.expressions.values()]
    lacking = [dict(look.lacking()) for look in looks]
    parts = {side_first(role) for look in looks for role in look.missing()}
    mends = {what: mend for own in lacking for what, mend in own.items()}
    always = [what for what in mends if what not in parts and all(what in own for own in lacking)]
    return CharacterFaults(
        tuple(_told(what, mends[what]) for what in mends if what in parts),
        tuple(_told(what, mends[what]) for what in always),
        tuple(cover.line_again for cover in shown),
        tuple(doubt.line for doubt in doubts),
    )


def _seen(character: Character) -> Iterator[tuple[str, Origin | None]]:
    """Slots, and where what they show at rest comes from; of those that expressions alone show, all."""
    used = {s for expression in character.expressions.values() for s in expression.slots}
    for s, slot in enumerate(character.slots):
        if slot.default >= 0:
            yield slot.name, slot.origins.get(at_rest(slot))
        elif s in used:
            yield from ((slot.name, origin) for origin in slot.origins.values())


def _told(what: str, mend: str) -> str:
    return f"{what.removeprefix('a ')}: not found{f'; {mend}' if mend else ''}"
