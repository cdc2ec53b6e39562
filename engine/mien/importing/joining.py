"""Single drawings of eyes and brows become the slots that blink and frown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.art.layered.tree import union
from mien.character import LID_SLANTS
from mien.importing import eyes
from mien.importing.covering import behind_a_face, cover, cover_from_above
from mien.importing.drafts import STATUS_OF, Draft, Drafts, Row, known_by
from mien.importing.flatten import Picture, as_one
from mien.importing.large import doubt_size
from mien.importing.lid_lines import CLOSING, MADE, SLANTED, Opening
from mien.importing.names import EYE_ROLES
from mien.importing.source import path_text
from mien.importing.warping import SEEN, is_large

SIDES = ("left", "right")
_CLIPPED = ("iris", "pupil", "glint")
_PARTLY = ("wide", "three_quarter", "half", "nearly", *LID_SLANTS)
"""States in which what is in an eye is still seen: where the file draws lids and lashes alone, white and iris
stay as they are."""
_LID_FROM = "from its lash line and outline"
_FLAT = 0.6
"""How high shut eyes are at most, in heights of the open ones."""
_WHITE, _LEAST_WHITE = 80.0, 0.2
"""How much lighter than its line the white of an eye is, 0..255, and its share of one that is open."""
_LID_STATES = ("wide", "open", *CLOSING, *LID_SLANTS, "happy", "sad")


def join_eyes(drafts: Drafts) -> None:
    """Give each eye its lids."""
    for side in SIDES:
        _join_eye(drafts, side)


def _join_eye(drafts: Drafts, side: str) -> None:
    own = [slot for slot in drafts.slots if slot.role in EYE_ROLES and slot.side == side]
    shut = [slot for slot in own if slot.lid_state]
    pieces = [slot for slot in own if not slot.lid_state and slot.default]
    if not own or not (shut or pieces):
        return
    _lean(shut, pieces)
    units = _units(drafts, shut)
    _clip_irises(drafts, pieces)
    parts = [
        eyes.Piece(slot.role, slot.drawings[slot.default], slot.role in _CLIPPED and slot.clip)
        for slot in pieces
    ]
    drawn = eyes.shut_eye(units)
    if "closed" in drawn and "happy" not in drawn and _is_line_clipped(pieces):
        drawn["happy"] = drawn["closed"]  # one that is made would show within the white alone, which is gone
    states = [state for state in MADE if state not in drawn]
    if {"three_quarter", "half"} & drawn.keys():  # its own lids come down as they are drawn
        states = [state for state in states if state not in SLANTED]
    if not pieces:  # the open eyes are part of another layer, and what is shut lies over them
        states = []
    opening = _opening(drafts, side, pieces, parts, "closed" in drawn) if states else None
    if opening is not None and states and not drawn and behind_a_face(drafts, pieces, opening.box):
        cover_from_above(drafts, pieces, opening, states)
        return
    made = eyes.closing(parts, opening, states)
    roles = {slot.lid_state: {s.role for s in shut if s.lid_state == slot.lid_state} for slot in shut}
    for slot, drawings in zip(pieces, made, strict=True):
        slot.drawings = {"open": slot.drawings[slot.default], **drawings}
        slot.made = _LID_FROM
        for state in drawn:
            stays = state in _PARTLY and not roles.get(state, set()) & {"eye", "white", slot.role}
            slot.drawings[state] = slot.drawings["open"] if stays or state == "open" else _gone(slot)
        slot.default = "open"
    if states and opening is not None:
        drafts.rows.append(Row("", "made", f"{side} eye: {', '.join(states)}", _LID_FROM))
        cover(drafts, pieces, opening, states)
    if drawn:
        _shut_slot(drafts, side, shut, drawn, pieces)


def _lean(shut: Sequence[Draft], pieces: Sequence[Draft]) -> None:
    """Sad eyes that are drawn open lean; flat ones, and lids and lashes alone, are shut."""
    sad = [slot for slot in shut if slot.lid_state == "sad"]
    if not sad or not pieces or any(slot.lid_state == "sorry" for slot in shut):
        return
    drawn, plain = (union(slot.box for slot in slots) for slots in (sad, pieces))
    is_eye = any(slot.role in ("eye", "white", "iris") for slot in sad)
    if is_eye and drawn.height >= _FLAT * plain.height:
        for slot in sad:
            slot.lid_state = "sorry"


def _is_dark(eye: Picture) -> bool:
    """Whether an eye has no white: it is a line."""
    drawn = eye.pixels[eye.pixels[..., 3] > SEEN][:, :3] @ (0.299, 0.587, 0.114)
    return not len(drawn) or float((drawn > drawn.min() + _WHITE).mean()) < _LEAST_WHITE


def _is_line_clipped(pieces: Sequence[Draft]) -> bool:
    """Whether the lines of an eye show within its white alone."""
    lines = [slot for slot in pieces if slot.role in ("eye", "lash")]
    return bool(lines) and all(slot.clip for slot in lines)


def _opening(
    drafts: Drafts, side: str, pieces: Sequence[Draft], parts: Sequence[eyes.Piece], shuts: bool
) -> Opening | None:
    """What lids are made of; None where nothing is drawn, or far too much. `shuts`: the file draws the eye
    shut, so that it blinks anyway."""
    box = union(part.picture.box for part in parts)
    if not is_large(box):
        return eyes.opening_of(parts, side)
    if not shuts:
        doubt_size(drafts, pieces, f"no lid of the {side} eye", box, "eye", ", or draw it shut,")
    return None


def _gone(slot: Draft) -> Picture:
    """One clear pixel where a slot is."""
    return Picture(np.zeros((1, 1, 4), np.uint8), slot.drawings["open"].offset)


def _units(drafts: Drafts, shut: Sequence[Draft]) -> dict[str, Picture]:
    """What the file draws of an eye that is not open, by state; several layers of one state are one
    drawing."""
    by_state: dict[str, list[Picture]] = {}
    for slot in shut:
        by_state.setdefault(slot.lid_state, []).extend(slot.drawings.values())
    return {
        state: as_one(pictures) if len(pictures) > 1 else pictures[0] for state, pictures in by_state.items()
    }


def _shut_slot(
    drafts: Drafts, side: str, shut: Sequence[Draft], drawn: dict[str, Picture], pieces: Sequence[Draft]
) -> None:
    """One slot for all that the file draws of an eye that is not open, where the topmost of it lies."""
    plain = [one for one in shut if not one.mood]  # the face of a mood may lie anywhere
    top = (plain or pieces or shut)[-1]
    drawings = {state: drawn[state] for state in _LID_STATES if state in drawn}
    drawings |= {state: picture for state, picture in drawn.items() if state not in drawings}
    first = next(iter(drawn.values()))
    if "open" not in drawings:
        clear = Picture(np.zeros((1, 1, 4), np.uint8), first.offset)
        drawings = {"open": clear, **drawings}
        made = next((s.drawings for s in pieces), {})
        drawings |= {state: clear for state in MADE if state in made and state not in drawn}
    slot = Draft(
        f"eye_shut_{side}",
        "shut",
        side,
        drawings,
        "open",
        tuple(p for s in shut for p in s.paths),
        shut[0].how,
    )
    high = union(one.box for one in pieces).height
    for one in shut:
        if one.mood and one.lid_state == one.mood:
            eye = drawn[one.lid_state]
            slot.of_moods[one.mood] = eye.box.height < _FLAT * high and _is_dark(eye)
    drafts.place(slot, top)
    for old in shut:
        for path in old.paths:
            became = f"eye_shut_{side}: {old.lid_state}"
            status = STATUS_OF.get(old.how, "mapped")
            drafts.rows.append(Row(path_text(path), status, became, known_by(old.how, old.why)))
        drafts.slots.remove(old)


def _clip_irises(drafts: Drafts, pieces: Sequence[Draft]) -> None:
    """Clip to the white of an eye what lies right over it, where that shows the same: so a lid hides it."""
    slots = drafts.slots
    for slot in pieces:
        if slot.role not in _CLIPPED or slot.clip:
            continue
        at = slots.index(slot) - 1
        while at >= 0 and slots[at].clip:
            at -= 1
        if (
            at < 0
            or slots[at].role != "white"
            or slots[at].side != slot.side
            or slots[at].group is not slot.group
            or (white := slots[at].shown) is None
        ):
            continue
        if _share_outside(slot.drawings[slot.default], white) < 0.04:
            slot.clip = True


def _share_outside(picture: Picture, base: Picture) -> float:
    alpha = picture.pixels[..., 3].astype(np.float64)
    under = base.within(picture.box)[..., 3] / 255
    return float((alpha * (1 - under)).sum() / max(1.0, alpha.sum()))


def join_brows(drafts: Drafts) -> None:
    """One slot for each brow, with a drawing for each emotion that the file draws."""
    for side in SIDES:
        own = [slot for slot in drafts.slots if slot.role == "brow" and slot.side == side]
        own = [slot for slot in own if slot.default] or own  # what is kept and not shown is no drawing of it
        shown = [slot for slot in own if not slot.hidden]
        if not own or (len(own) == 1 and own[0].default and not own[0].mood):
            continue
        if len(shown) > 1 and not any(slot.lid_state for slot in own):
            continue  # several layers that make one brow
        main = next((slot for slot in shown if not slot.lid_state), shown[0] if shown else own[0])
        drawings: dict[str, Picture] = {}
        if all(slot.mood for slot in own):  # the plain face has none
            drawings["neutral"] = Picture(np.zeros((1, 1, 4), np.uint8), main.box[:2])
        for slot in sorted(own, key=lambda slot: slot is not main):
            is_plain = slot is main and not slot.mood
            base = "neutral" if is_plain else slot.lid_state or slot.name
            name, count = base, 1
            while name in drawings:
                count += 1
                name = f"{base}_{count}"
            drawings[name] = next(iter(slot.drawings.values()))
            for path in slot.paths:
                if not is_plain:
                    status, why = STATUS_OF.get(slot.how, "mapped"), known_by(slot.how, slot.why)
                    drafts.rows.append(Row(path_text(path), status, f"brow_{side}: {name}", why))
        main.drawings, main.default = drawings, "neutral"
        drafts.slots[:] = [slot for slot in drafts.slots if slot is main or slot not in own]
