"""Boxes around what slots draw, over the picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from mien.stage.shown import SlotOutline
from mien.types import F64, U8, Size

_COLOURS: Final = (
    (79, 163, 247),
    (247, 167, 79),
    (110, 214, 145),
    (233, 122, 200),
    (240, 220, 96),
    (120, 220, 230),
)
_DTYPE: Final = np.dtype([("place", "<f4", 2), ("texel", "<f4", 2), ("colour", "u1", 4)])
_ORDER: Final = np.array([0, 1, 4, 1, 5, 4, 1, 2, 5, 2, 6, 5, 2, 3, 6, 3, 7, 6, 3, 0, 7, 0, 4, 7], np.uint32)
"""Corners outside 0 to 3, inside 4 to 7: two triangles for each side."""


class Lines:
    """Collects them.

    Parameters: `frame`, the picture's size; `window` in pixels; `place`, where the picture is in it: left,
    bottom, width, height in pixels; `thick`: of a line, in pixels.
    """

    def __init__(self, frame: Size, window: Size, place: tuple[int, int, int, int], thick: float) -> None:
        self._scale = place[2] / frame.width
        self._origin = np.array([place[0], window.height - place[1] - place[3]], np.float64)
        self._thick = thick
        self._boxes: list[npt.NDArray[np.void]] = []

    @property
    def count(self) -> int:
        """Boxes so far."""
        return len(self._boxes)

    def add(self, outlines: Iterable[SlotOutline]) -> None:
        """Draw these, each slot in a colour of its own, fainter where less of it is shown."""
        for outline in outlines:
            corners = np.array(outline.corners, np.float64) * self._scale + self._origin
            box = np.zeros(8, _DTYPE)
            box["place"][:4] = _moved(corners, self._thick / 2)
            box["place"][4:] = _moved(corners, -self._thick / 2)
            colour = _COLOURS[crc32(outline.slot.encode()) % len(_COLOURS)]
            box["colour"] = (*colour, round(70 + 185 * min(max(outline.weight, 0.0), 1.0)))
            self._boxes.append(box)

    def vertices(self) -> U8:
        """(8 * count, 20) uint8."""
        return np.concatenate(self._boxes).view(np.uint8).reshape(-1, _DTYPE.itemsize)

    def indices(self) -> npt.NDArray[np.uint32]:
        """(24 * count,) uint32."""
        return (_ORDER + 8 * np.arange(self.count, dtype=np.uint32)[:, None]).reshape(-1)


def _moved(corners: F64, outwards: float) -> F64:
    """(4, 2) corners of a box, moved away from its middle by so many pixels along both sides."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    unit = [side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9) for side in (before, after)]
    return np.asarray(corners - outwards * (unit[0] + unit[1]), np.float64)
