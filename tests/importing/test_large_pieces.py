"""Eyes and mouths that cover a whole canvas, and folders in folders: little memory, and little is made."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from mien.art import load_character
from mien.art.looks import expression_state
from mien.cli import main
from mien.importing.flatten import Picture, over, together
from mien.importing.make import Made, make
from mien.importing.source import Item, Source, box_of
from mien.importing.warping import MOST_PIXELS
from mien.importing.whole import import_art
from mien.types import U8, Blend, Rect, Size

SIDE = 1100


def item(name: str, box: Rect, colour: tuple[int, int, int]) -> Item:
    """A rectangle of one colour."""
    pixels = np.empty((box.height, box.width, 4), np.uint8)
    pixels[...] = (*colour, 255)
    return Item(name, (name,), True, box, lambda: pixels)


def folder(name: str, *inside: Item, blend: Blend = Blend.NORMAL) -> Item:
    """A folder that is drawn by itself."""
    return Item(name, (name,), True, box_of(inside), None, inside, blend, 0.9)


def face(mouth: Rect, eye: Rect, *more: Item) -> Made:
    """A character with a mouth and a left eye that cover so much, and a right eye of ordinary size."""
    whole = Rect(0, 0, SIDE, SIDE)
    things = (
        item("face", whole, (240, 205, 180)),
        item("eye left", eye, (250, 250, 250)),
        item("eye right", Rect(200, 300, 90, 60), (250, 250, 250)),
        item("mouth", mouth, (140, 50, 60)),
        *more,
    )
    return make(Source(Size(SIDE, SIDE), things), "A")


@pytest.fixture
def whole() -> U8:
    """A picture of a canvas."""
    return np.full((SIDE, SIDE, 4), 200, np.uint8)


def peak_of(bytes_of: int) -> float:
    """The most memory since it was traced, in pictures of so many bytes."""
    return tracemalloc.get_traced_memory()[1] / bytes_of


def test_folders_in_folders_take_no_more_memory_than_their_pictures(whole: U8) -> None:
    nested: Item = Item("x", ("x",), True, Rect(0, 0, SIDE, SIDE), lambda: whole)
    for depth in range(5):
        nested = folder(f"f{depth}", nested, blend=Blend.MULTIPLY)
    tracemalloc.start()
    try:
        together([nested])
        assert peak_of(whole.nbytes) < 6  # floats of whole pictures would be 8 for each level
    finally:
        tracemalloc.stop()


def test_pictures_over_each_other_take_no_more_memory_than_the_result(whole: U8) -> None:
    tracemalloc.start()
    try:
        over([Picture(whole, (0, 0)), Picture(whole, (3, 3))])
        assert peak_of(whole.nbytes) < 4  # floats would be 16
    finally:
        tracemalloc.stop()


def test_bands_of_rows_show_what_one_piece_shows(whole: U8) -> None:
    noise = np.random.default_rng(1).integers(0, 256, whole.shape, np.uint8)
    parts = [Picture(noise, (0, 0)), Picture(noise[5:900, ::-1], (-7, 40))]
    high = Rect(2, 0, 9, SIDE)  # few columns: one band
    cut = over([Picture(part.within(high), (high.x, high.y)) for part in parts])
    assert (cut.within(high) == over(parts).within(high)).all()


def test_a_mouth_that_covers_the_canvas_is_not_stretched_and_bent() -> None:
    made = face(Rect(0, 0, SIDE, SIDE), Rect(700, 300, 90, 60))
    mouths = [path for path in made.pictures if path.startswith("parts/mouth/")]
    assert len(mouths) == 2  # shut and open
    told = "no smile or frown was made: 'mouth' covers 1100 x 1100 pixels, too many for a mouth"
    assert f"{told}; erase what is no mouth from 'mouth' and save" in made.remarks
    ordinary = face(Rect(400, 700, 300, 60), Rect(700, 300, 90, 60))
    assert len([path for path in ordinary.pictures if path.startswith("parts/mouth/")]) > 10
    assert not any("covers" in remark for remark in ordinary.remarks)


def test_what_was_not_made_is_told_where_something_was() -> None:
    whole, drawn_box = Rect(0, 0, SIDE, SIDE), Rect(450, 700, 200, 20)
    moods = (
        replace(item(f"mouth {mood}", drawn_box, (90, 40, 50)), visible=False) for mood in ("smile", "frown")
    )
    made = face(whole, Rect(700, 300, 90, 60), *moods)
    assert "mouth: made_sil" in {row.became for row in made.rows if row.status == "made"}
    (told,) = (one for one in made.remarks if "covers" in one)
    assert told.startswith("no half-open mouth was made: 'mouth' covers 1100 x 1100 pixels")


def test_an_eye_that_covers_the_canvas_gets_no_lids() -> None:
    made = face(Rect(400, 700, 300, 60), Rect(30, 0, SIDE - 30, SIDE))
    assert SIDE * (SIDE - 30) > MOST_PIXELS
    told = "no lid of the left eye was made: 'eye left' covers 1070 x 1100 pixels, too many for an eye"
    assert f"{told}; erase what is no eye from 'eye left', or draw it shut, and save" in made.remarks


def test_an_eye_of_a_close_up_has_lids() -> None:
    made = face(Rect(400, 900, 300, 60), Rect(600, 100, 480, 500))
    assert not any("covers" in remark for remark in made.remarks)


def test_what_is_too_large_is_told_by_all_that_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = {"mouth": (0, 0, SIDE, SIDE), "eye left": (700, 300, 90, 60), "eye right": (200, 300, 90, 60)}
    things = []
    for name, (x, y, wide, high) in boxes.items():
        pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
        pixels[y : y + high, x : x + wide] = (140, 50, 60, 255)
        things.append(drawn.Thing(name, pixels))
    path, made = drawn.ora(tmp_path / "a.ora", things, (SIDE, SIDE)), tmp_path / "made"
    why = "no smile or frown was made: 'mouth' covers 1100 x 1100 pixels, too many for a mouth"
    cure = "erase what is no mouth from 'mouth' and save"
    assert f"{why}; {cure}" in import_art(path, made).remarks
    assert main(["inspect", str(made)]) == 0
    assert f"doubted: {why}; {cure}\n" in capsys.readouterr().out
    character = load_character(made).character
    for name in ("neutral", "angry"):
        state = expression_state(character, name)
        assert why in state.blocked and cure in state.mend
