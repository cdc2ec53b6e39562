"""A layer that is called a part of a face, and on which as good as nothing of it is drawn, is none; told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.faults import character_faults
from mien.art.looks import expression_state
from mien.cli import main
from mien.importing.whole import Imported, import_art
from mien.types import U8


def dots(*places: tuple[int, int], size: int = 1, alpha: int = 255) -> U8:
    """Some dots on a canvas, each with its top left here."""
    out = np.zeros((drawn.SIZE[1], drawn.SIZE[0], 4), np.uint8)
    for x, y in places:
        out[y : y + size, x : x + size] = (*drawn.INK, alpha)
    return out


def faint(pixels: U8) -> U8:
    """The same as good as clear."""
    out = pixels.copy()
    out[..., 3] //= 64
    return out


def with_on_it(name: str, pixels: U8, things: tuple[Thing, ...] = drawn.in_pieces()) -> tuple[Thing, ...]:
    return tuple(Thing(t.name, pixels, (), t.visible) if t.name == name else t for t in things)


def made_of(tmp_path: Path, things: tuple[Thing, ...], line: str = "") -> Imported:
    """`line`: of a map."""
    given = tmp_path / "map.toml" if line else None
    if given is not None:
        given.write_text(f"[layers]\n{line}\n", "utf-8")
    return import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made", map_file=given)


def own_line(layer: str, part: str) -> str:
    """A line of a map: `"eyebrow R" = "brow right"` of a `right brow`."""
    return f'"{layer}" = "{" ".join(reversed(part.split()))}"'


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        ("eyebrow R", "right brow"),
        ("eyebrow L", "left brow"),
        ("iris left", "left iris"),
        ("eye white right", "right white"),
        ("lash left", "left lash"),
    ],
)
def test_one_of_a_pair_that_is_a_dot_is_told_and_lacks(tmp_path: Path, layer: str, part: str) -> None:
    made = made_of(tmp_path, with_on_it(layer, dots((30, 20), size=2)))
    line = (
        f"'{layer}' has almost nothing on it (a dot at 30, 20); if the {part} was painted on another layer, "
        f"move it to '{layer}' and save, or, if that is all of it, write {own_line(layer, part)}"
    )
    assert made.remarks[0] == line
    assert made.missing == (part,)
    assert made.found.endswith(f"not found: {part}")
    (row,) = (row for row in made.rows if row.layer == layer)
    assert (row.status, row.why) == ("kept", "almost nothing is drawn on it")
    character = load_character(tmp_path / "made").character
    assert character_faults(character).doubted == (line,)
    state = expression_state(character, "angry")
    told, _, mend = line.partition("; ")
    assert (state.lacks[0], state.blocked[0], state.mend[0]) == (part, told, mend)


def test_a_dot_for_a_brow_is_told_by_all_that_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, made = drawn.ora(tmp_path / "a.ora", with_on_it("eyebrow R", dots((5, 5)))), tmp_path / "made"
    assert main(["import", str(path), "-o", str(made), "--json"]) == 0
    line = json.loads(capsys.readouterr().out)["remarks"][0]
    assert line.startswith("'eyebrow R' has almost nothing on it (a dot at 5, 5); ")
    assert main(["inspect", str(made)]) == 0
    assert capsys.readouterr().out.count(f"\ndoubted: {line}\n") == 1
    for shown in (path, made):
        assert (
            main(["play", str(shown), "--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]) == 0
        )
        assert "".join(capsys.readouterr()).count(f"{line}\n") == 1


def test_an_expression_that_moves_one_brow_alone_says_so(tmp_path: Path) -> None:
    made_of(tmp_path, with_on_it("eyebrow R", dots((5, 5))))
    angry = load_character(tmp_path / "made").character.expressions["angry"]
    assert {name for name in angry.channels if name.startswith("brow")} == {"brow_left_y", "brow_left_tilt"}


@pytest.mark.parametrize(
    ("pixels", "what"),
    [
        pytest.param(faint(drawn.brow(drawn.RIGHT)), "too faint to be seen", id="faint"),
        pytest.param(dots((20, 30), (180, 200)), "a few dots, from 20, 30", id="far apart"),
    ],
)
def test_of_what_is_no_dot_it_is_told_what_it_is(tmp_path: Path, pixels: U8, what: str) -> None:
    made = made_of(tmp_path, with_on_it("eyebrow R", pixels))
    assert made.remarks[0].startswith(f"'eyebrow R' has almost nothing on it ({what}); ")
    assert not any("is it, write" in remark for remark in made.remarks)


def test_brows_that_are_both_dots_are_none(tmp_path: Path) -> None:
    things = with_on_it("eyebrow L", dots((120, 90)), with_on_it("eyebrow R", dots((70, 90)), large()))
    made = made_of(tmp_path, things)
    assert sum("has almost nothing on it" in remark for remark in made.remarks) == 2
    assert made.missing == ("brows",)
    state = expression_state(load_character(tmp_path / "made").character, "angry")
    assert state.lacks[0] == "brows"
    assert not any("is a brow" in mend for mend in state.mend)


def large() -> tuple[Thing, ...]:
    """A face with eyes beside which a dot of a pixel is nothing."""
    pixels = {f"eye {s}": drawn.ellipse(x, 110, 20, 24, drawn.INK) for s, x in (("L", 140), ("R", 60))}
    return tuple(Thing(t.name, pixels.get(t.name, t.pixels)) for t in drawn.plain())


def test_a_mouth_that_is_a_dot_is_none_and_a_small_one_is_one(tmp_path: Path) -> None:
    made = made_of(tmp_path, with_on_it("mouth", dots((100, 150)), large()))
    told = "'mouth' has almost nothing on it (a dot at 100, 150); if the mouth was painted on another layer, "
    cure = """move it to 'mouth' and save, or, if that is all of it, write "mouth" = "mouth\""""
    # One cure is told, by the import and by its character.
    assert made.remarks == ("no mouth was found, so it does not speak", f"{told}{cure}")
    assert made.missing == ("mouth",)
    faults = character_faults(load_character(tmp_path / "made").character)
    assert (faults.lacks[0], faults.doubted) == ("mouth: not found", (f"{told}{cure}",))
    small = made_of(tmp_path, with_on_it("mouth", dots((100, 150), size=5), large()))
    assert (small.remarks, small.missing) == ((), ())


