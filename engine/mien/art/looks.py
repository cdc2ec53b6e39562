"""Why an expression of a character looks as it does: what it changes, what it lacks, what is in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from mien.art.covers import at_rest, covers, layers_of
from mien.art.doubts import doubts_of
from mien.art.free_layers import mend_of_brows
from mien.art.known import (
    EYE_PIECES,
    always_blushes,
    driven,
    is_aside,
    is_brow,
    is_hidden_by_hand,
    is_of_art,
    needs_brows,
    shown_layers,
)
from mien.art.phrases import (
    EYES_APART,
    MOUTHS,
    SAY_SO,
    lines_of,
    mouth_role,
    no_mouth,
    of_origin,
    or_call_it,
    or_draw_it,
    own_mouth,
    show_in_art,
    side_first,
    that_mouth,
)
from mien.art.shown_by import lids_drawn, origins_told, slots_shown, unseen_mouths
from mien.character import LID_REOPENED, Character, Expression, Slot
from mien.messages import listed
from mien.origin import Origin, by_kind, named_layers
from mien.types import VISEMES

NEUTRAL: Final = "neutral"
SIDES: Final = ("left", "right")
_MOVES: Final = {
    "brow": "brows move",
    "head": "the head moves",
    "body": "the body moves",
    "shrug": "the body moves",
    "gaze": "eyes look elsewhere for a moment",
}
"""How channels begin -> what one sees of them."""
_AGAIN: Final = " for a moment, then open again (`hold_lids = true` keeps them shut)"
_BLUSHING: Final = ("happy", "joy", "embarrassed")
"""What an import shows a hidden blush with."""
_BLUSHES: Final = f"{', '.join(_BLUSHING[:-1])} and {_BLUSHING[-1]}"
_BROW: Final = "brow"
_IRIS: Final = "iris"
_MOST_MOUTHS: Final = 2
"""Most layers that are named as what a mouth may be."""
_PIECES: Final = {"eye": EYE_PIECES, _IRIS: (_IRIS, "pupil")}
"""What is missing, in the words of corrections -> what layers of it are taken for."""


@dataclass(frozen=True, slots=True)
class ExpressionState:
    """An expression of a character, and why it looks as it does. Sentences without their ends, for people."""

    name: str
    changes: tuple[str, ...]
    """What is otherwise than in `neutral`, the mouth at rest: `mouth: frown (made of 'Layer 7')`, `tear: on
    ('Layer 9')`, `brows move`. Of `neutral` itself a mouth that was made."""
    lacks: tuple[str, ...]
    """What the character has no drawing or joint for."""
    blocked: tuple[str, ...]
    """What is doubted, as of `CharacterFaults`; what of it is not seen: under another layer, hidden in the
    art, or otherwise as the host says."""
    mend: tuple[str, ...]
    """What can be done about it, of a character that was made of art."""
    shows: tuple[tuple[str, str], ...]
    """(slot, drawing) of what shows it: slots that it changes, the mouth, the lids and the brows; "" is
    nothing."""

    def lines(self) -> tuple[str, ...]:
        """All of it, a line for each kind."""
        changed = f"{self.name} changes {'; '.join(self.changes) or 'nothing'}"
        told = [f"{NEUTRAL} is as it is drawn" if self.name == NEUTRAL and not self.changes else changed]
        told += [f"{self.name} lacks {'; '.join(self.lacks)}"] if self.lacks else []
        told += [f"in its way: {'; '.join(self.blocked)}"] if self.blocked else []
        return (*told, *(f"to mend it: {what}" for what in self.mend))


def expression_state(character: Character, name: str, *, mouth_shut: bool = False) -> ExpressionState:
    """Why an expression looks as it does on a character at rest. `mouth_shut`: speech has shut its mouth.
    Raises KeyError for one that it lacks."""
    expression = character.expressions[name]
    look = Look(character, replace(expression, rest_viseme=0) if mouth_shut else expression)
    return ExpressionState(
        name,
        tuple(look.changes()),
        tuple(what for what, _ in look.lacking()),
        tuple(look.blocked()),
        tuple(look.mend()),
        tuple({slot.name: drawing for slot, drawing in look.involved()}.items()),
    )


class Look:
    """One expression of a character."""

    def __init__(self, character: Character, expression: Expression) -> None:
        self._character, self._expression = character, expression
        self._neutral = slots_shown(character, character.expressions[NEUTRAL])
        self._shown = slots_shown(character, expression)
        """Number of a slot -> what it shows, the mouth at rest among them."""
        self._driven = driven(character)
        self._brows = [s for s, slot in enumerate(character.slots) if is_brow(slot)]
        shown = ((slot.name, slot.origins.get(drawing)) for slot, drawing in self._seen())
        self._covers = covers(shown, layers_of(character))
        self._doubts = doubts_of(origins_told(character, expression))
        kept = self._never_shown()
        hidden = doubts_of(origin for slot in kept for origin in slot.origins.values())
        self._own = tuple(doubt for doubt in self._doubts if doubt not in hidden)
        """Those of what is shown: they are told first, and the others last."""
        self._others = tuple(doubt for doubt in self._doubts if doubt in hidden)

    def changes(self) -> Iterator[str]:
        """As of `ExpressionState`."""
        mouth = self._character.mouth.slot
        yield from self._changed_slots({mouth: self._shown[mouth]})
        yield from self._changed_lids()
        yield from self._changed_slots({s: one for s, one in self._shown.items() if s != mouth})
        own, plain = self._expression.channels, self._character.expressions[NEUTRAL].channels
        differs = (c for c in dict.fromkeys((*own, *plain)) if own.get(c, 0.0) != plain.get(c, 0.0))
        moved = (c for c in differs if c in self._driven)
        yield from dict.fromkeys(what for c in moved if (what := _MOVES.get(c.split("_")[0])))

    def _changed_slots(self, shown: Mapping[int, str]) -> Iterator[str]:
        slots = self._character.slots
        for s, drawing in shown.items():
            origin = slots[s].origins.get(drawing)
            is_made = self._expression.name == NEUTRAL and origin is not None and origin.how == "made"
            if is_made or drawing != self._neutral.get(s, at_rest(slots[s])):
                yield f"{slots[s].name}: {drawing or 'nothing'}{of_origin(origin)}"

    def _changed_lids(self) -> Iterator[str]:
        slots, neutral = self._character.slots, self._character.expressions[NEUTRAL].lids
        sides: dict[str, list[str]] = {}
        origins: dict[str, list[Origin]] = {}
        for k, side in enumerate(SIDES):
            own = self._drawn(k, self._expression.lids[k])
            if own != self._drawn(k, neutral[k]):
                sides.setdefault(own, []).append(side)
                known = (slots[s].origins.get(own) for s in self._lids(k))
                origins.setdefault(own, []).extend(one for one in known if one is not None)
        for own, which in sides.items():
            of = "; ".join(one.brief for one in by_kind(origins[own]))
            where = "" if len(which) == len(SIDES) else f" {which[0]}"
            again = _AGAIN if self._expression.shuts_eyes else ""
            yield f"lids{where}: {own}{f' ({of})' if of else ''}{again}"

    def lacking(self) -> Iterator[tuple[str, str]]:
        """What it has no drawing or joint for, each with what can be done about it, "" where that is not
        known."""
        character, expression = self._character, self._expression
        asked = [channel for channel, value in expression.channels.items() if value]
        yield from ((side_first(role), self._mend_of(role, one)) for role, one in self.missing().items())
        if not self._brows and not any(channel.startswith(_BROW) for channel in self._driven):
            if needs_brows(character):
                known = mend_of_brows(character, self._never_shown(), self.missing().values())
                yield "brows", known if is_of_art(character) else ""
        elif idle := [c for c in asked if c.startswith(_BROW) and c not in self._driven]:
            yield f"joints for {listed(idle)}", ""
        if not self._has_mouth:
            yield "a mouth", no_mouth(doubt.mend for doubt in self._doubts)
        elif len(character.slots[character.mouth.slot].drawings) == 1:
            yield "more than one mouth", ""
        has_lids = [bool(self._lids(k)) for k in range(len(SIDES))]
        if not any(has_lids):
            yield "lids", SAY_SO.format("eye", "eye_left") if is_of_art(character) else ""
        for k, side in enumerate(SIDES if any(has_lids) else ()):
            state = expression.lids[k]
            if not has_lids[k]:
                yield f"lids {side}", ""
            elif (drawn := self._drawn(k, state)) != state:
                yield f"lids {side} that are {state} ({drawn} stands in)", ""
        if not character.gaze.irises and {"gaze_x", "gaze_y"} & {*asked} and _IRIS not in self.missing():
            yield "irises to look with", EYES_APART if is_of_art(character) else ""

    def _mend_of(self, role: str, layer: str) -> str:
        if hidden := self._hidden_of(role):
            told = show_in_art(named_layers(tuple(hidden)), len(hidden))
            return f"{told}, or write {lines_of(hidden)}"
        which = f"{named_layers((layer,))} is" if layer else "a layer has"
        else_do = or_call_it if layer else or_draw_it
        return f"if {which} the {side_first(role)}: {lines_of({layer or 'LAYER': role})}{else_do(role)}"

    def blocked(self) -> Iterator[str]:
        """As of `ExpressionState`."""
        yield from (doubt.told for doubt in (*self._own, *self._covers))
        hidden = {True: list[str](), False: list[str]()}
        for slot in self._never_shown():
            hidden[is_hidden_by_hand(slot)] += shown_layers(slot)
        if layers := tuple(dict.fromkeys([*hidden[False], *unseen_mouths(self._character)])):
            yield f"hidden in the art, and in no expression: {named_layers(layers)}"
        if layers := tuple(dict.fromkeys(hidden[True])):
            yield f"hidden by a correction: {named_layers(layers)}"
        yield from (doubt.told for doubt in self._others)

    def mend(self) -> Iterator[str]:
        """As of `ExpressionState`."""
        yield from (doubt.mend for doubt in self._own)
        yield from dict.fromkeys(mend for _, mend in self.lacking() if mend)
        yield from (cover.mend for cover in self._covers)
        for slot, _ in self.involved():
            guess = next((one for one in slot.origins.values() if one.how == "guessed" and one.layers), None)
            if guess is not None and (words := guess.taken_for.split()):
                line = lines_of({guess.layers[0]: "plain"})
                yield f"if {named_layers(guess.layers[:1])} is no {words[0]}: {line}"
                break
        if self._expression.name in _BLUSHING and (layers := always_blushes(self._character)):
            it = "it" if len(layers) == 1 else "them"
            yield f"to have {named_layers(layers)} come with {_BLUSHES} alone, hide {it} in the art and save"
        mouth = self._character.mouth.slot
        shown = self._character.slots[mouth].origins.get(self._shown[mouth])
        mood, viseme = self._expression.mood, self._expression.rest_viseme
        if shown is not None and shown.how == "made" and (mood != NEUTRAL or viseme):
            yield own_mouth(mood, VISEMES[viseme])
            if unseen := unseen_mouths(self._character)[:_MOST_MOUTHS]:
                yield that_mouth(unseen, mouth_role(mood, VISEMES[viseme]))
        yield from (doubt.mend for doubt in self._others)

    @property
    def _has_mouth(self) -> bool:
        """Whether something is drawn of one: an import that finds none makes it of one clear pixel."""
        slot = self._character.slots[self._character.mouth.slot]
        return len(slot.drawings) > 1 or bool(slot.origins) or slot.drawings[0].region.width > 1

    def missing(self) -> dict[str, str]:
        """What the expression moves and was found on one side alone, or made up where a layer may be it: what
        is missing, in the words of corrections -> the layer that may be it, "" for none. Last an open mouth,
        which is hidden at rest."""
        own = self._expression
        has_brows = any(value and channel.startswith(_BROW) for channel, value in own.channels.items())
        has_brows |= bool(own.slots.keys() & {*self._brows})
        moved = {"eye", "white", _IRIS, "lash", "mouth"}  # all blink, look and speak
        moved |= {_BROW} if has_brows else set()
        origins = (origin for slot, _ in self.involved() for origin in slot.origins.values())
        moods = {*map("mouth {}".format, ("smile", "frown"))} - {f"mouth {own.mood}"}
        missing = (one for one in origins if one.missing not in moods)
        found = {one.missing: one.perhaps for one in missing if one.missing.split(" ")[0] in moved}
        return dict(sorted(found.items(), key=lambda one: one[0] == MOUTHS["open mouth"]))

    def _hidden_of(self, role: str) -> dict[str, str]:
        """Layers that are what is missing, and that the art hides -> what each is, in the words of
        corrections."""
        part, _, side = role.partition(" ")
        origins = (origin for slot in self._never_shown() for origin in slot.origins.values())
        found: dict[str, str] = {}
        for origin in origins:
            what, *words = origin.taken_for.split(" ")
            if what in _PIECES.get(part, (part,)) and (not side or not words or side in words):
                found |= dict.fromkeys(origin.layers, origin.taken_for if words else f"{what} {side}".strip())
        return found

    def _lids(self, side: int) -> tuple[int, ...]:
        return (self._character.lids.left, self._character.lids.right)[side]

    def _drawn(self, side: int, state: str) -> str:
        """The state that lids show where this one is asked for."""
        return lids_drawn(self._character, self._lids(side), state)

    def involved(self) -> Iterator[tuple[Slot, str]]:
        """Slots that show the expression, and what they show."""
        slots = self._character.slots
        yield from ((slots[s], drawing) for s, drawing in self._shown.items())
        for k in range(len(SIDES)):
            yield from ((slots[s], self._drawn(k, self._expression.lids[k])) for s in self._lids(k))
        others = [slots[s] for s in self._brows if s not in self._shown]
        yield from ((slot, at_rest(slot)) for slot in others)

    def _seen(self) -> Iterator[tuple[Slot, str]]:
        """The same, and what eyes that it shuts show when they open again."""
        yield from self.involved()
        if self._expression.shuts_eyes:
            for k in range(len(SIDES)):
                state = self._drawn(k, LID_REOPENED)
                yield from ((self._character.slots[s], state) for s in self._lids(k))

    def _never_shown(self) -> list[Slot]:
        """What the art hides and no expression shows."""
        used = {s for expression in self._character.expressions.values() for s in expression.slots}
        hidden = [s for s, slot in enumerate(self._character.slots) if slot.default < 0 and slot.origins]
        never = (self._character.slots[s] for s in hidden if s not in used)
        return [slot for slot in never if not is_aside(slot)]
