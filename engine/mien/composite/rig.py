"""The rig: channel values to one affine per joint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mien.character import Character
from mien.types import CHANNEL_INDEX, CHANNELS, F32, F64


class Rig:
    """The joints of a character as matrices, so that posing them is a product and a few small calls.

    The model is that of `mien.character.Joint`; on top of it iris joints move by the gaze range and
    glint joints by `glint_follow` of it, in the frame of their parent. Gaze is held to -1..1, so that no
    motion can push an iris out of its eye.
    """

    def __init__(self, character: Character) -> None:
        joints = character.joints
        count = len(joints)
        self.count = count
        """Number of joints."""
        # Rows: angle (radians), move x, move y, scale x, scale y of every joint.
        coefficients = np.zeros((5, count, len(CHANNELS)))
        for j, joint in enumerate(joints):
            for channel, degrees in joint.rotate.items():
                coefficients[0, j, CHANNEL_INDEX[channel]] = np.radians(degrees)
            for channel, move in joint.move.items():
                coefficients[1:3, j, CHANNEL_INDEX[channel]] = move
            for channel, scale in joint.scale.items():
                coefficients[3:5, j, CHANNEL_INDEX[channel]] = scale
        self._coefficients = coefficients.reshape(5 * count, len(CHANNELS))
        self._pivot = np.array([joint.pivot for joint in joints], np.float64).reshape(count, 2)
        gaze = character.gaze
        self._eyes = np.array([*gaze.irises, *gaze.glints], np.intp)
        self._follow = np.array([1.0] * len(gaze.irises) + [gaze.glint_follow] * len(gaze.glints))
        self._gaze_x, self._gaze_y = gaze.x, gaze.y
        self._above = _above([joint.parent for joint in joints])
        self._channels = np.zeros(len(CHANNELS))
        self._values = np.zeros(5 * count)
        # One more than there are joints: what roots hang on, which stays where it is.
        self._local = np.zeros((count + 1, 3, 3))
        self._local[:, 2, 2] = 1.0
        self._local[count] = np.eye(3)

    def affines(self, channels: F32, out: F64) -> None:
        """Write the map of every joint, rest position to canvas, into `out`.

        `channels`: (len(CHANNELS),) float32, as in `Pose`. `out`: (joints, 2, 3) float64; row 0 is
        (a, c, tx), row 1 (b, d, ty). A NaN channel gives NaN affines to the joints that it drives,
        and so hides what hangs on them.
        """
        n = self.count
        self._channels[:] = channels
        np.matmul(self._coefficients, self._channels, out=self._values)
        if not np.isfinite(self._values).all():
            self._confine(~np.isfinite(self._channels))
        angle, move_x, move_y, scale_x, scale_y = self._values.reshape(5, n)
        look_x = _between(self._gaze_x, float(channels[_GAZE_X]))
        look_y = _between(self._gaze_y, float(channels[_GAZE_Y]))
        cos, sin = np.cos(angle), np.sin(angle)
        scale_x = scale_x + 1.0
        scale_y = scale_y + 1.0
        pivot_x, pivot_y = self._pivot[:, 0], self._pivot[:, 1]
        local = self._local[:n]
        a, b, c, d = cos * scale_x, sin * scale_x, -sin * scale_y, cos * scale_y
        local[:, 0, 0] = a
        local[:, 0, 1] = c
        local[:, 1, 0] = b
        local[:, 1, 1] = d
        local[:, 0, 2] = pivot_x - a * pivot_x - c * pivot_y + move_x
        local[:, 1, 2] = pivot_y - b * pivot_x - d * pivot_y + move_y
        eyes, follow = self._eyes, self._follow
        local[eyes, 0, 2] += look_x * follow
        local[eyes, 1, 2] += look_y * follow
        world = self._local
        for above in self._above:
            world = np.matmul(world[above], world)
        out[:] = world[:n, :2]

    def _confine(self, broken: npt.NDArray[np.bool_]) -> None:
        """Let broken channels reach only the joints that they drive: 0 times NaN is NaN."""
        self._channels[broken] = 0.0
        np.matmul(self._coefficients, self._channels, out=self._values)
        self._values[(self._coefficients[:, broken] != 0.0).any(axis=1)] = np.nan


_GAZE_X = CHANNEL_INDEX["gaze_x"]
_GAZE_Y = CHANNEL_INDEX["gaze_y"]


def _between(ends: tuple[float, float], value: float) -> float:
    """Pixels at a gaze of -1..1: 0 at 0, the first end at -1, the second at 1."""
    if value < 0.0:
        return ends[0] * min(1.0, -value)
    return ends[1] * min(1.0, value) if value == value else value


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
