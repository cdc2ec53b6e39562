"""Drawings that are bent column by column."""

from __future__ import annotations

import numpy as np
import pytest

from mien.importing.flatten import Picture
from mien.importing.warping import filled, laid_along, moved_columns, stretched
from mien.types import Rect

BOX = Rect(10, 20, 30, 40)


@pytest.mark.parametrize("offset", [(12, 25), (5, 15), (35, 55), (100, 100)])
def test_columns_are_moved_by_parts_of_pixels_within_the_box_wherever_the_picture_lies(
    offset: tuple[int, int],
) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (12, 9, 4), np.uint8)
    pixels[0] = pixels[:, 0] = 0
    picture = Picture(pixels, offset)
    down = rng.uniform(-6, 9, BOX.width)
    moved = moved_columns(picture, BOX, down).within(BOX).astype(float)
    before = picture.within(BOX).astype(float)
    before[..., :3] *= before[..., 3:] / 255
    for column in range(BOX.width):
        rows = np.arange(BOX.height) - down[column]
        for channel in range(4):
            wanted = np.interp(rows, np.arange(-1, BOX.height + 1), np.pad(before[:, column, channel], 1))
            found = moved[:, column, channel]
            if channel < 3:
                found = found * moved[:, column, 3] / 255
            assert abs(found - wanted).max() < 1.2


def test_a_picture_is_moved_for_what_it_covers_and_not_for_the_box() -> None:
    picture = Picture(np.full((4, 5, 4), 255, np.uint8), (2000, 2000))
    moved = moved_columns(picture, Rect(0, 0, 4096, 4096), np.full(4096, 2.5))
    assert moved.pixels.shape[:2] == (5, 5) and moved.offset == (2000, 2002)


def test_a_large_picture_is_stretched_in_bands_without_seams() -> None:
    across = np.broadcast_to(np.linspace(0, 255, 1500).astype(np.uint8), (900, 1500))
    pixels = np.stack((across, across, across, np.full_like(across, 255)), axis=-1)
    made = stretched(Picture(pixels, (10, 20)), 0.5, 0.7, (10, 20))
    assert made.offset == (10, 20) and made.pixels.shape[:2] == (630, 750)
    apart = made.pixels.astype(int) - made.pixels[:1]
    assert np.abs(apart).max() <= 1
    assert np.abs(made.pixels[0, :, 0].astype(int) - across[0, ::2]).max() <= 1


def test_a_line_that_is_laid_along_another_is_as_thick_at_its_steep_ends_as_in_its_middle() -> None:
    box = Rect(0, 0, 120, 80)
    share = (np.arange(120) - 59.5) / 60
    arch = 62 - 50 * np.sqrt(1 - share**2)
    across = np.sqrt(1 + np.gradient(arch) ** 2)
    line = filled(box, arch, arch + 5 * across, np.full(3, 40.0))
    shut = np.full(120, 40.0) + 12 * (1 - share**2)
    thick = laid_along(line, box, arch, shut).pixels[..., 3].sum(axis=0) / 255
    moved = moved_columns(line, box, shut - arch).within(box)[..., 3].sum(axis=0) / 255
    assert moved[3] > 12
    assert thick[3:-3].max() < 6.5
    assert thick[20:-20].min() > 4
