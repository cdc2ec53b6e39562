"""What a character lacks in all expressions is told without naming one, also of one that is packed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.faults import character_faults
from mien.art.looks import expression_state
from mien.cli import main
from mien.importing.whole import import_art

SHORT = ("--headless", "--silent", "--seconds", "0.1", "--size", "96x80")


def made_of(tmp_path: Path, *things: Thing) -> Path:
    import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made")
    return tmp_path / "made"


def without(*names: str) -> tuple[Thing, ...]:
    return tuple(thing for thing in drawn.plain() if thing.name not in names)


def packed(made: Path) -> Path:
    assert main(["pack", str(made), "-o", str(made.with_suffix(".mien"))]) == 0
    return made.with_suffix(".mien")


def lacks(shown: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is told of it, alike with and without --json, and by `mien play`."""
    capsys.readouterr()
    assert main(["inspect", str(shown), "--json"]) == 0
    told: list[str] = json.loads(capsys.readouterr().out)["lacks"]
    assert main(["inspect", str(shown)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("lacks: ")] == [f"lacks: {one}" for one in told]
    assert main(["play", str(shown), *SHORT]) == 0
    said = "".join(capsys.readouterr())
    assert all(said.count(f"{one}\n") == 1 for one in told)
    return told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ("eyebrow L", "eyebrow R"),
            "brows: not found; draw them on layers called `brow left` and `brow right` and save",
        ),
        (("eye L", "eye R", "eyebrow L", "eyebrow R"), "lids: not found; say which layer "),
        (("mouth",), "mouth: not found; say which layer "),
    ],
)
def test_what_all_expressions_lack_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...], told: str
) -> None:
    made = made_of(tmp_path, *without(*names))
    # Without layers of eyes brows are not missed: a picture that is whole has them.
    assert not any("brows" in one for one in lacks(made, capsys)) or "eye L" not in names
    for shown in (made, packed(made)):
        (line,) = (one for one in lacks(shown, capsys) if one.split(":")[0] == told.split(":")[0])
        assert line.startswith(told)
        state = expression_state(load_character(shown).character, "angry")
        assert line.partition(": ")[0] in {what.removeprefix("a ") for what in state.lacks}
        assert line.partition("; ")[2] in state.mend


def test_a_hidden_layer_that_may_be_a_brow_is_told_as_expressions_tell_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spare = Thing("Layer 8", drawn.ellipse(20, 20, 8, 8, drawn.INK), visible=False)
    made = made_of(tmp_path, spare, *without("eyebrow L", "eyebrow R"))
    line = 'if \'Layer 8\' is a brow: "Layer 8" = "brow" under [layers] of a file for mien import --map'
    assert lacks(made, capsys) == [f"brows: not found; {line}"]
    assert line in expression_state(load_character(made).character, "angry").mend


def test_a_packed_character_tells_what_is_missing_and_covered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    things = tuple(t.called("detail") if t.name == "eyebrow R" else t for t in drawn.plain())
    mouth = next(one for one in things if one.name == "mouth")
    pack = packed(made_of(tmp_path, *(one for one in things if one is not mouth), mouth))
    line = 'if \'detail\' is the right brow: "detail" = "brow right" under [layers] of a file for mien import'
    assert lacks(pack, capsys) == [f"right brow: not found; {line} --map"]
    assert main(["inspect", str(pack)]) == 0
    covered = [one for one in capsys.readouterr().out.splitlines() if one.startswith("covered: ")]
    assert covered == [f"covered: {one}" for one in character_faults(load_character(pack).character).covered]
    assert covered[0].startswith("covered: mouth is under ")


def test_art_that_lacks_nothing_and_what_no_art_was_made_of_are_told_nothing_by_play(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacks(made_of(tmp_path, *drawn.in_pieces()), capsys) == []
    assert main(["play", "wren", *SHORT]) == 0
    assert "not found" not in "".join(capsys.readouterr())
