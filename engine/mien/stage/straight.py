"""Pictures with their alpha divided out, as files have them."""

from __future__ import annotations

import numpy as np

from mien.types import U8

_BAND_PIXELS = 1 << 20


def straight(premultiplied: U8, out: U8 | None = None) -> U8:
    """(h, w, 4) uint8 with alpha divided out, as PNG files want it.

    `out`: C-contiguous; may be the same array.
    """
    result = np.empty_like(premultiplied) if out is None else out
    if result is not premultiplied:
        result[...] = premultiplied
    step = rows_of(premultiplied)
    for top in range(0, len(result), step):
        band = result[top : top + step]
        alpha = band[..., 3]
        words = band.view(np.uint32)[..., 0]
        np.multiply(words, alpha > 0, out=words)
        soft = alpha - np.uint8(1) < 254  # 0 becomes 255
        if soft.any():  # most bands are all opaque or clear
            mixed = band[soft].astype(np.float32)
            colour = mixed[:, :3] * np.float32(255.0) / mixed[:, 3:] + np.float32(0.5)
            mixed[:, :3] = np.minimum(colour, np.float32(255.0))
            band[soft] = mixed.astype(np.uint8)
    return result


def rows_of(picture: U8) -> int:
    """How many rows of a picture are worked on at once, so that what is needed beside it stays small."""
    width: int = picture.shape[1]
    return max(1, _BAND_PIXELS // max(1, width))
