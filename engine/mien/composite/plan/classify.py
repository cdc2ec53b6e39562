"""Second step of a plan: what the rows that differ show in each tile, and where that may matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.composite.plan.diff import Diff
from mien.composite.plan.footprints import Footprints
from mien.types import F32, I32, Bools, Bytes


@dataclass(frozen=True, slots=True)
class Classified:
    """What rows show of the tiles."""

    shows: Bytes
    """(changed, tiles) as `Shown.shows`, of the rows that differ."""
    touched: Bools
    """(tiles,) where what is seen may be other than last time."""
    renewed: Bools | None
    """(rows, tiles) where a row shows a part of an offscreen layer that was drawn again; None: nowhere."""


def classify(found: Diff, rows: F32, footprints: Footprints, redrawn: Sequence[I32 | None]) -> Classified:
    """Look up what the rows that differ show. `rows`: (n, FLOATS); `redrawn`: as for `Planner.plan`."""
    before, changed = found.before, found.changed
    shows = footprints.shows(rows[changed])
    # A changed row counts wherever it is drawn, also where it shows nothing between others of its group:
    # it may need another program, which rounds otherwise.
    touched: Bools = np.logical_or.reduce(before.shows[changed] | shows, axis=0)
    touched |= (before.depth[before.groups.of[changed]] > before.groups.nth[changed]).any(axis=0)
    if found.gone is not None:
        touched |= found.gone
    renewed = None
    if any(box is not None for box in redrawn):
        renewed = footprints.renewed(rows, redrawn)
        touched |= renewed.any(axis=0)
    return Classified(shows, touched, renewed)
