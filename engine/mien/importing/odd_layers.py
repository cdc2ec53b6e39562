"""Layers that are what their names say, and lie, or are drawn, as such a part of a face hardly is: each is
told, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.art.phrases import lines_of, plain_lines
from mien.importing.drafts import Draft, Drafts
from mien.importing.lone import is_free
from mien.importing.mouth_drawings import is_open
from mien.importing.names import EYE_ROLES, MOUTH_MOODS
from mien.importing.seen import covered
from mien.importing.sides import OTHER_SIDE
from mien.importing.source import Path, path_text
from mien.messages import quoted
from mien.types import U8

_HIGHER: Final = 2
"""How much higher than an open mouth a shut one is that is none."""
_OF_MOODS: Final = ("tear", "sweat", "anger")
"""Roles of what comes with some expressions; cheeks of many are always red."""
_ON_WHITE: Final = 0.4
"""Share of an iris that lies on the white of its eye at least, also where it looks aside."""
_ALL: Final = 0.98
"""Share of a white that an iris hides from which nothing of it is seen."""
_CLIPPED: Final = 0.3
"""Share of an iris that is seen at least in what it is clipped to."""
_SOLID: Final = 200
"""Alpha, 0..255, from which a layer hides what is below."""
_INSIDE: Final = 0.8
"""Share of what is drawn of a layer that lies in the eyes where it is in them."""
_OPEN_EYES: Final = ("eye", "white", "iris")
"""Roles of what shows where an eye is."""
_BOTH_SIDES: Final = ("happy", "half", "wide", "sad", "stern", "sorry")
"""States of eyes that both have; a shut one that is missing is told as a lid, and a wink is of one."""
_FOUND = Iterator[tuple[tuple[Path, ...], Doubt]]
"""Doubts, each with the layers that it is of."""


def odd_layers(drafts: Drafts) -> _FOUND:
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


def _out_of_place(drafts: Drafts) -> _FOUND:
    """What its name says is a mouth or a brow, and lies where none is."""
    eyes = union(slot.box for slot in drafts.of(*EYE_ROLES) if not slot.lid_state)
    for slot in drafts.of("mouth", "brow") if eyes.width else ():
        above = slot.box.y + slot.box.height <= eyes.y
        below = slot.box.y >= eyes.y + eyes.height
        if slot.how == "named" and slot.paths and (above if slot.role == "mouth" else below):
            layer = path_text(slot.paths[0])
            lies, move = ("above", "below") if slot.role == "mouth" else ("below", "above")
            told = f"{quoted(layer)} is called a {slot.role} and lies {lies} the eyes"
            none = f"if it is none, write {lines_of({layer: 'plain'})}"
            yield slot.paths, Doubt(told, f"move it {move} them and save, or, {none}")


def _exchanged_mouths(drafts: Drafts) -> _FOUND:
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


def _always_there(drafts: Drafts) -> _FOUND:
    """Tears and the like that the art shows at all times."""
    for slot in drafts.of(*_OF_MOODS):
        if slot.how != "given" and slot.paths and not slot.hidden:
            layer = quoted(path_text(slot.paths[0]))
            told = f"{layer} is shown at rest and in all expressions"
            mend = f"if {layer} is to come with some of them alone, hide it in the art and save"
            yield slot.paths, Doubt(told, mend)


def _open_moods(drafts: Drafts) -> _FOUND:
    """A smile that is drawn open, and none that is shut: so it stays open in all that smile, also at rest."""
    known = {slot.lid_state: slot for slot in drafts.of("mouth", shown=False) if slot.paths}
    for mood in MOUTH_MOODS:
        slot = known.get(mood)
        if slot is None or mood == "surprised" or f"{mood}/sil" in known:
            continue
        if is_open(next(iter(slot.drawings.values()))):
            layer = quoted(path_text(slot.paths[0]))
            told = f"{layer} is drawn open, and is the {mood} of a mouth at rest, too"
            names = f"call it `mouth {mood}_aa`, draw a shut one on a layer called `mouth {mood}`"
            yield slot.paths, Doubt(told, f"to have it shut there, {names} and save")


def _moods_of_one_side(drafts: Drafts) -> _FOUND:
    """A brow that is drawn angry, or an eye that is drawn half shut, on one side alone."""
    for part, roles in (("brow", ("brow",)), ("eye", EYE_ROLES)):
        slots = list(drafts.of(*roles, shown=False))
        if {slot.side for slot in slots if slot.lid_state not in _BOTH_SIDES} < {*OTHER_SIDE}:
            continue
        for state in dict.fromkeys(slot.lid_state for slot in slots if slot.lid_state):
            own = [slot for slot in slots if slot.lid_state == state and slot.paths]
            sides = {slot.side for slot in own}
            if len(sides) == 1 and (side := sides.pop()) and (part == "brow" or state in _BOTH_SIDES):
                layer = quoted(path_text(own[0].paths[0]))
                told = f"{layer} is drawn {state}, and the other {part} is not"
                name = f"{part} {OTHER_SIDE[side]} {state}"
                yield own[0].paths, Doubt(told, f"draw that, too, on a layer called `{name}`, and save")


def _beside_whites(drafts: Drafts) -> _FOUND:
    """Irises that lie beside the white of their eye, of which none is seen there."""
    for iris, white in _eyes(drafts):
        if covered(iris.box, white.box) < _ON_WHITE:
            named = [quoted(path_text(slot.paths[0])) for slot in (iris, white)]
            yield iris.paths, Doubt(f"{named[0]} lies beside {named[1]}", f"move {named[0]} onto it and save")


def _over_whites(drafts: Drafts) -> _FOUND:
    """Irises that cover the white of their eye, of which so nothing is seen."""
    for iris, white in _eyes(drafts):
        hidden, ground = _alpha(iris, white) >= _SOLID, _alpha(white, white) >= _SOLID
        if ground.any() and float(hidden[ground].mean()) >= _ALL:
            named = [quoted(path_text(slot.paths[0])) for slot in (iris, white)]
            told = f"{named[0]} covers all of {named[1]}"
            yield iris.paths, Doubt(told, f"draw {named[0]} smaller, so that white is seen beside it, and save")


def _clipped_away(drafts: Drafts) -> _FOUND:
    """Irises that are clipped to what hardly lies under them."""
    base: Draft | None = None
    for slot in drafts.slots:
        if not slot.clip:
            base = slot
        elif slot.role in ("iris", "pupil") and slot.paths and slot.shown and base is not None:
            shown = slot.shown.pixels[..., 3].astype(float)
            inside = base.shown.within(slot.shown.box)[..., 3] / 255 if base.shown else np.zeros_like(shown)
            seen = float((shown * inside).sum() / max(1.0, shown.sum()))
            if seen < _CLIPPED and base.role != "white":
                layer = quoted(path_text(slot.paths[0]))
                below = quoted(path_text(base.paths[0])) if base.paths else quoted(base.name)
                told = f"{layer} is clipped to {below}, in which {seen:.0%} of it is seen"
                yield slot.paths, Doubt(told, "clip it to the white of its eye, or to nothing, and save")


def _above_lids(drafts: Drafts) -> _FOUND:
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
            where = f"the {side} eye" if side else "the eyes"
            told = f"{quoted(layer)} lies in {where} and is no known part of it, so lids close below it"
            line = lines_of({layer: f"glint {side}".strip()})
            yield slot.paths, Doubt(told if side else told.replace("of it", "of them"), f"if it is one, write {line}")


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
    return slot.shown.within(box)[..., 3] if slot.shown is not None else np.zeros((box.height, box.width), np.uint8)
