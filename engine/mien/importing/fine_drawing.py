"""Drawings between lines: drawn finer, and made smaller, so that steep sides are as smooth as level ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.importing.flatten import Picture
from mien.importing.warping import as_straight, between
from mien.types import F64, U8


def one_colour(height: int, finer: int, upper: F64, lower: F64, colour: F64) -> Picture:
    """One colour between two lines, on a canvas of its own.

    `height`: rows of that. `upper`, `lower`: (w * finer,) rows of it, by parts of a pixel. `colour`: (3,)
    0..255.
    """
    first, share = between(height, upper, lower)
    pixels = np.empty((len(share), len(upper) // finer, 4), np.uint8)
    pixels[..., :3] = np.clip(np.rint(colour), 0, 255)
    pixels[..., 3] = np.rint(255 * share.reshape(*pixels.shape[:2], finer).mean(axis=2))
    return Picture(pixels, (0, first)).trimmed_to_itself()


def colours(size: tuple[int, int], finer: int, parts: Sequence[tuple[F64, F64, F64]]) -> U8:
    """Colours between lines, over each other from the first on: (h, w, 4) of this size.

    `parts`: of each the upper and the lower line, (w * finer,) rows of a picture so many times finer, of
    which this is the mean, and the colour, (3,) 0..255.
    """
    height, width = size
    fine = np.zeros((height * finer, width * finer, 4), np.float32)
    for upper, lower, colour in parts:
        first, share = between(len(fine), upper, lower)
        alpha = share[..., None].astype(np.float32)
        under = fine[first : first + len(alpha)]
        under *= 1 - alpha
        under += alpha * np.append(np.rint(colour), 255).astype(np.float32)
    small = fine[::finer, ::finer].copy()
    for row, column in list(np.ndindex(finer, finer))[1:]:
        small += fine[row::finer, column::finer]
    small /= finer**2
    return as_straight(small)
