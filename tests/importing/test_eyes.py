"""Lids that are made of an eye."""

from __future__ import annotations

import numpy as np
import pytest

from mien.importing.eyes import MADE, Opening, Piece, closing, opening_of
from mien.importing.flatten import Picture
from mien.types import U8, Rect


def disc(radius: int, colour: tuple[int, int, int]) -> U8:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    pixels = np.zeros((*x.shape, 4), np.uint8)
    pixels[(x * x + y * y) <= radius * radius] = (*colour, 255)
    return pixels


@pytest.mark.parametrize("state", ["closed", "happy"])
def test_a_shut_eye_of_white_and_iris_alone_is_a_dark_line_and_not_bare_skin(state: str) -> None:
    white = Piece("white", Picture(disc(30, (255, 255, 255)), (70, 70)))
    iris = Piece("iris", Picture(disc(12, (40, 120, 200)), (88, 88)))
    shut_white, shut_iris = closing([white, iris], opening_of([white, iris]), MADE)
    drawn = shut_white[state].pixels
    some = drawn[..., 3] > 128
    assert 40 < some.any(axis=0).sum() < 70  # as wide as the eye
    assert some.sum(axis=0).max() < 8  # and thin
    assert drawn[some][:, :3].max() < 130
    assert shut_iris[state].is_empty


def test_a_lid_that_is_shut_lies_in_one_bow_between_the_corners() -> None:
    columns = np.arange(60)
    half = 20 * np.sqrt(np.clip(1 - ((columns - 29.5) / 25) ** 2, 0, 1))
    nothing = Picture(np.zeros((0, 0, 4), np.uint8), (0, 0))
    opening = Opening(Rect(0, 0, 60, 60), 30 - half, 30 + half, np.full(60, 3.0), nothing, 5, 55)
    shut = opening.line(1.0)[5:55]
    assert shut.max() - shut[0] > 10
    assert np.diff(shut, 2).max() < 0.2
    assert np.abs(np.diff(shut)).max() < 2.5
    assert (opening.line(0.5) <= opening.line(1.0)).all()


def eye_of_one_piece() -> Picture:
    """White under a dark line that is steep at its right end, with the tip of a lash at the left and a crease
    above."""
    y, x = np.mgrid[0:150, 0:160].astype(float)
    pixels = np.zeros((150, 160, 4), np.uint8)
    side = np.abs(x - 80) / 60
    bow = np.sqrt(np.clip(1 - side**2, 0, 1))
    upper = np.where(x < 80, 75 - 45 * bow, 105 - 75 * bow)
    lower = np.where(x < 80, 75 + 60 * bow, 105 + 30 * bow)
    shown = (side < 1) & (y > upper)
    pixels[(side < 0.75) & (np.abs(y - upper + 16) < 2)] = (200, 140, 120, 255)
    pixels[shown & (y < lower)] = (250, 250, 250, 255)
    pixels[shown & (y < upper + 12)] = (60, 20, 30, 255)
    pixels[(x > 8) & (x < 40) & (np.abs(y - 62 - (x - 8) * 0.2) < 2)] = (60, 20, 30, 255)
    return Picture(pixels, (0, 0))


@pytest.mark.parametrize("state", ["three_quarter", "half"])
def test_of_an_eye_of_one_piece_nothing_of_its_line_hangs_below_a_lid_at_the_corners(state: str) -> None:
    piece = Piece("eye", eye_of_one_piece())
    (made,) = closing([piece], opening_of([piece]), [state])
    pixels = made[state].pixels
    dark = (pixels[..., :3].sum(axis=-1, dtype=int) < 240) & (pixels[..., 3] > 128)
    columns = np.flatnonzero(dark.any(axis=0))
    for column in columns[-14:]:
        rows = np.flatnonzero(dark[:, column])
        assert rows[-1] - rows[0] < 7, "one thin line, and no tick below it"
