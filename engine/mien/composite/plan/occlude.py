"""Third step of a plan: which groups are seen in each tile, and so which tiles must be drawn again.

A group that shows nothing, and one that is hidden, is left out: adding a transparent source and drawing under
an opaque one change no bit. A tile is drawn again when the groups seen in it changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.classify import Classified
from mien.composite.plan.diff import Diff
from mien.composite.plan.footprints import HIDES
from mien.composite.plan.shown import Shown
from mien.types import Bools, Bytes, Indices

_FEW: Final = 64
"""Tiles up to which a reduction over all rows is cheaper than one clipped row of every group at a time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen in some tiles."""

    tiles: Indices
    """(k,) which, ascending."""
    depth: Bytes
    """(groups, k) as `Shown.depth`."""
    lowest: Indices
    """(k,) the group that hides what is below it, -1: none."""
    redone: Bools
    """(changed, k) where a row that differs is drawn, or was."""
    damaged: Bools
    """(k,) what must be drawn again."""

    def only_damaged(self) -> Seen:
        """Of the damaged tiles alone."""
        kept = self.damaged
        if kept.all():
            return self
        return Seen(
            self.tiles[kept], self.depth[:, kept], self.lowest[kept], self.redone[:, kept], kept[kept]
        )


def occlude(shown: Shown, found: Diff, classified: Classified, everything: bool) -> Seen:
    """What is seen in the tiles that were touched, or in all if `everything` is to be drawn.

    `shown`: what rows show now, with what was seen of them last time.
    """
    groups = shown.groups
    group, nth = groups.of[found.changed], groups.nth[found.changed]
    tiles = np.arange(len(classified.touched)) if everything else classified.touched.nonzero()[0]
    then = shown.depth[group][:, tiles]
    depth, lowest = _depths(shown, tiles)
    redone: Bools = np.maximum(then, depth[group]) > nth
    if everything:
        return Seen(tiles, depth, lowest, redone, np.ones(len(tiles), np.bool_))
    damaged: Bools = np.logical_or.reduce(redone, axis=0)
    if found.gone is not None:
        damaged |= found.gone[tiles]
    if classified.renewed is not None:
        damaged |= (classified.renewed[:, tiles] & (depth[groups.of] != 0)).any(axis=0)
    return Seen(tiles, depth, lowest, redone, damaged)


def _depths(shown: Shown, tiles: Indices) -> tuple[Bytes, Indices]:
    """`Seen.depth` and `Seen.lowest`."""
    groups, shows = shown.groups, shown.shows[:, tiles]
    plain = len(groups.bases) == len(shows)
    bases = shows if plain else shows[groups.bases]
    if not len(bases):
        return np.zeros((0, len(tiles)), np.uint8), np.full(len(tiles), -1)
    hides = bases == HIDES
    lowest = np.where(hides.any(axis=0), len(bases) - 1 - hides[::-1].argmax(axis=0), -1)
    seen = (bases != 0) & (np.arange(len(bases))[:, None] >= lowest)
    if plain:
        return seen.view(np.uint8), lowest
    depth = seen.view(np.uint8).copy()
    if len(tiles) <= _FEW:
        depth *= np.maximum.reduceat((shows != 0) * groups.nth, groups.bases, axis=0) + np.uint8(1)
        return depth, lowest
    for nth, clipped in enumerate(groups.clipped, start=2):
        of = groups.of[clipped]
        depth[of] = np.where((shows[clipped] != 0) & seen[of], np.uint8(nth), depth[of])
    return depth, lowest
