"""What somebody corrected stays when the art is imported again; what is no import's is never written over."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from art.build import box, write_png
from importing import drawn
from mien.cli import main
from mien.errors import FormatError
from mien.importing.layered import read_source
from mien.importing.mapping import given_labels, read_map
from mien.importing.merge import merged


def run(*arguments: object) -> int:
    return main(["import", *map(str, arguments)])


def document(folder: Path) -> Any:
    return tomllib.loads((folder / "character.toml").read_text("utf-8"))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", tmp_path / "made") == 0
    return tmp_path / "made"


def test_values_changed_by_hand_stay_and_the_rest_follows_the_art(made: Path, tmp_path: Path) -> None:
    file = made / "character.toml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("body_sway = 0.9", "body_sway = 2.5").replace('name = "art"', 'name = "Ann"'), "utf-8"
    )
    changed = (drawn.Thing("hat", drawn.ellipse(100, 50, 40, 20, (20, 90, 60))), *drawn.plain())
    assert run(drawn.ora(tmp_path / "art.ora", changed), "-o", made) == 0
    now = document(made)
    assert now["joints"]["body"]["rotate"]["body_sway"] == 2.5
    assert now["name"] == "Ann"
    assert "hat" in [slot["name"] for slot in now["slot"]]


def test_a_part_drawn_by_hand_stays(made: Path, tmp_path: Path) -> None:
    part = made / "parts" / "mouth" / "made_aa.png"
    write_png(part, box(9, 9, (1, 2, 3, 255)), (95, 150))
    mine = part.read_bytes()
    assert run(tmp_path / "art.ora", "-o", made) == 0
    assert part.read_bytes() == mine
    assert run(tmp_path / "art.ora", "-o", made, "--force") == 0
    assert part.read_bytes() != mine


def test_corrections_are_used_again(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.unnamed())
    (tmp_path / "map.toml").write_text('[layers]\n"Layer 1" = "hair_front"\n"Layer 9" = "hidden"\n', "utf-8")
    assert run(path, "-o", tmp_path / "made", "--map", tmp_path / "map.toml") == 0
    assert run(path, "-o", tmp_path / "made") == 0
    slots = {slot["name"]: slot for slot in document(tmp_path / "made")["slot"]}
    assert slots["Layer_1"]["joint"] == "hair_front"
    assert slots["Layer_9"]["default"] == ""


def test_a_folder_that_no_import_wrote_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", "utf-8")
    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", tmp_path / "mine") == 1
    assert "no import wrote" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_file_in_the_place_of_the_folder_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("mine", "utf-8")
    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", note) == 1
    assert capsys.readouterr().err == f"mien: -o {note}: is a file; name a folder.\n"
    assert note.read_text("utf-8") == "mine"


def test_a_map_with_a_slip_is_told_where(tmp_path: Path) -> None:
    source = read_source(drawn.ora(tmp_path / "art.ora", drawn.plain()))
    for layers, words in (
        ({"mouht": "mouth"}, "did you mean 'mouth'"),
        ({"mouth": "moth"}, "says 'moth'"),
        ({"mouth": "mouth closd"}, "says 'closd'"),
        ({"mouth": ""}, "is empty"),
    ):
        with pytest.raises(FormatError, match=words):
            given_labels(layers, source, "map.toml")
    source = read_source(drawn.ora(tmp_path / "named.ora", drawn.named()))
    for name, words in (
        ("W-Oo", "did you mean '+Head/Mouth/W-Oo'"),
        ("mouth/neutral", "did you mean '+Head/Mouth/Neutral'"),
        ("Neutrall", "did you mean '+Head/Mouth/Neutral'"),
        ("hair", "known: "),
    ):
        with pytest.raises(FormatError, match=re.escape(words)):
            given_labels({name: "mouth"}, source, "map.toml")
    twice = (drawn.Thing("Sad", inside=(drawn.Thing("Neutral", drawn.ROUND),)), *drawn.named())
    source = read_source(drawn.ora(tmp_path / "twice.ora", twice))
    with pytest.raises(FormatError, match=r"2 in folders are called so; .*Mouth/Neutral, Sad/Neutral"):
        given_labels({"Neutral": "mouth"}, source, "map.toml")
    (tmp_path / "map.toml").write_text("[layer]\n", "utf-8")
    with pytest.raises(FormatError, match="'layer' is no key"):
        read_map(tmp_path / "map.toml")


def test_merging_keeps_what_differs_from_what_was_written() -> None:
    written = {"a": 1, "b": 2, "slot": [{"name": "x", "opacity": 1}, {"name": "y"}]}
    now = {"a": 5, "b": 2, "slot": [{"name": "x", "opacity": 0.5}, {"name": "y"}], "own": True}
    new = {"a": 1, "b": 3, "slot": [{"name": "z"}, {"name": "x", "opacity": 1}]}
    found, kept = merged(written, now, new)
    assert found == {"a": 5, "b": 3, "slot": [{"name": "z"}, {"name": "x", "opacity": 0.5}], "own": True}
    assert kept == ["a", "slot.[].x.opacity", "own"]


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain())
    assert run(path, "-o", tmp_path / "made", "--dry-run") == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["art.ora"]
    assert "mouth: made_aa" in capsys.readouterr().out


def test_the_report_names_every_layer_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", tmp_path / "made", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert {row["layer"] for row in report["layers"]} >= {thing.name for thing in drawn.plain()}
    assert (tmp_path / "made" / "sheet.png").is_file()
