"""Rows in the form that a drawing library wants: trimmed pictures, forward matrices, groups of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.composite.rows import (
    BLEND,
    BOUNDS,
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
from mien.types import F32, U8, Blend


@dataclass(frozen=True, slots=True)
class Sample:
    """One drawing of a layer."""

    image: int
    """Index of its picture, in the order in which they were first shown."""
    weight: float
    matrix: tuple[float, float, float, float, float, float]
    """a, b, c, d, tx, ty: image pixels (corners, y down) to the frame."""
    at: tuple[int, int] | None
    """Top left on the frame where the drawing is upright and on whole pixels; else None."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One row."""

    samples: tuple[Sample, ...]
    opacity: float
    blend: Blend
    bounds: tuple[int, int, int, int]
    """left, top, right, bottom on the frame."""


@dataclass(frozen=True, slots=True)
class Group:
    """A layer and those clipped to it."""

    base: Layer
    clipped: tuple[Layer, ...]
    owner: int
    """The character it belongs to."""


def times_white(image: U8) -> U8:
    """What a multiply layer multiplies the backdrop with: colour + 1 - alpha, opaque."""
    out: U8 = image + (255 - image[..., 3:])
    out[..., 3] = 255
    return out


def complement(image: U8) -> U8:
    """What a screen layer multiplies the backdrop with before it is added: 1 - colour, opaque."""
    out: U8 = 255 - image
    out[..., 3] = 255
    return out


def light_only(image: U8) -> U8:
    """What a screen layer adds: its colour, with alpha 0."""
    out = image.copy()
    out[..., 3] = 0
    return out


def layer_of(row: F32, pages: Sequence[U8], images: list[U8], known: dict[tuple[float, ...], int]) -> Layer:
    """One row. Pictures that were not shown before are added to `images`, (h, w, 4) uint8 premultiplied each,
    and to `known`, by where they lie on `pages`. Raises ScriptError for a tint or a mask."""
    if not (row[TINT] == 1.0).all() or row[MASK_PAGE] != NO_MASK:
        raise ScriptError("the old way draws no tints and no masks; prove it with another conversation.")
    ia, ic, itx = (float(v) for v in row[INVERSE_X])
    ib, id_, ity = (float(v) for v in row[INVERSE_Y])
    det = ia * id_ - ic * ib
    a, b, c, d = id_ / det, -ib / det, -ic / det, ia / det
    samples = []
    for i in range(int(row[SAMPLE_COUNT])):
        shown = row[EACH_SAMPLE[i]]
        mirror, page, (u0, v0) = float(shown[MIRROR]), float(shown[PAGE]), shown[ORIGIN].tolist()
        # The limits lie 1.5 pixels outside the region; half a pixel more is the whole gutter.
        left, top, right, bottom = (
            round(v + more) for v, more in zip(shown[LIMITS].tolist(), (-0.5, -0.5, 0.5, 0.5), strict=True)
        )
        key = (mirror, page, left, top, right, bottom)
        if key not in known:
            known[key] = len(images)
            images.append(crop(pages[int(page)], left, top, right, bottom, mirror < 0))
        # Canvas position of the image's top left corner.
        x, y = (u0 - right if mirror < 0 else left - u0), top - v0
        # Image to canvas is a move by (x, y); canvas to frame inverts the row's map.
        tx = a * (x - itx) + c * (y - ity)
        ty = b * (x - itx) + d * (y - ity)
        upright = max(abs(a - 1), abs(d - 1), abs(b), abs(c)) < 1e-6
        whole = upright and abs(tx - round(tx)) < 1e-4 and abs(ty - round(ty)) < 1e-4
        at = (round(tx), round(ty)) if whole else None
        samples.append(Sample(known[key], float(row[WEIGHTS][i]), (a, b, c, d, tx, ty), at))
    left, top, right, bottom = (int(v) for v in row[BOUNDS])
    return Layer(tuple(samples), float(row[OPACITY]), Blend(int(row[BLEND])), (left, top, right, bottom))


def crop(page: U8, left: int, top: int, right: int, bottom: int, mirrored: bool) -> U8:
    """A region with its gutter of two pixels, the outer one cleared, as sampling fades there."""
    out = np.zeros((bottom - top, right - left, 4), np.uint8)
    out[1:-1, 1:-1] = page[top + 1 : bottom - 1, left + 1 : right - 1]
    return np.ascontiguousarray(out[:, ::-1] if mirrored else out)
