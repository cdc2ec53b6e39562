"""Moods that a file does not draw: how the mouths that are made for them lie."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from importing import drawn
from mien.importing.drafts import Draft
from mien.importing.flatten import Picture
from mien.importing.mouth_curves import bent, outline_of
from mien.importing.mouth_drawings import SHAPES, Line, opened
from mien.importing.mouths import MadeMouth, make_mouth
from mien.importing.pictures.plates import lift
from mien.importing.warping import laid_between
from mien.types import U8, Rect

WIDE_LINE = 30
"""Half of the width of the mouths here, in pixels."""


def line(bow: float) -> U8:
    """A mouth that is a line, the middle of which is so many pixels lower than its ends."""
    return drawn.arc(100, drawn.MOUTH, WIDE_LINE, bow, 4, drawn.LIPS)


def arch() -> U8:
    """An open mouth that is flat below."""
    pixels = drawn.ellipse(100, drawn.MOUTH + 10, WIDE_LINE, 26, drawn.LIPS).copy()
    pixels[drawn.MOUTH + 10 :] = 0
    return pixels


def placed(pixels: U8) -> Picture:
    return Picture(pixels, (0, 0)).trimmed_to_itself()


def mouth_of(*shown: tuple[str, U8]) -> MadeMouth:
    """The mouth of what says this, each as large as the canvas."""
    drafts = [
        Draft(says, "mouth", "", {"main": placed(pixels)}, "main", lid_state=says) for says, pixels in shown
    ]
    return make_mouth(drafts, 40, over_face=False)


@cache
def of_line(bow: float) -> MadeMouth:
    return mouth_of(("sil", line(bow)))


def runs_of_teeth(mouth: Picture) -> int:
    """How many rows of teeth the middle column of a mouth shows."""
    own = mouth.trimmed_to_itself()
    column = own.pixels[:, own.box.width // 2, :3].astype(int)
    white = column.min(axis=-1) > 200
    return int(np.count_nonzero(np.diff(white, prepend=False) & white))


def test_upper_teeth_alone_are_on_the_lip_for_ff_and_both_rows_are_together_for_ss() -> None:
    shut = placed(drawn.arc(100, drawn.MOUTH, 3 * WIDE_LINE, 2, 4, drawn.LIPS))
    said = {says: opened(Line.of(shut), 120, SHAPES[says]) for says in ("FF", "SS")}
    assert (runs_of_teeth(said["FF"]), runs_of_teeth(said["SS"])) == (1, 2)
    assert said["FF"].box.width < 0.9 * said["SS"].box.width
    mouth = of_line(4)
    for mood in ("neutral", "smile", "frown"):
        shown = {viseme: drawing for drawing, said in mouth.moods[mood].items() for viseme in said}
        assert shown["FF"] not in (shown["SS"], shown["PP"]), mood


def lift_of(picture: Picture) -> float:
    """How much higher the outer sixths of a mouth are than its middle sixth, by the middle of what is drawn
    in each column, of its width."""
    drawn_at = picture.trimmed_to_itself().pixels[..., 3] > 128
    columns = np.flatnonzero(drawn_at.any(axis=0))
    part = drawn_at[:, columns[0] : columns[-1] + 1]
    rows = np.arange(len(part))[:, None]
    middles = (rows * part).sum(axis=0) / np.maximum(1, part.sum(axis=0))
    count = len(middles)
    ends = np.concatenate((middles[: count // 6], middles[-(count // 6) :])).mean()
    return float(middles[count // 2 - count // 12 : count // 2 + count // 12 + 1].mean() - ends) / count


def drawing_of(made: MadeMouth, mood: str, viseme: str) -> Picture:
    return made.drawings[next(name for name, said in made.moods[mood].items() if viseme in said)]


@pytest.mark.parametrize("bow", [7, 3, 0, -3, -7])
@pytest.mark.parametrize("viseme", ["sil", "PP"])
def test_a_frown_bends_down_and_a_smile_up_whichever_way_the_neutral_line_bends(
    bow: float, viseme: str
) -> None:
    made = of_line(bow)
    own = lift_of(made.drawings["sil"])
    frown, smile = (lift_of(drawing_of(made, mood, viseme)) for mood in ("frown", "smile"))
    assert -0.26 < frown < -0.08 and frown < own - 0.03
    assert 0.09 < smile < 0.3 and smile > own + 0.03


@pytest.mark.parametrize("viseme", ["aa", "E", "I", "O", "U", "SS"])
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: of_line(3), id="of a line that smiles"),
        pytest.param(lambda: of_line(-7), id="of a line that frowns"),
        pytest.param(lambda: mouth_of(("sil", line(2)), ("aa", arch())), id="of an arch"),
        pytest.param(lambda: mouth_of(("aa", arch())), id="of an arch alone"),
    ],
)
def test_no_open_mouth_of_a_smile_bends_down_and_none_of_a_frown_up(made, viseme: str) -> None:  # type: ignore[no-untyped-def]
    mouth = made()
    assert lift_of(drawing_of(mouth, "smile", viseme)) > 0.02
    assert lift_of(drawing_of(mouth, "frown", viseme)) < -0.01
    halves: Mapping[str, list[str]] = mouth.halves["smile"]
    assert all(lift_of(mouth.drawings[name]) > 0 for name in halves)


@pytest.mark.parametrize("viseme", ["E", "I", "SS"])
def test_made_vowels_of_an_arch_are_none_themselves(viseme: str) -> None:
    made = mouth_of(("sil", line(2)), ("aa", arch()))
    assert lift_of(made.drawings["aa"]) < -0.1
    assert lift_of(drawing_of(made, "neutral", viseme)) > 0


def test_a_round_mouth_is_round_and_one_of_teeth_shows_them() -> None:
    made = of_line(3)
    round_one, teeth = (drawing_of(made, "neutral", viseme) for viseme in ("O", "SS"))
    assert 0.6 < round_one.box.width / round_one.box.height < 1.3
    light = teeth.pixels[..., :3].min(axis=-1)
    assert (light[teeth.pixels[..., 3] > 200] > 200).mean() > 0.08


def test_the_line_of_an_open_mouth_is_as_thick_at_its_sides_as_below() -> None:
    black = np.where(line(0) > 0, np.asarray((0, 0, 0, 255), np.uint8), 0).astype(np.uint8)
    picture = opened(Line.of(Picture(black, (0, 0))), 40, SHAPES["O"])
    is_line = (picture.pixels[..., 3] > 128) & (picture.pixels[..., :3].max(axis=-1) < 30)
    middle = is_line[len(is_line) // 2 - 1]
    below = is_line[::-1, is_line.shape[1] // 2]
    across, down = (np.flatnonzero(~side[np.flatnonzero(side)[0] :])[0] for side in (middle, below))
    assert across >= 2 and abs(int(across) - int(down)) <= 1


def test_of_a_mouth_of_which_nothing_is_drawn_one_that_speaks_is_made_all_the_same() -> None:
    made = mouth_of(("sil", np.zeros_like(line(0))))
    assert not drawing_of(made, "neutral", "aa").is_empty


def test_mouths_that_are_drawn_with_a_snout_are_neither_bent_nor_stretched() -> None:
    snout = drawn.ellipse(100, drawn.MOUTH, 50, 40, (230, 210, 160))
    made = mouth_of(("sil", drawn.over(snout, line(6))), ("aa", drawn.over(snout, arch())))
    assert made.drawings.keys() == {"sil", "aa"}
    assert made.moods.keys() == {"neutral"}
    assert mouth_of(("sil", line(6)), ("aa", arch())).moods.keys() > {"neutral"}


def test_moods_that_the_file_draws_stay_as_they_are() -> None:
    own = drawn.arc(100, drawn.MOUTH, 20, 9, 5, drawn.INK)
    made = mouth_of(("sil", line(2)), ("smile/sil", own))
    assert (drawing_of(made, "smile", "sil").pixels == placed(own).pixels).all()
    assert lift_of(drawing_of(made, "smile", "E")) > 0.02


def test_a_line_is_measured_without_the_shade_of_a_lip_below_it_which_keeps_its_shape() -> None:
    shade = drawn.arc(100, drawn.MOUTH + 13, 14, 4, 6, (225, 170, 150))
    with_shade = Picture(drawn.over(line(-6), shade), (0, 0))
    alone = outline_of(Picture(line(-6), (0, 0)))
    outline = outline_of(with_shade)
    assert outline is not None and alone is not None
    assert abs(outline.lift - alone.lift) < 0.01
    smile = bent(outline, 0.17, 0.0)
    is_shade = (smile.pixels[..., 3] > 128) & (smile.pixels[..., 2] > 120)
    assert abs(int(is_shade.sum()) - int((shade[..., 3] > 128).sum())) < 30


def test_what_is_lifted_off_skin_has_no_skin_around_it() -> None:
    face = drawn.over(drawn.HEAD, line(2))
    lifted = lift(face, Rect(66, drawn.MOUTH - 8, 68, 20), None)
    assert lifted is not None
    ink = lifted.ink.within(Rect(0, 0, *drawn.SIZE))
    assert int((ink[..., 3] > 0).sum()) < 1.8 * int((line(2)[..., 3] > 0).sum())


def test_a_crease_of_the_chin_stays_on_the_skin_and_a_pale_lip_with_the_mouth() -> None:
    """A wide open mouth with a lip below it that is paler than its inside, and a crease below that."""
    inside = drawn.ellipse(100, drawn.MOUTH, 16, 11, (60, 15, 25))
    lip = drawn.arc(100, drawn.MOUTH + 9, 14, 3, 4, (225, 110, 120))
    crease = drawn.arc(100, drawn.MOUTH + 17, 12, 3, 2, (222, 186, 162))
    face = drawn.over(drawn.HEAD, inside, lip, crease)
    sure = (drawn.over(inside, lip)[..., 3] > 0) | (crease[..., 3] > 0)
    lifted = lift(face, Rect(76, drawn.MOUTH - 14, 48, 36), sure)
    assert lifted is not None
    ink = lifted.ink.within(Rect(0, 0, *drawn.SIZE))[..., 3] > 0
    assert not ink[drawn.MOUTH + 17 :].any()
    is_lip = lip[..., 3] > 128
    assert ink[is_lip].mean() > 0.9
    # What is on the skin is there below every mouth.
    plate = lifted.plate.within(Rect(0, 0, *drawn.SIZE))
    is_crease = crease[..., 3] > 200
    assert (plate[is_crease][:, :3] == face[is_crease][:, :3]).all()


def test_what_lies_between_lines_is_made_less_high_and_its_borders_stay() -> None:
    pixels = np.zeros((40, 30, 4), np.uint8)
    pixels[5:35] = (200, 0, 0, 255)
    pixels[5:9] = pixels[31:35] = (0, 0, 0, 255)
    box = Rect(0, 0, 30, 40)
    old, new = (np.full(30, 5.0), np.full(30, 35.0)), (np.full(30, 10.0), np.full(30, 26.0))
    made = laid_between(Picture(pixels, (0, 0)), box, old, new, 4).within(box)
    column = made[:, 15]
    assert np.flatnonzero(column[:, 3] > 128).tolist() == list(range(10, 26))
    assert (column[10:26, 0] < 100).tolist() == [True] * 4 + [False] * 8 + [True] * 4


@pytest.mark.parametrize("viseme", ["aa", "E", "SS"])
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: of_line(3), id="of a line"),
        pytest.param(lambda: mouth_of(("sil", line(2)), ("aa", boxy())), id="of one with blunt corners"),
    ],
)
def test_an_open_mouth_that_frowns_is_an_arch_over_one_bow(made, viseme: str) -> None:  # type: ignore[no-untyped-def]
    picture = drawing_of(made(), "frown", viseme).trimmed_to_itself()
    drawn_at = picture.pixels[..., 3] > 128
    columns = np.flatnonzero(drawn_at.any(axis=0))
    upper = drawn_at.argmax(axis=0)[columns].astype(float)
    lower = len(drawn_at) - drawn_at[::-1].argmax(axis=0)[columns].astype(float)
    count, across = len(columns), np.linspace(-1, 1, len(columns))
    middle = count // 2
    assert upper[[2, -3]].min() - upper[middle] > 0.1 * count, "corners hang lower than the middle"
    centre = (upper + lower) / 2
    assert centre[[2, -3]].min() > centre[middle]
    bow = np.polyfit(across, lower, 2)
    assert np.abs(np.polyval(bow, across) - lower).max() < max(2.0, 0.035 * count), "no nubs"


def boxy() -> U8:
    """An open mouth with a straight upper lip and blunt corners."""
    pixels = drawn.ellipse(100, drawn.MOUTH, WIDE_LINE, 32, drawn.LIPS).copy()
    pixels[: drawn.MOUTH] = 0
    pixels[drawn.MOUTH : drawn.MOUTH + 8, 100 - WIDE_LINE : 100 + WIDE_LINE] = (*drawn.LIPS, 255)
    return pixels
