"""Mouths that are a line: how their moods and their vowels are drawn, and the stem of a muzzle."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from importing import drawn
from mien.importing.drafts import Draft
from mien.importing.flatten import Picture
from mien.importing.mouth_lines import without_stem
from mien.importing.mouths import MadeMouth, make_mouth
from mien.types import F64, U8, Rect

HALF = 40
"""Half of the width of the mouths here, in pixels."""
THICK = 4
STEM_TOP = drawn.MOUTH - 30
CANVAS = Rect(0, 0, *drawn.SIZE)


def cat(waves: float = 7.0) -> U8:
    """A cat's mouth: a line as a "w", whose middle is as high as its ends."""
    rows, columns = np.mgrid[: drawn.SIZE[1], : drawn.SIZE[0]] + 0.5
    along = (columns - 100) / HALF
    line = drawn.MOUTH - waves * np.cos(2 * np.pi * along)
    steep = np.sqrt(1 + (waves * 2 * np.pi / HALF * np.sin(2 * np.pi * along)) ** 2)
    out = np.zeros((drawn.SIZE[1], drawn.SIZE[0], 4), np.uint8)
    out[..., :3] = drawn.LIPS
    share = np.clip(THICK * steep / 2 - np.abs(rows - line) + 0.5, 0, 1) * (np.abs(along) <= 1)
    out[..., 3] = np.rint(share * 255)
    out[out[..., 3] == 0] = 0
    return out


def stem() -> U8:
    """A line from a nose down to the middle of that mouth."""
    out = np.zeros_like(cat())
    out[STEM_TOP : drawn.MOUTH - 6, 98:102] = (*drawn.LIPS, 255)
    return out


@cache
def made_of(kind: str) -> MadeMouth:
    pixels = drawn.over(cat(), stem()) if kind == "muzzle" else cat()
    picture = Picture(pixels, (0, 0)).trimmed_to_itself()
    draft = Draft("sil", "mouth", "", {"main": picture}, "main", lid_state="sil")
    return make_mouth([draft], 45, over_face=False)


def pixels_of(made: MadeMouth, mood: str, viseme: str) -> U8:
    name = next(name for name, said in made.moods[mood].items() if viseme in said)
    return made.drawings[name].within(CANVAS)


def edges_of(pixels: U8) -> tuple[F64, F64]:
    """Rows of the upper and the lower edge in each column that is drawn, by parts of a pixel."""
    alpha = pixels[:, (pixels[..., 3] > 128).any(axis=0), 3] / 255.0
    inside, columns = alpha > 0.5, np.arange(alpha.shape[1])
    first, last = inside.argmax(axis=0), len(alpha) - 1 - inside[::-1].argmax(axis=0)
    upper = first + 1 - alpha[first, columns] - alpha[first - 1, columns]
    lower = last + alpha[last, columns] + alpha[last + 1, columns]
    return upper, lower


def rough(line: F64) -> float:
    """How far a line by columns is from a smooth one, in pixels."""
    across = np.linspace(-1, 1, len(line))
    inner = np.abs(across) < 0.9
    smooth = np.polynomial.Polynomial.fit(across[inner], line[inner], 6)(across)
    return float(np.abs(line - smooth)[inner].max())


def test_a_stem_is_told_from_the_line_that_hangs_on_it() -> None:
    line, found = without_stem(Picture(drawn.over(cat(), stem()), (0, 0)))
    assert abs(int((found.within(CANVAS)[..., 3] > 128).sum()) - int((stem()[..., 3] > 128).sum())) < 24
    apart = np.abs(line.within(CANVAS)[..., 3].astype(int) - cat()[..., 3])
    assert (apart > 60).sum() < 16


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(cat(), id="a cat's mouth"),
        pytest.param(drawn.arc(100, drawn.MOUTH, HALF, 30, 4, drawn.LIPS), id="a deep bow"),
        pytest.param(drawn.ellipse(100, drawn.MOUTH, HALF, 30, drawn.LIPS), id="an open mouth"),
        pytest.param(
            drawn.over(cat(), drawn.ellipse(100 - 2 * HALF // 3, drawn.MOUTH + 8, 8, 12, drawn.LIPS)),
            id="a tongue",
        ),
    ],
)
def test_what_has_no_stem_is_left_as_it_is(pixels: U8) -> None:
    picture = Picture(pixels, (0, 0))
    line, found = without_stem(picture)
    assert found.is_empty and line is picture