def test_a_hidden_dot_is_not_shown(tmp_path: Path) -> None:
    shut = {s: Thing(f"eye {s} closed", drawn.shut_eye(x), (), False) for s, x in (("L", 125), ("R", 75))}
    dot = Thing("eye R closed", dots((5, 5)), (), False)
    made = made_of(tmp_path, (shut["L"], dot, *drawn.plain()))
    assert made.remarks[0].endswith(
        "if the right eye was painted on another layer, move it to 'eye R closed' and save, or, if that is "
        'all of it, write "eye R closed" = "eye right closed"'
    )
    assert made.missing == ("right lid",)
    (slot,) = (s for s in load_character(tmp_path / "made").character.slots if s.name == "eye_R_closed")
    assert slot.default < 0
    assert made_of(tmp_path, (*shut.values(), *drawn.plain())).remarks == ()


@pytest.mark.parametrize(
    ("layer", "pixels"),
    [
        pytest.param(
            "eye R", drawn.arc(drawn.RIGHT, 112, 14, 2, 1, drawn.INK), id="a wink that is a thin line"
        ),
        pytest.param("eyebrow R", drawn.arc(drawn.RIGHT, 90, 5, -1, 2, drawn.INK), id="a short brow"),
    ],
)
def test_what_is_small_and_may_be_meant_is_followed(tmp_path: Path, layer: str, pixels: U8) -> None:
    made = made_of(tmp_path, with_on_it(layer, pixels, drawn.plain()))
    assert not any("almost nothing" in remark for remark in made.remarks)


def test_a_dot_beside_one_of_a_pair_makes_no_dot_of_the_other(tmp_path: Path) -> None:
    dotted = drawn.over(drawn.brow(drawn.LEFT), dots((199, 259)))
    short = drawn.arc(drawn.RIGHT, 90, 8, -1, 3, drawn.INK)
    made = made_of(tmp_path, with_on_it("eyebrow L", dotted, with_on_it("eyebrow R", short)))
    assert not any("almost nothing" in remark for remark in made.remarks)


@pytest.mark.parametrize(
    ("layer", "pixels", "part", "things"),
    [
        pytest.param("mouth", dots((100, 150)), "mouth", large(), id="a mouth that is a dot"),
        pytest.param(
            "eyebrow R", dots((82, 89), size=2), "right brow", drawn.in_pieces(), id="a tip of a brow"
        ),
        pytest.param(
            "eyebrow R", faint(drawn.brow(drawn.RIGHT)), "right brow", drawn.in_pieces(), id="a faint brow"
        ),
    ],
)
def test_the_line_that_is_told_makes_it_what_it_says(
    tmp_path: Path, layer: str, pixels: U8, part: str, things: tuple[Thing, ...]
) -> None:
    art, line = with_on_it(layer, pixels, things), own_line(layer, part)
    first = made_of(tmp_path, art)
    assert first.missing == (part,) and any(one.endswith(f"write {line}") for one in first.remarks)
    made = made_of(tmp_path, art, line)
    assert (made.missing, [one for one in made.remarks if "almost nothing" in one or "not found" in one]) == (
        (),
        [],
    )
    assert {row.status for row in made.rows if row.layer == layer} == {"given"}


def test_what_is_told_of_a_mouth_for_a_mood_is_a_line_that_is_read(tmp_path: Path) -> None:
    hidden = Thing("mouth smile_aa", dots((100, 150)), (), False)
    made = made_of(tmp_path, (hidden, *large()))
    (told,) = (one for one in made.remarks if "almost nothing" in one)
    line = told.rpartition(" write ")[2]
    assert line == '"mouth smile_aa" = "mouth smile_aa"'
    made = made_of(tmp_path, (hidden, *large()), line)
    assert "mouth: smile_aa" in {row.became for row in made.rows if row.layer == "mouth smile_aa"}
