"""Shader variants, and which draws what: each rectangle gets the cheapest that can."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan import row_classes
from mien.composite.plan.row_classes import BENT, HARD, PAGED, SMALL, RowClasses
from mien.composite.rows import BLEND, CLIPPED, OPACITY, SAMPLE_COUNT, TINT, WEIGHTS
from mien.types import F32, I32, MAX_MIXED, Blend, Bools, Indices

GROUP_SIZES: Final = (1, 3, 6)
"""Rows of clip groups with a program of their own; groups of other sizes take the next larger one. The 32
varyings of Mesa have room for 6."""
FUSED_SIZES: Final = (1, 2, 3, 4, 6, 8)
"""Parts of fused tiles with a program of their own. The 32 varyings of Mesa have room for 8."""

CONTINUED_SIZES: Final = (2, 4, 8)
"""The same of those that go on over what was drawn."""

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

_SIMPLE: Final = 2 * len(FUSED_SIZES) + len(CONTINUED_SIZES)
_SIMPLE_COLUMNS: Final = [BLEND, CLIPPED, SAMPLE_COUNT, WEIGHTS.start, OPACITY, *range(TINT.start, TINT.stop)]
_SIMPLE_ROW: Final = np.array((Blend.NORMAL, 0, 1, 1, 1, 1, 1, 1, 1), np.float32)
_EIGHT: Final = 0x0101010101010101
"""Eight true values as one number."""
_GROUP_OF: Final = GROUP + np.searchsorted(GROUP_SIZES, np.arange(GROUP_SIZES[-1] + 1))
_FUSED_OF: Final = np.searchsorted(FUSED_SIZES, np.arange(FUSED_SIZES[-1] + 1))
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


def fused_variants(parts: Indices, stages: Indices, exact: Bools, simple: Bools) -> Indices:
    """(n,) which program draws fused tiles of so many `parts`: those of tiles that are `exact`, of others, of
    later `stages`, of those that are `simple`, in this order."""
    begins = _FUSED_OF[parts] + np.where(exact, 0, np.where(simple, _SIMPLE, len(FUSED_SIZES)))
    return np.where(stages == 0, begins, 2 * len(FUSED_SIZES) + _CONTINUED_OF[parts])


def are_simple(parts: I32, rows: F32) -> Bools:
    """(n,) whether each of the `parts` (n, 8) of a tile, as in `FusedTiles`, is a row of its own: one sample,
    not clipped, blended normally and as it is on its page. `rows`: (rows, FLOATS)."""
    simple = np.ones(len(rows) + 1, np.bool_)  # the last is of parts that are none
    simple[:-1] = (rows[:, _SIMPLE_COLUMNS] == _SIMPLE_ROW).all(axis=1)
    found: Bools = simple[parts // MAX_MIXED].view(np.uint64)[:, 0] == _EIGHT
    return found