@pytest.mark.parametrize("mood", ["neutral", "smile", "frown"])
@pytest.mark.parametrize("viseme", ["sil", "aa", "E", "O", "SS"])
def test_the_stem_of_a_muzzle_stays_below_the_nose_and_no_mouth_hangs_loose(mood: str, viseme: str) -> None:
    alpha = pixels_of(made_of("muzzle"), mood, viseme)[..., 3]
    assert (alpha[STEM_TOP : STEM_TOP + 12, 98:102] > 200).all()
    column = np.flatnonzero(alpha[:, 100] > 128)
    upper = alpha[:, 94].argmax() if viseme == "sil" else int(np.flatnonzero(alpha[:, 90] > 128)[0])
    assert column[0] == STEM_TOP
    assert (alpha[STEM_TOP : upper - 4, 100] > 128).all(), "no gap down to the lip"
    assert not alpha[STEM_TOP : STEM_TOP + 8, [*range(96), *range(104, drawn.SIZE[0])]].any()


def test_a_cats_mouth_that_frowns_is_one_bow_and_one_that_smiles_a_cats_mouth_still() -> None:
    waves = {}
    for mood in ("frown", "smile"):
        upper, lower = edges_of(pixels_of(made_of("cat"), mood, "sil"))
        centre = (upper + lower) / 2
        across = np.linspace(-1, 1, len(centre))
        plain = np.polynomial.Polynomial.fit(across, centre, 2)
        waves[mood] = float(np.abs(centre - plain(across)).max())
        assert (centre[[2, -3]].mean() > centre[len(centre) // 2]) == (mood == "frown")
    assert waves["frown"] < 1.0 < 4.0 < waves["smile"]


@pytest.mark.parametrize("mood", ["smile", "frown"])
def test_a_line_in_a_mood_is_as_thick_as_it_was_with_smooth_edges(mood: str) -> None:
    upper, lower = edges_of(pixels_of(made_of("cat"), mood, "sil"))
    slope = np.gradient((upper + lower) / 2)
    thick = (lower - upper) / np.sqrt(1 + slope**2)
    inner = thick[8:-8]
    assert np.abs(np.median(inner) - THICK) < 0.7
    if mood == "frown":
        assert rough(upper) < 0.6 and rough(lower) < 0.6


@pytest.mark.parametrize("viseme", ["aa", "E", "I", "SS"])
def test_lips_of_moods_that_are_drawn_from_a_line_have_smooth_edges(viseme: str) -> None:
    """Lips that were bent from the neutral ones had ragged edges."""
    upper, lower = edges_of(pixels_of(made_of("cat"), "frown", viseme))
    assert rough(upper) < 0.8 and rough(lower) < 0.8


def blunt() -> U8:
    """An open mouth with a dark rim, a straight upper lip and blunt corners."""
    pixels = drawn.over(
        drawn.ellipse(100, drawn.MOUTH, HALF, 34, drawn.LIPS),
        drawn.ellipse(100, drawn.MOUTH, HALF - 4, 30, (70, 20, 30)),
    )
    pixels[: drawn.MOUTH] = 0
    pixels[drawn.MOUTH : drawn.MOUTH + 5, 100 - HALF : 100 + HALF] = (*drawn.LIPS, 255)
    return pixels


@cache
def made_of_blunt() -> MadeMouth:
    shown = (("sil", drawn.arc(100, drawn.MOUTH, HALF, 2, 4, drawn.LIPS)), ("aa", blunt()))
    drafts = [
        Draft(says, "mouth", "", {"main": Picture(one, (0, 0)).trimmed_to_itself()}, "main", lid_state=says)
        for says, one in shown
    ]
    return make_mouth(drafts, 45, over_face=False)


@pytest.mark.parametrize("viseme", ["E", "I", "nn"])
def test_made_vowels_of_a_blunt_mouth_have_no_spikes_above_their_corners(viseme: str) -> None:
    upper, _ = edges_of(pixels_of(made_of_blunt(), "neutral", viseme))
    assert upper[len(upper) // 4 : -len(upper) // 4].min() - upper[1:-1].min() < 1.0


@pytest.mark.parametrize("viseme", ["aa", "E", "I"])
@pytest.mark.parametrize("mood", ["smile", "frown"])
def test_moods_of_an_open_mouth_have_smooth_lips_up_to_the_corners(mood: str, viseme: str) -> None:
    pixels = pixels_of(made_of_blunt(), mood, viseme)
    upper, lower = edges_of(pixels)
    assert np.abs(np.diff(upper, 2)[3:-3]).max() < 1.5 and np.abs(np.diff(lower, 2)[3:-3]).max() < 1.5
    alpha = pixels[:, (pixels[..., 3] > 128).any(axis=0), 3][:, 1:-1]
    assert ((alpha > 20) & (alpha < 235)).sum(axis=0).max() <= 4, "no blurred edge"
