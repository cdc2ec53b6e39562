"""What each row needs of a program, told from its floats alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.filtering import MINIFIED
from mien.composite.rows import (
    BLEND,
    CLIPPED,
    INVERSE_X,
    INVERSE_Y,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    SAMPLE_COUNT,
    SAMPLE_PAGES,
    TINT,
    WARP,
    WEIGHTS,
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

SIMPLE: Final = 16
"""It has one sample, is not clipped, blended normally, and shown as it is on its page."""
BENT: Final = 32
"""A warp bends it."""

_LINEAR: Final = [INVERSE_X.start, INVERSE_X.start + 1, INVERSE_Y.start, INVERSE_Y.start + 1]
_PLACES: Final = [*_LINEAR, INVERSE_X.stop - 1, INVERSE_Y.stop - 1]
_UPRIGHT: Final = np.array((1.0, 0.0, 0.0, 1.0), np.float32)
_HARD: Final = ~np.isin(np.arange(len(Blend)), ARITHMETIC)
_AS_IT_IS: Final = [BLEND, CLIPPED, SAMPLE_COUNT, WEIGHTS.start, OPACITY, *range(TINT.start, TINT.stop)]
_SIMPLE: Final = np.array((Blend.NORMAL, 0, 1, 1, 1, 1, 1, 1, 1), np.float32)


class RowClasses:
    """The classes of a block's rows, kept from frame to frame."""

    def __init__(self) -> None:
        self.bits: Indices = np.zeros(0, np.intp)
        """(n,) sums of PAGED, HARD, SMALL, EXACT, SIMPLE and BENT."""
        self.samples: Indices = np.zeros(0, np.intp)
        """(n,) live samples."""
        self.other: Bools = np.zeros(0, np.bool_)
        """(n,) whether the row of this number had others before the last update, but for SIMPLE."""
        self.simpler: Bools = np.zeros(0, np.bool_)
        """(n,) whether it has become SIMPLE since, or is so no more."""
        self._still: Indices = np.zeros(0, np.intp)
        # Those of the bits that follow from more than from where a row lies.

    def update(self, rows: F32, changed: Bools | None, origin: Indices | None = None) -> RowClasses:
        """These, of rows (n, FLOATS) float32 of which `changed` (n,) differ in more than in where they lie;
        None: all. `origin`: (n,) the number that each had last time, -1: it is new; None: its own."""
        if origin is not None and len(self.bits):
            self.bits, self.samples = (
                self.bits.take(origin, mode="wrap"),
                self.samples.take(origin, mode="wrap"),
            )
            self._still = self._still.take(origin, mode="wrap")
        bits, samples = self.bits, self.samples
        if changed is None or len(rows) != len(bits):
            self._still, self.samples = _of_itself(rows)
        elif changed.any():
            which = changed.nonzero()[0]
            self._still, self.samples = self._still.copy(), samples.copy()
            self._still[which], self.samples[which] = _of_itself(rows[which])
        self.bits = self._still | _of_place(rows)
        if (self._still & BENT).any():
            self.bits[(self._still & BENT) != 0] &= ~EXACT
        if len(bits) == len(self.bits):
            differ = bits ^ self.bits
            self.other = ((differ & ~SIMPLE) != 0) | (samples != self.samples)
            self.simpler = (differ & SIMPLE) != 0
        else:
            self.other = np.ones(len(rows), np.bool_)
            self.simpler = self.other
        return self


def _of_itself(rows: F32) -> tuple[Indices, Indices]:
    """(n,) the bits that do not follow from where rows lie; and (n,) their live samples."""
    paged = (rows[:, MASK_PAGE] == NO_MASK) & (rows[:, SAMPLE_PAGES].min(axis=1, initial=0.0) >= 0.0)
    simple = (rows[:, _AS_IT_IS] == _SIMPLE).all(axis=1)
    hard = _HARD[rows[:, BLEND].astype(np.intp)]
    bits = paged * PAGED + hard * HARD + simple * SIMPLE
    bits += (np.abs(rows[:, WARP]) >= 2.0) * BENT
    return bits, rows[:, SAMPLE_COUNT].astype(np.intp)


def _of_place(rows: F32) -> Indices:
    """(n,) the bits that follow from where rows lie."""
    bits: Indices = np.zeros(len(rows), np.intp)
    # Of rows in motion hardly one is.
    upright = (rows[:, INVERSE_X.start] == 1.0).nonzero()[0]
    if len(upright):
        places = rows.take(upright, axis=0)[:, _PLACES]
        whole = np.floor(places)
        whole[:, : len(_UPRIGHT)] = _UPRIGHT
        bits[upright[(places == whole).all(axis=1)]] = EXACT
    linear = rows[:, _LINEAR]
    square = linear * linear
    wide = square[:, ::2] + square[:, 1::2]
    if wide.max(initial=0.0) > MINIFIED * MINIFIED:
        bits += (wide.max(axis=1) > MINIFIED * MINIFIED) * SMALL
    return bits
