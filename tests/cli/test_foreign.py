"""Files of other programs are told what they are and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.cli import main


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        (
            "pack",
            "sample.psd",
            ("a layered picture", "`mien still sample.psd` draws it", "`mien import sample.psd`"),
        ),
        ("inspect", "x.psd", ("a layered picture", "`mien still x.psd` draws it")),
        ("render", "x.ORA", ("a layered picture", "`mien import x.ORA`")),
        ("still", "a.kra~", ("a Krita backup", "export it there as .psd or .ora")),
        ("pack", "a.xcf", ("a GIMP document", "export it there as .psd or .ora")),
        ("still", "a.save", ("a PNGTuber-Plus avatar", "`mien import a.save` makes a character of it")),
        ("inspect", "a.pngRemix", ("a PNGTuber-Remix model", "`mien import a.pngRemix`")),
        ("pack", "a.veado", ("a veadotube avatar", "`mien import a.veado`")),
        ("render", "a.wav", ("a sound", "[[turn]]", "conversation.toml")),
        ("pack", "a.png", ("one picture", "character.toml")),
    ],
)
def test_a_file_of_another_program_is_told_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    name: str,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"whatever")
    assert main([command, name]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mien: {name} is ")
    for word in words:
        assert word in line


@pytest.mark.parametrize("command", ["still", "pack", "inspect", "render"])
def test_one_that_is_not_there_is_told_to_be_missing_and_an_empty_name_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("gone.psd", "gone.kra"):
        assert main([command, name]) == 1
        assert capsys.readouterr().err.startswith(f"mien: {name}: no such file")
    assert main([command, ""]) == 1
    assert "an empty name" in capsys.readouterr().err
