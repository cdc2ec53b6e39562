"""Drawings that hardly share a pixel are known to be apart, and the author is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from art.build import Pixels, box, tiny_character, tiny_document, tiny_parts
from art.test_lint import complete_document
from mien.art import load_character, pack_character
from mien.art.overlap import shared
from mien.character import Drawing, Slot
from mien.types import Rect

PAGE = 128
RED = (200, 40, 40, 255)


def character(folder: Path, arms: dict[str, tuple[Pixels, tuple[int, int]]], **arm: Any) -> Path:
    """The tiny character with a slot `arm` of these drawings, which `wave` changes to the last."""
    document = complete_document()
    names = list(arms)
    document["slot"].append({"name": "arm", "joint": "body", "drawings": names, **arm})
    document["gestures"] = {"wave": {"slots": {"arm": names[-1]}}}
    parts = tiny_parts() | {f"arm/{name}": part for name, part in arms.items()}
    return tiny_character(folder, document, parts)


def arm_of(path: Path, scale: float = 1.0) -> Slot:
    return load_character(path, scale=scale, page_size=PAGE).character.slots[-1]


def test_what_two_drawings_share_is_measured_where_they_lie_on_the_canvas() -> None:
    page = np.zeros((64, 64, 4), np.uint8)
    page[0:10, 0:10, 3] = 255
    page[20:30, 0:5, 3] = 255  # the left half of a box of 10
    whole = Drawing("whole", 0, Rect(0, 0, 10, 10), (3, 3))
    moved = Drawing("moved", 0, Rect(0, 0, 10, 10), (8, 3))
    half = Drawing("half", 0, Rect(0, 20, 10, 10), (3, 3))
    other = Drawing("other", 0, Rect(0, 20, 10, 10), (3, 3), flip_x=True)
    far = Drawing("far", 0, Rect(0, 0, 10, 10), (40, 3))
    assert shared(whole, whole, [page]) == (1.0, 1.0)
    assert shared(whole, moved, [page]) == (0.5, pytest.approx(1 / 3))
    assert shared(whole, half, [page]) == shared(half, whole, [page]) == (1.0, 0.5)
    assert shared(half, other, [page]) == (0.0, 0.0)
    assert shared(whole, far, [page]) == (0.0, 0.0)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_arms_that_lie_elsewhere_are_apart_and_never_come_from_nothing(tmp_path: Path, scale: float) -> None:
    far = {"rest": (box(8, 20, RED), (2, 40)), "up": (box(20, 8, RED), (2, 30))}
    assert arm_of(character(tmp_path / "far", far), scale).apart == {(-1, 0), (-1, 1), (0, 1)}
    folded = {"rest": (box(8, 20, RED), (2, 40)), "up": (box(8, 20, (90, 9, 9, 255)), (2, 40))}
    assert arm_of(character(tmp_path / "folded", folded), scale).apart == {(-1, 0), (-1, 1)}


def test_slots_of_a_gesture_are_cut_together(tmp_path: Path) -> None:
    document = complete_document()
    document["slot"].append({"name": "sleeve", "joint": "body", "drawings": ["a", "b"]})
    document["slot"].append({"name": "hand", "joint": "body", "drawings": ["up"], "default": ""})
    document["gestures"] = {"wave": {"slots": {"sleeve": "b", "hand": "up"}}}
    sleeve = {"sleeve/a": (box(8, 20, RED), (2, 40)), "sleeve/b": (box(8, 20, (9, 9, 9, 255)), (2, 40))}
    parts = tiny_parts() | sleeve | {"hand/up": (box(4, 4, RED), (2, 36))}
    slots = load_character(tiny_character(tmp_path / "c", document, parts), page_size=PAGE).character.slots
    assert slots[-2].apart == {(-1, 0), (-1, 1), (0, 1)}, "the sleeve alone would fade"
    assert slots[-1].apart == {(-1, 0)}


def test_a_slot_that_says_cut_is_cut_whatever_it_shows_and_so_it_is_when_baked(tmp_path: Path) -> None:
    same = {"rest": (box(8, 20, RED), (2, 40)), "up": (box(8, 20, (9, 9, 9, 255)), (2, 40))}
    folder = character(tmp_path / "c", same, change="cut")
    assert arm_of(folder).apart == {(-1, 0), (-1, 1), (0, 1)}
    pack_character(folder, tmp_path / "c.mien", page_size=PAGE)
    baked = arm_of(tmp_path / "c.mien")
    assert (baked.change, baked.apart) == ("cut", arm_of(folder).apart)


def test_mouths_and_lids_are_left_to_what_moves_them(tmp_path: Path) -> None:
    slots = load_character(tiny_character(tmp_path / "c", tiny_document()), page_size=PAGE).character.slots
    assert {slot.name for slot in slots if slot.apart} == {"body"}, "which the gesture changes"


@pytest.mark.parametrize(
    ("arm", "told"), [({}, True), ({"change": "cut"}, False), ({"default": ""}, False)], ids=str
)
def test_the_author_is_told_of_drawings_that_are_cut(tmp_path: Path, arm: dict[str, Any], told: bool) -> None:
    far = {"rest": (box(8, 20, RED), (2, 40)), "up": (box(20, 8, RED), (2, 30))}
    document_says = load_character(character(tmp_path / "c", far, **arm), page_size=PAGE).warnings
    about = [line for line in document_says if "hardly overlap" in line]
    assert bool(about) == told
    if told:
        assert "slot 'arm'" in about[0] and "rest and up" in about[0] and 'change = "cut"' in about[0]
