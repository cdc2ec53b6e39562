"""Skin for lids: under an eye where nothing else is drawn, and over one that looks through a hole in a
face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing import eyes
from mien.importing.drafts import Draft, Drafts, Row
from mien.importing.flatten import EMPTY, Picture, over
from mien.importing.lid_lines import WIDE, Opening
from mien.importing.warping import grown
from mien.types import F64, Rect


def behind_a_face(drafts: Drafts, pieces: Sequence[Draft], box: Rect) -> bool:
    """Whether an eye lies under a face, and shows through a hole in it: the face is drawn all around, and
    not there."""
    top = max(drafts.slots.index(slot) for slot in pieces)
    ring = grown(box, max(4, box.width // 8))
    for slot in drafts.slots[top + 1 :]:
        if slot.role in ("face", "head") and slot.shown is not None:
            alpha = slot.shown.within(ring)[..., 3] > 200
            edge = np.concatenate((alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
            inside = over([s.drawings[s.default] for s in pieces]).within(ring)[..., 3] > 200
            if edge.mean() > 0.6 and inside.any() and alpha[inside].mean() < 0.7:
                return True
    return False


def cover_from_above(
    drafts: Drafts, pieces: Sequence[Draft], opening: Opening, states: Sequence[str]
) -> None:
    """A lid that comes down over an eye, under the face that it looks through."""
    slots, side = drafts.slots, pieces[0].side
    top = max(slots.index(slot) for slot in pieces)
    above = [slot for slot in slots[top + 1 :] if slot.role in ("face", "head") and slot.shown is not None]
    around = over([_inside(slot.shown, grown(opening.box, 10)) for slot in above])
    skin = _skin(around)
    if skin is None:
        return
    states = [state for state in states if state != WIDE]  # the hole stays as it is
    lids = eyes.lid_over(opening, states, skin)
    clear = Picture(np.zeros((1, 1, 4), np.uint8), (opening.box.x, opening.box.y))
    slot = Draft(f"eyelid_{side}", "lid", side, {"open": clear, **lids}, "open")
    for piece in pieces:
        if piece.role == "white" and len(piece.drawings) == 1:
            piece.default, piece.drawings = "main", {"main": piece.drawings[piece.default]}
    slot.made = "the eye shows through the face"
    drafts.place(slot, slots[top])
    drafts.rows.append(Row("", "made", f"eyelid_{side}: {', '.join(states)}", slot.made))


def cover(
    drafts: Drafts,
    pieces: Sequence[Draft],
    opening: Opening,
    states: Sequence[str],
) -> None:
    """Where nothing is drawn under an eye, a piece of skin that shows when its lid is down."""
    lowest = min(drafts.slots.index(slot) for slot in pieces)
    under = [slot for slot in drafts.slots[:lowest] if slot.shown is not None]
    inside = over([slot.drawings["open"] for slot in pieces]).within(opening.box)[..., 3] > 128
    below = over([_inside(slot.shown, opening.box) for slot in under if slot.shown is not None])
    covered = below.within(opening.box)[..., 3][inside]
    if not covered.size or float(covered.mean()) > 0.9 * 255:
        return
    around = over([_inside(slot.shown, grown(opening.box, 12)) for slot in under if slot.shown is not None])
    skin = _skin(around)
    if skin is None:
        return
    patch = eyes.skin_patch(opening, states, skin)
    clear = Picture(np.zeros((1, 1, 4), np.uint8), (opening.box.x, opening.box.y))
    slot = Draft(f"eyelid_{pieces[0].side}", "lid", pieces[0].side, {"open": clear, **patch}, "open")
    slot.group = pieces[0].group
    drafts.slots.insert(lowest, slot)
    slot.made = "nothing is drawn under the eye"
    drafts.rows.append(Row("", "made", f"eyelid_{pieces[0].side}", slot.made))


def _inside(picture: Picture | None, box: Rect) -> Picture:
    if picture is None:
        return EMPTY
    shared = overlap(picture.box, box)
    return Picture(picture.within(shared), (shared.x, shared.y)) if shared.width else EMPTY


def _skin(around: Picture) -> F64 | None:
    drawn = around.pixels[around.pixels[..., 3] > 200][:, :3] if around.pixels.size else np.zeros((0, 3))
    if len(drawn) < 20:
        return None
    found: F64 = np.median(drawn.astype(np.float64), axis=0)
    return found
