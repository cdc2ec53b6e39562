"""Parts of a face that are drawn, shown or called as they hardly are meant to be: each is told, with what to
do."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.art.phrases import lines_of
from mien.importing.drafts import DoubtsOf, Draft, Drafts
from mien.importing.labels import Labels
from mien.importing.mouth_curves import outline_of
from mien.importing.names import EYE_ROLES, family_of, vocabulary
from mien.importing.sides import OTHER_SIDE, is_on_both_sides
from mien.importing.source import path_text
from mien.messages import quoted

_MOODS: Final = {"smile": "frown", "frown": "smile"}
"""Mouths that are shut in silence -> of which the corners are turned the other way."""
_SILENT: Final = ("", "sil")
"""States of a mouth that is shut."""
_TURNED: Final = 0.06
"""How far the corners of a mouth lie on the wrong side of its middle, of its width, to be told."""
_AS_WIDE: Final = ("white", "eye", "lash")
"""Roles of what is as wide as an eye: of many no more than irises are on layers of their own."""
_PAIRED: Final = ("white", "eye", "iris", "brow")
"""Roles of what is in one part on either side; glints and lashes are often several."""
_WIDER: Final = 1.5
"""How many times as wide as its eye when that is open a shut one is that is too large."""
_UNSEEN: Final = 0.01
"""Opacity, 0..1, below which nothing of a layer is seen."""
_ASIDE: Final = 0.5
_HIGHER: Final = 0.2
"""How far the middle of a mouth lies aside of that of the shut one at most, and how far the one is above or
below the other, of the width of the wider one."""
_LEAST: Final = 4
"""Letters of a word that may be a misspelt one, at least."""


def odd_parts(drafts: Drafts, labels: Labels) -> DoubtsOf:
    """All of them; before lids are made, when sides are known."""
    yield from _empty(drafts)
    yield from _turned_moods(drafts)
    yield from _astray_mouths(drafts)
    yield from _odd_shut_eyes(drafts)
    yield from _transparent(drafts)
    yield from _shown_brows(drafts)
    yield from _both_on_one(drafts)
    yield from _misspelt(drafts, labels)


def _empty(drafts: Drafts) -> DoubtsOf:
    """A layer of an eye or a brow on which nothing is drawn, where the other one has it, and one of a mouth
    that is drawn nowhere else: told of what is drawn of the same kind, which lacks it. What was merged into
    another layer often leaves an empty one."""
    for path, (role, side, state) in drafts.empty.items():
        family = family_of(role)
        slots = [slot for slot in drafts.slots if family_of(slot.role) == family and slot.paths]
        if family == "mouth":
            same = _SILENT if state in _SILENT else (state,)
            is_missed = all(slot.lid_state not in same for slot in slots)
        else:
            sides = {slot.side for slot in slots if slot.role == role and not slot.lid_state}
            is_missed = family in ("eye", "brow") and sides == {OTHER_SIDE.get(side)}
        if is_missed:
            layer = quoted(path_text(path))
            told = f"nothing is drawn on {layer}"
            yield tuple(p for slot in slots for p in slot.paths), Doubt(told, f"draw on {layer} and save")


def _turned_moods(drafts: Drafts) -> DoubtsOf:
    """A smile of which the corners hang, and a frown of which they rise."""
    known = {slot.lid_state.removesuffix("/sil"): slot for slot in drafts.of("mouth", shown=False)}
    wrong = {mood: slot for mood in _MOODS if (slot := known.get(mood)) and _is_turned(slot, mood)}
    layers = {mood: path_text(slot.paths[0]) for mood, slot in wrong.items()}
    exchanged = lines_of({layer: f"mouth {_MOODS[mood]}" for mood, layer in layers.items()})
    for mood, slot in wrong.items():
        how, other = ("hang", "up") if mood == "smile" else ("rise", "down")
        told = f"{quoted(layers[mood])} is called a {mood}, and its corners {how}"
        mend = f"draw them {other} and save"
        if len(wrong) == len(_MOODS):
            mend = f"if the smile and the frown are exchanged, write {exchanged}"
        elif _MOODS[mood] not in known:
            mend = f"{mend}, or, if it is a {_MOODS[mood]}, write {exchanged}"
        yield slot.paths, Doubt(told, mend)


def _is_turned(slot: Draft, mood: str) -> bool:
    if slot.how == "given" or not slot.paths:
        return False
    outline = outline_of(next(iter(slot.drawings.values())))
    if outline is None or not outline.is_shut:
        return False
    return (outline.lift if mood == "frown" else -outline.lift) > _TURNED


def _astray_mouths(drafts: Drafts) -> DoubtsOf:
    """A mouth that lies beside the shut one, of which somebody who speaks shows one after the other."""
    slots = [slot for slot in drafts.of("mouth", shown=False) if slot.paths and not slot.mood]
    plain = next((slot for state in ("sil", "") for slot in slots if slot.lid_state == state), None)
    if plain is None:
        return
    for slot in slots:
        if slot is plain or slot.how == "given" or not slot.lid_state:
            continue
        own, shut = slot.box, plain.box
        wide = max(own.width, shut.width)
        aside = abs(own.x + own.width / 2 - shut.x - shut.width / 2)
        above, below = shut.y - own.y - own.height, own.y - shut.y - shut.height
        if aside <= _ASIDE * wide and max(above, below) <= _HIGHER * wide:
            continue
        layer, other = (quoted(path_text(one.paths[0])) for one in (slot, plain))
        lies = "beside" if aside > _ASIDE * wide else "above" if above > 0 else "below"
        told = f"{layer} lies {lies} {other}, the shut mouth"
        yield slot.paths, Doubt(told, f"move {layer} onto that and save")


def _odd_shut_eyes(drafts: Drafts) -> DoubtsOf:
    """A shut eye that lies beside the eye that it shuts, or is much larger: a blink jumps."""
    for side in OTHER_SIDE:
        slots = list(drafts.of(*EYE_ROLES, side=side, shown=False))
        opened = [slot.box for slot in slots if slot.role in _AS_WIDE and not slot.lid_state]
        eye = union(opened) if opened else None
        for slot in (one for one in slots if one.lid_state == "closed" and one.paths):
            if eye is None or not eye.width:
                continue
            layer = quoted(path_text(slot.paths[0]))
            x, y = slot.box.x + slot.box.width / 2 - eye.x, slot.box.y + slot.box.height / 2 - eye.y
            larger = slot.box.width / eye.width
            if not (0 <= x <= eye.width and 0 <= y <= eye.height):
                lies = "above" if y < 0 else "below" if y > eye.height else "beside"
                told = f"{layer} lies {lies} the {side} eye that it shuts"
                yield slot.paths, Doubt(told, f"move {layer} onto it and save")
            elif larger > _WIDER:
                told = f"{layer} is {larger:.1f} times as wide as the {side} eye that it shuts"
                yield slot.paths, Doubt(told, f"draw {layer} smaller and save")


def _transparent(drafts: Drafts) -> DoubtsOf:
    """Parts of a face that nobody can see."""
    for slot in drafts.of(*EYE_ROLES, "brow", "mouth"):
        if slot.opacity < _UNSEEN and slot.paths:
            layer = quoted(path_text(slot.paths[0]))
            told = f"{layer} has an opacity of 0 %, so nobody sees it"
            yield slot.paths, Doubt(told, f"raise the opacity of {layer} and save")


def _shown_brows(drafts: Drafts) -> DoubtsOf:
    """A brow that the art hides, of a side that has no other: it is shown, beside one that the art shows."""
    plain = [slot for slot in drafts.of("brow", shown=False) if not slot.lid_state and not slot.mood]
    shown = {slot.side for slot in plain if not slot.hidden}
    for slot in plain:
        if slot.hidden and slot.how != "given" and slot.paths and shown == {OTHER_SIDE.get(slot.side)}:
            layer = path_text(slot.paths[0])
            told = f"{quoted(layer)} is hidden in the art, and is shown here, as the other brow is"
            line = lines_of({layer: "hidden"})
            yield slot.paths, Doubt(told, f"show it in the art and save, or, to have it hidden, write {line}")


def _both_on_one(drafts: Drafts) -> DoubtsOf:
    """Both eyes or brows, or whites or the like of both eyes, on one layer that is called left or right."""
    for role in _PAIRED:
        slots = [slot for slot in drafts.of(role) if not slot.lid_state and slot.paths]
        if len(slots) == 1 and slots[0].side and is_on_both_sides(slots[0]):
            layer = path_text(slots[0].paths[0])
            told = f"{quoted(layer)} is called {slots[0].side} and holds both left and right"
            yield (
                slots[0].paths,
                Doubt(told, f"call it without its side and save, or write {lines_of({layer: role})}"),
            )


def _misspelt(drafts: Drafts, labels: Labels) -> DoubtsOf:
    """Layers in whose names a word is nearly one that says what part of a face they are."""
    for slot in drafts.slots:
        if len(slot.paths) != 1 or slot.how == "given":
            continue
        for word in labels[slot.paths[0]].reading.words:
            meant = _meant(word)
            if meant and slot.role not in _roles_called(meant):
                layer = quoted(path_text(slot.paths[0]))
                told = f"{layer}: `{word}` is no word that is known"
                yield slot.paths, Doubt(told, f"if `{meant}` is meant, correct the name of {layer} and save")


@lru_cache(maxsize=4096)
def _meant(word: str) -> str:
    """The word of a face that another one is with two letters exchanged, or one left out or doubled; empty
    for none, and where it is known itself."""
    if len(word) < _LEAST or not (word.isascii() and word.isalpha()) or word in _known_words():
        return ""
    return next((known for known in sorted(_face_words()) if _is_nearly(word, known)), "")


def _is_nearly(word: str, known: str) -> bool:
    if word[0] != known[0]:
        return False
    if len(word) == len(known):
        apart = [k for k, (one, other) in enumerate(zip(word, known, strict=True)) if one != other]
        return len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(word) == sorted(known)
    longer, shorter = (word, known) if len(word) == len(known) + 1 else (known, word)
    if len(longer) != len(shorter) + 1:
        return False
    left_out = [k for k in range(1, len(longer)) if longer[:k] + longer[k + 1 :] == shorter]
    # One letter more is one that is doubled: `brown` is no brow.
    return any(longer is known or longer[k] == longer[k - 1] for k in left_out)


@lru_cache(maxsize=1)
def _face_words() -> frozenset[str]:
    """Words of which names of eyes, brows, mouths and of what these do are made."""
    known = vocabulary()
    of_faces = (known.roles[role] for role in known.roles if family_of(role) in ("eye", "brow", "mouth"))
    aliases = (*of_faces, *known.lids.values(), *known.mouth.values())
    words = (word for one in aliases for alias in one for word in alias.words)
    return frozenset(word for word in words if word.isascii() and len(word) >= _LEAST)


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    known = vocabulary()
    tables = (known.roles, *known.within.values(), known.sides, known.lids, known.mouth, known.moods)
    words = {word for table in tables for one in table.values() for alias in one for word in alias.words}
    return frozenset(words | known.nameless)


def _roles_called(word: str) -> frozenset[str]:
    """The roles that a word alone is a name of."""
    roles = vocabulary().roles
    return frozenset(role for role, names in roles.items() if any(alias.words == (word,) for alias in names))
