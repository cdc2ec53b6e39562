"""The picture that an OpenRaster file stores of itself: `mergedimage.png`, which the format asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from mien.art import png
from mien.art.layered.stored import BAND_ROWS, Gauge, over_white
from mien.art.layered.tree import Difference
from mien.art.layered.zips import member, open_archive
from mien.art.png_header import MAX_FILE_BYTES, read_header
from mien.errors import ImageRejected
from mien.types import U8, Size

NAME: Final = "mergedimage.png"


@dataclass(frozen=True, slots=True)
class MergedImage:
    """It, not decoded yet."""

    file: Path
    """The OpenRaster file."""
    size: Size
    """Of its canvas."""

    def difference(self, picture: U8) -> Difference:
        """As `Stored.difference`."""
        stored, (left, top) = self._decoded()
        alpha = stored[..., 3].astype(np.uint16)
        high, wide = stored.shape[:2]
        gauge = Gauge(3)
        for first in range(0, self.size.height, BAND_ROWS):
            shown = picture[first : first + BAND_ROWS]
            begin, end = max(first, top), min(first + len(shown), top + high)
            for channel in range(3):
                # Beside what is stored it is clear, and so white.
                rows = np.full(shown.shape[:2], 255, np.uint8)
                if end > begin:
                    part = slice(begin - top, end - top)
                    own = stored[part, :, channel].astype(np.uint16) * alpha[part] + 127
                    rows[begin - first : end - first, left : left + wide] = over_white(
                        (own // 255).astype(np.uint8), stored[part, :, 3]
                    )
                gauge.add(channel, over_white(shown[..., channel], shown[..., 3]), rows)
        return gauge.difference()

    def _decoded(self) -> tuple[U8, tuple[int, int]]:
        """Straight pixels without their clear border, and where they lie. Raises ImageRejected."""
        label = f"{self.file}: {NAME}"
        with open_archive(self.file, "a zip any more", "save it again") as archive:
            data = member(archive, NAME, MAX_FILE_BYTES, str(self.file))
        size = read_header(data, label, max(self.size)).size
        if size != self.size:
            raise ImageRejected(
                f"{label} is {size.width} x {size.height} px, on a canvas of "
                f"{self.size.width} x {self.size.height} px."
            )
        return png.decode_trimmed(data, label)
