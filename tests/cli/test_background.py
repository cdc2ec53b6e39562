"""`--background`: colours, bundled pictures and files, the same for every command."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from cli.short import SMALL, short
from mien.catalog import bundled
from mien.cli import main
from mien.cli.background import background_of
from mien.errors import AssetMissing, ImageRejected, ScriptError


def test_colours_bundled_pictures_and_files_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "wall.png"
    Image.new("RGB", (4, 4), "red").save(file)
    assert background_of(None) is None
    assert background_of("#ff0000") == (1.0, 0.0, 0.0, 1.0)
    assert background_of("white") == (1.0, 1.0, 1.0, 1.0)
    assert background_of("#ffffff00") == (1.0, 1.0, 1.0, 0.0)
    assert background_of("evening_room") == bundled("backgrounds", "evening_room")
    assert background_of(str(file)) == file


def test_what_is_none_of_them_is_told_with_what_may_be_meant(tmp_path: Path) -> None:
    with pytest.raises(AssetMissing, match=r"--background blu is no file, no colour .* mean 'blue'\?$"):
        background_of("blu")
    with pytest.raises(AssetMissing, match=r"did you mean 'evening_room'\?$"):
        background_of("evening")
    with pytest.raises(ScriptError, match="without transparency"):
        background_of("#ff000080", opaque=True)
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"password=1234")
    with pytest.raises(ImageRejected, match=r"^--background .*secret\.png is not a PNG") as told:
        background_of(str(secret))
    assert "pass" not in str(told.value)


def test_a_still_lies_on_a_colour_or_covers_the_middle_of_a_picture(tmp_path: Path) -> None:
    halves = np.zeros((10, 40, 3), np.uint8)
    halves[:, 20:] = (0, 0, 255)
    Image.fromarray(halves).save(tmp_path / "wall.png")
    out = tmp_path / "a.png"
    arguments = ["still", "otto", "--height", "120", "-o", str(out)]
    assert main([*arguments, "--background", "teal"]) == 0
    assert tuple(np.asarray(Image.open(out))[0, 0]) == (0, 128, 128, 255)
    assert main([*arguments, "--background", str(tmp_path / "wall.png")]) == 0
    picture = np.asarray(Image.open(out))
    assert [tuple(picture[0, x]) for x in (0, -1)] == [(0, 0, 0, 255), (0, 0, 255, 255)]


def test_a_render_and_a_play_stand_on_it(tmp_path: Path) -> None:
    folder = short(tmp_path / "c")
    green = ["--background", "#00ff00"]
    assert main(["render", str(folder), *SMALL, *green, "-o", str(tmp_path / "a.mp4")]) == 0
    with av.open(str(tmp_path / "a.mp4")) as file:
        first = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(first[2, 2].astype(int) - (0, 255, 0)).max() < 15
    shot = tmp_path / "a.png"
    play = ["play", str(folder), "--headless", "--silent", *SMALL, "--screenshot", str(shot)]
    assert main([*play, *green]) == 0
    assert tuple(np.asarray(Image.open(shot))[0, 0])[:3] == (0, 255, 0)
