"""What lies over parts of a face in art, so that they are not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Final

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing.drafts import Draft
from mien.importing.flatten import Picture
from mien.importing.labels import MARKS
from mien.importing.names import family_of
from mien.importing.source import Path
from mien.types import Blend, Bools

_FACIAL: Final = ("mouth", "eye", "brow", "shut")
_WORN: Final = ("glasses", "eyepatch")
"""Roles of what is over a face because it is worn there."""
_IRISES: Final = ("iris", "pupil")
_IN_IRISES: Final = ("pupil", "glint")
"""Roles of what lies on an iris."""
_DRAWN: Final = 40
"""Alpha, 0..255, above which something is drawn."""
_SOLID: Final = 200
"""Alpha, 0..255, from which a layer hides what is below."""
_OTHERWISE: Final = 48
"""Difference of a channel, 0..255, from which a colour looks otherwise than another."""
_MOSTLY: Final = 0.6
"""Share of a drawing that others hide from which that is told."""
_AS_GOOD_AS_ALL: Final = 0.95
"""The same of brows: fringes lay over 54 to 89 % of those that were tried, and what is left is seen to
move."""
_CUT: Final = {"lash": 0.08, "lash_lower": 0.4}
"""The same of what an iris hides of the lashes of its eye. It may touch them: of a lower line, which is thin,
a pixel of three, all along, is a third."""
_WHITENED: Final = {"lash": 0.15, "lash_lower": 0.4}
"""The same of what the white hides of them: of a lash that is drawn along its edge that is a quarter."""
_GROUND: Final = 0.4
"""Share of a white from which what lies under it is its ground, of which a rim is to be seen."""


class Hiding:
    """What lies over a slot of the face, at rest. Of other slots it tells nothing: hair lies over heads.

    Parameters: all `slots`, bottom to top; `slot`, one of them; `asked`, layers of which it is asked whether
    they are a part of the face: these are in nobody's way.
    """

    def __init__(self, slots: Sequence[Draft], slot: Draft, asked: Set[Path] = frozenset()) -> None:
        is_told = family_of(slot.role) in _FACIAL or slot.role in MARKS
        above = [one for one in slots[slots.index(slot) + 1 :] if is_told and _is_solid(one)]
        above = [one for one in above if asked.isdisjoint(one.paths)]
        own = [one for one in above if one.side == slot.side]
        whites = [one for one in own if one.role == "white"]
        self._whites = whites if slot.role in _CUT else []
        self._irises = [one for one in own if one.role in _IRISES and slot.role in _CUT]
        self._above = [one for one in above if family_of(one.role) not in (*_FACIAL, *_WORN)]
        self._above += whites if slot.role in _IRISES else []
        if slot.role in _IN_IRISES:  # which an iris that is clipped to its white hides as well
            over = slots[slots.index(slot) + 1 :]
            irises = [one for one in over if one.role in _IRISES and one.side == slot.side]
            self._above += [one for one in irises if one.role != slot.role and _is_solid(one, clipped=True)]
        self._least = _AS_GOOD_AS_ALL if slot.role == "brow" else _MOSTLY
        self._least_cut = _CUT.get(slot.role, 1.0)
        self._least_whitened = _WHITENED.get(slot.role, 1.0)
        self._at_rest = slot.shown

    def by(self, picture: Picture) -> str:
        """The slot that hides most of a drawing, where others hide it, or the white or the iris that cuts
        lashes; else empty."""
        drawn = picture.pixels[..., 3] > _DRAWN
        hiding = _solid(self._above, picture)
        return _most(hiding, drawn, self._least) or (
            self._cut(picture, drawn, hiding) if picture is self._at_rest else ""
        )

    def share(self, picture: Picture) -> tuple[float, str]:
        """How much of a drawing others hide, wherever it lies, 0..1; the slot that hides most of it, "" for
        none."""
        drawn = picture.pixels[..., 3] > _DRAWN
        parts = _solid(self._above, picture)
        if not parts or not drawn.any():
            return 0.0, ""
        hidden = float(np.logical_or.reduce([*parts.values()])[drawn].mean())
        return hidden, _most(parts, drawn, 0.0)

    def _cut(self, picture: Picture, drawn: Bools, hiding: dict[str, Bools]) -> str:
        """The white that cuts lashes at rest, or the iris; lids that are made cut it along their line."""
        on_top = [slot for slot in self._whites if not _is_ground(picture, slot.drawings[slot.default])]
        whites = _solid(on_top, picture, is_seen=True)
        hidden = [*hiding.values(), *_solid(self._whites, picture).values()]
        seen = ~np.logical_or.reduce([~drawn, *hidden])
        irises = {name: part & seen for name, part in _solid(self._irises, picture, is_seen=True).items()}
        return _most(whites, drawn, self._least_whitened) or _most(irises, drawn, self._least_cut)


def _is_solid(slot: Draft, clipped: bool = False) -> bool:
    """Whether a slot hides what is below it. `clipped`: also where it is clipped to something."""
    is_shown = slot.default in slot.drawings and (clipped or not slot.clip)
    return is_shown and slot.blend == Blend.NORMAL and slot.opacity > 0.9


def _solid(slots: Iterable[Draft], below: Picture, is_seen: bool = False) -> dict[str, Bools]:
    """Where slots are solid at rest over a picture, of those that reach it. `is_seen`: and look otherwise."""
    found = {}
    for slot in slots:
        over = slot.drawings[slot.default]
        shared = overlap(over.box, below.box)
        if shared.width and shared.height:
            inside = over.within(below.box)
            found[slot.name] = part = inside[..., 3] >= _SOLID
            if is_seen:
                apart = np.abs(inside[..., :3].astype(np.int16) - below.pixels[..., :3])
                part &= apart.max(axis=-1) > _OTHERWISE
    return found


def _is_ground(below: Picture, white: Picture) -> bool:
    """Whether what lies under a white is its ground."""
    solid = white.pixels[..., 3] >= _SOLID
    under = below.within(white.box)[..., 3][solid] > _DRAWN
    return not under.size or float(under.mean()) >= _GROUND


def _most(parts: dict[str, Bools], drawn: Bools, least: float) -> str:
    """The slot that hides most of what is drawn, where they hide this share of it together; else empty."""
    if not parts or not drawn.any() or np.logical_or.reduce([*parts.values()])[drawn].mean() < least:
        return ""
    return max(parts, key=lambda name: float(parts[name][drawn].mean()))
