"""Which program draws what: rows are told apart by what they need, each to get the cheapest that can."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mien.composite.damage import ARITHMETIC
from mien.composite.filtering import MINIFIED
from mien.composite.rows import BLEND, INVERSE_X, INVERSE_Y, MASK_PAGE, NO_MASK, TAP_COUNT, TAPS
from mien.types import F32, Blend

Indices = npt.NDArray[np.intp]
Classes = tuple[Indices, Indices]
"""Of each row: the kind that draws it alone, and bits: 1 not a plain one with one tap, 2 not an arithmetic
blend mode, 4 minified."""

GROUPS: Final = (1, 2, 3, 6)
"""Rows of clip groups with a program of their own; groups of other sizes take the next larger one. The 32
varyings of Mesa have room for 6."""
MIXES: Final = (2, 4)
"""Taps of single rows with a program of their own."""

EXACT: Final = 0
"""One upright row moved by whole pixels."""
GROUP: Final = 1
"""The first of as many as GROUPS has: each row with one tap of an atlas page, not minified nor masked."""
MIX: Final = GROUP + len(GROUPS)
"""The first of as many as MIXES has: single rows of that sort with several taps."""
SHRUNK: Final = MIX + len(MIXES)
"""One row with one tap of an atlas page, minified."""
FADE: Final = SHRUNK + 1
"""Anything else with arithmetic blend modes that is not minified."""
ANY: Final = FADE + 1
"""The same with any blend mode."""
MINIFIED_TOO: Final = 2
"""FADE and ANY once more, with the filter for what is minified, are this much further."""
COVER: Final = ANY + MINIFIED_TOO + 1
"""EXACT once more, and after it GROUP of one row, for what hides all that is below: nothing is read there."""

_COLUMNS: Final = [
    *range(INVERSE_X.start, INVERSE_X.stop),
    *range(INVERSE_Y.start, INVERSE_Y.stop),
    *range(TAPS.start + 3, TAPS.stop, 8),
    *(BLEND, TAP_COUNT, MASK_PAGE),
]
_UPRIGHT: Final = (1.0, 0.0, 0.0, 1.0)
_HARD: Final = ~np.isin(np.arange(len(Blend)), ARITHMETIC)
_GROUP_OF: Final = GROUP + np.searchsorted(GROUPS, np.arange(GROUPS[-1] + 1))
_MIX_OF: Final = MIX + np.searchsorted(MIXES, np.arange(MIXES[-1] + 1))
_FEW: Final = 24
_MOST_FOUND: Final = 4096


class RowClasses:
    """The classes of a block's rows, kept from frame to frame."""

    def __init__(self) -> None:
        self._now: Classes = (np.zeros(0, np.intp), np.zeros(0, np.intp))
        self._found: dict[bytes, tuple[int, int]] = {}

    def update(self, rows: F32, changed: Indices | None) -> Classes:
        """The classes, with those of the rows `changed` anew; None: of all."""
        if changed is None or len(rows) != len(self._now[0]):
            self._now = row_classes(rows)
        elif len(changed) > _FEW:
            kinds, bits = row_classes(rows[changed])
            self._now[0][changed], self._now[1][changed] = kinds, bits
        else:
            for row, key in zip(changed.tolist(), rows[changed][:, _COLUMNS], strict=True):
                self._now[0][row], self._now[1][row] = self._one(key.tobytes(), rows[row])
        return self._now

    def _one(self, key: bytes, row: F32) -> tuple[int, int]:
        found = self._found.get(key)
        if found is None:
            if len(self._found) > _MOST_FOUND:
                self._found.clear()
            kinds, bits = row_classes(row[None])
            found = self._found[key] = (int(kinds[0]), int(bits[0]))
        return found


def row_classes(rows: F32) -> Classes:
    """The classes of rows; both (n,)."""
    needed = rows[:, _COLUMNS]
    linear, taps = needed[:, (0, 1, 3, 4)], needed[:, 11].astype(np.intp)
    square = linear * linear
    small = np.maximum(square[:, 0] + square[:, 1], square[:, 2] + square[:, 3]) > MINIFIED * MINIFIED
    paged = (needed[:, 12] == NO_MASK) & (needed[:, 6:10].min(axis=1, initial=0.0) >= 0.0)
    hard = _HARD[needed[:, 10].astype(np.intp)]
    plain = paged & ~small & (taps == 1)
    moves = needed[:, (2, 5)]
    exact = plain & (linear == _UPRIGHT).all(axis=1) & (moves == np.floor(moves)).all(axis=1)
    kinds = np.where(plain, GROUP, FADE)
    kinds[exact] = EXACT
    mixed = paged & ~small & (taps > 1)
    kinds[mixed] = _MIX_OF[taps[mixed]]
    kinds[paged & small & (taps == 1)] = SHRUNK
    kinds[hard] = ANY
    kinds[(kinds >= FADE) & small] += MINIFIED_TOO
    return kinds, ~plain * 1 + hard * 2 + small * 4


def quad_kinds(
    classes: Classes, units: Indices, depths: Indices, covers: npt.NDArray[np.bool_] | None = None
) -> Indices:
    """The kinds that draw `depths` rows each, the first of them in `units`; all (n,), as in `Plan`."""
    alone, bits = classes
    kinds: Indices = alone[units]
    if covers is not None:
        kinds[covers & (kinds <= GROUP)] += COVER
    more = (depths > 1).nonzero()[0]
    if len(more):
        first, last = units[more], units[more] + depths[more]
        counted = np.zeros((3, len(bits) + 1), np.intp)
        np.cumsum((bits & np.array(((1,), (2,), (4,)))) != 0, axis=1, out=counted[:, 1:])
        odd, hard, small = counted[:, last] > counted[:, first]
        size = depths[more]
        own = np.where(size <= GROUPS[-1], _GROUP_OF[np.minimum(size, GROUPS[-1])], FADE)
        own[odd] = FADE
        own[hard] = ANY
        own[(own >= FADE) & small] += MINIFIED_TOO
        kinds[more] = own
    return kinds
