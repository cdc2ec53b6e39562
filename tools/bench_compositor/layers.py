"""Rows in the form that a drawing library wants: trimmed pictures, forward matrices, groups of layers.

All of it is worked out before anything is timed, so that the libraries pay for drawing only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench_compositor.timeline import Timeline
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
from mien.types import F32, U8, Blend


@dataclass(frozen=True, slots=True)
class Sample:
    """One drawing of a layer."""

    image: int
    """Index into `Artwork.images`."""
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


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """What the peers draw."""

    images: tuple[U8, ...]
    """(h, w, 4) uint8 premultiplied, mirrored ones mirrored already, with a transparent edge."""
    frames: tuple[tuple[Group, ...], ...]
    """Of each frame, bottom to top, without the background."""


def artwork(timeline: Timeline) -> Artwork:
    """Everything above the background. Equal layers of successive frames are one object."""
    images: list[U8] = []
    known: dict[tuple[float, ...], int] = {}
    rows_seen: dict[bytes, Layer] = {}
    frames = []
    for k in range(len(timeline.kinds)):
        groups: list[Group] = []
        for owner in range(timeline.scenario.characters):
            i, end = int(timeline.counts[k, owner]), int(timeline.counts[k, owner + 1])
            while i < end:
                layers = []
                clipped = int(timeline.rows[k, i, CLIPPED_ROWS])
                for row in timeline.rows[k, i : i + 1 + clipped]:
                    key = row.tobytes()
                    if key not in rows_seen:
                        rows_seen[key] = _layer(row, timeline, images, known)
                    layers.append(rows_seen[key])
                groups.append(Group(layers[0], tuple(layers[1:]), owner))
                i += 1 + clipped
        frames.append(tuple(groups))
    return Artwork(tuple(images), tuple(frames))


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


def _layer(row: F32, timeline: Timeline, images: list[U8], known: dict[tuple[float, ...], int]) -> Layer:
    assert (row[TINT] == 1.0).all() and row[MASK_PAGE] == NO_MASK, "the timeline has no tints and no masks"
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
            images.append(_crop(timeline.pages[int(page)], left, top, right, bottom, mirror < 0))
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


def _crop(page: U8, left: int, top: int, right: int, bottom: int, mirrored: bool) -> U8:
    """A region with its gutter of two pixels, the outer one cleared, as sampling fades there."""
    out = np.zeros((bottom - top, right - left, 4), np.uint8)
    out[1:-1, 1:-1] = page[top + 1 : bottom - 1, left + 1 : right - 1]
    return np.ascontiguousarray(out[:, ::-1] if mirrored else out)
