"""Layers that are what their names say, and lie, or are drawn, as such a part of a face hardly is: each is
told, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.art.phrases import lines_of, plain_lines
from mien.character import LID_SLANTS
from mien.importing.drafts import DoubtsOf, Draft, Drafts
from mien.importing.lone import is_free
from mien.importing.mouth_drawings import is_open
from mien.importing.names import EYE_ROLES
from mien.importing.seen import covered
from mien.importing.sides import OTHER_SIDE
from mien.importing.source import path_text
from mien.messages import quoted
from mien.types import U8

_HIGHER: Final = 2
"""How much higher than an open mouth a shut one is that is none."""
_OF_MOODS: Final = ("tear", "sweat", "anger")
"""Roles of what comes with some expressions; cheeks of many are always red."""
_ON_WHITE: Final = 0.4
"""Share of an iris that lies on the white of its eye at least, also where it looks aside."""
_ALL, _NOT_ALL = 0.98, 0.9
"""Shares of a white that an iris hides: from which nothing of it is seen, and up to which something is."""
_CLIPPED: Final = 0.3
"""Share of an iris that is seen at least in what it is clipped to."""
_SOLID: Final = 200
"""Alpha, 0..255, from which a layer hides what is below."""
_INSIDE: Final = 0.8
"""Share of what is drawn of a layer that lies in the eyes where it is in them."""
_OPEN_EYES: Final = ("eye", "white", "iris")
"""Roles of what shows where an eye is."""
_OF_EYES: Final = ("half", "wide", "sad", *LID_SLANTS)
"""States of eyes that both have: a shut one that is missing is told as a lid, and one that is happy winks."""
_OF_BROWS: Final = ("happy", "sad", "angry")
"""Moods of brows that both have: one alone may be raised."""
_SHUT_MOODS: Final = ("smile", "frown")
"""Moods of a mouth that is shut in silence."""


def odd_layers(drafts: Drafts) -> DoubtsOf:
    """All of them; before lids are made, when sides are known."""
    yield from _out_of_place(drafts)
    yield from _exchanged_mouths(drafts)
    yield from _open_moods(drafts)
    yield from _always_there(drafts)
    yield from _moods_of_one_side(drafts)
    yield from _beside_whites(drafts)
    yield from _over_whites(drafts)
    yield from _clipped_away(drafts)
    yield from _above_lids(drafts)


def _out_of_place(drafts: Drafts) -> DoubtsOf:
    """What its name says is a mouth or a brow, and lies where none is."""
    eyes = union(slot.box for slot in drafts.of(*EYE_ROLES) if not slot.lid_state)
    for slot in drafts.of("mouth", "brow") if eyes.width else ():
        above = slot.box.y + slot.box.height <= eyes.y
        below = slot.box.y >= eyes.y + eyes.height
        if slot.how == "named" and slot.paths and (above if slot.role == "mouth" else below):
            layer = path_text(slot.paths[0])
            lies, move = ("above", "below") if slot.role == "mouth" else ("below", "above")
            told = f"{quoted(layer)} is called a {slot.role} and lies {lies} the eyes"
            none = f"if it is no {slot.role}, write {lines_of({layer: 'plain'})}"
            yield slot.paths, Doubt(told, f"move it {move} them and save, or, {none}")


def _exchanged_mouths(drafts: Drafts) -> DoubtsOf:
    """A mouth that is called shut and is drawn open, beside one that is called open and is none."""
    known = {slot.lid_state: slot for slot in drafts.of("mouth", shown=False) if slot.paths}
    shut, wide = known.get("sil"), known.get("aa")
    if shut is None or wide is None:
        return
    pictures = [next(iter(slot.drawings.values())) for slot in (shut, wide)]
    if [is_open(one) for one in pictures] != [True, False] or _HIGHER * wide.box.height > shut.box.height:
        return
    layers = [path_text(slot.paths[0]) for slot in (shut, wide)]
    named = [quoted(layer) for layer in layers]
    told = f"{named[0]} is taken for the shut mouth and is drawn open, and {named[1]} is a line"
    lines = plain_lines(dict(zip(layers, ("mouth aa", "mouth sil"), strict=True)))
    mend = f"if these mouths are exchanged, write {lines} under [layers] of a file for mien import --map"
    yield (*shut.paths, *wide.paths), Doubt(told, mend)


def _always_there(drafts: Drafts) -> DoubtsOf:
    """Tears and the like that the art shows at all times."""
    for slot in drafts.of(*_OF_MOODS):
        if slot.how != "given" and slot.paths and not slot.hidden:
            layer = quoted(path_text(slot.paths[0]))
            told = f"{layer} is shown at rest and in all expressions"
            mend = f"if {layer} is to come with some of them alone, hide it in the art and save"
            yield slot.paths, Doubt(told, mend)


def _open_moods(drafts: Drafts) -> DoubtsOf:
    """A smile that is drawn open where the plain mouth is shut, and none that is shut: so the mouth stays
    open in silence."""
    slots = [slot for slot in drafts.of("mouth", shown=False) if slot.paths]
    known = {slot.lid_state: slot for slot in slots}
    plain = known.get("sil") or known.get("")
    if plain is None or _is_open(plain):
        return
    for mood in _SHUT_MOODS:
        slot = known.get(mood)
        if slot is not None and slot.how != "given" and f"{mood}/sil" not in known and _is_open(slot):
            layer = quoted(path_text(slot.paths[0]))
            told = f"{layer} is drawn open, so a {mood} stays open in silence, too"
            names = f"call it `mouth {mood}_aa`, draw a shut one on a layer called `mouth {mood}`"
            yield slot.paths, Doubt(told, f"to have it shut there, {names} and save")


def _is_open(slot: Draft) -> bool:
    return is_open(next(iter(slot.drawings.values())))


def _moods_of_one_side(drafts: Drafts) -> DoubtsOf:
    """A brow that is drawn angry, or an eye that is drawn half shut, on one side alone."""
    for part, roles, states in (("brow", ("brow",), _OF_BROWS), ("eye", EYE_ROLES, _OF_EYES)):
        slots = list(drafts.of(*roles, shown=False))
        if not {*OTHER_SIDE} <= {slot.side for slot in slots if slot.lid_state not in states}:
            continue
        for state in states:
            own = [slot for slot in slots if slot.lid_state == state and slot.paths]
            sides = {slot.side for slot in own}
            if len(sides) == 1 and (side := OTHER_SIDE.get(sides.pop(), "")):
                layer = quoted(path_text(own[0].paths[0]))
                told = f"{layer} has no pair: the {side} {part} is not drawn {state}"
                name = f"{part} {side} {state}"
                yield own[0].paths, Doubt(told, f"draw it on a layer called `{name}` and save")


def _beside_whites(drafts: Drafts) -> DoubtsOf:
    """Irises that lie beside the white of their eye, of which none is seen there."""
    for iris, white in _eyes(drafts):
        if covered(iris.box, white.box) < _ON_WHITE:
            named = [quoted(path_text(slot.paths[0])) for slot in (iris, white)]
            yield iris.paths, Doubt(f"{named[0]} lies beside {named[1]}", f"move {named[0]} onto it and save")


def _over_whites(drafts: Drafts) -> DoubtsOf:
    """An iris that covers the white of its eye, where the other one does not: many fill both."""
    eyes = list(_eyes(drafts))
    shares = []
    for iris, white in eyes:
        is_above = drafts.slots.index(iris) > drafts.slots.index(white)
        hidden, ground = _alpha(iris, white) >= _SOLID, _alpha(white, white) >= _SOLID
        shares.append(float(hidden[ground].mean()) if is_above and ground.any() else 0.0)
    if len(eyes) == len(OTHER_SIDE) and min(shares) < _NOT_ALL and max(shares) >= _ALL:
        iris, white = eyes[shares.index(max(shares))]
        named = [quoted(path_text(slot.paths[0])) for slot in (iris, white)]
        told = f"{named[0]} covers all of {named[1]}, and the other eye shows its white"
        yield iris.paths, Doubt(told, f"draw {named[0]} smaller and save")


def _clipped_away(drafts: Drafts) -> DoubtsOf:
    """Irises that are clipped to what hardly lies under them."""
    base: Draft | None = None
    for slot in drafts.slots:
        if not slot.clip:
            base = slot
            continue
        if base is None or base.group is not slot.group or base.role == "white":
            continue
        if (
            slot.role in ("iris", "pupil")
            and slot.paths
            and slot.shown is not None
            and base.shown is not None
        ):
            shown = slot.shown.pixels[..., 3].astype(float)
            inside = base.shown.within(slot.shown.box)[..., 3] / 255
            seen = float((shown * inside).sum() / max(1.0, shown.sum()))
            if seen < _CLIPPED:
                layer = quoted(path_text(slot.paths[0]))
                below = quoted(path_text(base.paths[0])) if base.paths else quoted(base.name)
                told = f"{layer} is clipped to {below}, in which {seen:.0%} of it is seen"
                yield slot.paths, Doubt(told, "clip it to the white of its eye, or to nothing, and save")


def _above_lids(drafts: Drafts) -> DoubtsOf:
    """What lies in the eyes and is no known part of them: lids close below it."""
    eyes = [slot for slot in drafts.of(*_OPEN_EYES) if not slot.lid_state]
    boxes = {side: union(slot.box for slot in eyes if slot.side == side) for side in OTHER_SIDE}
    lowest = min((drafts.slots.index(slot) for slot in eyes), default=len(drafts.slots))
    for slot in drafts.slots[lowest + 1 :]:
        if not is_free(slot) or slot.clip or slot.shown is None:
            continue
        ink = {side: float(slot.shown.within(box)[..., 3].sum()) for side, box in boxes.items()}
        whole = float(slot.shown.pixels[..., 3].sum(dtype=np.int64))
        if whole and sum(ink.values()) >= _INSIDE * whole:
            layer = path_text(slot.paths[0])
            side = next((side for side, share in ink.items() if share >= _INSIDE * whole), "")
            where = f"the {side} eye and is no known part of it" if side else "the eyes and is no known part"
            line = lines_of({layer: f"glint {side}".strip()})
            told = f"{quoted(layer)} lies in {where}, so lids close below it"
            yield slot.paths, Doubt(told, f"if it is a glint, write {line}")


def _eyes(drafts: Drafts) -> Iterator[tuple[Draft, Draft]]:
    """Irises with the white of their eye, where each eye has one of each that is shown."""
    for side in OTHER_SIDE:
        whites, irises = (
            [slot for slot in drafts.of(role, side=side) if slot.paths and slot.shown is not None]
            for role in ("white", "iris")
        )
        if len(whites) == len(irises) == 1:
            yield irises[0], whites[0]


def _alpha(slot: Draft, other: Draft) -> U8:
    """The alpha of what a slot shows, where another one lies, (h, w)."""
    box = other.shown.box if other.shown is not None else other.box
    return (
        slot.shown.within(box)[..., 3]
        if slot.shown is not None
        else np.zeros((box.height, box.width), np.uint8)
    )
