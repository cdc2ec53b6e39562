"""Pictures of sprites, which may be sheets of frames: the first frame is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mien.art.rasters import decode_raster, raster_size
from mien.types import U8, Size


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A picture with frames beside and below each other."""

    data: bytes
    where: str
    """What errors call it."""
    across: int
    down: int
    size: Size
    """Of one frame."""

    @classmethod
    def of(cls, data: bytes, where: str, across: int = 1, down: int = 1) -> Sheet:
        """Looks at the header alone. Raises ImageRejected."""
        whole = raster_size(data, where)
        across, down = min(max(1, across), whole.width), min(max(1, down), whole.height)
        return cls(data, where, across, down, Size(whole.width // across, whole.height // down))

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.across * self.down

    def pixels(self) -> U8:
        """The first: (h, w, 4) uint8 straight. Raises ImageRejected."""
        return self.frame(0)

    def frame(self, index: int) -> U8:
        """One of them, counted from the upper left along the rows."""
        row, column = divmod(min(index, self.frames - 1), self.across)
        whole = decode_raster(self.data, self.where)
        width, height = self.size
        return whole[row * height : (row + 1) * height, column * width : (column + 1) * width].copy()


def flipped(pixels: Callable[[], U8], across: bool, down: bool, quarters: int = 0) -> Callable[[], U8]:
    """Pixels mirrored, then turned by quarters to the right."""

    def read() -> U8:
        found = pixels()
        found = found[:, ::-1] if across else found
        found = found[::-1] if down else found
        return np.ascontiguousarray(np.rot90(found, -quarters)) if quarters else np.ascontiguousarray(found)

    return read
