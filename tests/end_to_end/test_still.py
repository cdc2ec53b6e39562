"""`mien still`, `mien pack`, `mien inspect`, `mien doctor` as a user runs them."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from art.build import tiny_character
from mien.catalog import bundled_names
from mien.cli import main
from mien.types import VISEMES


def test_a_still_of_the_default_character_is_her_whole_canvas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["still", "-o", str(tmp_path / "a.png")]) == 0
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    assert picture.shape == (1280, 1024, 4)
    assert picture[..., 3].max() == 255
    assert picture[0, 0, 3] == 0
    assert "1024x1280" in capsys.readouterr().out


@pytest.mark.parametrize("name", bundled_names("characters"))
def test_a_baked_character_draws_the_same_still_as_its_folder(name: str, tmp_path: Path) -> None:
    baked = tmp_path / f"{name}.mien"
    assert main(["pack", name, "-o", str(baked)]) == 0
    options = ["--expression", "surprised", "--viseme", "aa", "--height", "640"]
    assert main(["still", name, *options, "-o", str(tmp_path / "folder.png")]) == 0
    assert main(["still", str(baked), *options, "-o", str(tmp_path / "baked.png")]) == 0
    folder, file = (np.asarray(Image.open(tmp_path / f"{kind}.png")) for kind in ("folder", "baked"))
    assert np.array_equal(folder, file)


def test_expression_and_viseme_change_the_face_and_nothing_below_it(tmp_path: Path) -> None:
    for label, options in {"rest": [], "open": ["--viseme", "aa"], "sad": ["--expression", "sad"]}.items():
        assert main(["still", "wren", "--height", "640", *options, "-o", str(tmp_path / f"{label}.png")]) == 0
    rest, opened, sad = (
        np.asarray(Image.open(tmp_path / f"{label}.png")).astype(int) for label in ("rest", "open", "sad")
    )
    mouth = np.abs(opened - rest).max(axis=2) > 30
    rows = np.flatnonzero(mouth.any(axis=1))
    assert mouth.sum() > 100
    assert rows.max() - rows.min() < 640 * 0.12, "only the mouth moves with a viseme"
    assert (np.abs(sad - rest).max(axis=2) > 30).sum() > mouth.sum()


def test_a_feeling_the_character_lacks_is_drawn_as_one_it_has(tmp_path: Path) -> None:
    assert (
        main(["still", "--expression", "nervousness", "--height", "320", "-o", str(tmp_path / "a.png")]) == 0
    )


@pytest.mark.parametrize(
    "option",
    [("--expression", "hapy"), ("--viseme", "aa"), ("--gesture", "wave"), ("--background", "white")],
    ids=lambda option: option[0],
)
def test_what_a_sheet_would_not_show_is_refused(
    option: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["still", "--sheet", *option, "-o", str(tmp_path / "a.png")]) == 1
    assert f"{option[0]} is for one picture, and --sheet shows every" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()


def test_a_misspelt_viseme_gets_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["still", "wren", "--viseme", "Aa"])
    assert "'Aa' is not a viseme; did you mean 'aa'?" in capsys.readouterr().err


def test_a_contact_sheet_shows_every_expression_with_every_viseme(tmp_path: Path) -> None:
    assert main(["still", "otto", "--sheet", "--height", "96", "-o", str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > 10 * 96


@pytest.mark.parametrize("height", [16, 400])
def test_labels_of_a_sheet_are_as_large_as_its_heads_ask_for(tmp_path: Path, height: int) -> None:
    out = tmp_path / "sheet.png"
    folder = tiny_character(tmp_path / "tiny")
    assert main(["still", str(folder), "--sheet", "--height", str(height), "-o", str(out)]) == 0
    with Image.open(out) as sheet:
        ink = (np.asarray(sheet.convert("L")).astype(int) < 100)[:60]
    # The first line of labels, down to the first row without ink.
    rows = np.flatnonzero(ink.any(axis=1))
    last = next(row for row, after in pairwise([*rows, 10**6]) if after > row + 1)
    assert last - rows[0] + 1 >= max(9, 0.04 * height)
    columns = np.flatnonzero(ink[rows[0] : last + 1].any(axis=0))
    gaps = int((np.diff(columns) > max(6, 0.04 * height)).sum())
    assert gaps == 1 + len(VISEMES), "with `blink`, and none touches its neighbour"


def test_a_height_that_the_art_cannot_be_scaled_to_is_refused_in_pixels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.png"
    assert main(["still", "--height", "19", "-o", str(out)]) == 1
    assert capsys.readouterr().err == (
        "mien: the character is drawn 1280 pixels high, and a picture of it 19 pixels high was asked for; "
        "ask for 20 to 10240.\n"
    )
    assert main(["still", "--height", "20", "-o", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.size == (16, 20)


def test_a_sheet_larger_than_memory_is_refused_before_it_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["still", "--sheet", "--height", "513", "-o", str(tmp_path / "sheet.png")]) == 1
    assert capsys.readouterr().err == (
        "mien: --height 513: write a height of a head on a sheet from 16 to 512 pixels.\n"
    )
    assert not (tmp_path / "sheet.png").exists()


def test_inspect_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "wren", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert len(summary["slots"]) >= 25
    assert len(summary["expressions"]) >= 10


def ora(path: Path, stack: str) -> Path:
    """A layered file of 20 x 10: two squares of 10 x 10, red left and half-clear green right."""
    pictures = {"red": (255, 0, 0, 255), "green": (0, 255, 0, 128)}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", f'<image w="20" h="10"><stack>{stack}</stack></image>')
        for name, colour in pictures.items():
            data = io.BytesIO()
            Image.new("RGBA", (10, 10), colour).save(data, "PNG")
            archive.writestr(f"{name}.png", data.getvalue())
    return path


def test_a_layered_file_is_drawn_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    art = ora(
        tmp_path / "art.ora",
        '<layer name="rubber" src="red.png" composite-op="svg:dst-out"/>'
        '<layer src="green.png" x="5"/><layer src="red.png"/>',
    )
    out = tmp_path / "art.png"
    assert main(["still", str(art), "-o", str(out)]) == 0
    picture = np.asarray(Image.open(out))
    assert picture.shape == (10, 20, 4)
    assert [tuple(picture[5, x]) for x in (2, 7, 12, 18)] == [
        (255, 0, 0, 255),
        (127, 128, 0, 255),
        (0, 255, 0, 128),
        (0, 0, 0, 0),
    ]
    printed = capsys.readouterr()
    assert "20x10" in printed.out
    assert printed.err.splitlines() == [
        f"mien: {art}: layer 'rubber' is left out: its composite-op 'svg:dst-out' is not drawn"
    ]


def test_a_background_lies_under_a_layered_file(tmp_path: Path) -> None:
    art = ora(tmp_path / "art.ora", '<layer src="green.png" x="5"/>')
    out = tmp_path / "art.png"
    assert main(["still", str(art), "--background", "white", "-o", str(out)]) == 0
    picture = np.asarray(Image.open(out))
    assert [tuple(picture[5, x]) for x in (2, 12)] == [(255, 255, 255, 255), (127, 255, 127, 255)]


@pytest.mark.parametrize(
    "option",
    [["--expression", "sad"], ["--viseme", "aa"], ["--gesture", "nod"], ["--height", "320"], ["--sheet"]],
    ids=lambda option: option[0],
)
def test_a_layered_file_has_no_face(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    art = ora(tmp_path / "art.ora", '<layer src="red.png"/>')
    assert main(["still", str(art), *option, "-o", str(tmp_path / "a.png")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert option[0] in line and "art.ora" in line and line.endswith(".")
    assert not (tmp_path / "a.png").exists()


def test_a_photoshop_file_is_drawn_with_its_groups(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")
    psd = psd_tools.PSDImage.new("RGB", (12, 8))
    psd.create_pixel_layer(Image.new("RGB", (12, 8), (100, 150, 200)), name="paper")
    group = psd.create_group(name="both", opacity=51)
    group.create_pixel_layer(Image.new("RGB", (6, 8), (255, 255, 255)), name="white")
    group.create_pixel_layer(Image.new("RGB", (6, 4), (0, 0, 0)), name="black")
    psd.save(tmp_path / "art.psd")
    assert main(["still", str(tmp_path / "art.psd"), "-o", str(tmp_path / "art.png")]) == 0
    picture = np.asarray(Image.open(tmp_path / "art.png"))
    assert [tuple(picture[y, x]) for y, x in ((1, 1), (6, 1), (6, 8))] == [
        (80, 120, 160, 255),
        (131, 171, 211, 255),
        (100, 150, 200, 255),
    ]


def test_a_layered_file_that_is_none_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("art.psd", "art.PSB", "art.ora"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        assert main(["still", str(tmp_path / name)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert name in line and line.endswith(".")


@pytest.mark.parametrize("suffix", [".psd", ".psb", ".ora"])
def test_a_folder_and_an_empty_file_are_called_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    (tmp_path / f"folder{suffix}").mkdir()
    (tmp_path / f"empty{suffix}").write_bytes(b"")
    for name, words in (("folder", "is a folder; name a file in it."), ("empty", "is empty;")):
        path = tmp_path / f"{name}{suffix}"
        assert main(["still", str(path)]) == 1
        assert capsys.readouterr().err.startswith(f"mien: {path} {words}")
