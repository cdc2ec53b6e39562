"""How far the points of meshes move: channels and segments to all grids in a few calls.

Much of what moves a grid is alike: a ball goes left and right, up and down by the depth of its points, and
all that hangs on a segment goes one way. So points move by few patterns, and how far they move at most, or
are off, follows from those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from mien.character import Character
from mien.composite.mesh_fields import driven_fields
from mien.composite.warps import C128
from mien.types import CHANNELS, F32, F64, Indices

_SAME: Final = 1e-9
"""Of the most that a pattern moves, up to which two are one."""


class MeshMoves:
    """The grids of `characters`, mesh after mesh. They are moved for several times at once."""

    def __init__(self, characters: Sequence[Character]) -> None:
        channels, segments = len(CHANNELS), 0
        drivers: list[int] = []
        by: list[tuple[float, float]] = []
        first_term: list[int] = []
        meshes: list[int] = []
        self.patterns: list[F64] = []
        """Of each mesh (patterns, points): the share of a pattern's move that each point takes, -1..1."""
        for c, character in enumerate(characters):
            # Where its channels are among those of all, and its segments behind those of all.
            swings = (len(characters) - 1) * channels + segments
            for mesh, fields in zip(character.meshes, driven_fields(character), strict=True):
                numbers = [driver + (channels * c if driver < channels else swings) for driver in fields]
                patterns, terms = _patterns(fields.values(), mesh.grid.width * mesh.grid.height)
                for of_one in terms:
                    first_term.append(len(drivers))
                    drivers += [numbers[nth] for nth, _, _ in of_one] or [0]
                    by += [(x, y) for _, x, y in of_one] or [(0.0, 0.0)]
                meshes += [len(self.patterns)] * len(patterns)
                self.patterns.append(patterns)
            segments += sum(1 for _ in character.segments())
        self._drivers: Indices = np.array(drivers, np.intp)
        self._by = np.array(by, np.float64).reshape(-1, 2).T
        self._first_term = np.array(first_term, np.intp)
        self.mesh: Indices = np.array(meshes, np.intp)
        """(patterns,) which mesh each is of."""
        self.first: Indices = np.searchsorted(self.mesh, np.arange(len(self.patterns)))
        """(meshes,) the first pattern of each."""
        self.ends: F64 = np.array([(one.min(), one.max()) for some in self.patterns for one in some]).T
        """(2, patterns) the least and the most of each."""
        self.counts: Indices = np.array([some.shape[1] for some in self.patterns], np.intp)
        """(meshes,) how many points each has."""
        self.starts: Indices = np.cumsum(self.counts) - self.counts
        """(meshes,) the number of the first of each among all."""
        stops = [*self.first[1:].tolist(), len(self.mesh)]
        self._own = [
            (slice(pattern, stop), slice(start, start + count))
            for pattern, stop, start, count in zip(
                self.first.tolist(), stops, self.starts.tolist(), self.counts.tolist(), strict=True
            )
        ]

    def of(self, channels: F32, swings: F32) -> F64:
        """(times, 2, patterns) canvas pixels along x and y that each pattern moves what it moves most.

        `channels`: (times, characters, len(CHANNELS)); `swings`: (times, segments).
        """
        values = np.concatenate((channels.reshape(len(channels), -1), swings), axis=1)
        moves = values.take(self._drivers, axis=1)[:, None] * self._by
        found: F64 = np.add.reduceat(moves, self._first_term, axis=2)
        return found

    def points(self, moves: F64, out: F64) -> None:
        """`moves` (2, patterns), as above or of the frame, of all points: (2, points), to be written into."""
        for patterns, (own, at) in zip(self.patterns, self._own, strict=True):
            np.matmul(moves[:, own], patterns, out=out[:, at])


def _patterns(fields: Iterable[C128], points: int) -> tuple[F64, list[list[tuple[int, float, float]]]]:
    """The patterns by which `fields` (points,), canvas pixels per unit of their driver, move points.

    (patterns, points), the most of each 1; and of each its terms: (which field, pixels along x, along y) that
    a unit of the field's driver moves what is moved most. There is one at least, which may move nothing.
    """
    found: list[F64] = []
    terms: list[dict[int, list[float]]] = []
    for nth, field in enumerate(fields):
        for axis, part in enumerate((field.real, field.imag)):
            most = part[np.abs(part).argmax()]
            if most == 0.0:
                continue
            pattern = part / most
            same = (k for k, one in enumerate(found) if np.abs(one - pattern).max() <= _SAME)
            k = next(same, len(found))
            if k == len(found):
                found.append(pattern)
                terms.append({})
            terms[k].setdefault(nth, [0.0, 0.0])[axis] = float(most)
    if not found:
        return np.zeros((1, points)), [[]]
    return np.stack(found), [[(nth, x, y) for nth, (x, y) in one.items()] for one in terms]
