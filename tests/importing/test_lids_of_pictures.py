"""Lids of whole pictures, where the eye is not drawn on layers."""

from __future__ import annotations

import numpy as np
import pytest

from importing import drawn
from importing.drawn import EYES, LEFT
from mien.importing.flatten import Picture
from mien.importing.pictures.lifting_eyes import lids, lift_eye
from mien.importing.pictures.plates import Lifted
from mien.types import F64, U8, Rect

SKIN = np.asarray(drawn.SKIN, float)


def solid(high: int, wide: int) -> U8:
    pixels = np.full((high, wide, 4), 255, np.uint8)
    pixels[..., :3] = drawn.SKIN
    return pixels


def line_of(lid: Picture) -> tuple[F64, F64]:
    """Columns in which the dark line of a lid lies, and the row of its middle in each."""
    dark = (lid.pixels[..., 3] > 128) & (lid.pixels[..., :3].astype(int).sum(axis=-1) < 300)
    columns = np.flatnonzero(dark.any(axis=0))
    rows = np.arange(dark.shape[0])[:, None]
    return columns.astype(float), ((rows * dark).sum(axis=0) / np.maximum(1, dark.sum(axis=0)))[columns]


@pytest.mark.parametrize("teeth", [0, 6, 12])
def test_a_shut_lid_lies_in_one_bow_whatever_the_lower_edge_is_like(teeth: int) -> None:
    """Of an eye the lower edge of which goes up and down by so many rows."""
    high, wide = 60, 90
    ink = np.zeros((high, wide, 4), np.uint8)
    across = (np.arange(wide) - wide / 2) / (wide / 2)
    lower = 30 + 20 * (1 - across**2) - teeth * (np.arange(wide) // 15 % 2)
    rows = np.arange(high)[:, None]
    ink[(rows >= 12) & (rows <= lower[None, :])] = (*drawn.INK, 255)
    line = lids(Lifted(Picture(solid(high, wide), (0, 0)), Picture(ink, (0, 0))), "left")["closed"]
    columns, middle = line_of(line)
    inner = slice(len(columns) // 8, -(len(columns) // 8))
    curve = np.polyfit(columns[inner], middle[inner], 2)
    assert np.abs(np.polyval(curve, columns[inner]) - middle[inner]).max() < 1.0
    assert curve[0] < 0  # its middle hangs


def light_eye() -> U8:
    """A face of which the lashes alone are dark: the iris is pale and ends in no line."""
    pale = drawn.ellipse(LEFT, EYES + 4, 9, 11, (190, 215, 150))
    eye = drawn.over(drawn.ellipse(LEFT, EYES + 3, 14, 12, drawn.WHITE), pale, drawn.lash(LEFT))
    return drawn.over(drawn.HEAD, eye)


def test_the_lid_of_an_eye_of_which_the_lashes_alone_are_dark_covers_all_of_it() -> None:
    face = light_eye()
    lifted = lift_eye(face, Rect(LEFT - 17, EYES - 16, 34, 34), SKIN, "left")
    assert lifted is not None
    x, y = lifted.ink.offset
    inside = lifted.ink.pixels[..., 3] > 0
    covered = np.zeros(face.shape[:2], bool)
    covered[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    far = np.abs(face[..., :3].astype(int) - drawn.SKIN).sum(axis=-1) > 60
    iris = far & (np.hypot(*np.ogrid[-EYES : face.shape[0] - EYES, -LEFT : face.shape[1] - LEFT]) < 16)
    middle = slice(LEFT - 6, LEFT + 7)
    assert (covered & iris)[:, middle].sum() > 0.97 * iris[:, middle].sum()
