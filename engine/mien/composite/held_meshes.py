"""Meshes that hardly bend, on joints that stand where they stood: held as they were bent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.character import Character
from mien.composite.held_joints import HeldJoints
from mien.types import F64, Indices


class HeldMeshes:
    """Says as of when meshes are bent whose joints are held.

    What lies at a point of a mesh is off by what its joint is, and by what the point has moved since: both
    together stay within what is allowed. Which time that is follows from the poses alone, as for joints.

    Parameters: `joints`, the number of the first of each character's; `patterns`, of the first pattern of
    each mesh.
    """

    def __init__(self, characters: Sequence[Character], joints: Sequence[int], patterns: Indices) -> None:
        beside = [
            [first + j for j in (mesh.joint, *(character.slots[s].joint for s in mesh.slots))]
            for character, first in zip(characters, joints, strict=True)
            for mesh in character.meshes
        ]
        self._patterns = patterns
        self._joints: Indices = np.array([j for some in beside for j in some], np.intp)
        counts = np.array([len(some) for some in beside], np.intp)
        self._first: Indices = np.cumsum(counts) - counts

    def times(self, moves: F64, linear: F64, held: HeldJoints) -> Indices:
        """(meshes,) the time of each: the first of `held` that is near enough, else now, which is the last.

        `moves`: (times and now, 2, patterns) as in `MeshMoves`; `linear`: (meshes, 2, 2) canvas to frame.
        """
        # What patterns do together is no more than what each does.
        far = np.hypot(*(moves[:-1] - moves[-1]).transpose(1, 0, 2))
        most = np.add.reduceat(far, self._patterns, axis=1)
        joints_px = np.maximum.reduceat(held.off_px.take(self._joints), self._first)
        stands = held.stands.take(self._joints.take(self._first)) < held.times
        near = (most * _stretch(linear) + joints_px <= held.reach_px) & stands
        found = np.where(near.any(axis=0), near.argmax(axis=0), held.times)
        return found.astype(np.intp)


def _stretch(linear: F64) -> F64:
    """(n,) by how much maps (n, 2, 2) lengthen what they lengthen most: their larger singular value."""
    a, b, c, d = linear.reshape(-1, 4).T
    turned, flipped = np.hypot(a + d, c - b), np.hypot(a - d, b + c)
    longest: F64 = (turned + flipped) * 0.5
    return longest
