"""Rows of a frame in the numbers that a drawing library takes, all of them at once.

A library on the processor wants trimmed pictures and matrices from them to the frame; shaders want the
inverse, and where a picture lies on its page. What bends a row is left out, as no library here bends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    INVERSE_X,
    INVERSE_Y,
    LIMITS,
    MASK_PAGE,
    MIRROR,
    NO_MASK,
    OPACITY,
    ORIGIN,
    PAGE,
    SAMPLE_COUNT,
    TINT,
    WEIGHTS,
)
from mien.errors import ScriptError
from mien.prove.old_way.layers import crop
from mien.types import F32, U8, Blend

_TO_EDGE: Final = np.array((-0.5, -0.5, 0.5, 0.5), np.float32)
"""The limits lie 1.5 pixels outside the region; half a pixel more is the whole gutter."""


class Sample(NamedTuple):
    """One drawing of a row."""

    image: Any
    """What the library made of its picture."""
    weight: float
    matrix: tuple[float, float, float, float, float, float]
    """a, b, c, d, tx, ty: pixels of the picture (corners, y down) to the frame."""
    at: tuple[int, int] | None
    """Top left on the frame where the drawing is upright and on whole pixels."""


class Drawn(NamedTuple):
    """One row."""

    samples: list[Sample]
    opacity: float
    blend: Blend
    clipped: int
    """How many rows behind it are clipped to it."""
    bounds: list[float]
    """left, top, right, bottom on the frame."""


class Layers:
    """Turns rows into layers. Parameters: `pages`, (side, side, 4) uint8 premultiplied each; `make`, what the
    library makes of a picture, (h, w, 4) uint8 premultiplied with a transparent edge, once for each."""

    def __init__(self, pages: Sequence[U8], make: Callable[[U8], Any]) -> None:
        self._pages, self._make = pages, make
        self._images: dict[tuple[int, ...], Any] = {}

    def of(self, rows: F32) -> list[Drawn]:
        """What a frame's rows, (n, FLOATS) float32, show. Raises ScriptError for what libraries here cannot:
        tints, masks and groups."""
        self._check(rows)
        ia, ic, itx = rows[:, INVERSE_X].astype(np.float64).T
        ib, id_, ity = rows[:, INVERSE_Y].astype(np.float64).T
        det = ia * id_ - ic * ib
        a, b, c, d = id_ / det, -ib / det, -ic / det, ia / det
        upright = np.abs((a - 1, d - 1, b, c)).max(axis=0) < 1e-6
        counts = rows[:, SAMPLE_COUNT].astype(int).tolist()
        shown: list[list[Sample]] = [[] for _ in counts]
        for k in range(max(counts, default=0)):
            sample = rows[:, EACH_SAMPLE[k]]
            edges = np.rint(sample[:, LIMITS] + _TO_EDGE)
            mirrored, (u, v) = sample[:, MIRROR] < 0, sample[:, ORIGIN].T
            # Picture to canvas is a move by (x, y); canvas to frame inverts the row's map.
            x = np.where(mirrored, u - edges[:, 2], edges[:, 0] - u) - itx
            y = edges[:, 1] - v - ity
            tx, ty = a * x + c * y, b * x + d * y
            whole = upright & (np.abs((tx - np.rint(tx), ty - np.rint(ty))).max(axis=0) < 1e-4)
            keys = np.column_stack((mirrored, sample[:, PAGE], edges)).astype(int).tolist()
            places = zip(*(one.tolist() for one in (a, b, c, d, tx, ty)), strict=True)
            weights = rows[:, WEIGHTS][:, k].tolist()
            for row, (key, place, is_whole, weight) in enumerate(
                zip(keys, places, whole.tolist(), weights, strict=True)
            ):
                if k < counts[row]:
                    at = (round(place[4]), round(place[5])) if is_whole else None
                    shown[row].append(Sample(self._image(tuple(key)), weight, place, at))
        return [
            Drawn(samples, opacity, Blend(int(blend)), int(clipped), bounds)
            for samples, opacity, blend, clipped, bounds in zip(
                shown,
                rows[:, OPACITY].tolist(),
                rows[:, BLEND].tolist(),
                rows[:, CLIPPED_ROWS].tolist(),
                rows[:, BOUNDS].tolist(),
                strict=True,
            )
        ]

    def _check(self, rows: F32) -> None:
        if (rows[:, TINT] != 1.0).any() or (rows[:, MASK_PAGE] != NO_MASK).any():
            raise ScriptError("peers draw no tints and no masks; prove it with another conversation.")
        pages = rows[:, [one.start + PAGE for one in EACH_SAMPLE]]
        live = np.arange(pages.shape[1]) < rows[:, SAMPLE_COUNT, None]
        if (live & (pages < 0)).any():
            raise ScriptError("peers draw no groups of layers; prove it with another conversation.")

    def _image(self, key: tuple[int, ...]) -> Any:
        image = self._images.get(key)
        if image is None:
            mirrored, page, left, top, right, bottom = key
            image = self._images[key] = self._make(
                crop(self._pages[page], left, top, right, bottom, bool(mirrored))
            )
        return image
