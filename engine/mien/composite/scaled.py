"""Rows for a frame that is drawn smaller than it is: in its pixels, which are fewer and larger."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.rows import BOUNDS, INVERSE_X, INVERSE_Y
from mien.types import F32, Size

STEP: Final = 16
"""Scales are multiples of 1 / 16: tiles of 16 pixels and more are whole pixels then."""

_LINEAR: Final = [INVERSE_X.start, INVERSE_X.start + 1, INVERSE_Y.start, INVERSE_Y.start + 1]


def scaled_rows(rows: F32, scale: float) -> F32:
    """A copy of (n, FLOATS) rows, in the pixels of a frame of `scale` times the width and height."""
    small = rows.copy()
    small[:, BOUNDS] *= np.float32(scale)
    small[:, _LINEAR] *= np.float32(1 / scale)
    return small


def scaled_size(size: Size, scale: float) -> Size:
    """What a frame of this size takes at a scale; a part of a pixel at its edges is left out."""
    return Size(max(1, int(size.width * scale)), max(1, int(size.height * scale)))
