"""Layers that are called a part of a face and have as good as nothing of it on them: it is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.art.phrases import painted_elsewhere, plain_lines
from mien.importing.drafts import Draft, Drafts
from mien.importing.labels import Label
from mien.importing.names import EYE_ROLES
from mien.importing.seen import area
from mien.importing.sides import OTHER_SIDE
from mien.importing.source import Path, path_text
from mien.importing.warping import is_large
from mien.messages import quoted
from mien.types import Rect

_PAIRED: Final = ("brow", *(role for role in EYE_ROLES if role != "glint"))
_SMALL: Final = 0.12
"""How large a dot is at most, and how much is drawn of it, in shares of the other one of a pair."""
_LITTLE: Final = 0.04
"""Share of what is drawn of the other one up to which it may be none, where it is faint or scattered. A shut
eye beside an open one may have less, in a line."""
_SCATTERED: Final = 0.05
"""How much of its box is drawn at most of what are dots far apart."""
_OF_EYES: Final = 0.06
"""How large a mouth that is a dot is at most, or a brow of which the other is one as well, in sides of a
square of as much as is drawn of a piece of an eye."""
_FAINT: Final = 40
"""Alpha, 0..255, below which nothing is seen."""
BARE: Final = "almost nothing is drawn on it"
"""Why a layer plays no part, for the table."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is drawn on some slots."""

    box: Rect
    ink: float
    """The sum of alpha, in pixels that are solid."""
    peak: int
    """The largest alpha, 0..255."""

    @property
    def size(self) -> int:
        """The longer side, in pixels."""
        return max(self.box.width, self.box.height)

    @property
    def is_faint(self) -> bool:
        """Whether it is not seen."""
        return self.peak < _FAINT

    @property
    def is_scattered(self) -> bool:
        """Whether it is dots far apart."""
        return self.ink < _SCATTERED * area(self.box)


def take_specks(drafts: Drafts, labels: dict[Path, Label]) -> None:
    """Make what has next to nothing on it, and is called a part of a face, a layer without a part to play,
    also in `labels`, and tell of each; what somebody says is one stays. Before sides are set."""
    for slot in dict.fromkeys((*_beside_others(drafts), *_dots(drafts))):
        if slot.how == "given":
            continue
        for path in slot.paths:
            drafts.doubt((path,), _doubt(slot, path))
            labels |= {inner: Label() for inner in labels if inner[: len(path)] == path}
        slot.role = slot.side = slot.lid_state = slot.how = ""
        slot.why = BARE
        slot.default = "" if slot.hidden else slot.default


def _beside_others(drafts: Drafts) -> Iterator[Draft]:
    """Of pairs those of a side on which there is next to nothing beside the other one."""
    for role in _PAIRED:
        own = list(drafts.of(role, shown=False))
        for state in {slot.lid_state for slot in own}:
            sides = {s: [o for o in own if o.side == s and o.lid_state == state] for s in OTHER_SIDE}
            if all(sides.values()):
                drawn = {side: _drawn(slots) for side, slots in sides.items()}
                if any(is_large(one.box) for one in drawn.values()):
                    continue  # that is told
                for side, other in OTHER_SIDE.items():
                    yield from sides[side] if _is_nothing(drawn[side], drawn[other]) else ()


def _is_nothing(one: _Drawn, other: _Drawn) -> bool:
    # A dot beside the other one makes that large, and no more is drawn of it.
    is_dot = one.size < _SMALL * other.size and one.ink < _SMALL * other.ink
    is_odd = one.is_scattered or (one.is_faint and not other.is_faint)
    return is_dot or (is_odd and one.ink < _LITTLE * other.ink)


def _dots(drafts: Drafts) -> Iterator[Draft]:
    """Mouths and brows that are dots beside eyes."""
    eyes = [_drawn([slot]).ink ** 0.5 for slot in drafts.of(*EYE_ROLES) if not slot.lid_state]
    for slot in drafts.of("mouth", "brow", shown=False) if eyes else ():
        if _drawn([slot]).size < _OF_EYES * median(eyes):
            yield slot


def _drawn(slots: Sequence[Draft]) -> _Drawn:
    alphas = [picture.pixels[..., 3] for slot in slots for picture in slot.drawings.values()]
    ink = sum(float(alpha.sum(dtype=np.float64)) for alpha in alphas) / 255
    return _Drawn(union(slot.box for slot in slots), ink, max(int(alpha.max()) for alpha in alphas))


def _doubt(slot: Draft, path: Path) -> Doubt:
    layer, drawn = quoted(path_text(path)), _drawn([slot])
    place = f"{drawn.box.x}, {drawn.box.y}"
    what = f"a few dots, from {place}" if drawn.is_scattered else f"a dot at {place}"
    what = "too faint to be seen" if drawn.is_faint else what
    part = f"{slot.side} {slot.role}".strip().replace("_", " ")
    words = " ".join(filter(None, (slot.role, slot.side, slot.lid_state.replace("/", "_"))))
    line = plain_lines({path_text(path): words})
    return Doubt(f"{layer} has almost nothing on it ({what})", painted_elsewhere(part, layer, line))
