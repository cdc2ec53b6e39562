"""Which program draws what: each rectangle gets the cheapest that can."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan import row_classes
from mien.composite.plan.row_classes import HARD, PAGED, SMALL, RowClasses
from mien.types import Bools, Indices

GROUPS: Final = (1, 3, 6)
"""Rows of clip groups with a program of their own; groups of other sizes take the next larger one. The 32
varyings of Mesa have room for 6."""
STACKS: Final = (1, 2, 3, 4, 6, 8)
"""Parts of stacks with a program of their own. The 32 varyings of Mesa have room for 8."""

EXACT: Final = 0
"""One upright row moved by whole pixels."""
GROUP: Final = 1
"""The first of as many as GROUPS has: each row with one tap of an atlas page, not minified nor masked."""
MIX: Final = GROUP + len(GROUPS)
"""A single row of that sort with several taps."""
SHRUNK: Final = MIX + 1
"""One row with one tap of an atlas page, minified."""
FADE: Final = SHRUNK + 1
"""Anything else with arithmetic blend modes that is not minified."""
ANY: Final = FADE + 1
"""The same with any blend mode."""
MINIFIED_TOO: Final = 2
"""FADE and ANY once more, with the filter for what is minified, are this much further."""

_GROUP_OF: Final = GROUP + np.searchsorted(GROUPS, np.arange(GROUPS[-1] + 1))
_STACK_OF: Final = np.searchsorted(STACKS, np.arange(STACKS[-1] + 1))


def quad_kinds(classes: RowClasses, units: Indices, depths: Indices) -> Indices:
    """The kinds that draw `depths` rows each, the first of them in `units`; all (n,), as in `Plan`."""
    bits, taps = classes.bits, classes.taps
    kinds = _alone(bits[units], taps[units])
    more = (depths > 1).nonzero()[0]
    if len(more):
        first, last = units[more], units[more] + depths[more]
        plain = ((bits & (PAGED | SMALL)) == PAGED) & (taps == 1)
        counted = np.zeros((3, len(bits) + 1), np.intp)
        np.cumsum((~plain, (bits & HARD) != 0, (bits & SMALL) != 0), axis=1, out=counted[:, 1:])
        odd, hard, small = counted[:, last] > counted[:, first]
        size = depths[more]
        own = np.where(size <= GROUPS[-1], _GROUP_OF[np.minimum(size, GROUPS[-1])], FADE)
        own[odd] = FADE
        own[hard] = ANY
        own[(own >= FADE) & small] += MINIFIED_TOO
        kinds[more] = own
    return kinds


def _alone(bits: Indices, taps: Indices) -> Indices:
    """The kinds that draw rows on their own; all (n,)."""
    small = (bits & SMALL) != 0
    paged = (bits & PAGED) != 0
    kinds = np.where(paged & ~small, MIX, FADE)
    one = taps == 1
    kinds[paged & ~small & one] = GROUP
    kinds[paged & ~small & one & ((bits & row_classes.EXACT) != 0)] = EXACT
    kinds[paged & small & one] = SHRUNK
    kinds[(bits & HARD) != 0] = ANY
    kinds[(kinds >= FADE) & small] += MINIFIED_TOO
    return kinds


def stack_kinds(parts: Indices, exact: Bools) -> Indices:
    """(n,) places in STACKS of stacks of `parts`; those that are not `exact` after all that are."""
    return _STACK_OF[parts] + np.where(exact, 0, len(STACKS))
