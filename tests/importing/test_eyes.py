"""Lids that are made of an eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import Thing
from mien.importing.creases import without_crease
from mien.importing.eyes import Piece, closing, lid_over, opening_of
from mien.importing.flatten import Picture
from mien.importing.layered import read_source
from mien.importing.lid_lines import MADE, Opening
from mien.importing.make import make
from mien.types import F64, U8, Rect


def disc(radius: int, colour: tuple[int, int, int]) -> U8:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    pixels = np.zeros((*x.shape, 4), np.uint8)
    pixels[(x * x + y * y) <= radius * radius] = (*colour, 255)
    return pixels


@pytest.mark.parametrize("shade", [(255, 255, 255), (207, 214, 234)], ids=["plain", "with a shade"])
@pytest.mark.parametrize("state", ["closed", "happy"])
def test_a_shut_eye_of_white_and_iris_alone_is_a_dark_line_and_not_bare_skin(
    state: str, shade: tuple[int, int, int]
) -> None:
    pixels = disc(30, (255, 255, 255))
    pixels[:16, :, :3] = shade
    white = Piece("white", Picture(pixels, (70, 70)))
    iris = Piece("iris", Picture(disc(12, (40, 120, 200)), (88, 88)))
    shut_white, shut_iris = closing([white, iris], opening_of([white, iris]), MADE)
    drawn = shut_white[state].pixels
    some = drawn[..., 3] > 128
    assert 40 < some.any(axis=0).sum() < 70  # as wide as the eye
    assert some.sum(axis=0).max() < 8  # and thin
    assert drawn[some][:, :3].max() < 130
    assert shut_iris[state].is_empty


@pytest.mark.parametrize("state", ["nearly", "closed", "happy"])
def test_a_shut_line_goes_on_beyond_the_canvas(state: str) -> None:
    """A head that moves brings it there."""
    drawn = []
    for y in (70, -45):
        white, iris = Piece("white", Picture(disc(30, (255, 255, 255)), (70, y))), disc(12, (40, 120, 200))
        pieces = [white, Piece("iris", Picture(iris, (88, y + 18)))]
        drawn.append(closing(pieces, opening_of(pieces), MADE)[0][state])
    assert drawn[1].offset == (drawn[0].offset[0], drawn[0].offset[1] - 115)
    assert np.array_equal(drawn[0].pixels, drawn[1].pixels)


def test_an_eye_whose_line_is_clipped_to_its_white_is_happy_as_it_is_drawn_shut(tmp_path: Path) -> None:
    things = tuple(
        thing
        for side, x in (("left", drawn.LEFT), ("right", drawn.RIGHT))
        for thing in (
            Thing(f"{side} eye closed", drawn.shut_eye(x)).hidden(),
            Thing(f"{side} lash", drawn.lash(x), clipped=True),
            Thing(f"{side} iris", drawn.iris(x), clipped=True),
            Thing(f"{side} white", drawn.white(x)),
        )
    )
    path = drawn.ora(tmp_path / "a.ora", (*things, Thing("mouth", drawn.LINE), Thing("face", drawn.HEAD)))
    made = make(read_source(path), "Girl")
    for side in ("left", "right"):
        happy, shut = (made.pictures[f"parts/eye_shut_{side}/{state}.png"] for state in ("happy", "closed"))
        assert not happy.is_empty
        assert (happy.pixels == shut.pixels).all()


def test_a_lid_that_is_shut_lies_in_one_bow_between_the_corners() -> None:
    columns = np.arange(60)
    half = 20 * np.sqrt(np.clip(1 - ((columns - 29.5) / 25) ** 2, 0, 1))
    nothing = Picture(np.zeros((0, 0, 4), np.uint8), (0, 0))
    opening = Opening(Rect(0, 0, 60, 60), 30 - half, 30 + half, np.full(60, 3.0), nothing, 5, 55)
    shut = opening.at("closed")[5:55]
    assert shut.max() - shut[0] > 10
    assert np.diff(shut, 2).max() < 0.2
    assert np.abs(np.diff(shut)).max() < 2.5
    assert (opening.at("half") <= opening.at("closed"))[5:55].all()


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


def round_eye(radius: int = 30) -> list[Piece]:
    """A white with lashes along its upper edge, on layers of their own."""
    white = disc(radius, (255, 255, 255))
    lash = disc(radius + 4, (60, 20, 30))
    y, x = np.mgrid[: len(lash), : len(lash)] - (radius + 4.0)
    lash[(x * x + y * y < (radius - 1) ** 2) | (y > -4)] = 0
    return [Piece("white", Picture(white, (70, 70))), Piece("lash", Picture(lash, (66, 66)))]


def middle_of_lash(made: Picture) -> tuple[F64, F64]:
    """The rows of the middle of a lash, by column, and those columns."""
    drawn = made.pixels[..., 3] > 128
    columns = np.flatnonzero(drawn.any(axis=0))
    rows = np.arange(len(drawn))[:, None]
    return ((rows * drawn).sum(axis=0) / np.maximum(1, drawn.sum(axis=0)))[columns], columns.astype(float)


@pytest.mark.parametrize("state", ["three_quarter", "half"])
def test_a_lid_that_is_half_down_is_an_arch_and_no_straight_line(state: str) -> None:
    pieces = round_eye()
    _, lash = closing(pieces, opening_of(pieces), MADE)
    rows, _ = middle_of_lash(lash[state])
    ends = (rows[4] + rows[-5]) / 2
    assert ends - rows[len(rows) // 2] > 2


def test_a_laughing_lid_bends_up_and_a_shut_one_down() -> None:
    pieces = round_eye()
    opening = opening_of(pieces)
    assert opening is not None
    _, lash = closing(pieces, opening, MADE)
    over_face = lid_over(opening, MADE, np.asarray((240.0, 205.0, 180.0)))
    for made in (lash, {state: only_dark(picture) for state, picture in over_face.items()}):
        for state, sign in (("happy", 1), ("closed", -1)):
            rows, _ = middle_of_lash(made[state])
            inner = rows[len(rows) // 6 : -(len(rows) // 6)]
            assert sign * ((inner[0] + inner[-1]) / 2 - inner[len(inner) // 2]) > 3, state


def only_dark(picture: Picture) -> Picture:
    pixels = picture.pixels.copy()
    pixels[pixels[..., :3].max(axis=-1) > 150] = 0
    return Picture(pixels, picture.offset)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_stern_lid_leans_to_the_nose_and_a_sorry_one_away_from_it(side: str) -> None:
    pieces = round_eye()
    white, lash = closing(pieces, opening_of(pieces, side), MADE)
    to_nose = -1 if side == "left" else 1  # the nose is to the left of the character's own left eye
    for state, sign in (("stern", to_nose), ("sorry", -to_nose)):
        rows, columns = middle_of_lash(lash[state])
        slope = np.polyfit(columns, rows, 1)[0]
        assert sign * slope > 0.1, "y is down"
        seen = (white[state].pixels[..., 3] > 128).sum()
        assert 0.5 < seen / (pieces[0].picture.pixels[..., 3] > 128).sum() < 0.95


def test_a_lower_lid_stays_and_an_upper_one_without_lashes_has_their_line() -> None:
    white, lash = round_eye()
    lower = disc(34, (230, 190, 170))
    y, x = np.mgrid[: len(lower), : len(lower)] - 34.0
    lower[(x * x + y * y < 30**2) | (y < 10)] = 0
    pieces = [white, Piece("lid", Picture(lower, (66, 66))), lash]
    _, stays, _ = closing(pieces, opening_of(pieces), MADE)
    box = Rect(60, 60, 90, 90)
    assert (stays["half"].within(box) == pieces[1].picture.within(box)).all()
    upper = [white, Piece("lid", lash.picture)]
    _, lid = closing(upper, opening_of(upper), MADE)
    _, along = closing([white, lash], opening_of([white, lash]), MADE)
    assert (lid["half"].within(box) == along["half"].within(box)).all()


def test_a_glint_that_is_not_clipped_to_the_white_is_cut_under_a_lid() -> None:
    glint = Picture(disc(8, (255, 255, 255)), (92, 76))
    pieces = [*round_eye(), Piece("glint", glint), Piece("glint", glint, is_clipped=True)]
    _, _, cut, clipped = closing(pieces, opening_of(pieces), ["nearly"])
    assert cut["nearly"].is_empty and clipped["nearly"] is glint


def rows_of(picture: Picture, box: Rect) -> F64:
    """The first row that is drawn in each column of a box; NaN where nothing is."""
    drawn_at = picture.within(box)[..., 3] > 128
    return np.where(drawn_at.any(axis=0), drawn_at.argmax(axis=0), np.nan)


def test_a_wide_eye_has_its_lid_higher_and_white_all_around_the_iris() -> None:
    pieces = [*round_eye(), Piece("iris", Picture(disc(26, (40, 120, 200)), (74, 70)), is_clipped=True)]
    white, lash, iris = closing(pieces, opening_of(pieces), ["wide"])
    box = Rect(60, 50, 80, 90)
    for made, piece in ((white, pieces[0]), (lash, pieces[1])):
        raised = rows_of(piece.picture, box) - rows_of(made["wide"], box)
        assert raised[40] > 8, "in the middle"
        assert np.nanmax(np.abs(raised[[12, 68]])) < 4, "and hardly at the corners"
    above = rows_of(iris["wide"], box)[40] - rows_of(white["wide"], box)[40]
    assert above > 8, "where it touched the lid"


def test_a_wide_eye_of_one_piece_keeps_its_corners_and_the_thickness_of_its_line() -> None:
    piece = Piece("eye", eye_of_one_piece())
    pixels = piece.picture.pixels
    pixels[pixels[..., 1] == 140] = 0  # a crease, which would be its upper edge
    (made,) = closing([piece], opening_of([piece]), ["wide"])
    box = Rect(0, -20, 160, 170)

    def line_at(picture: Picture) -> tuple[int, int]:
        dark = (picture.within(box)[..., :3].max(axis=-1) < 100) & (picture.within(box)[..., 3] > 128)
        rows = np.flatnonzero(dark[:, 90])
        return int(rows[0]), len(rows)

    (old, thick), (new, now) = line_at(piece.picture), line_at(made["wide"])
    assert old - new > 8
    assert abs(thick - now) <= 2


@pytest.mark.parametrize("state", ["closed", "happy"])
def test_a_shut_line_is_one_bow_that_tapers_to_its_ends_and_leaves_no_crease(state: str) -> None:
    pieces = round_eye()
    crease = disc(42, (200, 140, 120))
    y, x = np.mgrid[: len(crease), : len(crease)] - 42.0
    crease[(x * x + y * y < 40**2) | (y > -20)] = 0
    _, lash, lid = closing([*pieces, Piece("lid", Picture(crease, (58, 58)))], opening_of(pieces), [state])
    assert lid[state].is_empty
    drawn_at = lash[state].pixels[..., 3] > 128
    columns = np.flatnonzero(drawn_at.any(axis=0))
    for column in columns:
        rows = np.flatnonzero(drawn_at[:, column])
        assert rows[-1] - rows[0] + 1 == len(rows), "nothing beside it"
    high = drawn_at.sum(axis=0)[columns]
    middle = high[len(high) // 2]
    assert high[:3].max() < middle and high[-3:].max() < middle
    line, at = middle_of_lash(lash[state])
    bend = np.polyfit(at, line, 2)
    assert (bend[0] < 0) == (state == "closed"), "y is down"
    assert np.abs(np.polyval(bend, at) - line).max() < 2.5
    assert np.abs(line - line[::-1]).max() < 1.5, "even"


def test_a_shade_in_an_eye_that_is_called_an_eye_draws_no_lashes_of_its_own() -> None:
    shade = disc(30, (200, 190, 210))
    shade[24:] = 0
    pieces = [*round_eye(), Piece("eye", Picture(shade, (70, 70)))]
    *_, shut = closing(pieces, opening_of(pieces), ["closed", "half"])
    assert shut["closed"].is_empty
    assert shut["half"].pixels[..., 0][shut["half"].pixels[..., 3] > 128].min(initial=255) > 190


@pytest.mark.parametrize("state", ["stern", "sorry"])
def test_the_line_of_a_lid_that_leans_does_not_turn_up_again_at_its_low_end(state: str) -> None:
    pieces = round_eye()
    _, lash = closing(pieces, opening_of(pieces, "left"), [state])
    rows, _ = middle_of_lash(lash[state])
    towards = rows[::-1] if state == "stern" else rows
    low = towards[2 * len(towards) // 3 :]
    assert np.diff(low).min() > -1.0, "y is down"


def lined_eye(*, crease: bool, lined: bool = True) -> U8:
    """A white with an iris and a thick line above, and above that a thin one of its own."""
    parts = [drawn.ellipse(100, 120, 40, 34, drawn.WHITE), drawn.ellipse(100, 120, 18, 22, drawn.IRIS)]
    parts += [drawn.arc(100, 116, 42, -30, 10, drawn.INK)] if lined else []
    parts += [drawn.arc(100, 100, 40, -30, 3, (96, 50, 56))] if crease else []
    return drawn.over(*parts)


def test_a_crease_above_the_line_of_a_whole_eye_is_no_line_of_lashes() -> None:
    plain, creased = (
        closing([piece], opening_of([piece]), MADE)[0]
        for piece in (Piece("eye", Picture(lined_eye(crease=crease), (0, 0))) for crease in (False, True))
    )
    box = Rect(0, 0, *drawn.SIZE)
    for state in ("closed", "happy"):  # a crease next to the line would be a second one
        assert np.array_equal(plain[state].within(box)[..., 3], creased[state].within(box)[..., 3])
    half, other = (one["half"].within(box).astype(int) for one in (plain, creased))
    added = (other[..., 3] > half[..., 3] + 100).nonzero()
    assert len(added[0]) > 100 and added[0].max() < np.flatnonzero(half[..., 3].any(axis=1))[0] + 12


@pytest.mark.parametrize("lined", [False, True])
def test_what_is_the_only_line_of_an_eye_is_no_crease(lined: bool) -> None:
    eye = Picture(lined_eye(crease=not lined, lined=lined), (0, 0))
    kept, crease = without_crease(eye)
    assert kept is eye and crease.is_empty
    kept, crease = without_crease(Picture(lined_eye(crease=True), (0, 0)))
    assert 0 < crease.box.height < 40 and kept.box.y > crease.box.y
