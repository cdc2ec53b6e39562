"""What expressions of a character show, slot by slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from mien.character import LID_REOPENED, LID_SHAPES, LID_SLANTS, LID_STATES, Character, Expression, Slot
from mien.origin import Origin


def slots_shown(character: Character, expression: Expression) -> dict[int, str]:
    """What slots show by an expression, by their numbers, the mouth at rest among them; "" for nothing."""
    slots, mouth = character.slots, character.mouth
    found = {s: _name(slots[s], drawing) for s, drawing in expression.slots.items()}
    shape = mouth.moods[expression.mood][expression.rest_viseme]
    return {**found, mouth.slot: _name(slots[mouth.slot], shape)}


def picked(character: Character) -> set[tuple[int, int]]:
    """(slot, drawing) of all that moods, expressions and gestures name, by numbers; not of lids."""
    mouth = character.mouth
    shapes = chain.from_iterable((*mouth.moods.values(), *mouth.halves.values()))
    picks = (*(one.slots for one in character.expressions.values()), *character.gestures.values())
    return {(mouth.slot, shape) for shape in shapes} | {one for own in picks for one in own.items()}


def unseen_mouths(character: Character) -> tuple[str, ...]:
    """Layers of the art that are mouths, and that nothing shows."""
    mouth, named = character.mouth.slot, picked(character)
    slot = character.slots[mouth]
    found: dict[bool, list[str]] = {True: [], False: []}
    for d, drawing in enumerate(slot.drawings):
        origin = slot.origins.get(drawing.name)
        if origin is not None and origin.how in ("named", "guessed", "given"):
            found[d == slot.default or (mouth, d) in named] += origin.layers
    return tuple(dict.fromkeys(layer for layer in found[False] if layer not in found[True]))


def origins_told(character: Character, expression: Expression) -> Iterator[Origin]:
    """Where drawings come from, but for those that other expressions alone show."""
    own = _all_of(character, expression) | _all_of(character, character.expressions["neutral"])
    others = {one for other in character.expressions.values() for one in _all_of(character, other)} - own
    for s, slot in enumerate(character.slots):
        yield from (origin for name, origin in slot.origins.items() if (s, name) not in others)


def _all_of(character: Character, expression: Expression) -> set[tuple[int, str]]:
    """The same with lids and with all mouths of its mood."""
    slots, mouth, sides = character.slots, character.mouth, (character.lids.left, character.lids.right)
    mouths = {(mouth.slot, _name(slots[mouth.slot], shape)) for shape in mouth.moods[expression.mood]}
    reopened = (LID_REOPENED,) if expression.shuts_eyes else ()
    lids = {
        (s, lids_drawn(character, own, state))
        for own, asked in zip(sides, expression.lids, strict=True)
        for state in (asked, *reopened)
        for s in own
    }
    return mouths | lids | {*slots_shown(character, expression).items()}


def lids_drawn(character: Character, lids: Sequence[int], state: str) -> str:
    """The state that the lids of an eye show where this one is asked for. `lids`: numbers of their slots."""
    drawn = {drawing.name for s in lids for drawing in character.slots[s].drawings}
    return next((other for other in _nearest(state) if other in drawn), "open")


def _nearest(state: str) -> Iterator[str]:
    """The states that stand in for one, itself first."""
    yield state
    near = "three_quarter" if state in LID_SLANTS else "closed" if state in LID_SHAPES else state
    at = LID_STATES.index(near)
    yield from sorted(LID_STATES, key=lambda other: abs(LID_STATES.index(other) - at))


def _name(slot: Slot, drawing: int) -> str:
    return slot.drawings[drawing].name if drawing >= 0 else ""
