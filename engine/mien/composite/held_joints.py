"""Joints that hardly move, held where they stood: rows that stay as they are cost nothing to draw.

Animators draw what moves slowly "on twos". Here a joint is drawn from the channels of a coarser time as
long as nothing that hangs on it is off by more than some fraction of a pixel; else from those of now. Which
of both follows from the two poses alone, never from the frame before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.character import Character
from mien.composite.rig import Rig, placed_by
from mien.composite.rows import MARGIN
from mien.types import CHANNEL_INDEX, CHANNELS, F32, F64, Bools, Indices

FACE: Final = tuple(n for n in CHANNELS if n.startswith(("gaze_", "brow_")) or n in ("jaw", "lips"))
"""Channels that are always of now: eyes, brows and mouth move on a head that is held as on any."""
_FACE: Final = [CHANNEL_INDEX[name] for name in FACE]


class HeldJoints:
    """Says which joints of some characters stand where they stood, and by how much they are off.

    A joint that channels of the face drive moves with what it hangs on: both are held, or none. What is
    compared is where the corners of all that may hang on a joint go; no point between them is off by more,
    for the maps are affine.

    Parameters: `characters`; `times`, how many poses of coarser times there are.
    """

    def __init__(self, characters: Sequence[Character], times: int) -> None:
        self.times: Final = times
        # The last is now: one call poses all times, since most of what a call costs is being made.
        self._channels: F32 = np.zeros((times + 1, len(characters), len(CHANNELS)), np.float32)
        self.channels: F32 = self._channels[:times]
        """(times, characters, len(CHANNELS)) float32: what joints are held at, the first wherever it is near
        enough; to be written into. Those of the face are ignored."""
        self.swings: F32 = np.zeros((times, sum(1 for one in characters for _ in one.segments())), np.float32)
        """(times, segments) float32: the same of all that hangs, for `HeldMeshes`."""
        self.reach_px = 0.0
        """By how many pixels of the frame a corner may be off; 0: nothing is held."""
        self.count = 0
        """How many joints stand elsewhere than they are, as of the last `settle`: none that has not moved,
        and none on which nothing hangs."""
        self.stands: Indices = np.zeros(0, np.intp)
        """(joints,) the time as of which each stands, as of the last `settle`; `times`: that of now."""
        self.off_px: F64 = np.zeros(0)
        """(joints,) by how much what hangs on each is off then, at most."""
        self._rig = Rig(*(list(characters) * (times + 1)))
        boxes = np.concatenate([_box(one) for one in characters])
        joints = len(boxes)
        # x or y of both ends, for (ends, times, coordinates, joints): joints last, for what is long is what
        # numpy is quick along.
        self._wide, self._high = np.ascontiguousarray(boxes.transpose(1, 2, 0))[:, :, None, None]
        self._bears = (boxes != 0.0).any(axis=(1, 2)).astype(np.float64)
        self._family, self._order, self._starts = _families(characters)
        self._maps = np.zeros((times + 1, joints, 2, 3))
        self._near = np.ones((times + 1, joints), np.bool_)
        self._far = np.zeros((times + 1, joints))
        self._joint = np.arange(joints)

    def settle(self, channels: F32, outer: F64 | None, moves: F64, placed: F64) -> None:
        """Write into `placed` (joints, 2, 3) where joints are, but of those that are held where they stood.

        `channels`: (characters, len(CHANNELS)) of now; `outer` (joints, 2, 2), as in `placed_by`, and then
        `moves` (joints, 2, 3), which is added, take canvas to frame.
        """
        times, maps, near, far = self.times, self._maps, self._near, self._far
        self._channels[times] = channels
        self.channels[:, :, _FACE] = channels[:, _FACE]
        self._rig.affines(self._channels, maps.reshape(-1, 2, 3))
        stood = placed_by(outer, maps)
        stood += moves
        x, y, apart = (stood[:times] - stood[times]).transpose(3, 0, 2, 1)
        across, down = x * self._wide, y * self._high
        down += apart
        off = across[:, None] + down
        off *= off
        (off[:, :, :, 0] + off[:, :, :, 1]).max(axis=(0, 1), out=far[:times])
        far[:times] *= self._bears
        near[:times] = self._together(far[:times] <= self.reach_px * self.reach_px)
        # The first that is near enough; now always is.
        self.stands = near.argmax(axis=0)
        placed[:] = stood[self.stands, self._joint]
        self.off_px = np.sqrt(far[self.stands, self._joint])
        self.count = int(np.count_nonzero(self.off_px))

    def _together(self, near: Bools) -> Bools:
        """(times, joints) which joints are near enough, and all that are held with them."""
        together: Bools = np.logical_and.reduceat(near.take(self._order, axis=1), self._starts, axis=1)
        return together.take(self._family, axis=1)


def _box(character: Character) -> F64:
    """(joints, 2, 2) x and y, each of both ends of a box on the canvas around all that may hang on each
    joint; all 0 for one with nothing on it, which is nowhere off."""
    found = np.zeros((len(character.joints), 2, 2))
    for j, boxes in enumerate(_hanging(character)):
        if boxes:
            low, high = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
            found[j] = np.stack((low - MARGIN, high + MARGIN), axis=1)
    return found


def _hanging(character: Character) -> list[list[tuple[float, float, float, float]]]:
    """Left, top, right and bottom of every drawing, mask and mesh, by the joint that moves it."""
    found: list[list[tuple[float, float, float, float]]] = [[] for _ in character.joints]
    hangs = [
        (slot.joint, one) for slot in character.slots for one in (*slot.drawings, slot.joined, slot.mask)
    ]
    for joint, one in (*hangs, *((group.joint, group.mask) for group in character.groups)):
        if one is not None:
            (x, y), (_, _, wide, high) = one.offset, one.region
            found[joint].append((x, y, x + wide, y + high))
    for mesh in character.meshes:
        found[mesh.joint].append(mesh.box)
    return found


def _families(characters: Sequence[Character]) -> tuple[Indices, Indices, Indices]:
    """Joints that are held together: (joints,) the family of each; (joints,) all of them, family by family;
    (families,) where each begins there."""
    leaders: list[int] = []
    for character in characters:
        first = len(leaders)
        eyes = {*character.gaze.irises, *character.gaze.glints}
        for j, joint in enumerate(character.joints):
            above = first + joint.parent
            follows = j in eyes or not {*joint.rotate, *joint.move, *joint.scale}.isdisjoint(FACE)
            # What hangs on an iris goes where the iris goes.
            follows = joint.parent >= 0 and (follows or leaders[above] != above)
            leaders.append(leaders[above] if follows else first + j)
    _, family = np.unique(np.array(leaders, np.intp), return_inverse=True)
    order = np.argsort(family, kind="stable")
    starts = np.searchsorted(family[order], np.arange(family.max(initial=-1) + 1))
    return family.astype(np.intp), order, starts
