"""Slots that always move as one, joined to one picture when a character is loaded.

Shades and lights are clipped to the slot that they lie on, hang on the same joint, and have one drawing each:
while nobody takes one of them off, the group is one picture, and costs one layer to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mien.art.manifest import Manifest, SlotPlan
from mien.art.packed import SpritePlacement
from mien.art.sprites import Sprite
from mien.character import Character, Drawing
from mien.types import F64, Blend

MODES: Final = (Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN)


@dataclass(frozen=True, slots=True)
class Join:
    """A slot and those clipped to it that are joined with it."""

    slot: int
    """The base's index."""
    count: int
    """How many slots above it belong to it."""


def joins_of(manifest: Manifest) -> list[Join]:
    """What of a character can be joined; nothing of one with groups, whose slots are layers of their own."""
    if manifest.groups:
        return []
    found: list[Join] = []
    slots = manifest.slots
    mesh_of = {s: k for k, mesh in enumerate(manifest.meshes) for s in mesh.slots}
    for base, plan in enumerate(slots):
        if plan.clip or not _alone(plan):
            continue
        count = 0
        for s, above in enumerate(slots[base + 1 :], start=base + 1):
            same = above.clip and above.joint == plan.joint and above.blend in MODES
            bent_as_one = mesh_of.get(s) == mesh_of.get(base)
            if not (same and bent_as_one and _alone(above)):
                break
            count += 1
        if count:
            found.append(Join(base, count))
    return found


def parts_of(manifest: Manifest, one: Join, sprites: Sequence[Sprite]) -> list[tuple[SlotPlan, Sprite]]:
    """Those that are joined, bottom up. `sprites`: of all pictures of the manifest."""
    firsts = np.cumsum([0, *(len(plan.drawings) for plan in manifest.slots)])
    slots = range(one.slot, one.slot + 1 + one.count)
    return [(manifest.slots[slot], sprites[firsts[slot]]) for slot in slots]


def join(parts: Sequence[tuple[SlotPlan, Sprite]]) -> Sprite:
    """The picture of a join, of its parts bottom up, premultiplied, at one scale."""
    _, base = parts[0]
    mixed = base.pixels / 255.0
    for plan, part in parts[1:]:
        mixed = _within(plan.blend, mixed, _laid(part, base) * plan.opacity)
    pixels = np.rint(np.clip(mixed, 0.0, 1.0) * 255.0).astype(np.uint8)
    return Sprite(f"{base.label} and what is clipped to it", pixels, base.offset, base.cut)


def with_joins(
    character: Character,
    joins: Sequence[Join],
    placements: Sequence[SpritePlacement],
    offsets: Sequence[tuple[int, int]],
) -> Character:
    """The character with the pictures of its joins, which lie at `placements`, and at `offsets` on it."""
    slots = list(character.slots)
    for one, placement, offset in zip(joins, placements, offsets, strict=True):
        drawing = Drawing("joined", placement.page, placement.region, offset, placement.flip_x)
        slots[one.slot] = replace(slots[one.slot], joined=drawing, joins=one.count)
    return replace(character, slots=tuple(slots))


def _alone(plan: SlotPlan) -> bool:
    """Whether it shows one drawing and nothing else, unless a program asks."""
    return len(plan.drawings) == 1 and plan.default == 0 and plan.mask is None


def _laid(part: Sprite, base: Sprite) -> F64:
    """What a part shows in the rectangle of its base: (h, w, 4) float64 0..1."""
    high, wide = base.pixels.shape[:2]
    laid = np.zeros((high, wide, 4))
    x, y = part.offset[0] - base.offset[0], part.offset[1] - base.offset[1]
    left, top = max(0, x), max(0, y)
    right, bottom = min(wide, x + part.pixels.shape[1]), min(high, y + part.pixels.shape[0])
    if right > left and bottom > top:
        laid[top:bottom, left:right] = part.pixels[top - y : bottom - y, left - x : right - x] / 255.0
    return laid


def _within(mode: Blend, base: F64, source: F64) -> F64:
    """A clipped row onto its group, premultiplied, as `composite/reference.py` says: the alpha stays."""
    alpha = base[..., 3:]
    if mode == Blend.MULTIPLY:
        mixed = (1.0 - source[..., 3:]) * base + base * source
    elif mode == Blend.SCREEN:
        mixed = base + source * (alpha - base)
    else:
        mixed = (1.0 - source[..., 3:]) * base + source * alpha
    mixed[..., 3:] = alpha
    return mixed
