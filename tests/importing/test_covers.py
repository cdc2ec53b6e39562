"""What lies over parts of a face in the art is told by all that tell, in the same words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.looks import expression_state
from mien.cli import main
from mien.importing.again import Again
from mien.importing.layered import read_source
from mien.importing.make import make
from mien.importing.whole import import_art

MOUTHS = (Thing("mouth closed", drawn.LINE), Thing("mouth open", drawn.WIDE, visible=False))
LINE = "mouth is under face; put 'face' below 'mouth closed' in the art and save"
AGAIN = f"{LINE}, and import again"


def behind_the_face() -> tuple[Thing, ...]:
    """Art, topmost first, with both of its mouths below the face."""
    others = [one for one in drawn.plain() if one.name != "mouth"]
    at = [one.name for one in others].index("face") + 1
    return (*others[:at], *MOUTHS, *others[at:])


def in_front() -> tuple[Thing, ...]:
    """The same with its mouths above the face."""
    return (*MOUTHS, *(one for one in drawn.plain() if one.name != "mouth"))


def covered(tmp_path: Path, *things: Thing) -> tuple[str, ...]:
    return make(read_source(drawn.ora(tmp_path / "a.ora", things)), "Somebody").covered


def test_a_mouth_under_the_face_has_one_cure_that_all_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, made = drawn.ora(tmp_path / "a.ora", behind_the_face()), tmp_path / "made"
    assert main(["import", str(path), "-o", str(made)]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"mien: {AGAIN}"
    assert main(["import", str(path), "-o", str(made), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["remarks"] == [AGAIN]
    assert main(["inspect", str(made)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"covered: {AGAIN}"
    assert main(["inspect", str(made), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["covered"] == [AGAIN]
    short = ["--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]
    for shown in (path, made):
        assert main(["play", str(shown), *short]) == 0
        assert "".join(capsys.readouterr()).count(f"{AGAIN}\n") == 1
    character = load_character(made).character
    for name in ("neutral", "angry", "joy"):
        state = expression_state(character, name)
        assert state.blocked == (LINE.partition("; ")[0],)
        assert LINE.partition("; ")[2] in state.mend


def test_art_that_is_saved_in_a_better_order_is_told_no_more(tmp_path: Path) -> None:
    again = Again(drawn.ora(tmp_path / "a.ora", behind_the_face()), tmp_path / "made")
    assert again.make() == (LINE,)
    drawn.ora(tmp_path / "a.ora", in_front())
    assert again.make() == ()
    again.close()


def test_many_parts_under_one_thing_are_told_once(tmp_path: Path) -> None:
    curtain = Thing("front hair", drawn.ellipse(100, 80, 56, 50, drawn.HAIR))
    things = (curtain, *(one for one in drawn.plain() if one.name != "front hair"))
    slots = "eye_R_right, eye_L_left, eyebrow_R_right, eyebrow_L_left"
    cure = "put 'front hair' below 'eye R', 'eye L', 'eyebrow R' and 1 more in the art and save"
    assert covered(tmp_path, *things) == (f"{slots} are under front_hair; {cure}",)


def test_what_is_seen_at_rest_is_not_told_for_what_lies_over_it_when_it_opens(tmp_path: Path) -> None:
    scarf = Thing("scarf", drawn.ellipse(100, drawn.MOUTH + 28, 60, 26, drawn.HAIR))
    things = (scarf, *MOUTHS, *(one for one in drawn.plain() if one.name != "mouth"))
    path, made = drawn.ora(tmp_path / "a.ora", things), tmp_path / "made"
    assert covered(tmp_path, *things) == () and import_art(path, made).remarks == ()
    (mouth,) = (slot for slot in load_character(made).character.slots if slot.name == "mouth")
    assert mouth.origins["aa"].under == "scarf", "it lies over the mouth that is open"


def test_what_the_art_hides_and_art_in_its_order_have_nothing_in_the_way(tmp_path: Path) -> None:
    eye = Thing("iris right", drawn.iris(drawn.RIGHT), visible=False)
    assert covered(tmp_path, *drawn.plain(), eye) == ()
    for things in (in_front(), drawn.named(), drawn.japanese(), drawn.in_pieces(), drawn.all_shown()):
        assert covered(tmp_path, *things) == ()


LARGE = drawn.ellipse(drawn.RIGHT, drawn.EYES - 1, 9, 14, drawn.IRIS)
"""An iris that reaches above the lashes."""
INKY = drawn.ellipse(drawn.RIGHT, drawn.EYES - 1, 9, 14, drawn.INK)
SHAPE = drawn.ellipse(drawn.RIGHT, drawn.EYES, 16, 13, drawn.INK)
"""The whole shape of an eye, dark, of which a rim is seen around the white."""


def lower(y: float) -> Thing:
    """A lower lash."""
    return Thing("lower lash right", drawn.arc(drawn.RIGHT, y - 5, 10, 5, 3, drawn.INK))


def eye_of(*things: Thing) -> tuple[Thing, ...]:
    """A face, topmost first, whose right eye is this."""
    pieces = ("lash right", "iris right", "eye white right")
    others = [one for one in drawn.in_pieces() if one.name not in pieces]
    at = [one.name for one in others].index("mouth")
    return (*others[:at], *things, *others[at:])


IRIS, OVER = Thing("iris right", drawn.iris(drawn.RIGHT)), Thing("iris right", LARGE)
WHITE, LASH = Thing("eye white right", drawn.white(drawn.RIGHT)), Thing("lash right", drawn.lash(drawn.RIGHT))


def test_an_iris_that_cuts_its_lash_is_told_where_that_is_seen(tmp_path: Path) -> None:
    line = "lash_right is under iris_right; put 'iris right' below 'lash right' in the art and save"
    path = drawn.ora(tmp_path / "a.ora", eye_of(OVER, LASH, WHITE))
    assert import_art(path, tmp_path / "made").remarks == (f"{line}, and import again",)
    character = load_character(tmp_path / "made").character
    for name in ("neutral", "thinking"):
        state = expression_state(character, name)
        assert state.blocked == (line.partition("; ")[0],)
        assert line.partition("; ")[2] in state.mend
    assert expression_state(character, "joy").blocked == ()  # with eyes shut


def test_an_iris_under_its_white_is_told_also_of_eyes_that_shut_and_open_again(tmp_path: Path) -> None:
    import_art(drawn.ora(tmp_path / "a.ora", eye_of(LASH, WHITE, IRIS)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    for name in ("neutral", "surprised", "joy"):
        state = expression_state(character, name)
        assert state.blocked == ("iris_right is under eye_white_right",)
        assert "put 'eye white right' below 'iris right' in the art and save" in state.mend


def test_an_iris_that_hides_a_lower_lash_is_told(tmp_path: Path) -> None:
    line = "put 'iris right' below 'lower lash right' in the art and save"
    (told,) = covered(tmp_path, *eye_of(LASH, IRIS, lower(drawn.EYES + 5), WHITE))
    assert told == f"lower_lash_right is under iris_right; {line}"


def test_a_lash_that_lies_under_the_white_of_its_eye_is_told(tmp_path: Path) -> None:
    line = "lash_right is under eye_white_right; put 'eye white right' below 'lash right' in the art and save"
    path = drawn.ora(tmp_path / "a.ora", eye_of(IRIS, WHITE, LASH))
    assert import_art(path, tmp_path / "made").remarks == (f"{line}, and import again",)
    state = expression_state(load_character(tmp_path / "made").character, "thinking")
    assert state.blocked == (line.partition("; ")[0],)
    assert line.partition("; ")[2] in state.mend


def test_a_lower_lash_that_the_white_hides_is_told(tmp_path: Path) -> None:
    (told,) = covered(tmp_path, *eye_of(LASH, IRIS, WHITE, lower(drawn.EYES + 5)))
    assert told.startswith("lower_lash_right is under eye_white_right; ")


@pytest.mark.parametrize(
    "things",
    [
        pytest.param((LASH, OVER, WHITE), id="below its lash"),
        pytest.param((IRIS, WHITE, Thing("lash right", SHAPE)), id="a white on its ground"),
        pytest.param((IRIS, LASH, WHITE), id="above a lash that it does not reach"),
        pytest.param((LASH, IRIS, lower(drawn.EYES + 9), WHITE), id="touching a lower lash"),
        pytest.param((Thing("iris right", INKY), LASH, WHITE), id="of the colour of its lash"),
        pytest.param((OVER, WHITE, Thing("lash right", SHAPE)), id="on a white that hides the same"),
        pytest.param((Thing("eyepatch", SHAPE), LASH, IRIS, WHITE), id="behind a patch"),
    ],
)
def test_an_iris_that_is_no_fault_is_not_told(tmp_path: Path, things: tuple[Thing, ...]) -> None:
    assert covered(tmp_path, *eye_of(*things)) == ()
