"""Lids that are made of an eye."""

from __future__ import annotations

import numpy as np
import pytest

from mien.importing.eyes import MADE, Piece, closing, opening_of
from mien.importing.flatten import Picture
from mien.types import U8


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
