"""What to draw of a block of rows, as numbers: the one thing that `damage` gives and strategies take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.types import I32

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw of one block of rows."""

    spans: I32
    """(n, 4) left, top, right, bottom: the damage, in pixels; disjoint, as runs of tiles. First the deep
    tiles, then the shallow ones, in which at most `Planner.shallow` units show, of simple blend modes."""
    deep_spans: int
    """How many of the spans are deep tiles."""
    bare: I32
    """(n, 4): the part of the damage under which nothing opaque lies, to be cleared; deep tiles first."""
    deep_bare: int
    quads: I32
    """(m, 4): what each unit shows within the damage, bottom to top; deep tiles first."""
    deep_quads: int
    units: Indices
    """(m,) the row of each quad's unit; never decreasing among the deep ones, nor among the shallow ones."""
    depths: Indices
    """(m,) how many of the unit's rows show in the quad or below one that does: 1 is the base alone."""
    tiles: I32
    """(k, 4): the damage, tile by tile."""
    seen: npt.NDArray[np.uint8]
    """(units, k) the depth of each unit in each of those tiles; 0: it is not seen."""
    bases: Indices
    """(units,) the row of each unit."""
    changed: Indices | None
    """Rows that differ from those last planned, ascending; None if all are to be taken as new."""

    @property
    def box(self) -> I32:
        """(4,) the rectangle around all damage."""
        spans = self.spans
        return np.concatenate((spans[:, :2].min(axis=0), spans[:, 2:].max(axis=0)))

    def lists(self) -> tuple[I32, Indices, Indices]:
        """The same by tiles: their rectangles (k, 4), how many units each shows (k,), and the units' rows."""
        _, unit = self.seen.T.nonzero()
        return self.tiles, np.count_nonzero(self.seen, axis=0), self.bases[unit]
