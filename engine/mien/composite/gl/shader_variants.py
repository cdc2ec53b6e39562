"""Shader variants, and which draws what: each rectangle gets the cheapest that can."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np

from mien.composite.plan import row_classes
from mien.composite.plan.fused_tiles import (
    IS_EXACT,
    IS_OTHER,
    IS_SIMPLE,
    MOST_PARTS,
    MOST_TWISTED,
    STAGE,
    USED,
    FusedTiles,
)
from mien.composite.plan.row_classes import BENT, HARD, PAGED, SMALL, RowClasses
from mien.types import Indices

GROUP_SIZES: Final = (1, 3, 6)
"""Rows of clip groups with a program of their own; groups of other sizes take the next larger one. The 32
varyings of Mesa have room for 6."""
FUSED_SIZES: Final = (1, 2, 3, 4, 6, 8)
"""Parts of fused tiles with a program of their own. The 32 varyings of Mesa have room for 8."""

CONTINUED_SIZES: Final = (2, 4, 8)
"""The same of those that go on over what was drawn."""
TWISTED_SIZES: Final = (4, MOST_TWISTED)
"""The same of those with rows that are bent within the tile, which are few. Those that go on take as many as
there may be."""

_SMALL: Final = 2
"""Parts of most tiles, at most: a first picture that draws them as tiles of eight takes thrice as long."""

EXACT: Final = 0
"""One upright row moved by whole pixels."""
GROUP: Final = 1
"""The first of as many as GROUP_SIZES has: each row with one sample of an atlas page, not minified nor
masked."""
MIX: Final = GROUP + len(GROUP_SIZES)
"""A single row of that sort with several samples."""
SHRUNK: Final = MIX + 1
"""One row with one sample of an atlas page, minified."""
FADE: Final = SHRUNK + 1
"""Anything else with arithmetic blend modes that is not minified."""
ANY: Final = FADE + 1
"""The same with any blend mode."""
MINIFIED_TOO: Final = 2
"""FADE and ANY once more, with the filter for what is minified, are this much further."""

_GROUP_OF: Final = GROUP + np.searchsorted(GROUP_SIZES, np.arange(GROUP_SIZES[-1] + 1))
_FIRST_OF: Final = {
    IS_EXACT: 0,
    IS_OTHER: len(FUSED_SIZES),
    IS_SIMPLE: 2 * len(FUSED_SIZES) + len(CONTINUED_SIZES),
}
_TWISTED: Final = 3 * len(FUSED_SIZES) + len(CONTINUED_SIZES)
"""Programs before those for what is twisted: all sorts, and one that goes on."""
ONLY_ALONE: Final = frozenset(range(len(FUSED_SIZES)))
"""Programs of tiles that take one go: what is exact is all of its tile."""
ONLY_SEVERAL: Final = frozenset(
    (*range(2 * len(FUSED_SIZES), _FIRST_OF[IS_SIMPLE]), _TWISTED + len(TWISTED_SIZES))
)
"""Those that go on where others have drawn."""
_TWISTED_OF: Final = _TWISTED + np.searchsorted(TWISTED_SIZES, np.arange(USED + 1))
_LAST: Final = 1 << 20
"""More stages than there are."""


def _fused_of(kind: int) -> int:
    """Which program draws a go of this kind that begins a tile."""
    nth = bisect_left(FUSED_SIZES, min(kind & USED, FUSED_SIZES[-1]))
    return _FIRST_OF.get(kind & ~USED, 0) + nth


_FUSED_OF: Final = np.array([_fused_of(kind) for kind in range(STAGE)])
_FUSED_SCALED_OF: Final = np.where(np.arange(STAGE) < IS_OTHER, _FUSED_OF + _FIRST_OF[IS_OTHER], _FUSED_OF)
"""By kinds of goes that begin a tile: which program draws them; and which where no tile is exact."""
_FEW_OF: Final = np.full(STAGE + 1, 2 * len(FUSED_SIZES) + len(CONTINUED_SIZES) - 1)
"""The same by three programs: of small tiles, of all that begin one, and of all that go on."""
_FEW_OF[:STAGE] = [
    _fused_of(IS_OTHER + (_SMALL if kind & USED <= _SMALL else MOST_PARTS)) for kind in range(STAGE)
]
_CONTINUED_OF: Final = np.searchsorted(CONTINUED_SIZES, np.arange(CONTINUED_SIZES[-1] + 1))


def quad_variants(classes: RowClasses, bases: Indices, depths: Indices) -> Indices:
    """The variants that draw `depths` rows each, the first of them in `bases`; all (n,), as in `Plan`."""
    bits, samples = classes.bits, classes.samples
    variants = _alone(bits[bases], samples[bases])
    more = (depths > 1).nonzero()[0]
    if len(more):
        first, last = bases[more], bases[more] + depths[more]
        plain = ((bits & (PAGED | SMALL)) == PAGED) & (samples == 1)
        counted = np.zeros((3, len(bits) + 1), np.intp)
        np.cumsum((~plain, (bits & HARD) != 0, (bits & SMALL) != 0), axis=1, out=counted[:, 1:])
        odd, hard, small = counted[:, last] > counted[:, first]
        size = depths[more]
        own = np.where(size <= GROUP_SIZES[-1], _GROUP_OF[np.minimum(size, GROUP_SIZES[-1])], FADE)
        own[odd] = FADE
        own[hard] = ANY
        own[(own >= FADE) & small] += MINIFIED_TOO
        variants[more] = own
    return variants


def _alone(bits: Indices, samples: Indices) -> Indices:
    """The variants that draw rows on their own; all (n,)."""
    small = (bits & SMALL) != 0
    paged = (bits & PAGED) != 0
    variants = np.where(paged & ~small, MIX, FADE)
    one = samples == 1
    variants[paged & ~small & one] = GROUP
    variants[paged & ~small & one & ((bits & row_classes.EXACT) != 0)] = EXACT
    # How wide its pixels are does not follow from where a bent row's part of a tile lies.
    variants[paged & small & one & ((bits & BENT) == 0)] = SHRUNK
    variants[(bits & HARD) != 0] = ANY
    variants[(variants >= FADE) & small] += MINIFIED_TOO
    return variants


def fused_variants(fused: FusedTiles, *, exact: bool = True, few: bool = False) -> Indices:
    """(n,) which program draws each go: those of goes that begin a tile in the order of their kinds, then
    those of later stages. `exact`: whether pixels of the frame are those of the rows; `few`: by as few as
    can."""
    kinds = fused.kinds
    if few:
        return _FEW_OF.take(kinds, mode="clip")
    variants = (_FUSED_OF if exact else _FUSED_SCALED_OF).take(kinds, mode="clip")
    if fused.several:
        later = (kinds[: fused.several] >= STAGE).nonzero()[0]
        variants[later] = 2 * len(FUSED_SIZES) + _CONTINUED_OF[kinds[later] & USED]
    return variants


def put_twisted(variants: Indices, fused: FusedTiles, twisted: Indices, *, few: bool = False) -> Indices:
    """Write the programs of the goes that are `twisted`, as in `Plan`, into `variants` (n,), those of all;
    `few`: as of `fused_variants`.

    (n,) the order in which each program has a run of them, those of later stages after those before.
    """
    kinds = fused.kinds[twisted]
    last = _TWISTED + len(TWISTED_SIZES)
    first = last - 1 if few else _TWISTED_OF.take(kinds & USED)
    variants[twisted] = np.where(kinds < STAGE, first, last)
    # They are few, and go behind the others; of several goes, which come first, behind those of their stage.
    others = np.ones(len(variants), np.bool_)
    others[twisted] = False
    order = np.concatenate((others.nonzero()[0], twisted[np.argsort(variants[twisted], kind="stable")]))
    if fused.several:
        stages = np.where(order < fused.several, fused.kinds.take(order) // STAGE, _LAST)
        order = order[np.argsort(stages, kind="stable")]
    return order
