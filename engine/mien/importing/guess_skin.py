"""The skin that a face is drawn on, by where its eyes are: its layer, its colour, where the chin is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.importing.seen import Seen, area, covered, middle
from mien.types import F64, Rect

_NECK: Final = 0.75
"""How wide a neck is at most, in widths of the face at the eyes."""
_LONG: Final = 0.22
"""How long one is at least, in distances between the eyes."""
_LOWEST: Final = 1.95
"""How far below the eyes a chin is at most, and"""
_USUAL: Final = 1.3
"""how far where it cannot be seen, in the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """What eyes lie on."""

    on: Seen | None
    """The layer; None where none is seen below them."""
    colour: F64
    """(3,) 0..255."""
    centre: float
    """The column between the eyes."""
    eyes: float
    """The row of the eyes."""
    unit: float
    """How far the eyes are apart, from middle to middle."""
    chin: float
    """Its row, or where it mostly is."""
    has_chin: bool = False
    """Whether it is seen."""

    @property
    def lies_below(self) -> int:
        """From which place in the order on things lie over it."""
        return -1 if self.on is None else self.on.at


def skin_under(right: Rect, left: Rect, at: int, things: Sequence[Seen]) -> Skin:
    """The skin below two eyes, of which the lower one lies `at` a place in the order: of the layers that show
    around both the smallest."""
    (x, y), (other, low) = middle(right), middle(left)
    unit, centre, eyes = max(1.0, other - x), (x + other) / 2, (y + low) / 2
    below = max(right.y + right.height, left.y + left.height)
    third = max(2, round(unit / 3))
    between = Rect(round(centre - third / 2), round(eyes - third / 4), third, max(2, third // 2))
    # No higher: below large eyes the chin is near, and what is behind shows beside it.
    cheeks = Rect(round(centre - unit / 2), below + third // 8, max(2, round(unit)), max(2, third // 2))
    wide = left.x + left.width - right.x
    large = [
        thing
        for thing in things
        if thing.at < at
        and thing.item.box.width > 0.75 * wide
        and thing.item.box.height > 0.75 * unit
        and min(covered(between, thing.item.box), covered(cheeks, thing.item.box)) > 0.6
    ]
    large.sort(key=lambda thing: area(thing.item.box))
    on = next((one for one in large if one.covers(between) > 0.6 and one.covers(cheeks) > 0.7), None)
    colour = None if on is None else on.colour(cheeks)
    usual = eyes + _USUAL * unit
    if on is None or colour is None:
        return Skin(None, np.asarray((240.0, 210.0, 190.0)), centre, eyes, unit, usual)
    chin = _chin(on, centre, eyes, unit)
    return Skin(on, colour, centre, eyes, unit, usual if chin is None else chin, chin is not None)


def _chin(on: Seen, centre: float, eyes: float, unit: float) -> float | None:
    """The row in which a face ends, or a neck begins below it; None where neither is seen."""
    step = max(1.0, unit / 40)
    rows = np.arange(eyes + 0.3 * unit, on.box.y + on.box.height + step, step)
    widths = np.asarray([on.width_at(centre, row) for row in rows], float)
    ends = np.flatnonzero(widths == 0)
    count = int(ends[0]) if len(ends) else len(widths)
    if count < 4:
        return None
    widths = widths[:count]
    seen = widths[: max(2, min(round(0.92 * count), round((_LOWEST - 0.3) * unit / step)))]
    narrow = float(seen.min())
    if narrow < _NECK * on.width_at(centre, eyes):
        is_neck = widths <= 1.18 * narrow
        first = int(is_neck.argmax())
        wider = np.flatnonzero(~is_neck[first:])
        last = first + int(wider[0]) if len(wider) else count
        is_cut = widths[-2] > 0.8 * narrow  # a chin tapers to its end
        if len(wider) or (is_cut and last - first > _LONG * unit / step):
            return float(rows[first])
    end = float(rows[count - 1])
    return end if end < eyes + _LOWEST * unit else None
