"""The mouth by place and shape: below the eyes and above the chin, over the skin and of another colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from mien.importing.guess_skin import Skin
from mien.importing.seen import Seen, area, covered, middle
from mien.types import Rect

_ASIDE: Final = 0.45
"""How far from the column between the eyes a mouth may be, in distances between them: heads turn."""
_WIDE: Final = 1.2
"""How wide one is at most, in the same."""
_FAINT: Final = 12.0
"""How far its colour is from the skin's at least, of 255 in each channel together."""
_NEARLY: Final = 0.5
"""How likely what may be it as well is at least, in shares of the likeliest."""
_LEAST: Final = 0.06
"""How likely one must be at least, 0..1: a mouth in the wrong place is worse than none."""


@dataclass(frozen=True, slots=True)
class FoundMouth:
    """What may be the mouth."""

    mouth: Seen
    how_likely: float
    """0..1."""
    others: tuple[Seen, ...]
    """What is nearly as likely, the likeliest first."""


def mouth_on(skin: Skin, things: Sequence[Seen]) -> FoundMouth | None:
    """The likeliest mouth on skin, and what may be it as well. One that the file hides only where it shows
    none."""
    for shown in (True, False):
        likely = [(how_likely(thing, skin), thing) for thing in things if thing.item.visible == shown]
        ordered = sorted((one for one in likely if one[0] > _LEAST), key=lambda one: -one[0])
        if ordered:
            best, mouth = ordered[0]
            # Teeth stand out more than the lips that they lie on.
            around = (thing for _, thing in ordered if covered(mouth.box, thing.box) > 0.8)
            mouth = max(around, key=lambda thing: area(thing.box))
            others = [
                thing
                for likelihood, thing in ordered[1:]
                if likelihood > _NEARLY * best
                and covered(thing.box, mouth.box) < 0.5
                and not _is_nose(thing.box, mouth.box)
            ]
            return FoundMouth(mouth, best, tuple(others))
    return None


def _is_nose(box: Rect, mouth: Rect) -> bool:
    """Whether something is above a mouth, and much narrower."""
    return box.y + box.height < mouth.y + 0.25 * mouth.height and box.width < 0.5 * mouth.width


def how_likely(thing: Seen, skin: Skin) -> float:
    """How likely something is a mouth on skin, 0..1; 0 for what cannot be one."""
    box, unit = thing.box, skin.unit
    x, y = middle(box)
    aside = abs(x - skin.centre) / unit
    is_over = thing.at > skin.lies_below
    if not is_over or aside > _ASIDE or not 0.04 * unit < box.width < _WIDE * unit:
        return 0.0
    if y < skin.eyes + 0.3 * unit or box.y < skin.eyes or box.y + box.height > skin.chin + 0.05 * unit:
        return 0.0
    contrast = thing.contrast(skin.colour)
    if contrast < _FAINT or thing.halves is not None:
        return 0.0
    down = (y - skin.eyes) / (skin.chin - skin.eyes)
    # The nose lies higher. Where no chin is seen, what is low may lie below it.
    lowest = (1 - down) / (0.12 if skin.has_chin else 0.3)
    place = min(1.0, max(0.1, (down - 0.05) / 0.4), max(0.3, lowest))
    width = min(1.0, box.width / (0.35 * unit)) * min(1.0, max(0.25, box.width / max(1, box.height)))
    return place * width * min(1.0, contrast / 90) * exp(-5 * aside * aside)
