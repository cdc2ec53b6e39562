"""Folders of layered files, one for each expression."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from importing import sprites
from importing.looks import Looks, differ_within
from importing.test_ways_of_naming import imported
from mien.cli import main
from mien.motion.labels import GO_EMOTIONS
from mien.types import U8


def layered(path: Path, pixels: U8 | None) -> None:
    """An OpenRaster file of which the picture of all layers alone is to be read."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", '<image w="200" h="260"><stack/></image>')
        if pixels is not None:
            archive.writestr("mergedimage.png", sprites.png(pixels))


@pytest.mark.parametrize("suffix", ["ora", "kra"])
def test_each_file_is_an_expression_and_all_of_them_speak_and_blink(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "girl"
    folder.mkdir()
    for name, pixels in sprites.FACES.items():
        layered(folder / f"{name}.{suffix}", pixels)
    made = imported(folder, tmp_path / "made")
    assert {"anger", "surprise", "joy"} <= {*made.document["expressions"]} | {*made.document["aliases"]}
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 60
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 100


def test_sixty_four_files_are_sixty_four_expressions(tmp_path: Path) -> None:
    folder = tmp_path / "girl"
    folder.mkdir()
    names = ["neutral", *(name for name in GO_EMOTIONS if name != "neutral")]
    names += [f"mine_joy_{i}" for i in range(64 - len(names))]
    faces = [*sprites.FACES.values()]
    for number, name in enumerate(names):
        layered(folder / f"{name}.ora", faces[number % 4])
    made = imported(folder, tmp_path / "made")
    said = {*made.document["expressions"]} | {*made.document["aliases"]}
    assert {*GO_EMOTIONS} <= said


def test_exported_pictures_count_more_than_the_files_that_they_were_made_with(
    tmp_path: Path,
) -> None:
    folder = sprites.pack(tmp_path / "girl")
    layered(folder / "base.ora", None)
    layered(folder / "joy.ora", None)
    imported(folder, tmp_path / "made")


def test_a_file_without_a_picture_of_itself_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "girl"
    folder.mkdir()
    layered(folder / "neutral.ora", sprites.face())
    layered(folder / "joy.ora", None)
    assert main(["import", str(folder), "-o", str(tmp_path / "made")]) == 1
    said = capsys.readouterr().err
    assert "joy.ora: it holds no 'mergedimage.png'; export it as PNG" in said
    assert not (tmp_path / "made").exists()
