"""Why an expression looks as it does, of characters that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mien.art import load_character
from mien.art.looks import ExpressionState, expression_state
from mien.motion.still import still_pose
from mien.testing import tiny_character
from mien.testing.character import tiny_document, tiny_parts


def look(folder: Path, document: dict[str, Any], name: str = "happy") -> ExpressionState:
    return expression_state(load_character(tiny_character(folder, document)).character, name)


def test_a_guess_that_says_not_for_what_is_no_error(tmp_path: Path) -> None:
    """Only `how` of an origin is needed."""
    document = tiny_document()
    for slot in document["slot"]:
        slot["origins"] = [{"drawings": slot["drawings"], "how": "guessed", "layers": ["Layer 4"]}]
    state = look(tmp_path / "tiny", document)
    assert not [line for line in state.mend if "is no" in line]
    document["slot"][4]["origins"][0]["taken_for"] = "mouth"
    assert "if 'Layer 4' is no mouth: " in look(tmp_path / "tiny", document).mend[-1]


@pytest.mark.parametrize(
    ("name", "is_brow"), [("brown_hair", False), ("brown_brows", True), ("eyebrow", True)]
)
def test_brown_hair_is_no_brow(tmp_path: Path, name: str, is_brow: bool) -> None:
    document = tiny_document()
    document["slot"][5] |= {"name": name, "files": {"soft": "parts/blush/soft.png"}}
    document["expressions"]["happy"]["slots"] = {name: "soft"}
    assert ("brows" in look(tmp_path / "tiny", document).lacks) != is_brow


@pytest.mark.parametrize("state", ["happy", "sorry", "wide", "nearly"])
@pytest.mark.parametrize("drawn", [["open", "half"], ["open", "three_quarter", "closed"], ["half", "wide"]])
def test_lids_that_stand_in_are_those_that_are_shown(tmp_path: Path, state: str, drawn: list[str]) -> None:
    document, parts = tiny_document(), tiny_parts()
    document["slot"][3]["drawings"] = drawn
    document["expressions"]["happy"]["lids"] = {"left": state}
    parts |= {f"lid/{name}": parts["lid/open"] for name in drawn}
    character = load_character(tiny_character(tmp_path, document, parts)).character
    (lid,) = [drawing for slot, drawing in expression_state(character, "happy").shows if slot == "lid"]
    shown = still_pose(character, "happy").picks[3, 0]
    assert lid == character.slots[3].drawings[shown].name


def test_of_the_plain_face_it_says_that_it_is_as_it_is_drawn(tmp_path: Path) -> None:
    assert look(tmp_path / "tiny", tiny_document(), "neutral").lines() == (
        "neutral is as it is drawn",
        "neutral lacks brows; lids right",
    )
