"""What a block of rows showed last: the state that a plan is made against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.composite.rows import CLIPPED, FLOATS
from mien.types import F32, Bytes, Indices


@dataclass(frozen=True, slots=True)
class Groups:
    """The clipping groups of a block: each a base row with the rows clipped to it, bottom to top."""

    bases: Indices
    """(groups,) the row of each base."""
    of: Indices
    """(rows,) the group of each row."""
    nth: Bytes
    """(rows, 1) which of its group a row is; 0: the base."""
    clipped: tuple[Indices, ...]
    """The first clipped row of every group that has one, then the second of every group that has two..."""

    @classmethod
    def of_rows(cls, rows: F32) -> Groups:
        """The groups of (n, FLOATS) rows. Raises ValueError where the first row is clipped."""
        bases = (rows[:, CLIPPED] == 0.0).nonzero()[0]
        if len(rows) and not (len(bases) and bases[0] == 0):
            raise ValueError("row 0 is clipped to a row below it, and there is none")
        of = np.repeat(np.arange(len(bases)), np.diff(bases, append=len(rows)))
        nth = np.arange(len(rows)) - bases[of]
        clipped = tuple((nth == n).nonzero()[0] for n in range(1, int(nth.max(initial=0)) + 1))
        return cls(bases, of, nth.astype(np.uint8)[:, None], clipped)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a block shows of its rows, tile by tile. The planner writes into the arrays, nobody else."""

    rows: F32
    """(rows, FLOATS) float32, as last planned."""
    shows: Bytes
    """(rows, tiles) 0: the row shows nothing there; 1: something; HIDES: it hides all below it."""
    depth: Bytes
    """(groups, tiles) how many rows of the group are seen, counted to the topmost of them; 0: it is not."""
    groups: Groups

    @classmethod
    def nothing(cls, tiles: int) -> Shown:
        """Of no rows."""
        rows = np.zeros((0, FLOATS), np.float32)
        none = np.zeros((0, tiles), np.uint8)
        return cls(rows, none, none.copy(), Groups.of_rows(rows))
