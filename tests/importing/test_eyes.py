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
