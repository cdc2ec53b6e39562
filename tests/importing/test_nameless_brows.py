"""Brows without names above eyes that have some are taken for brows, and marked as guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.looks import expression_state
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.whole import import_art


def called(left: str, right: str) -> tuple[Thing, ...]:
    names = {"eyebrow L": left, "eyebrow R": right}
    return tuple(thing.called(names.get(thing.name, thing.name)) for thing in drawn.plain())


def imported(tmp_path: Path, *things: Thing) -> Made:
    return make(read_source(drawn.ora(tmp_path / "a.ora", things)), "Somebody")


@pytest.mark.parametrize(
    "names", [("Layer 5", "Layer 6"), ("レイヤー 5", "レイヤー 6"), ("图层 12", "图层 13"), ("", "7")]
)
@pytest.mark.parametrize("folder", [False, True])
def test_a_pair_that_nobody_named_above_named_eyes_is_guessed(
    tmp_path: Path, names: tuple[str, str], folder: bool
) -> None:
    things = called(*names)
    made = imported(tmp_path, *((Thing("Head", inside=things),) if folder else things))
    (brows,) = (guess for guess in made.guesses if guess.part == "brows")
    assert len(brows.paths) == 2 and not brows.unsure
    assert "guessed: brows (" in made.found and "brows" not in made.missing
    rows = [row for slot in made.document["slot"] for row in slot.get("origins", ())]
    assert {"brow left", "brow right"} <= {row.get("taken_for") for row in rows}


def test_what_has_a_name_is_taken_for_no_brow(tmp_path: Path) -> None:
    made = imported(tmp_path, *called("crease one", "crease two"))
    assert made.guesses == () and "brows" in made.missing


def test_a_hidden_mouth_without_a_name_is_not_offered_as_a_brow(tmp_path: Path) -> None:
    open_mouth = Thing("Layer 9", drawn.WIDE, visible=False)
    things = (open_mouth, *called("crease one", "crease two"))
    import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made")
    state = expression_state(load_character(tmp_path / "made").character, "angry")
    assert state.lacks[0] == "open mouth" and "brows" in state.lacks
    offered = [what for what in state.mend if "Layer 9" in what]
    assert offered and not any("brow" in what for what in offered)
