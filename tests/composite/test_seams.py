"""Nothing shows between parts: what overlaps by a pixel, what is added, and what is one picture in pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given

from composite.placing import QUIET, across_angles, across_scales, angles, fractions, scales, turned
from composite.scenes import GUTTER, Atlas, Draw, frame_of, noise, slot, solid
from mien.character import Slot
from mien.composite.rows import SAMPLE_COUNT, SAMPLES, WEIGHTS
from mien.types import U8, Affine, Blend, Rect

WHITE = (255, 255, 255, 255)


def covers(draw: Draw, slots: Sequence[Slot], pages: list[U8], move: Affine) -> bool:
    """Whether no pixel well inside two parts of 20 by 40 shows what is behind them."""
    out = draw(frame_of(list(slots), (40, 40), move), pages)
    y, x = np.mgrid[:40, :40] + 0.5
    det = move.a * move.d - move.b * move.c
    u = (move.d * (x - move.tx) - move.c * (y - move.ty)) / det
    v = (move.a * (y - move.ty) - move.b * (x - move.tx)) / det
    rim = 1.0 + 1.5 / min(1.0, float(np.sqrt(det)))
    inner = (u > rim) & (u < 40.0 - rim) & (v > rim) & (v < 40.0 - rim)
    assert inner.any()
    return bool(out[inner, 3].min() >= 254)


@across_scales
@across_angles
def test_parts_that_overlap_by_a_pixel_show_nothing_between_them(
    draw: Draw, scale: float, angle: float
) -> None:
    overlap = int(np.ceil(max(1.0, 1.0 / scale)))
    atlas = Atlas()
    left = atlas.add(solid(20, 40, WHITE))
    right = atlas.add(solid(20 + overlap, 40, WHITE), (20 - overlap, 0))
    move = turned(scale, angle, (20.0, 20.0), (20.3, 20.4))
    assert covers(draw, [slot(left), slot(right)], [atlas.page], move)


@across_scales
@across_angles
def test_parts_that_only_touch_show_nothing_between_them_when_added(
    draw: Draw, scale: float, angle: float
) -> None:
    atlas = Atlas()
    left, right = atlas.add(solid(20, 40, WHITE)), atlas.add(solid(20, 40, WHITE), (20, 0))
    move = turned(scale, angle, (20.0, 20.0), (20.3, 20.4))
    assert covers(draw, [slot(left), slot(right, blend=Blend.PLUS)], [atlas.page], move)


def test_parts_that_meet_on_whole_pixels_show_nothing_between_them(draw: Draw) -> None:
    atlas = Atlas()
    left, right = atlas.add(solid(20, 40, WHITE)), atlas.add(solid(20, 40, WHITE), (20, 0))
    assert covers(draw, [slot(left), slot(right)], [atlas.page], Affine(tx=-3.0, ty=2.0))


@QUIET
@given(scale=scales, angle=angles, dx=fractions, dy=fractions)
def test_a_picture_split_over_regions_is_the_unsplit_picture(
    draw: Draw, scale: float, angle: float, dx: float, dy: float
) -> None:
    picture = noise(np.random.default_rng(8), 18, 20)
    atlas, pieces = Atlas(64, 32), Atlas(64, 32)
    move = turned(scale, angle, (10.0, 9.0), (16.0 + dx, 16.0 + dy))
    whole = frame_of([slot(atlas.add(picture))], (32, 32), move)
    split = frame_of([slot(atlas.add(picture))], (32, 32), move)
    pieces.add(picture[:, : 11 + GUTTER])
    left = Rect(GUTTER, GUTTER, 11, 18)
    right = pieces.add(picture[:, 11 - GUTTER :]).region
    row = split.rows[0]
    row[SAMPLE_COUNT], row[WEIGHTS] = 2, (1.0, 1.0, 0.0, 0.0)
    row[SAMPLES][:16] = (
        *(1.0, left.x, left.y, 0.0, left.x - 1.5, left.y - 1.5, left.x + 11.5, left.y + 19.5),
        *(1.0, right.x + GUTTER - 11.0, right.y, 0.0),
        *(right.x + GUTTER - 0.5, right.y - 1.5, right.x + right.width + 1.5, right.y + 19.5),
    )
    difference = np.abs(draw(whole, [atlas.page]).astype(int) - draw(split, [pieces.page]))
    assert difference.max() <= 1
