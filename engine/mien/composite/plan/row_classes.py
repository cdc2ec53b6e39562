"""What each row needs of a program, told from its floats alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.bounded_cache import BoundedCache
from mien.composite.filtering import MINIFIED
from mien.composite.rows import (
    BLEND,
    INVERSE_X,
    INVERSE_Y,
    MASK_PAGE,
    NO_MASK,
    SAMPLE_COUNT,
    SAMPLE_PAGES,
    WARP,
)
from mien.types import F32, Blend, Bools, Indices

ARITHMETIC: Final = (Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS)
"""Modes that are sums and products of premultiplied colours: they never enlarge an error below them."""

PAGED: Final = 1
"""Every sample is of an atlas page, and there is no mask."""
HARD: Final = 2
"""The blend mode is not an arithmetic one."""
SMALL: Final = 4
"""It is minified."""
EXACT: Final = 8
"""It is upright and moved by whole pixels."""
BENT: Final = 16
"""A warp bends it."""

_COLUMNS: Final = [
    *range(INVERSE_X.start, INVERSE_X.stop),
    *range(INVERSE_Y.start, INVERSE_Y.stop),
    *SAMPLE_PAGES,
    *(BLEND, SAMPLE_COUNT, MASK_PAGE, WARP),
]
_UPRIGHT: Final = (1.0, 0.0, 0.0, 1.0)
_HARD: Final = ~np.isin(np.arange(len(Blend)), ARITHMETIC)
_FEW: Final = 24
_MOST_FOUND: Final = 4096


class RowClasses:
    """The classes of a block's rows, kept from frame to frame."""

    def __init__(self) -> None:
        self.bits: Indices = np.zeros(0, np.intp)
        """(n,) sums of PAGED, HARD, SMALL, EXACT and BENT."""
        self.samples: Indices = np.zeros(0, np.intp)
        """(n,) live samples."""
        self.other: Bools = np.zeros(0, np.bool_)
        """(n,) whether the row of this number had others before the last update."""
        self._found: BoundedCache[bytes, tuple[int, int]] = BoundedCache(_MOST_FOUND)

    def update(self, rows: F32, changed: Indices | None) -> RowClasses:
        """These, with those of the rows `changed` anew; None: of all. `rows`: (n, FLOATS) float32."""
        bits, samples = self.bits, self.samples
        if changed is None or len(rows) != len(bits) or len(changed) > _FEW:
            self.bits, self.samples = _classify(rows[:, _COLUMNS])
        else:
            self.bits, self.samples = bits.copy(), samples.copy()
            for row, key in zip(changed.tolist(), rows[changed][:, _COLUMNS], strict=True):
                self.bits[row], self.samples[row] = self._one(key)
        if len(bits) == len(self.bits):
            self.other = (bits != self.bits) | (samples != self.samples)
        else:
            self.other = np.ones(len(rows), np.bool_)
        return self

    def _one(self, columns: F32) -> tuple[int, int]:
        key = columns.tobytes()
        found = self._found.get(key)
        if found is None:
            bits, samples = _classify(columns[None])
            found = self._found.put(key, (int(bits[0]), int(samples[0])))
        return found


def _classify(needed: F32) -> tuple[Indices, Indices]:
    linear, moves = needed[:, (0, 1, 3, 4)], needed[:, (2, 5)]
    square = linear * linear
    small = np.maximum(square[:, 0] + square[:, 1], square[:, 2] + square[:, 3]) > MINIFIED * MINIFIED
    paged = (needed[:, 12] == NO_MASK) & (needed[:, 6:10].min(axis=1, initial=0.0) >= 0.0)
    exact = (linear == _UPRIGHT).all(axis=1) & (moves == np.floor(moves)).all(axis=1)
    bent = np.abs(needed[:, 13]) >= 2.0
    bits = paged * PAGED + _HARD[needed[:, 10].astype(np.intp)] * HARD + small * SMALL
    bits = bits + (exact & ~bent) * EXACT + bent * BENT
    return bits, needed[:, 11].astype(np.intp)
