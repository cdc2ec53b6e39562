"""The rig: channel values to one affine per joint."""

from __future__ import annotations

from collections.abc import Sequence

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
        counts = [len(character.joints) for character in characters]
        firsts = [sum(counts[:k]) for k in range(len(counts))]
        self.count = count = len(joints)
        """Number of joints, of all characters one after another."""
        self._terms = _Terms(characters)
        self._pivot = np.array([joint.pivot for joint in joints], np.float64).reshape(count, 2).T.copy()
        gazes = [character.gaze for character in characters]
        eyes = [(k, first + e, 1.0) for k, first in enumerate(firsts) for e in gazes[k].irises]
        eyes += [
            (k, first + e, gazes[k].glint_follow) for k, first in enumerate(firsts) for e in gazes[k].glints
        ]
        self._eyes = np.array([eye for _, eye, _ in eyes], np.intp)
        self._looker = np.array([k for k, _, _ in eyes], np.intp)
        self._follow = np.array([follow for _, _, follow in eyes]).reshape(-1, 1)
        # Pixels at a gaze of -1 and of 1, along x and y.
        self._ends = np.array([(gaze.x, gaze.y) for gaze in gazes], np.float64).reshape(-1, 2, 2)
        parents = [
            -1 if joint.parent < 0 else first + joint.parent
            for first, character in zip(firsts, characters, strict=True)
            for joint in character.joints
        ]
        self._above = _above(parents)
        # One more than there are joints: what roots hang on, which stays where it is.
        self._local = np.zeros((count + 1, 3, 3))
        self._local[:, 2, 2] = 1.0
        self._local[count] = np.eye(3)

    def affines(self, channels: F32, out: F64) -> None:
        """Write the map of every joint, rest position to canvas, into `out`.

        `channels`: (characters, len(CHANNELS)) float32, as in `Pose`; of one character also without the first
        axis. `out`: (joints, 2, 3) float64; row 0 is (a, c, tx), row 1 (b, d, ty). A channel that is NaN or
        infinite gives NaN affines to the joints that it drives, and so hides what hangs on them.
        """
        channels = channels.reshape(-1, len(CHANNELS))
        angle, move_x, move_y, scale_x, scale_y = self._terms.values(channels)
        cos, sin = np.cos(angle), np.sin(angle)
        scale_x += 1.0
        scale_y += 1.0
        pivot_x, pivot_y = self._pivot
        local = self._local[: self.count]
        a, b, c, d = cos * scale_x, sin * scale_x, -sin * scale_y, cos * scale_y
        local[:, 0, 0] = a
        local[:, 0, 1] = c
        local[:, 1, 0] = b
        local[:, 1, 1] = d
        local[:, 0, 2] = pivot_x - a * pivot_x - c * pivot_y + move_x
        local[:, 1, 2] = pivot_y - b * pivot_x - d * pivot_y + move_y
        gaze = channels[:, _GAZE].astype(np.float64)
        low, high = self._ends[:, :, 0], self._ends[:, :, 1]
        look = low * np.clip(-gaze, 0.0, 1.0) + high * np.clip(gaze, 0.0, 1.0)
        local[self._eyes, :2, 2] += look.take(self._looker, axis=0) * self._follow
        world = self._local
        for above in self._above:
            world = np.matmul(world.take(above, axis=0), world)
        out[:] = world[: self.count, :2]


class _Terms:
    """What channels do to joints: few of them do anything to each, so that sums of terms are all there is."""

    def __init__(self, characters: Sequence[Character]) -> None:
        count = sum(len(character.joints) for character in characters)
        terms: list[tuple[int, int, float]] = []  # which value, which channel of all, times what
        j = 0
        for k, character in enumerate(characters):
            for joint in character.joints:
                of = [(0, c, float(np.radians(degrees))) for c, degrees in joint.rotate.items()]
                of += [(1 + i, c, move[i]) for c, move in joint.move.items() for i in (0, 1)]
                of += [(3 + i, c, scale[i]) for c, scale in joint.scale.items() for i in (0, 1)]
                terms += [
                    (kind * count + j, k * len(CHANNELS) + CHANNEL_INDEX[c], by) for kind, c, by in of if by
                ]
                j += 1
        self._shape = (5, count)
        self._value = np.array([value for value, _, _ in terms], np.intp)
        self._channel = np.array([channel for _, channel, _ in terms], np.intp)
        self._by = np.array([by for _, _, by in terms], np.float64)

    def values(self, channels: F32) -> F64:
        """(5, joints): angle (radians), move x, move y, scale x, scale y of every joint, for (characters,
        len(CHANNELS)) float32. What a broken channel drives is NaN."""
        most = self._shape[0] * self._shape[1]
        values = np.bincount(self._value, self._by * channels.reshape(-1)[self._channel], most).astype(
            np.float64, copy=False
        )
        broken = ~np.isfinite(values)
        if broken.any():
            values[broken] = np.nan
        return values.reshape(self._shape)


_GAZE = [CHANNEL_INDEX["gaze_x"], CHANNEL_INDEX["gaze_y"]]


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
