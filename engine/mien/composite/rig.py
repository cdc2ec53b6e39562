"""The rig: channel values to one affine per joint."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np
import numpy.typing as npt

from mien.character import Character
from mien.types import CHANNEL_INDEX, CHANNELS, F32, F64


class Rig:
    """The joints of some characters, posed together in a few calls on arrays.

    The model is that of `mien.character.Joint`; on top of it iris joints move by the gaze range and
    glint joints by `glint_follow` of it, in the frame of their parent. Gaze is held to -1..1, so that no
    motion can push an iris out of its eye.
    """

    def __init__(self, *characters: Character) -> None:
        joints = [joint for character in characters for joint in character.joints]
        firsts = np.cumsum([0, *(len(character.joints) for character in characters)]).tolist()
        self.count = count = len(joints)
        """Number of joints, of all characters one after another."""
        terms = [
            (kind, first + j, k * len(_Term) + term, by)
            for k, (first, character) in enumerate(zip(firsts, characters, strict=False))
            for kind, j, term, by in _terms(character)
        ]
        self._value = np.array([_place_of(kind, j, count) for kind, j, _, _ in terms], np.intp)
        self._term = np.array([term for _, _, term, _ in terms], np.intp)
        self._by = np.array([by for _, _, _, by in terms], np.float64)
        self._terms = np.ones((len(characters), len(_Term)))
        # Points and vectors are complex numbers, x + iy: half as many calls.
        pivots = np.array([joint.pivot for joint in joints], np.float64).reshape(count, 2)
        self._pivots = np.ascontiguousarray(pivots.T)
        self._above = _above(
            [
                -1 if joint.parent < 0 else first + joint.parent
                for first, character in zip(firsts, characters, strict=False)
                for joint in character.joints
            ]
        )
        # x and y of what (1, 0), (0, 1) and (0, 0) become. One more than there are joints: what roots hang
        # on, which stays where it is.
        self._local = np.zeros((2, 3, count + 1))
        self._local[:, :2, count] = np.eye(2)
        self._columns = np.empty((3, count), np.complex128)

    def affines(self, channels: F32, out: F64) -> None:
        """Write the map of every joint, rest position to canvas, into `out`.

        `channels`: (characters, len(CHANNELS)) float32, as in `Pose`; of one character also without the first
        axis. `out`: (joints, 2, 3) float64; row 0 is (a, c, tx), row 1 (b, d, ty). A channel that is NaN or
        infinite gives NaN affines to the joints that it drives, and so hides what hangs on them.
        """
        n, columns = self.count, self._columns
        values = self._values(channels.reshape(-1, len(CHANNELS)))
        turn = np.exp(values[:n] * 1j)
        # What (1, 0) and (0, 1) become, and (0, 0).
        np.multiply(values[n : 3 * n].reshape(2, n), turn, out=columns[:2])
        columns[1] *= 1j
        moved = columns[:2] * self._pivots
        np.subtract(values[3 * n :].view(np.complex128), moved[0], out=columns[2])
        columns[2] -= moved[1]
        world = self._local
        world[0, :, :n], world[1, :, :n] = columns.real, columns.imag
        for above in self._above:
            # Not `matmul`, which takes as long for each of these small matrices as all of this does.
            outer = world.take(above, axis=2)
            world = outer[:, :1] * world[0] + outer[:, 1:2] * world[1]
            world[:, 2] += outer[:, 2]
        out[:] = world[:, :, :n].transpose(2, 0, 1)

    def _values(self, channels: F32) -> F64:
        """(5 * joints,): angles (radians), scales along x, along y, and x and y of where each pivot goes.

        What a broken channel drives is NaN.
        """
        terms = self._terms
        terms[:, : len(CHANNELS)] = channels
        sides = terms[:, _SIDES]
        np.multiply(channels[:, None, _GAZE], _TO_SIDES, out=sides.reshape(-1, 2, 2))
        np.maximum(sides, 0.0, out=sides)
        np.minimum(sides, 1.0, out=sides)
        # Channels move a joint or two each: sums of those terms, not products with a matrix that is mostly 0.
        added = self._by * terms.reshape(-1).take(self._term)
        values = np.bincount(self._value, added, 5 * self.count).astype(np.float64, copy=False)
        if not isfinite(float(values.sum())):
            values[~np.isfinite(values)] = np.nan
        return values


def placed_by(outer: F64 | None, maps: F64) -> F64:
    """Maps (..., joints, 2, 3) behind which others (joints, 2, 2) are applied; None: none do."""
    if outer is None:
        return maps
    found: F64 = outer[:, :, :1] * maps[..., :1, :]
    found += outer[:, :, 1:] * maps[..., 1:, :]
    return found


_Term = range(len(CHANNELS) + 5)
"""What joints are moved by: channels, 1, and the gaze along x and y to one side and to the other, 0..1."""
_ONE = len(CHANNELS)
_FORTH, _BACK = slice(_ONE + 1, _ONE + 3), slice(_ONE + 3, _ONE + 5)
_SIDES = slice(_FORTH.start, _BACK.stop)
_TO_SIDES = np.array(((1.0,), (-1.0,)))
_GAZE = slice(CHANNEL_INDEX["gaze_x"], CHANNEL_INDEX["gaze_y"] + 1)
"""One after the other in `CHANNELS`."""
_ANGLE, _SCALE, _MOVE = 0, 1, 3
"""Kinds of values; of the latter two those along y come next."""


def _terms(character: Character) -> Iterator[tuple[int, int, int, float]]:
    """(kind of value, joint, term, times what) of all that adds to the values of a character's joints."""
    for j, joint in enumerate(character.joints):
        for channel, degrees in joint.rotate.items():
            yield _ANGLE, j, CHANNEL_INDEX[channel], float(np.radians(degrees))
        for axis in (0, 1):
            yield _SCALE + axis, j, _ONE, 1.0
            yield _MOVE + axis, j, _ONE, joint.pivot[axis]
            for channel, scale in joint.scale.items():
                yield _SCALE + axis, j, CHANNEL_INDEX[channel], scale[axis]
            for channel, move in joint.move.items():
                yield _MOVE + axis, j, CHANNEL_INDEX[channel], move[axis]
    gaze = character.gaze
    follow = [*((eye, 1.0) for eye in gaze.irises), *((glint, gaze.glint_follow) for glint in gaze.glints)]
    for eye, by in follow:
        for axis, (low, high) in enumerate((gaze.x, gaze.y)):
            yield _MOVE + axis, eye, _FORTH.start + axis, high * by
            yield _MOVE + axis, eye, _BACK.start + axis, low * by


def _place_of(kind: int, joint: int, count: int) -> int:
    """Where a value is among those of so many joints: x and y of a move side by side."""
    return kind * count + joint if kind < _MOVE else _MOVE * count + 2 * joint + (kind - _MOVE)


def _above(parents: list[int]) -> list[npt.NDArray[np.intp]]:
    """The joints 1, 2, 4, ... above each, as far as there are any; index `len(parents)` is above every root.

    With each of them a joint's matrix, which holds as many joints as that already, takes in as many more
    (pointer jumping: Hillis and Steele, Data Parallel Algorithms, 1986).
    """
    roots = len(parents)
    above = np.array([roots if parent < 0 else parent for parent in parents] + [roots], np.intp)
    steps = []
    while (above != roots).any():
        steps.append(above)
        above = above[above]
    return steps
