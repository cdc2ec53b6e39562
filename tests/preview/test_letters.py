"""Names in other scripts: with letters of the system's where it has any, and spelt where it has none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from slimgui import imgui

from mien.preview import fonts, letters
from mien.preview.fonts import Found
from mien.preview.letters import Letters, script_of
from preview.rig import EXPRESSION, Stage, rig

FONT = Path(imgui.__file__).parents[2] / "fontpkg_inter" / "files" / "Inter[opsz,wght].ttf"


def searched() -> None:
    """Return when what was looked for is found, or not."""
    for thread in threading.enumerate():
        if thread.name == "mien-letters":
            thread.join()


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    """What a new process knows."""
    one = Letters()
    for module in ("letters", "gui", "widgets", "board", "faces", "speech"):
        monkeypatch.setattr(f"mien.preview.{module}.letters", one)
    yield one


def test_what_the_panel_has_of_its_own_is_left_alone(own: Letters) -> None:
    for text in (
        "head yaw",
        "Grüße",
        "Ελληνικά",
        "Привет",
        "“…” \N{EN DASH} \N{MULTIPLICATION SIGN}",
        "naïve",
    ):
        assert own.shown(text) == text
    assert own._asked == set()


def test_what_nobody_has_is_spelt_and_told_once(own: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(letters, "find", lambda script, some: asked.append((script, some)))
    assert own.shown("まえがみ") == "maegami"
    searched()
    assert own.shown("前髪") == "U+524D U+9AEA"
    assert own.shown("前髪、\uff21\uff01") == "U+524D U+9AEA , A!"
    assert own.shown("안녕") == "annyeong"
    searched()
    assert own.shown("ผม") == "U+0E1C U+0E21"
    searched()
    assert [script for script, _ in asked] == ["cjk", "hangul", "U+0E00"] and asked[0][1] == "まえがみ"
    told = [own.complaint() for _ in range(4)]
    assert [bool(one) for one in told[:2]] == [True, True]
    assert "Chinese and Japanese" in told[0] and "apt install fonts-noto-cjk" in told[0]
    assert own.complaint() == ""


def test_a_font_that_is_found_is_given_to_the_library(own: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "find", lambda *_: Found(FONT.read_bytes(), 0))
    stage = Stage()
    with rig(monkeypatch, stage) as one:
        assert own.shown("髪") == "U+9AEA", "while it is looked for"
        searched()
        assert own.shown("髪") == "U+9AEA", "the library does not have it yet"
        one.lay_out()
        assert own.shown("髪") == "髪" and own.complaint() == ""


def test_lines_that_were_spelt_while_a_font_was_looked_for_have_its_letters_then(
    own: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "find", lambda *_: Found(FONT.read_bytes(), 0))
    monkeypatch.setattr(Stage, "expression", lambda self, who: replace(EXPRESSION, lacks=("髪",)))
    told: list[str] = []
    real = imgui.text_colored
    monkeypatch.setattr(imgui, "text_colored", lambda colour, text: (told.append(text), real(colour, text)))
    with rig(monkeypatch, Stage()) as one:
        assert "lacks U+9AEA" in told
        searched()
        one.lay_out()
        told.clear()
        one.lay_out()
        assert "lacks 髪" in told


@pytest.mark.parametrize("start", [b"", b"OTTO"])
def test_a_font_that_cannot_be_read_is_none(
    start: bytes, own: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "find", lambda *_: Found(start + b"no font at all" * 100, 0))
    with rig(monkeypatch, Stage()) as one:
        own.shown("髪")
        searched()
        one.lay_out(2)
        assert own.shown("髪") == "U+9AEA"
        assert "no font" in one.board.asking.refused


def test_plain_fonts_are_taken_before_bold_ones_and_serifs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = (
        "NotoSerifCJK-Regular.ttc",
        "NotoSansCJK-Bold.ttc",
        "wqy.pcf",
        "NotoSansCJK-Regular.ttc",
        "gone.ttf",
    )
    for name in names[:4]:
        (tmp_path / name).write_bytes(name.encode())
    listed = "".join(f"{tmp_path / name}\t{65536 + 2}\n" for name in names)
    program = tmp_path / "fc-list"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{listed}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert fonts.find("cjk", "髪") == Found(b"NotoSansCJK-Regular.ttc", 2)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert fonts.find("cjk", "髪") is None


@pytest.mark.parametrize(
    ("letter", "script"), [("a", ""), ("é", ""), ("髪", "cjk"), ("カ", "cjk"), ("한", "hangul")]
)
def test_scripts(letter: str, script: str) -> None:
    assert script_of(letter) == script
