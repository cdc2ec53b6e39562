"""Each step of a blink whose lids are made of lashes on a layer of their own."""

from __future__ import annotations

import numpy as np
import pytest

from importing import drawn
from mien.importing.eyes import Piece, closing, opening_of
from mien.importing.flatten import Picture
from mien.importing.lash_wings import beside_line
from mien.importing.lid_lines import CLOSING
from mien.types import U8, Rect

CANVAS = Rect(0, 0, *drawn.SIZE)
MIDDLE = (100.0, 120.0)
WHITE = drawn.ellipse(*MIDDLE, 36, 34, drawn.WHITE)
NEARLY = tuple(CLOSING)[:-1]


def lash(inner: float = 0.35) -> U8:
    """Lashes around the upper half of that white and down its sides, of which the right one goes down to
    `inner` of its height."""
    ring = drawn.ellipse(*MIDDLE, 42, 40, drawn.INK).copy()
    hole = drawn.ellipse(MIDDLE[0], MIDDLE[1] + 1, 34, 33, drawn.INK)
    ring[hole[..., 3] > 128] = 0
    rows, columns = np.mgrid[: drawn.SIZE[1], : drawn.SIZE[0]]
    down = np.where(columns > MIDDLE[0], inner, 0.15)
    ring[rows > MIDDLE[1] + 34 * down] = 0
    return ring


def wing() -> U8:
    """A lash that stands off at the left, up and out."""
    out = np.zeros_like(WHITE)
    rows, columns = np.mgrid[: drawn.SIZE[1], : drawn.SIZE[0]]
    along = (68.0 - columns) / 24
    thick = 6 * (1 - along)
    out[(along >= 0) & (along <= 1) & (np.abs(rows - (108 - 12 * along)) <= thick / 2)] = (*drawn.INK, 255)
    return out


def crease() -> U8:
    return drawn.arc(100, 72, 24, -5, 3, (200, 140, 120))


def line_below() -> U8:
    return drawn.arc(100, 160, 20, 4, 2, (120, 70, 70))


def blinked(lashes: U8, state: str) -> U8:
    """The layer of the lashes in a state."""
    pieces = [
        Piece("white", Picture(WHITE, (0, 0)).trimmed_to_itself()),
        Piece("lash", Picture(lashes, (0, 0)).trimmed_to_itself()),
    ]
    return closing(pieces, opening_of(pieces, "right"), [state])[1][state].within(CANVAS)


def dark(pixels: U8) -> U8:
    return np.where((pixels[..., :3].max(axis=-1) < 100) & (pixels[..., 3] > 128), 255, 0).astype(np.uint8)


@pytest.mark.parametrize("state", CLOSING)
def test_a_lid_has_no_knobs_in_its_corners_at_any_step(state: str) -> None:
    line = dark(blinked(lash(), state)) > 0
    columns = np.flatnonzero(line.any(axis=0))
    assert columns[-1] - columns[0] > 70
    upper = line.argmax(axis=0)[columns[2:-2]].astype(float)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(upper)[np.diff(upper) != 0])))
    assert len(turns) <= 1, "one bow"
    thick = line.sum(axis=0)[columns]
    assert (line[:, columns].argmax(axis=0) + thick == len(line) - line[::-1, columns].argmax(axis=0)).all()
    assert thick[:4].max() <= thick.max() and thick[-4:].max() <= thick.max()


def test_a_lid_comes_down_from_step_to_step() -> None:
    middles = []
    for state in CLOSING:
        line = dark(blinked(lash(), state))[:, 100] > 0
        middles.append(float(np.flatnonzero(line).mean()))
    assert (np.diff([83.0, *middles]) > 5).all()


@pytest.mark.parametrize("state", CLOSING)
def test_a_lash_that_stands_off_rides_down_with_the_lid(state: str) -> None:
    alone, winged = (dark(blinked(one, state)) > 0 for one in (lash(), drawn.over(lash(), wing())))
    tip = int(np.flatnonzero(winged.any(axis=0))[0])
    assert abs(tip - 44) <= 6 and tip < int(np.flatnonzero(alone.any(axis=0))[0]) - 3
    row = float(np.flatnonzero(winged[:, tip + 2]).mean())
    end = float(np.flatnonzero(alone[:, np.flatnonzero(alone.any(axis=0))[0] + 4]).mean())
    assert -20 < row - end < 6, "near the end of the line, wherever that is"


@pytest.mark.parametrize("state", NEARLY)
def test_a_corner_that_is_drawn_down_along_the_nose_makes_no_angry_eye(state: str) -> None:
    line = dark(blinked(lash(inner=0.9), state)) > 0
    columns = np.flatnonzero(line.any(axis=0))
    rows = np.asarray([np.flatnonzero(line[:, column]).mean() for column in columns])
    fall = np.polynomial.Polynomial.fit(columns, rows, 1).deriv()(0.0)
    assert fall < 0.12


@pytest.mark.parametrize("state", ["three_quarter", "half"])
def test_a_crease_comes_down_a_little_and_a_line_below_the_eye_stays(state: str) -> None:
    made = blinked(drawn.over(lash(), crease(), line_below()), state)
    below = line_below()[..., 3] > 200
    assert (made[below] == line_below()[below]).all()
    is_crease = (made[..., 3] > 200) & (np.abs(made[..., :3].astype(int) - (200, 140, 120)).max(axis=-1) < 12)
    rows = np.flatnonzero(is_crease.any(axis=1))
    assert is_crease.sum() > 0.7 * (crease()[..., 3] > 200).sum()
    assert 66 < rows[0] < np.flatnonzero(dark(made)[:, 100])[0] - 3


def test_what_is_beside_a_line_is_told_from_it() -> None:
    lashes = Picture(drawn.over(lash(), wing(), crease(), line_below()), (0, 0))
    found = beside_line(lashes, CANVAS, 9.0)
    assert [abs(one.tip[0] - 44) < 6 for one in found.wings] == [True]
    loose = (crease()[..., 3] > 128) | (line_below()[..., 3] > 128)
    assert (found.loose & loose).sum() > 0.95 * loose.sum()
    assert not (found.loose & (dark(lashes.pixels) > 0)).any()


def test_of_lashes_too_thin_to_tell_nothing_stands_off() -> None:
    thin = Picture(drawn.arc(100, 100, 40, -20, 2, drawn.INK), (0, 0))
    found = beside_line(thin, CANVAS, 2.0)
    assert not found.wings and not found.loose.any()


def test_a_line_that_is_not_steep_at_its_corners_keeps_its_own_shape_until_it_is_nearly_shut() -> None:
    redrawn = {}
    for name, lashes in (("steep", lash()), ("flat", drawn.arc(*MIDDLE, 40, -30, 7, drawn.INK))):
        pieces = [Piece("white", Picture(WHITE, (0, 0))), Piece("lash", Picture(lashes, (0, 0)))]
        opening = opening_of(pieces, "right")
        assert opening is not None
        redrawn[name] = [state for state in CLOSING if opening.redraws(state)]
    assert redrawn == {"steep": [*CLOSING], "flat": ["nearly", "closed"]}


@pytest.mark.parametrize("wide", [1, 2, 3])
def test_an_eye_of_a_few_columns_blinks_without_a_warning(wide: int) -> None:
    pieces = [Piece("eye", Picture(np.full((4, wide, 4), (40, 20, 10, 255), np.uint8), (5, 5)))]
    (made,) = closing(pieces, opening_of(pieces), NEARLY)
    assert made.keys() == {*NEARLY}
