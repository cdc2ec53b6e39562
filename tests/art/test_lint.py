"""Remarks tell an author what would make the character better, and say nothing when all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from art.build import box, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import load_character
from mien.types import VISEMES


def complete_document() -> dict[str, Any]:
    """A tiny document that leaves nothing to warning."""
    document = tiny_document()
    document["mouth"]["moods"]["neutral"]["open"] = [v for v in VISEMES if v not in ("sil", "PP")]
    document["lids"]["right"] = ["lid"]
    return document


def warnings(folder: Path, document: dict[str, Any]) -> str:
    return "\n".join(load_character(tiny_character(folder, document), page_size=128).warnings)


def test_a_complete_character_gets_no_remarks(tmp_path: Path) -> None:
    assert warnings(tmp_path / "c", complete_document()) == ""


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["lids"].update(right=[]), "lids right: names no slots, so this eye never blinks"),
        (
            lambda d: d["expressions"]["happy"].update(lids="sad"),
            "lids left: no slot draws 'sad', which expression happy needs",
        ),
        (lambda d: d["gaze"].update(irises=[]), "gaze: names no irises"),
        (
            lambda d: d["expressions"]["happy"].update(slots={"mouth": "grin", "blush": "soft"}),
            "expressions happy: sets slot 'mouth', which speech sets",
        ),
        (
            lambda d: d["expressions"]["happy"].update(slots={"lid": "half", "blush": "soft"}),
            "expressions happy: sets slot 'lid', which blinks set",
        ),
        (lambda d: d["expressions"].pop("happy") and d.pop("aliases"), "slot 'blush': nothing shows soft"),
        (lambda d: d["joints"].update(tail={"pivot": [1, 1]}), "joints tail: nothing hangs on it"),
        (
            lambda d: d["mouth"]["moods"]["neutral"].update(open=["aa"]),
            "mouth.moods.neutral: draws no FF, TH, DD",
        ),
        (
            lambda d: d["expressions"]["happy"].update(channels={"brow_left_y": -1.8, "breath": -0.4}),
            "expressions happy: channels brow_left_y = -1.8 is cut at -1, as the channel goes from -1 to 1",
        ),
        (
            lambda d: d.update(gestures={"nod": {"keys": [{"at_ms": 90, "channels": {"jaw": 1.2}}]}}),
            "gestures nod: keys[0] jaw = 1.2 is cut at 1, as the channel goes from 0 to 1",
        ),
    ],
)
def test_each_shortcoming_is_named(tmp_path: Path, change: Change, expected: str) -> None:
    document = complete_document()
    change(document)
    assert expected in warnings(tmp_path / "c", document)


def test_a_png_that_no_slot_draws_is_named(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "c", complete_document())
    write_png(folder / "parts/mouth/forgotten.png", box(2, 2, (1, 2, 3, 255)))
    assert (
        "parts/mouth/forgotten.png: no slot draws this" in load_character(folder, page_size=128).warnings[0]
    )


def test_pictures_that_show_nothing_or_lie_outside_or_have_no_place_are_named(tmp_path: Path) -> None:
    parts = tiny_parts()
    parts["mouth/grin"] = (box(3, 3, (9, 9, 9, 0)), (30, 30))
    parts["blush/soft"] = (box(3, 3, (9, 9, 9, 255)), (64, 0))
    folder = tiny_character(tmp_path / "c", complete_document(), parts)
    write_png(folder / "parts/body/main.png", box(40, 30, (1, 2, 3, 255)))
    found = "\n".join(load_character(folder, page_size=128).warnings)
    assert "mouth/grin.png is wholly transparent" in found
    assert "blush/soft.png: lies outside the canvas, at (64, 0)" in found
    assert "body/main.png is smaller than the canvas and has no offset" in found


def test_equal_pictures_of_a_slot_are_named_except_lids(tmp_path: Path) -> None:
    parts = tiny_parts()
    parts["mouth/open"] = parts["mouth/rest"]
    parts["lid/half"] = parts["lid/open"]
    folder = tiny_character(tmp_path / "c", complete_document(), parts)
    assert load_character(folder, page_size=128).warnings == (
        "slot 'mouth': draws the same picture twice: rest = open.",
    )


def test_equal_pictures_that_an_import_has_made_are_not_named(tmp_path: Path) -> None:
    """Nobody can draw one of them otherwise; beside one of the art it is said."""
    document, parts = complete_document(), tiny_parts()
    parts["mouth/open"] = parts["mouth/rest"]
    (mouth,) = [slot for slot in document["slot"] if slot["name"] == "mouth"]
    mouth["origins"] = [{"drawings": ["rest", "open"], "how": "made", "layers": ["Mouth"]}]
    folder = tiny_character(tmp_path / "made", document, parts)
    assert load_character(folder, page_size=128).warnings == ()
    mouth["origins"] = [
        {"drawings": ["rest"], "how": "named", "layers": ["Mouth"]},
        {"drawings": ["open"], "how": "made", "layers": ["Mouth"]},
    ]
    folder = tiny_character(tmp_path / "drawn", document, parts)
    assert load_character(folder, page_size=128).warnings == (
        "slot 'mouth': draws the same picture twice: rest = open.",
    )


def test_pages_that_are_mostly_empty_are_named(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "c", complete_document())
    found = load_character(folder, scale=1.5, page_size=68)
    assert len(found.pages) > 1
    assert any("drawings fill" in warning for warning in found.warnings) == (
        sum(d.region.width * d.region.height for s in found.character.slots for d in s.drawings)
        < 0.4 * 68 * 68 * len(found.pages)
    )


def test_a_clipped_slot_that_never_meets_its_base_and_a_pivot_far_outside_are_named(tmp_path: Path) -> None:
    document, parts = tiny_document(), tiny_parts()
    parts["iris/main"] = (parts["iris/main"][0], (60, 2))
    document["joints"]["iris"]["pivot"] = [90000, -9000]
    found = load_character(tiny_character(tmp_path / "c", document, parts)).warnings
    assert any("slot 'iris' is clipped to 'head', which it does not meet" in said for said in found)
    assert any(
        "joint 'iris': its pivot is at (90000, -9000), far outside the canvas of 64x80" in said
        for said in found
    )
