"""A character on its rig, as rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.character import Character
from mien.composite.group_rows import GroupRows
from mien.composite.rig import Rig
from mien.composite.rows import RGBA, FrameRows
from mien.composite.slot_rows import WHITE, SlotRows
from mien.types import CHANNELS, F64, Affine, Pose


class CharacterRows:
    """A character's slots on its rig, with its groups.

    Parameters: `page_base` is added to the page of every drawing. `frame`: what `fill` will be given; a
    character with groups, and one that is to be shown at an opacity, needs offscreen layers of its own there,
    which are added now: before a compositor is opened for the frame. `fades`: the character is to be shown at
    opacities below 1, as one picture, so that no layer shows through another.
    """

    def __init__(
        self, character: Character, page_base: int = 0, frame: FrameRows | None = None, *, fades: bool = False
    ) -> None:
        self._rig = Rig(character)
        # Of a character with groups these clip, since a base may be a group.
        slots = [replace(slot, clip=slot.clip and not character.groups) for slot in character.slots]
        self._slots = SlotRows(slots, page_base)
        self._joint = np.array([slot.joint for slot in character.slots], np.intp)
        self._joints = np.zeros((self._rig.count, 2, 3))
        self._placed = np.zeros((self._rig.count, 2, 3))
        self._world = np.zeros((len(character.slots), 2, 3))
        self._channels = np.full(len(CHANNELS), np.nan, np.float32)
        self._placement = Affine()
        self._name = character.name
        self._groups: GroupRows | None = None
        self._whole: GroupRows | None = None
        if character.groups or fades:
            if frame is None:
                raise ValueError(
                    f"{character.name} has groups or is to fade, and so needs a frame to add offscreen "
                    "layers to: pass frame="
                )
            if character.groups:
                self._groups = GroupRows(character, page_base, frame)
            if fades:
                self._whole = GroupRows(character, page_base, frame, whole=True)

    def fill(
        self,
        frame: FrameRows,
        pose: Pose,
        placement: Affine,
        opacity: float = 1.0,
        tint: RGBA = WHITE,
    ) -> None:
        """Append the character's visible rows. `placement` maps canvas to frame.

        `opacity` 0..1 of the whole character; below 1 it must have been built with `fades`. `tint`: straight
        RGBA. Raises FrameFull, ValueError.
        """
        placed = self._placed_joints(pose, placement)
        world = self._world
        groups = self._groups
        if opacity < 1.0:
            groups = self._whole
            if groups is None:
                raise ValueError(
                    f"{self._name} is shown at opacity {opacity:g} and was built without an offscreen layer "
                    "for that: pass fades=True"
                )
        if groups is None:
            self._slots.append(frame, world, pose.picks, pose.weights, pose.opacity, 1.0, tint)
        else:
            shows = self._slots.update(frame, world, pose.picks, pose.weights, pose.opacity, 1.0, tint)
            groups.append(frame, self._slots.rows, shows, placed, max(0.0, opacity))

    def _placed_joints(self, pose: Pose, placement: Affine) -> F64:
        """(joints, 2, 3) float64, to the frame; worked out anew only when the character has moved."""
        if placement != self._placement or not np.array_equal(pose.channels, self._channels):
            self._rig.affines(pose.channels, self._joints)
            outer = np.array(((placement.a, placement.c), (placement.b, placement.d)))
            with np.errstate(all="ignore"):
                np.matmul(outer, self._joints, out=self._placed)
                self._placed[:, :, 2] += (placement.tx, placement.ty)
            np.take(self._placed, self._joint, axis=0, out=self._world, mode="clip")
            self._placement = placement
            np.copyto(self._channels, pose.channels)
        return self._placed
