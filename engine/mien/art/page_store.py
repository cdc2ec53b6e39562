"""Atlas pages that are not on the GPU, packed small in memory."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from mien.types import U8

_LEVEL = 1
"""The fastest: most of a page is transparent. zlib releases the GIL while it works."""


class PageStore:
    """Pages of one size. `pages`: (side, side, 4) uint8 each, premultiplied."""

    def __init__(self, pages: Sequence[U8]) -> None:
        self._shape = pages[0].shape if pages else (0, 0, 4)
        self._packed = [zlib.compress(page.tobytes(), _LEVEL) for page in pages]

    def __len__(self) -> int:
        return len(self._packed)

    def load(self, index: int) -> U8:
        """One page, read-only."""
        return np.frombuffer(zlib.decompress(self._packed[index]), np.uint8).reshape(self._shape)
