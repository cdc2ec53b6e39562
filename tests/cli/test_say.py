"""`mien say` has a character speak: live, as a video, as sound; and says in a sentence why it cannot."""

from __future__ import annotations

import io
import shutil
import sys
import wave
from pathlib import Path
from typing import Any

import av
import pytest

from art.build import tiny_character, tiny_document
from mien.cli import main
from mien.cli import say as command
from mien.errors import SynthesizerFailed
from mien.script import Event, ExpressionSet, Script
from stage.test_speaking import Voice

SMALL = ["--size", "64x48"]
needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed: apt install espeak-ng"
)


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Voice:
    """In place of what is installed."""
    voice = Voice()
    monkeypatch.setattr(command, "open_synthesizer", lambda *_, **__: voice)
    return voice


def test_a_text_is_a_video_a_sound_or_live(voice: Voice, tmp_path: Path, capsys: Any) -> None:
    who = ["--as", str(tiny_character(tmp_path / "ann")), *SMALL]
    assert main(["say", "[happy] One. Two.", *who, "-o", str(tmp_path / "o.mp4")]) == 0
    with av.open(str(tmp_path / "o.mp4")) as video:
        # Two sentences of a tenth of a second, and the tail.
        assert len(list(video.decode(video=0))) == pytest.approx(30 * (0.2 + 1.2), abs=2)
    assert "SynthesizerFailed" not in capsys.readouterr().err
    voice.closed = False
    assert main(["say", "One. Two.", "-o", str(tmp_path / "o.wav")]) == 0
    with wave.open(str(tmp_path / "o.wav")) as file:
        assert (file.getnframes(), file.getframerate()) == (3200, 16_000)
    assert f"{tmp_path / 'o.wav'}: 0.2 s, espeak-ng en" in capsys.readouterr().out
    voice.closed = False
    assert main(["say", "One. Two.", *who, "--headless", "--silent", "--seconds", "1"]) == 0
    assert "ann: " in capsys.readouterr().out


@pytest.mark.parametrize("how", [["-o", "o.mp4"], ["--headless", "--silent"]])
def test_the_mood_of_a_sentence_outlasts_the_outburst_before_it(
    how: list[str], voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown: list[str] = []
    insert = Script.insert

    def watched(script: Script, event: Event) -> None:
        if isinstance(event, ExpressionSet):
            shown.append(event.expression)
        insert(script, event)

    monkeypatch.setattr(Script, "insert", watched)
    document = tiny_document()
    document["expressions"] |= {"surprised": {}, "sad": {}}
    who = ["--as", str(tiny_character(tmp_path / "ann", document)), *SMALL]
    assert main(["say", "[surprised] One. [sad] Two. Three.", *who, *how]) == 0
    assert shown[0] == "surprised" and shown[-1] == "sad"


def test_text_comes_from_standard_input(voice: Voice, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    def given(data: bytes | None) -> int:
        voice.closed = False
        monkeypatch.setattr(sys, "stdin", None if data is None else io.TextIOWrapper(io.BytesIO(data)))
        return main(["say", "-", "-o", str(tmp_path / "o.wav")])

    assert given("\ufeffEins. Zwölf.\n".encode()) == 0
    assert [voice.asked.get_nowait() for _ in range(2)] == ["Eins.", "Zwölf."]
    for data, says in (
        (None, "there is no standard input to read a text from"),
        (b"caf\xe9", r"standard input: byte 3 is b'\xe9', which is no UTF-8; save the text as UTF-8."),
        (b"", "text cannot be ''"),
        (b"\0", "text cannot be"),
        (b"a" * 1_000_000, "text cannot have 80004 letters: give at most 20000"),
        ("ä".encode() * 1_000_000, "letters: give at most 20000"),
    ):
        assert given(data) == 1
        assert says in capsys.readouterr().err


def test_what_cannot_be_done_is_one_sentence(
    voice: Voice, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    for arguments, status, says in (
        (["say"], 2, "TEXT"),
        (["say", "hi", "--speed", "9"], 2, "'9' is not a factor from 0.5 to 3"),
        (["say", "hi", "--pitch", "x"], 2, "'x' is not"),
        (["say", "hi", "--synthesizer", "espeak"], 2, "did you mean 'espeak-ng'"),
        (["say", "hi", "-o", "o.txt"], 1, "o.txt"),
        (["say", "...", "-o", "o.wav"], 1, "there is nothing in it to speak"),
        (["say", "hi", "--as", "wrenn", "--headless", "--silent"], 1, "did you mean 'wren'"),
        (["say", "break", "-o", str(tmp_path / "o.wav")], 1, "mien: it broke."),
        (["say", "break", "-o", str(tmp_path / "o.mp4"), *SMALL], 1, "mien: it broke."),
        (["say", "break", "--headless", "--silent", *SMALL], 1, "mien: it broke."),
    ):
        voice.closed = False
        try:
            assert main(arguments) == status
        except SystemExit as ended:
            assert ended.code == status
        told = capsys.readouterr().err
        assert says in told and "Traceback" not in told
    assert list(tmp_path.iterdir()) == []

    def none(*_: Any, **__: Any) -> None:
        raise SynthesizerFailed("no speech synthesizer is installed: install one.")

    monkeypatch.setattr(command, "open_synthesizer", none)
    assert main(["say", "hi", "--headless"]) == 1
    assert capsys.readouterr().err.endswith("mien: no speech synthesizer is installed: install one.\n")


@needs_espeak
def test_with_a_synthesizer_that_is_installed(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "o.wav"
    assert main(["say", "-o", str(out), "--voice", "de", "--speed", "2", "--", "-x Eins."]) == 0
    with wave.open(str(out)) as file:
        assert file.getnframes() > 0.2 * file.getframerate()
    assert main(["say", "hi", "--voice", "en-gbb", "-o", str(out)]) == 1
    assert "espeak-ng has no voice 'en-gbb'; did you mean 'en-gb'" in capsys.readouterr().err
