"""`mien play` shows a character alone, from all that a character may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from art.build import tiny_character
from mien.art import pack_character
from mien.cli import main
from mien.talk import alone

SHORT = ["--headless", "--silent", "--seconds", "0.3", "--size", "96x80", "--watch"]


def test_one_who_has_nothing_to_say_is_shown_from_a_folder_a_document_and_a_packed_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_character(tmp_path / "viewer")  # which is the name of who watches
    packed = tmp_path / "tiny.mien"
    pack_character(folder, packed)
    shot = tmp_path / "shot.png"
    for source in (folder, folder / "character.toml", packed):
        assert main(["play", str(source), *SHORT, "--screenshot", str(shot)]) == 0
        told = capsys.readouterr()
        assert f"{'tiny' if source == packed else 'viewer'}: " in told.out, told.out
        # 9 of 9, or more where the machine is busy when the last is due.
        assert re.search(r"of \d+ expected", told.out) and "Traceback" not in told.err
        assert shot.stat().st_size > 100
        shot.unlink()


def test_a_folder_that_is_both_is_the_conversation_and_only_play_takes_a_character(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_character(tmp_path / "tiny")
    (folder / "conversation.toml").write_text("format = 7\n")
    assert main(["play", str(folder), *SHORT]) == 1
    assert "conversation.toml: format" in capsys.readouterr().err
    (folder / "conversation.toml").unlink()
    assert main(["render", str(folder), "-o", str(tmp_path / "o.mp4")]) == 1
    assert "no conversation.toml in this folder" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("not TOML")
    for command, name, words in (
        (
            ("play", *SHORT),
            "empty",
            ": nothing in this folder can be shown; name one with conversation.toml, a char",
        ),
        (
            ("play", *SHORT),
            "note.txt",
            " is nothing that can be shown; name a conversation, a character, or art (",
        ),
        (
            ("render", "-o", str(tmp_path / "o.mp4")),
            "note.txt",
            " is no conversation; name a folder with conv",
        ),
    ):
        assert main([*command, str(tmp_path / name)]) == 1
        assert f"mien: {tmp_path / name}{words}" in capsys.readouterr().err
    assert main(["play", "otta", *SHORT]) == 1
    assert "otto" in capsys.readouterr().err


def test_its_key_is_its_name(tmp_path: Path) -> None:
    conversation = alone(tiny_character(tmp_path / "Ann") / "character.toml")
    assert (conversation.title, conversation.cast[0].key, conversation.turns) == ("Ann", "Ann", ())
