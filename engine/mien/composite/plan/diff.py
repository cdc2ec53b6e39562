"""First step of a plan: which rows are new or other than those shown last.

Rows are known by their identity, so that one row more or less makes no other row new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.shown import Groups, Shown
from mien.composite.rows import BOUNDS, CLIPPED, IDENTITY
from mien.types import F32, I32, Bools, Indices

_WHICH: Final = [CLIPPED, IDENTITY]


@dataclass(frozen=True, slots=True)
class Diff:
    """What of a block's rows is other than last time."""

    before: Shown
    """What was shown last, in line with the rows of now: of new ones, nothing."""
    changed: Indices
    """The rows that are new or differ, ascending."""
    boxes: I32
    """(changed, 4) around the base of each row's group, then and now; what is not drawn has no part in it."""
    gone: Bools | None
    """(tiles,) where rows were seen that are not there any more; None where all are those of last time."""


def changed_rows(shown: Shown, rows: F32) -> Indices | None:
    """The rows that differ, ascending; None where they are not those of last time, one by one."""
    if len(rows) != len(shown.rows):
        return None
    differs = rows != shown.rows
    changed: Indices = differs.any(axis=1).nonzero()[0]
    return None if len(changed) and bool(differs[:, _WHICH].any()) else changed


def diff(shown: Shown, rows: F32, changed: Indices | None) -> Diff:
    """What is other in `rows` (n, FLOATS), of which `changed_rows` said `changed`.

    Raises ValueError where the first row is clipped.
    """
    if changed is not None:
        return Diff(shown, changed, _boxes(shown, rows, changed), None)
    where = _found_again(shown.rows, rows)
    known = (where >= 0).nonzero()[0]
    gone = np.ones(len(shown.rows), np.bool_)
    gone[where[known]] = False
    tiles: Bools = ((shown.shows[gone] != 0) & (shown.depth[shown.groups.of[gone]] != 0)).any(axis=0)
    before = _in_line(shown, rows, where, known)
    differs = (rows != before.rows).any(axis=1)
    differs[where < 0] = True
    # Clipped rows that now belong to another base: both groups are drawn again.
    groups, base = before.groups, where[before.groups.bases]
    base_then = np.full(len(rows), -1)
    base_then[known] = shown.groups.bases[shown.groups.of[where[known]]]
    differs |= (base < 0)[groups.of] | (base_then != base[groups.of])
    changed = differs.nonzero()[0]
    return Diff(before, changed, _boxes(before, rows, changed), tiles)


def _found_again(old: F32, new: F32) -> Indices:
    """(new,) the row of `old` that each row of `new` is; -1: it was not there."""
    names, names_then = new[:, IDENTITY], old[:, IDENTITY]
    where = np.full(len(new), -1)
    if (np.diff(names) > 0).all() and (np.diff(names_then) > 0).all():
        found = np.searchsorted(names_then, names)
        found[found == len(old)] = 0
        if len(old):
            same = names_then[found] == names
            same &= new[:, CLIPPED] == old[found, CLIPPED]
            where[same] = found[same]
    else:  # rows without identities of their own: by their place
        common = min(len(new), len(old))
        same = (new[:common, CLIPPED] == old[:common, CLIPPED]).nonzero()[0]
        where[same] = same
    return where


def _in_line(shown: Shown, rows: F32, where: Indices, known: Indices) -> Shown:
    """What was shown, for each of `rows` that is known; nothing for the others."""
    groups = Groups.of_rows(rows)
    tiles = shown.shows.shape[1]
    shows = np.zeros((len(rows), tiles), np.uint8)
    shows[known] = shown.shows[where[known]]
    base = where[groups.bases]
    depth = np.zeros((len(groups.bases), tiles), np.uint8)
    depth[base >= 0] = shown.depth[shown.groups.of[base[base >= 0]]]
    before = np.zeros_like(rows)
    before[known] = shown.rows[where[known]]
    return Shown(before, shows, depth, groups)


def _boxes(shown: Shown, rows: F32, changed: Indices) -> I32:
    """(changed, 4) see `Diff.boxes`."""
    bases = shown.groups.bases[shown.groups.of[changed]]
    before, after = shown.rows[bases, BOUNDS], rows[bases, BOUNDS]
    low, high = np.minimum(before[:, :2], after[:, :2]), np.maximum(before[:, 2:], after[:, 2:])
    boxes = np.concatenate((low, high), axis=1).astype(np.int32)
    new = before[:, 2] <= before[:, 0]
    boxes[new] = after[new]
    hidden = after[:, 2] <= after[:, 0]
    boxes[hidden] = before[hidden]
    return boxes
