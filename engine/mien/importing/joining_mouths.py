"""Single drawings of a mouth become the slot that speaks."""

from __future__ import annotations

from collections.abc import Sequence

from mien.art.layered.tree import overlap, union
from mien.importing import mouths
from mien.importing.drafts import STATUS_OF, Draft, Drafts, Row, known_by
from mien.importing.flatten import as_one, layers_of
from mien.importing.large import doubt_size
from mien.importing.names import is_numbered, read_name, vocabulary
from mien.importing.source import path_text
from mien.importing.warping import is_large


def join_mouth(drafts: Drafts, room: float, under: bool) -> mouths.MadeMouth | None:
    """One slot for the mouth, where the drawing that it shows at rest lies. `room`: as of `make_mouth`."""
    own = [slot for slot in drafts.slots if slot.role == "mouth" and slot.default]
    if not own:
        return None
    _read_rhubarb(own)
    own = [slot for slot in _as_one(drafts, _moods_as_one(drafts, own)) if slot.role == "mouth"]
    made = mouths.make_mouth(own, room, under)
    large = next((slot for slot in own if is_large(slot.box)), None)
    if large is not None and not made.halves:
        lacking = [mood for mood in ("smile", "frown") if mood not in made.moods] or ["half-open mouth"]
        doubt_size(drafts, [large], f"no {' or '.join(lacking)}", large.box, "mouth")
    main = next((s for s in own if made.names[id(s)] == made.default), own[-1])
    for slot in own:
        name = made.names[id(slot)]
        for path in slot.paths:
            status = STATUS_OF.get(slot.how, "mapped")
            drafts.rows.append(Row(path_text(path), status, f"mouth: {name}", known_by(slot.how, slot.why)))
    for name, why in made.made:
        drafts.rows.append(Row("", "made", f"mouth: {name}", why))
    main.name, main.side = "mouth", ""
    main.drawings, main.default, main.hidden = made.drawings, made.default, False
    main.paths = ()
    main.made_of = layers_of(made.drawings[name] for name in made.moods["neutral"])
    drafts.slots[:] = [slot for slot in drafts.slots if slot is main or slot not in own]
    return made


def _as_one(drafts: Drafts, own: list[Draft]) -> list[Draft]:
    """Lips, teeth and what is between them, all shown at once and none saying what it speaks, are one
    mouth; those that are counted, as `M1` and `M2`, are a mouth each."""
    pieces = [slot for slot in own if not slot.hidden and not slot.lid_state]
    pieces = [slot for slot in pieces if not is_numbered(read_name(slot.name, "mouth"))]
    pieces = _over_the_face(drafts, pieces)
    others = [slot for slot in own if slot not in pieces]
    if len(pieces) < 2 or any(slot.lid_state in ("sil", "PP") for slot in others):
        return own
    top = pieces[-1]
    picture = as_one([next(iter(slot.drawings.values())) for slot in pieces])
    top.drawings, top.default = {"main": picture}, "main"
    top.paths = tuple(path for slot in pieces for path in slot.paths)
    drafts.slots[:] = [slot for slot in drafts.slots if slot is top or slot not in pieces]
    return [slot for slot in own if slot is top or slot not in pieces]


def _moods_as_one(drafts: Drafts, own: list[Draft]) -> list[Draft]:
    """Of the mouth of a mood's face its pieces (lips, teeth and a tongue) are one drawing."""
    kinds: dict[tuple[str, str], list[Draft]] = {}
    for slot in (slot for slot in own if slot.mood):
        kinds.setdefault((slot.mood, slot.lid_state), []).append(slot)
    for *others, top in kinds.values():
        if others:
            pieces = [*others, top]
            top.drawings = {"main": as_one([next(iter(slot.drawings.values())) for slot in pieces])}
            top.paths = tuple(path for slot in pieces for path in slot.paths)
            drafts.slots[:] = [slot for slot in drafts.slots if slot not in others]
            own = [slot for slot in own if slot not in others]
    return own


def _over_the_face(drafts: Drafts, pieces: list[Draft]) -> list[Draft]:
    """Those that lie over the face. What lies under it, seen through a hole, stays where it is."""
    mouth = union(slot.box for slot in pieces)
    faces = [
        drafts.slots.index(slot)
        for slot in drafts.of("face", "head")
        if overlap(slot.box, mouth).width * overlap(slot.box, mouth).height > 0.5 * mouth.width * mouth.height
    ]
    above = [slot for slot in pieces if all(drafts.slots.index(slot) > face for face in faces)]
    if not above or len(above) == len(pieces):
        return pieces
    for slot in pieces:
        if slot not in above:
            slot.role = "teeth"
    return above


def _read_rhubarb(own: Sequence[Draft]) -> None:
    """Mouths that are called by the letters of Rhubarb Lip Sync, A to H and X, show what those stand for."""
    letters = [slot.name.strip().rpartition(" ")[2].rpartition("_")[2].upper() for slot in own]
    if {"A", "B", "C", "D"} <= {*letters} <= {*vocabulary().rhubarb}:
        for slot, letter in zip(own, letters, strict=True):
            slot.lid_state = vocabulary().rhubarb[letter][0]
