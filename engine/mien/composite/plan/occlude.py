"""Second step of a plan: which rows are seen in each tile.

What shows nothing there, and what something opaque hides, is left out: adding a transparent source and
drawing under an opaque one change no bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.composite.plan.silhouettes import HIDES, NOTHING
from mien.composite.rows import CLIPPED
from mien.types import F32, Bools, Bytes, Indices


@dataclass(frozen=True, slots=True)
class Groups:
    """The clipping groups of a block: each a base row with the rows clipped to it, bottom to top."""

    base: Indices
    """(rows,) the row that each is clipped to; its own number where it is not clipped."""
    clipped: Bools
    """(rows,) whether it is."""

    @classmethod
    def of(cls, rows: F32) -> Groups:
        """Of (n, FLOATS) rows. Raises ValueError where the first row is clipped."""
        clipped = rows[:, CLIPPED] != 0.0
        if len(rows) and clipped[0]:
            raise ValueError("row 0 is clipped to a row below it, and there is none")
        base = np.maximum.accumulate(np.where(clipped, 0, np.arange(len(rows))))
        return cls(base, clipped)


def occlude(codes: Bytes, groups: Groups) -> tuple[Bools, Bools]:
    """What is seen of rows that show this of some tiles (tiles, rows): (tiles, rows) whether it is; and
    (tiles,) whether something opaque lies over all that is below."""
    shows = codes != NOTHING
    over = codes == HIDES
    over &= ~groups.clipped
    hidden: Bools = over.any(axis=1)
    seen = shows
    if hidden.any():
        # From the uppermost on that hides what is below.
        lowest = codes.shape[1] - 1 - over[:, ::-1].argmax(axis=1)
        lowest[~hidden] = 0
        seen = shows & (np.arange(codes.shape[1]) >= lowest[:, None])
    if groups.clipped.any():
        # What is clipped shows nothing where its base does not.
        seen &= shows.take(groups.base, axis=1)
    return seen, hidden


def begins(numbers: Indices) -> Indices:
    """Where runs of equal numbers begin."""
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return first.nonzero()[0]
