"""OpenRaster art is compared with the picture that its file stores of itself."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from art.test_ora import PICTURES, image, png, written
from mien.art.layered import read_layered
from mien.stage.picture import draw_and_compare

STACK = image('<layer name="green" src="data/green.png" x="2" y="1"/><layer name="red" src="data/red.png"/>')


def merged(green: tuple[int, int, int, int] = (0, 255, 0, 128)) -> bytes:
    """What the layers of STACK look like together, were the upper one of this colour."""
    picture = Image.new("RGBA", (8, 6))
    picture.alpha_composite(Image.new("RGBA", (4, 3), (255, 0, 0, 255)))
    picture.alpha_composite(Image.new("RGBA", (4, 3), green), (2, 1))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def told(path: Path, stored: bytes | None) -> str | None:
    files = PICTURES if stored is None else {**PICTURES, "mergedimage.png": stored}
    return draw_and_compare(read_layered(written(path, STACK, files)))[1]


def test_the_same_picture_and_none_at_all_are_no_remark(tmp_path: Path) -> None:
    assert told(tmp_path / "same.ora", merged()) is None
    assert told(tmp_path / "none.ora", None) is None


def test_a_picture_that_differs_is_told_with_how_far(tmp_path: Path) -> None:
    remark = told(tmp_path / "other.ora", merged((0, 255, 0, 192)))
    assert remark is not None
    assert "by up to 64 of 255" in remark


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (png((0, 0, 0, 0), (8, 6)), "which is empty"),
        (png((255, 0, 0, 255)), "is 4 x 3 px, on a canvas of 8 x 6 px"),
        (b"not a png", "mergedimage.png"),
    ],
    ids=["empty", "another size", "damaged"],
)
def test_what_cannot_be_compared_is_told(tmp_path: Path, stored: bytes, why: str) -> None:
    remark = told(tmp_path / "art.ora", stored)
    assert remark is not None
    assert remark.startswith("cannot be compared") and why in remark
