"""Fewer slots than layers, where a file has more than a character may: neighbours that move alike become
one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture, as_one
from mien.importing.naming import own_name, plain_name
from mien.types import Blend

MOST: Final = 240
"""Slots of a character that is made here; the format takes 256."""
_MOST_DRAWINGS: Final = 200


def thin(drafts: Drafts) -> None:
    """Join neighbours until there are few enough: those of one role first, then those without one, hidden
    ones last."""
    for same in (_are_alike, _are_plain, _are_hidden):
        if len(drafts.slots) > MOST:
            _join(drafts, same)


def _join(drafts: Drafts, same: Callable[[Draft, Draft], bool]) -> None:
    slots: list[Draft] = []
    joined: dict[int, list[Picture]] = {}
    clipped = {id(one) for one, above in zip(drafts.slots, drafts.slots[1:], strict=False) if above.clip}
    for slot in drafts.slots:
        last = slots[-1] if slots else None
        if last is not None and id(last) not in clipped and id(slot) not in clipped and same(last, slot):
            _add(last, slot, joined)
        else:
            slots.append(slot)
    for slot in slots:
        if id(slot) in joined:  # all at once: one after the other each takes as long as all
            slot.drawings = {"main": as_one(joined[id(slot)])}
    drafts.slots[:] = slots


def _are_alike(one: Draft, other: Draft) -> bool:
    """Whether two are shown always, drawn normally, and have one part to play."""
    plain = all(s.blend == Blend.NORMAL and not s.clip and set(s.drawings) == {"main"} for s in (one, other))
    together = one.group is other.group and one.costume == other.costume and not (one.hidden or other.hidden)
    return plain and together and (one.role, one.side) == (other.role, other.side) and one.role != "mouth"


def _are_plain(one: Draft, other: Draft) -> bool:
    """The same of any that do not move by themselves."""
    roles = ("", "body", "clothes", "leg", "wing")
    is_one = one.role in roles and other.role in roles
    return is_one and _are_alike(one, replace(other, role=one.role, side=one.side))


def _are_hidden(one: Draft, other: Draft) -> bool:
    """Whether neither is shown in the file: drawings of one slot then, of which a host shows one at a
    time."""
    own = one.hidden and other.hidden and not (one.default or other.default or one.costume or other.costume)
    alike = one.group is other.group and not (one.clip or other.clip) and one.blend == other.blend
    return own and alike and len(one.drawings) < _MOST_DRAWINGS


def _add(one: Draft, other: Draft, joined: dict[int, list[Picture]]) -> None:
    """Put what a slot shows into the one below it; `joined`: pictures that are to be one, bottom to top, by
    the slot's id."""
    if one.hidden:
        if len(one.paths) == 1:
            one.drawings = {plain_name(one.name, "layer"): next(iter(one.drawings.values()))}
        taken = {name.casefold() for name in one.drawings}
        one.drawings[own_name(plain_name(other.name, "layer"), taken)] = next(iter(other.drawings.values()))
    else:
        joined.setdefault(id(one), [_faded(one)]).append(_faded(other))
        one.opacity = 1.0
    one.paths += other.paths


def _faded(slot: Draft) -> Picture:
    picture = slot.drawings["main"]
    if slot.opacity >= 1.0:
        return picture
    pixels = picture.pixels.copy()
    pixels[..., 3] = np.rint(pixels[..., 3] * slot.opacity)
    return replace(picture, pixels=pixels)
