"""A picture to rows: one drawing that is not part of a character."""

from __future__ import annotations

import numpy as np

from mien.character import Drawing, Slot
from mien.composite.rows import RGBA, FrameRows
from mien.composite.slot_rows import WHITE, SlotRows
from mien.types import MAX_MIXED, Affine, Blend


class PictureRows:
    """One drawing, such as a background."""

    def __init__(self, drawing: Drawing, page_base: int = 0, blend: Blend = Blend.NORMAL) -> None:
        self._slots = SlotRows([Slot(drawing.name, (drawing,), default=0, joint=0, blend=blend)], page_base)
        self._picks = np.full((1, MAX_MIXED), -1, np.int32)
        self._picks[0, 0] = 0
        self._weights = np.zeros((1, MAX_MIXED), np.float32)
        self._weights[0, 0] = 1.0
        self._fade = np.ones(1, np.float32)

    def fill(self, frame: FrameRows, placement: Affine, opacity: float = 1.0, tint: RGBA = WHITE) -> None:
        """Append the picture's row, if it can be seen. Raises FrameFull."""
        a, b, c, d, tx, ty = placement
        world = np.array((((a, c, tx), (b, d, ty)),))
        self._slots.append(frame, world, self._picks, self._weights, self._fade, opacity, tint)
