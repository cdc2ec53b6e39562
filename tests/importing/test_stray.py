"""Stray dots on layers of a face are left out, and told with where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.head import head_of
from mien.art.looks import expression_state
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.whole import import_art
from mien.types import U8

FAR = ((3, 255), (196, 4))


def dotted(pixels: U8, dots: Sequence[tuple[int, int]], size: int = 1) -> U8:
    """The same with dots of a brush."""
    out = pixels.copy()
    for x, y in dots:
        out[y : y + size, x : x + size] = (140, 50, 60, 255)
    return out


def art(name: str, pixels: U8) -> tuple[Thing, ...]:
    """A face of which one layer shows this."""
    return tuple(replace(one, pixels=pixels) if one.name == name else one for one in drawn.plain())


def made_of(tmp_path: Path, things: Sequence[Thing], scale: float = 1.0) -> Made:
    source = read_source(drawn.ora(tmp_path / "a.ora", things))
    return make(replace(source, scale=scale), "Somebody")


def same(one: Made, other: Made) -> bool:
    """Whether two characters show the same, wherever it comes from."""
    documents = [{**made.document, "slot": [*map(_shown, made.document["slot"])]} for made in (one, other)]
    return documents[0] == documents[1] and all(
        picture.offset == other.pictures[path].offset
        and np.array_equal(picture.pixels, other.pictures[path].pixels)
        for path, picture in one.pictures.items()
    )


def _shown(slot: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in slot.items() if key != "origins"}


@pytest.mark.parametrize(
    ("name", "pixels"),
    [("mouth", drawn.LINE), ("eye R", drawn.whole_eye(drawn.RIGHT)), ("eyebrow L", drawn.brow(drawn.LEFT))],
)
def test_a_face_with_stray_dots_is_made_as_without_them(tmp_path: Path, name: str, pixels: U8) -> None:
    clean = made_of(tmp_path, drawn.plain())
    made = made_of(tmp_path, art(name, dotted(pixels, FAR)))
    assert same(made, clean) and clean.remarks == ()
    told = f"{name!r} has stray dots, at (3, 255) and (196, 4), left out here; erase the dots and save"
    assert made.remarks == (told,)


def test_a_dot_is_told_where_it_lies_in_the_file(tmp_path: Path) -> None:
    one = art("mouth", dotted(drawn.LINE, FAR[:1]))
    (told,) = made_of(tmp_path, one, scale=0.5).remarks
    assert told == "'mouth' has a stray dot, at (6, 510), left out here; erase the dot and save"


def test_the_head_is_framed_without_them_and_the_panel_tells_them(tmp_path: Path) -> None:
    for folder, things in (("a", drawn.plain()), ("b", art("mouth", dotted(drawn.LINE, FAR)))):
        (tmp_path / folder).mkdir()
        import_art(drawn.ora(tmp_path / folder / "a.ora", things), tmp_path / folder / "made")
    clean, dotty = (load_character(tmp_path / folder / "made").character for folder in "ab")
    assert head_of(clean) == head_of(dotty)
    state = expression_state(dotty, "angry")
    assert "'mouth' has stray dots, at (3, 255) and (196, 4), left out here" in state.blocked
    assert "erase the dots and save" in state.mend
    assert "mouth: frown_SS" in state.changes[0]


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        pytest.param("mouth", dotted(drawn.LINE, [(130, 160)]), id="near a mouth"),
        pytest.param("mouth", dotted(drawn.LINE, FAR, 4), id="larger than a dot"),
        pytest.param("mouth", dotted(drawn.LINE, [(3, 30 * k) for k in range(9)]), id="many"),
        pytest.param("mouth", dotted(np.zeros_like(drawn.LINE), [(100, 152), *FAR]), id="nothing else"),
        pytest.param("front hair", dotted(drawn.FRINGE, FAR), id="of hair"),
    ],
)
def test_what_is_no_stray_dot_stays(tmp_path: Path, name: str, pixels: U8) -> None:
    made = made_of(tmp_path, art(name, pixels))
    assert not any("stray" in remark for remark in made.remarks)


def both(left: float, right: float, colour: tuple[int, int, int]) -> U8:
    """A round thing in each eye, of these radii."""
    return drawn.over(
        drawn.ellipse(drawn.LEFT, 107, left, left, colour),
        drawn.ellipse(drawn.RIGHT, 107, right, right, colour),
    )


@pytest.mark.parametrize(
    ("name", "colour"),
    [("eye highlight", drawn.WHITE), ("pupil", drawn.INK)],
)
def test_a_small_one_in_the_other_eye_is_no_stray(
    tmp_path: Path, name: str, colour: tuple[int, int, int]
) -> None:
    made = made_of(tmp_path, (Thing(name, both(3, 1, colour)), *drawn.in_pieces()))
    assert made.remarks == ()
    assert len({row.became for row in made.rows if row.layer == name}) == 2
    # Beside the eyes it is one, also where the piece that it would lie in has one there.
    far = dotted(both(3, 1, colour), FAR[:1])
    eyes = tuple(
        replace(one, pixels=dotted(one.pixels, FAR))
        if one.name == "iris left" and one.pixels is not None
        else one
        for one in drawn.in_pieces()
    )
    told = [one for one in made_of(tmp_path, (Thing(name, far), *eyes)).remarks if "stray" in one]
    assert any(one.startswith("'iris left' has stray dots") for one in told)
    assert any(one.startswith(f"'{name}' has a stray dot, at (3, 255)") for one in told) == (name == "pupil")


def test_of_a_folder_the_layer_is_named_that_has_the_dots(tmp_path: Path) -> None:
    inside = (Thing("line", dotted(drawn.LINE, FAR)), Thing("fill", drawn.LINE), Thing("old", visible=False))
    inside = (*inside[:2], replace(inside[2], pixels=dotted(drawn.LINE, FAR)))
    things = tuple(Thing("mouth", None, inside) if one.name == "mouth" else one for one in drawn.plain())
    (told,) = (one for one in made_of(tmp_path, things).remarks if "stray" in one)
    assert told.startswith("'mouth/line' has stray dots, at (3, 255) and (196, 4), left out here")


def test_both_eyes_on_one_layer_are_no_strays(tmp_path: Path) -> None:
    assert made_of(tmp_path, drawn.japanese()).remarks == ()
