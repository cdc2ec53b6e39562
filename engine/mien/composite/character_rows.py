"""A character on its rig, as rows."""

from __future__ import annotations

import numpy as np

from mien.character import Character
from mien.composite.cast_rows import CastRows
from mien.composite.rows import RGBA, FrameRows
from mien.composite.slot_rows import WHITE
from mien.types import Affine, Pose


class CharacterRows:
    """A character's slots on its rig, with its groups. Several are cheaper together: see `CastRows`.

    Parameters: `page_base` is added to the page of every drawing. `frame`: what `fill` will be given; a
    character with groups, and one that is to be shown at an opacity, needs offscreen layers of its own there,
    which are added now: before a compositor is opened for the frame. `fades`: the character is to be shown at
    opacities below 1, as one picture, so that no layer shows through another.
    """

    def __init__(
        self, character: Character, page_base: int = 0, frame: FrameRows | None = None, *, fades: bool = False
    ) -> None:
        self._cast = CastRows((character,), (page_base,), frame, fades=fades)

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
        own = self._cast.poses[0]
        np.copyto(own.channels, pose.channels)
        np.copyto(own.picks, pose.picks)
        np.copyto(own.weights, pose.weights)
        np.copyto(own.opacity, pose.opacity)
        if len(pose.swings) == len(own.swings):
            np.copyto(own.swings, pose.swings)
        self._cast.fill(frame, (placement,), (tint,), (opacity,))
