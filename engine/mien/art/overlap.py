"""Which drawings of a slot lie too far apart to be mixed, measured on their pixels.

A mix of two pictures that hardly share a pixel shows both, half transparent, with the wall behind them. So
such a change is a cut: `mien.motion.slots` never shows both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from mien.character import Character, Drawing, Slot
from mien.types import U8, Rect

LEAST_SHARED = 0.5
"""Share of the smaller drawing's alpha that the other covers, below which two drawings are apart. Measured on
the bundled cast: a soft blush in a strong one 1.0, brows that are near 0.6, raised and lowered ones 0.2 at
most."""

LEAST_SHARED_SOLID = 0.9
"""The same of slots that a gesture changes, as a share of what either covers: an arm is solid, and what one
drawing alone covers shows the wall through it. A sleeve that merely folds has 0.86."""

_MOST_SAMPLES = 256
"""Pixels looked at along either side."""

Pairs = frozenset[tuple[int, int]]
"""Drawings by index, the lower first; -1 is nothing."""


def with_apart(character: Character, pages: Sequence[U8]) -> Character:
    """The character with `Slot.apart` of every slot but the mouth's and the lids', which motion never mixes.

    `pages`: (size, size, 4) uint8 each, y down; only alpha counts.
    """
    owned = {character.mouth.slot, *character.lids.left, *character.lids.right}
    solid = {s for gesture in character.gestures.values() for s in gesture} - owned
    slots = list(character.slots)
    for s, slot in enumerate(slots):
        if slot.change == "cut":
            slots[s] = replace(slot, apart=_all(slot))
        elif s not in owned and (len(slot.drawings) > 1 or s in solid):
            slots[s] = replace(slot, apart=_apart(slot, pages, s in solid))
    spreads = True
    while spreads:  # by slots that two gestures change, to those of both
        before = [slot.apart for slot in slots]
        for gesture in character.gestures.values():
            changed = set(gesture) & solid
            # Or a hand would come before its arm.
            if any(_cuts(slots[s], character.gestures, s) for s in changed):
                for s in changed:
                    slots[s] = replace(slots[s], apart=_all(slots[s]))
        spreads = before != [slot.apart for slot in slots]
    return replace(character, slots=tuple(slots))


def _apart(slot: Slot, pages: Sequence[U8], solid: bool) -> Pairs:
    pairs = combinations(range(len(slot.drawings)), 2)
    least = LEAST_SHARED_SOLID if solid else LEAST_SHARED
    found = {
        (i, j) for i, j in pairs if shared(slot.drawings[i], slot.drawings[j], pages)[int(solid)] < least
    }
    # A hand does not fade in from nothing.
    return frozenset(found | {(-1, i) for i in range(len(slot.drawings))} if solid else found)


def _cuts(slot: Slot, gestures: Mapping[str, Mapping[int, int]], s: int) -> bool:
    """Whether a gesture comes from rest, or from another gesture, by a cut of this slot."""
    shown = {slot.default, *(gesture[s] for gesture in gestures.values() if s in gesture)}
    return any(pair in slot.apart for pair in combinations(sorted(shown), 2))


def _all(slot: Slot) -> Pairs:
    return frozenset(combinations(range(-1, len(slot.drawings)), 2))


def shared(one: Drawing, other: Drawing, pages: Sequence[U8]) -> tuple[float, float]:
    """How much alpha two drawings have in common: (of the smaller one, of both together), 0..1."""
    a, b = _box(one), _box(other)
    left, top = max(a.x, b.x), max(a.y, b.y)
    right, bottom = min(a.x + a.width, b.x + b.width), min(a.y + a.height, b.y + b.height)
    if right <= left or bottom <= top:
        return (0.0, 0.0)
    around = (
        max(a.x + a.width, b.x + b.width) - min(a.x, b.x),
        max(a.y + a.height, b.y + b.height) - min(a.y, b.y),
    )
    step = -(-max(around) // _MOST_SAMPLES)
    common = Rect(left, top, right - left, bottom - top)
    both = int(
        np.minimum(_alpha(one, pages, common, step), _alpha(other, pages, common, step)).sum(dtype=np.int64)
    )
    sizes = [int(_alpha(d, pages, box, step).sum(dtype=np.int64)) for d, box in ((one, a), (other, b))]
    smaller, together = min(sizes), sum(sizes) - both
    return (min(1.0, both / smaller) if smaller else 1.0, both / together if together > 0 else 1.0)


def _box(drawing: Drawing) -> Rect:
    """Where it lies on the canvas."""
    return Rect(*drawing.offset, drawing.region.width, drawing.region.height)


def _alpha(drawing: Drawing, pages: Sequence[U8], box: Rect, step: int) -> U8:
    """Its alpha in a part of the canvas within it, of every `step`-th pixel of the canvas each way."""
    region, (left, top) = drawing.region, drawing.offset
    pixels = pages[drawing.page][region.y : region.y + region.height, region.x : region.x + region.width, 3]
    pixels = pixels[:, ::-1] if drawing.flip_x else pixels
    x, y = box.x - left, box.y - top
    return pixels[y : y + box.height, x : x + box.width][-box.y % step :: step, -box.x % step :: step]
