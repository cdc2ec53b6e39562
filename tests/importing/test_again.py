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
from mien.importing.document import toml_text
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


def test_folders_beside_the_one_that_is_made_do_not_matter(tmp_path: Path) -> None:
    for name in ("x", "made.old", "character.toml"):
        (tmp_path / name).mkdir()
    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", tmp_path / "made") == 0


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
    for _ in range(2):
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
    assert capsys.readouterr().err == f"mien: -o {note} is a file; name a folder.\n"
    assert note.read_text("utf-8") == "mine"


@pytest.mark.parametrize("flag", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("note.txt/girl", ": note.txt is a file, and no folder; name one that is elsewhere."),
        ("note.txt/deep/girl", ": note.txt is a file, and no folder; name one that is elsewhere."),
        ("link", " is a link that leads nowhere; name a folder."),
    ],
)
def test_a_folder_that_cannot_be_there_is_told_in_one_sentence_that_names_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    told: str,
    flag: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("mine", "utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    drawn.ora(tmp_path / "art.ora", drawn.plain())
    assert run("art.ora", "-o", name, *flag) == 1
    assert capsys.readouterr().err == f"mien: -o {name}{told}\n"
    assert (tmp_path / "note.txt").read_text("utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"note.txt", "link", "art.ora"}


def test_where_folders_are_missing_the_folder_is_named_and_no_file_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(drawn.ora(tmp_path / "art.ora", drawn.plain()), "-o", tmp_path / "none/there/girl") == 1
    told = capsys.readouterr().err
    assert "none/there/girl: there is no folder" in told and "character.toml" not in told


def test_what_nobody_is_to_change_stands_below_what_is_to_be_corrected(made: Path) -> None:
    lines = (made / "import.toml").read_text("utf-8").splitlines()
    note = next(i for i, line in enumerate(lines) if line.startswith("# Nothing below is to be changed"))
    tables = [line for line in lines[:note] if line.startswith("[")]
    assert tables == ["[layers]", "[boxes]", "[found]"]
    assert max(len(line) for line in lines[:note]) < 120


def test_the_record_of_an_older_import_is_read(made: Path, tmp_path: Path) -> None:
    """There the document stood as a line at the top."""
    record = made / "import.toml"
    data = tomllib.loads(record.read_text("utf-8"))
    data["written"] = data["written"]["document"]
    data["layers"] = {"mouth": "mouth"}
    plain = {key: value for key, value in data.items() if not isinstance(value, dict)}
    record.write_text(toml_text({**plain, **data}, ["What an older one wrote."]), "utf-8")
    file = made / "character.toml"
    file.write_text(file.read_text("utf-8").replace('name = "art"', 'name = "Ann"'), "utf-8")
    assert run(tmp_path / "art.ora", "-o", made) == 0
    assert document(made)["name"] == "Ann"
    assert tomllib.loads(record.read_text("utf-8"))["layers"] == {"mouth": "mouth"}


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


def test_roles_of_two_words_may_be_written_as_two(tmp_path: Path) -> None:
    source = read_source(drawn.ora(tmp_path / "art.ora", drawn.plain()))
    for words in ("hair back", "hair_back", "  hair   back "):
        (label,) = given_labels({"mouth": words}, source, "map.toml").values()
        assert label.role == "hair_back"


def test_a_slip_in_what_was_kept_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    art, made = drawn.ora(tmp_path / "art.ora", drawn.plain()), tmp_path / "made"
    assert run(art, "-o", made) == 0
    record = made / "import.toml"
    text = record.read_text("utf-8")
    assert "\n[layers]\n" in text
    record.write_text(text.replace("\n[layers]\n", '\n[layers]\n"mouht" = "mouth"\n'), "utf-8")
    capsys.readouterr()
    assert run(art, "-o", made) == 0
    ran = capsys.readouterr()
    told = " ".join((ran.out + ran.err).split())
    assert "there is no layer 'mouht' in the art, so its line does nothing; did you mean 'mouth'?" in told
    assert tomllib.loads(record.read_text("utf-8"))["layers"]["mouht"] == "mouth"


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
