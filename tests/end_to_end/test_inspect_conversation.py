"""`mien inspect` and what a render says first: what of a conversation will not be followed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import mien
from mien.cli import main


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """A copy of the bundled conversation, to spoil."""
    return Path(shutil.copytree(mien.bundled("conversations", "hello"), tmp_path / "hello"))


def spoil(folder: Path, *changes: tuple[str, str]) -> None:
    file = folder / "conversation.toml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)


def test_a_conversation_that_can_be_followed_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "hello"]) == 0
    told = capsys.readouterr().out
    assert "Soup: 6 turns" in told and "all of it can be followed" in told


def test_tags_gestures_and_times_that_cannot_be_followed_are_listed(
    hello: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(
        hello,
        ("[happy][gaze:viewer] Good", "[hapy][gaze:viewer] Good"),
        ("[gesture:chin]", "[gesture:chinn]"),
    )
    words = hello / "timing" / "2-words.json"
    document = words.read_text()
    words.write_text(re.sub(r"(\d+\.\d+)(?=\D*$)", "99.5", document))
    assert main(["inspect", str(hello), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["warnings"]
    assert any("no expression for 'hapy'; did you mean 'happy'" in said for said in found)
    assert any("no gesture 'chinn'; did you mean 'chin'" in said for said in found)
    assert any("ends at 99.50 s, and its audio at" in said for said in found)


def test_a_render_says_them_before_it_begins_and_leaves_them_out(
    hello: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(hello, ("[happy][gaze:viewer] Good", "[hapy][gaze:viewer] Good"))
    out = tmp_path / "out.mp4"
    assert main(["render", str(hello), "-o", str(out), "--seconds", "0.2", "--size", "64x36"]) == 0
    told = capsys.readouterr()
    assert "'hapy'" in told.err and "hapy" not in told.out


def test_all_turns_that_are_wrong_are_told_at_once(hello: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(hello, ('speaker = "otto"', 'speaker = "oto"'), ("gap_ms = 80", "gapms = 80"))
    assert main(["inspect", str(hello)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "'oto', who is not in the cast; did you mean 'otto'?" in lines[0]
    assert "gapms is not a key of this format; did you mean 'gap_ms'?" in lines[1]
