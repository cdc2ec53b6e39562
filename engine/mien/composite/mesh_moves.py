"""How far the points of meshes have moved: channels and segments to all grids in a few calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.character import Character
from mien.composite.mesh_fields import driven_fields
from mien.types import CHANNELS, F32, F64, Indices


class MeshMoves:
    """The grids of `characters`, mesh after mesh. They are moved for several times at once."""

    def __init__(self, characters: Sequence[Character]) -> None:
        channels, segments, drivers = len(CHANNELS), 0, list[int]()
        self._fields: list[F64] = []
        self._drives: list[slice] = []
        for c, character in enumerate(characters):
            # Where its channels are among those of all, and its segments behind those of all.
            swings = (len(characters) - 1) * channels + segments
            for one in driven_fields(character):
                first = len(drivers)
                drivers += [by + (channels * c if by < channels else swings) for by in one]
                self._drives.append(slice(first, len(drivers)))
                self._fields.append(np.stack([moves.view(np.float64) for moves in one.values()]))
            segments += sum(1 for _ in character.segments())
        self._drivers: Indices = np.array(drivers, np.intp)
        self.counts: Indices = np.array([field.shape[1] // 2 for field in self._fields], np.intp)
        """(meshes,) how many points each has."""
        self.starts: Indices = np.cumsum(self.counts) - self.counts
        """(meshes,) the number of the first of each among all."""
        self.own = [slice(a, a + n) for a, n in zip(self.starts.tolist(), self.counts.tolist(), strict=True)]
        """Those of each mesh."""

    def drives(self, channels: F32, swings: F32) -> F64:
        """(times, drives) what moves them, mesh after mesh.

        `channels`: (times, characters, len(CHANNELS)); `swings`: (times, segments).
        """
        values = np.concatenate((channels.reshape(len(channels), -1), swings), axis=1)
        found: F64 = values.take(self._drivers, axis=1).astype(np.float64)
        return found

    def of(self, drives: F64) -> F64:
        """(times, points, 2) canvas pixels by which points have moved."""
        moves = np.empty((len(drives), 2 * int(self.counts.sum())))
        for field, drive, own in zip(self._fields, self._drives, self.own, strict=True):
            np.matmul(drives[:, drive], field, out=moves[:, 2 * own.start : 2 * own.stop])
        return moves.reshape(len(drives), -1, 2)

    def replaced(self, drives: F64, times: Indices) -> F64:
        """(drives,) of each mesh those of its time (meshes,)."""
        return np.concatenate([drives[at, own] for at, own in zip(times.tolist(), self._drives, strict=True)])
