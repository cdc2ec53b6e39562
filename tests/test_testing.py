"""`mien.testing`: what it gives other programs' tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from mien.testing import assert_same, difference, golden, tiny_character
from mien.types import U8


def picture(value: int = 0) -> U8:
    return np.full((4, 6, 4), value, np.uint8)


def test_pictures_are_compared_by_largest_difference_and_pixels(tmp_path: Path) -> None:
    other = picture()
    other[1, 2, 0], other[3, 3, 2] = 9, 4
    found = difference(picture(), other)
    assert (found.largest, found.pixels) == (9, 2)
    assert_same(picture(), other, largest=9)
    with pytest.raises(AssertionError, match=r"2 pixels differ by up to 9 of 255, and 1 by 9 may; see"):
        assert_same(picture(), other, largest=9, pixels=1, diff=tmp_path / "d" / "diff.png")
    with Image.open(tmp_path / "d" / "diff.png") as diff:
        assert diff.size == (18, 4)
    with pytest.raises(ValueError, match="compared"):
        difference(picture(), picture()[:2])


def test_a_golden_picture_is_kept_held_and_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "kept.png"
    with pytest.raises(FileNotFoundError, match="regenerate=True"):
        golden(file, picture(7))
    golden(file, picture(7), regenerate=True)
    golden(file, picture(7))
    with pytest.raises(AssertionError, match=r"24 pixels differ by up to 1 .*kept\.diff\.png"):
        golden(file, picture(8))
    golden(file, picture(8), largest=1)


def test_the_tiny_character_can_be_shown(tmp_path: Path) -> None:
    with mien.open_stage({"t": tiny_character(tmp_path / "t")}, size=(64, 80)) as stage:
        assert stage.frame().any()


def test_importing_mien_does_not_load_it() -> None:
    code = "import sys, mien, mien.stage.offline; print('mien.testing' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
