"""Layers that are what their names say, and hardly can be: told with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from importing.test_doubts import WHOLE, changed, made_with, told_of
from mien.art import load_character
from mien.art.looks import expression_state
from mien.importing.layered import read_source
from mien.importing.make import make
from mien.importing.whole import import_art
from mien.types import U8

MAP = "under [layers] of a file for mien import --map"


def test_a_brow_that_is_called_one_and_lies_on_the_cheek_is_told(tmp_path: Path) -> None:
    low = drawn.arc(drawn.LEFT, drawn.EYES + 25, 14, -3, 3, drawn.INK)
    told = told_of(tmp_path, changed(eyebrow_L=low))
    assert told[0] == (
        "'eyebrow L' is called a brow and lies below the eyes; move it above them and save, or, if it is no "
        f'brow, write "eyebrow L" = "plain" {MAP}'
    )


def test_a_mouth_that_is_called_one_and_lies_on_the_brow_is_told(tmp_path: Path) -> None:
    high = drawn.arc(100, drawn.EYES - 30, 10, 2, 3, drawn.LIPS)
    told = made_with(tmp_path, changed(mouth=high)).remarks
    assert told[0].startswith(
        "'mouth' is called a mouth and lies above the eyes; move it below them and save"
    )


@pytest.mark.parametrize(("wide", "is_told"), [(7, False), (12, False), (16, True)])
def test_an_iris_that_covers_all_of_its_white_is_told(tmp_path: Path, wide: int, is_told: bool) -> None:
    large = drawn.ellipse(drawn.LEFT, drawn.EYES, wide, wide, drawn.IRIS)
    told = told_of(tmp_path, changed(iris_left=large))
    line = (
        "'iris left' covers all of 'eye white left', and the other eye shows its white; draw 'iris left' "
        "smaller and save"
    )
    assert (line in told) is is_told
    both = changed(iris_left=large, iris_right=drawn.ellipse(drawn.RIGHT, drawn.EYES, wide, wide, drawn.IRIS))
    assert line not in made_with(tmp_path, both).remarks


@pytest.mark.parametrize("base", ["lash left", "eye white left"])
def test_an_iris_that_is_clipped_to_something_else_is_told(tmp_path: Path, base: str) -> None:
    things = [t for t in WHOLE if t.name != "iris left"]
    at = [t.name for t in things].index(base)
    low = drawn.ellipse(drawn.LEFT, drawn.EYES + 3, 7, 7, drawn.IRIS)
    clipped = Thing("iris left", low, clipped=True)
    path = drawn.psd(tmp_path / "a.psd", (*things[:at], clipped, *things[at:]))
    remarks = make(read_source(path), "Somebody").remarks
    told = [r for r in remarks if "is clipped to" in r]
    assert len(told) == (base == "lash left")
    if told:
        assert told[0].startswith("'iris left' is clipped to 'lash left', in which ")
        assert told[0].endswith("of it is seen; clip it to the white of its eye, or to nothing, and save")


def test_a_brow_that_is_drawn_angry_on_one_side_alone_is_told(tmp_path: Path) -> None:
    def lowered(x: float) -> U8:
        return drawn.arc(x, drawn.EYES - 16, 14, 2, 4, drawn.INK)

    one = Thing("angry brow L", lowered(drawn.LEFT), visible=False)
    both = (one, Thing("angry brow R", lowered(drawn.RIGHT), visible=False))
    told = told_of(tmp_path, (one, *WHOLE))
    assert told == (
        "'angry brow L' has no pair: the right brow is not drawn angry; draw it on a layer called `brow "
        "right angry` and save",
    )
    assert told_of(tmp_path, (*both, *WHOLE)) == ()


def test_a_smile_that_is_drawn_open_is_told_by_the_expressions_that_show_it(tmp_path: Path) -> None:
    smile = Thing("mouth smile", drawn.WIDE, visible=False)
    import_art(drawn.ora(tmp_path / "a.ora", (smile, *WHOLE)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    told = "'mouth smile' is drawn open, so a smile stays open in silence, too"
    is_told = {name: told in expression_state(character, name).blocked for name in character.expressions}
    assert is_told["relaxed"] and is_told["happy"]
    assert not is_told["angry"] and not is_told["neutral"]
    shut = Thing("mouth smile", drawn.arc(100, drawn.MOUTH, 13, 6, 3, drawn.LIPS), visible=False)
    wide = Thing("mouth smile_aa", drawn.WIDE, visible=False)
    assert told_of(tmp_path, (shut, wide, *WHOLE)) == ()


def test_a_second_brow_that_is_given_beside_one_that_is_named_is_told(tmp_path: Path) -> None:
    remarks = made_with(tmp_path, WHOLE, lash_right="brow right").remarks
    (told,) = (r for r in remarks if "is given as brow right" in r)
    assert told == (
        "'lash right' is given as brow right, and 'eyebrow R' is that by its name; if 'lash right' is none, "
        "take that line out of the map and of import.toml, which keeps it, and import again"
    )
    assert not any("by its name;" in r for r in made_with(tmp_path, WHOLE, eyebrow_R="brow right").remarks)


def test_what_lies_in_the_eyes_under_an_unknown_name_is_told_and_shines_are_known(tmp_path: Path) -> None:
    def dot(x: float) -> U8:
        return drawn.ellipse(x + 4, drawn.EYES - 3, 3, 3, drawn.WHITE)

    one, both = dot(drawn.LEFT), drawn.over(dot(drawn.LEFT), dot(drawn.RIGHT))
    told = told_of(tmp_path, (Thing("zigzag", one), *drawn.plain()))
    assert told == (
        "'zigzag' lies in the left eye and is no known part of it, so lids close below it; if it is a "
        f'glint, write "zigzag" = "glint left" {MAP}',
    )
    told = told_of(tmp_path, (Thing("zigzag", both), *drawn.plain()))
    assert told[0].startswith("'zigzag' lies in the eyes and is no known part, so lids close below")
    for name in ("sparkle", "Shine", "Highlights"):
        made = made_with(tmp_path, (Thing(name, both), *drawn.plain()))
        assert made.remarks == ()
        assert made.labels[(name,)].role == "glint"
    # The shine of hair is none of an eye.
    hair = drawn.ellipse(100, 70, 40, 12, drawn.WHITE)
    assert made_with(tmp_path, (Thing("shine", hair), *drawn.plain())).labels[("shine",)].role == ""


def test_a_glint_under_its_iris_is_told(tmp_path: Path) -> None:
    dot = Thing("eye highlight left", drawn.ellipse(drawn.LEFT + 2, drawn.EYES - 3, 3, 3, drawn.WHITE))
    at = [t.name for t in WHOLE].index("iris left")
    over, under = ((*WHOLE[:k], dot, *WHOLE[k:]) for k in (at, at + 1))
    line = "put 'iris left' below 'eye highlight left' in the art and save"
    for things, is_told in ((over, False), (under, True)):
        made = made_with(tmp_path, things)
        assert any(line in one for one in made.covered) is is_told


def test_a_brow_that_only_a_raised_one_brings_under_the_fringe_is_told(tmp_path: Path) -> None:
    fringe = drawn.ellipse(100, 67, 56, 22, drawn.HAIR)
    low = changed(front_hair=fringe)
    told = [r for r in made_with(tmp_path, low).remarks if "goes under" in r]
    assert len(told) == 2
    assert told[-1].startswith("'eyebrow L' goes under 'front hair' in the expression")
    assert "surprised" in told[0]
    assert "draw the brow lower, or put 'front hair' below it in the art, and save" in told[0]
    bald = changed(front_hair=drawn.ellipse(100, 50, 50, 8, drawn.HAIR))
    assert not any("goes under" in r for r in made_with(tmp_path, bald).remarks)


def test_a_blush_that_is_always_there_may_come_with_some_expressions(tmp_path: Path) -> None:
    cheeks = Thing("blush", drawn.ellipse(100, 140, 40, 8, (230, 120, 120)))
    import_art(drawn.ora(tmp_path / "a.ora", (cheeks, *WHOLE)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    line = "to have 'blush' come with happy, joy and embarrassed alone, hide it in the art and save"
    for name in character.expressions:
        assert (line in expression_state(character, name).mend) is (name in ("happy", "joy", "embarrassed"))


def test_what_a_correction_hides_is_told_as_that(tmp_path: Path) -> None:
    drop = Thing("sweat", drawn.ellipse(140, 150, 4, 7, (150, 190, 240)))
    (tmp_path / "map.toml").write_text('[layers]\n"sweat" = "hidden"\n', "utf-8")
    path = drawn.ora(tmp_path / "a.ora", (drop, *WHOLE))
    import_art(path, tmp_path / "made", map_file=tmp_path / "map.toml")
    blocked = expression_state(load_character(tmp_path / "made").character, "angry").blocked
    assert "hidden by a correction: 'sweat'" in blocked
    assert not any("hidden in the art" in one for one in blocked)


def test_brows_that_nobody_named_are_looked_for_where_brows_are(tmp_path: Path) -> None:
    """Not the largest layer of hair."""
    others = [t for t in drawn.plain() if not t.name.startswith("eyebrow")]
    hair = Thing("zigzag", drawn.ellipse(100, 60, 60, 20, drawn.HAIR))
    strokes = drawn.over(drawn.brow(drawn.LEFT), drawn.brow(drawn.RIGHT))
    import_art(drawn.ora(tmp_path / "a.ora", (hair, *others)), tmp_path / "bare")
    mend = expression_state(load_character(tmp_path / "bare").character, "sad").mend
    assert "draw them on layers called `brow left` and `brow right` and save" in mend
    path = drawn.ora(tmp_path / "b.ora", (hair, Thing("zag", strokes), *others))
    import_art(path, tmp_path / "made")
    mend = expression_state(load_character(tmp_path / "made").character, "sad").mend
    assert any(one.startswith("if 'zag' is a brow: ") for one in mend)
