"""The bundled backgrounds: whole, of one size, small, and quiet where the cast stands."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.cli.background import background_of
from mien.stage.options import StageOptions

FOLDER = Path(__file__).parents[2] / "assets" / "backgrounds"
NAMES = ("evening_room", "abstract_stage")


@pytest.mark.parametrize("name", NAMES)
def test_a_background_is_opaque_full_hd_and_small(name: str) -> None:
    path = FOLDER / f"{name}.png"
    with Image.open(path) as picture:
        assert (picture.size, picture.mode) == ((1920, 1080), "RGB")
    assert path.stat().st_size < 1_200_000


@pytest.mark.parametrize("name", NAMES)
def test_its_middle_is_less_saturated_than_the_cast(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as picture:
        pixels = np.asarray(picture.resize((192, 108)).crop((20, 20, 172, 108)).convert("HSV"))
    assert np.percentile(pixels[..., 1], 90) / 255 < 0.6


@pytest.mark.parametrize("name", NAMES)
def test_its_source_has_named_groups_and_no_name_twice(name: str) -> None:
    root = ET.parse(FOLDER / f"{name}.svg").getroot()
    names = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(names) == len(set(names))
    assert sum(child.get("id") is not None for child in root if child.tag.endswith("}g")) >= 6


def test_a_file_that_is_named_like_a_colour_is_meant_where_it_is_given_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (2, 2)).save("teal", "PNG")
    for given in ("teal", "./teal", Path("teal")):
        wanted = (0, 128 / 255, 128 / 255, 1) if given == "teal" else given
        assert StageOptions(background=given).background == wanted
    assert not isinstance(background_of("teal"), Path)
    assert background_of("./teal") == Path("teal")
