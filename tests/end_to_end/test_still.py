"""`mien still`, `mien pack`, `mien inspect`, `mien doctor` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.catalog import bundled_names
from mien.cli import main


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


def test_a_contact_sheet_shows_every_expression_with_every_viseme(tmp_path: Path) -> None:
    assert main(["still", "otto", "--sheet", "--height", "96", "-o", str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > 10 * 96


def test_inspect_and_doctor_speak_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "wren", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert len(summary["slots"]) >= 25
    assert len(summary["expressions"]) >= 10
    assert main(["doctor", "--json"]) == 0
    findings = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["headless GL (EGL)"]["found"]
    assert all(finding["state"] != "missing" for finding in findings.values())
