"""Files dropped on a stage: what ends while somebody is awaited."""

from __future__ import annotations

import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importing.drawn import ora, plain
from mien.cli.attended import _Drops
from mien.dropping import Dropping
from mien.interrupts import RejoinableThread
from mien.stage.notes import LEAST_S, Notes
from mien.stage.shown import TurnStatus


class Slow:
    """A stage on which nobody who is to join is ever there."""

    cast: tuple[str, ...] = ()
    on_stage: tuple[str, ...] = ()
    loading: tuple[str, ...] = ()
    warnings = ("of something else",)

    def __init__(self) -> None:
        self.asked = threading.Event()

    def load(self, key: str, character: Path, done: object) -> None:
        self.loading = (key,)

    def enter(self, key: str) -> None:
        self.asked.set()


def test_who_ends_it_while_a_character_is_loaded_is_told_nothing(tmp_path: Path) -> None:
    (tmp_path / "character.toml").touch()
    told: list[str] = []
    stage: Any = Slow()
    with Dropping(stage, told.append) as dropping:
        dropping.drop([tmp_path])
        assert stage.asked.wait(60)
    assert told == []


def test_who_cannot_join_is_told_with_the_reason_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "character.toml").touch()
    told: list[str] = []
    stage: Any = Slow()

    def load(key: str, character: Path, done: Callable[[str], object]) -> None:
        done("it is torn.")

    stage.load = load
    with Dropping(stage, told.append) as dropping:
        dropping.drop([tmp_path, tmp_path / "gone"])
        dropping.drop([])
        assert stage.asked.wait(60)
    assert told[0] == "kept what is shown: it is torn."


@pytest.mark.parametrize("others", [(), ("otto",)], ids=["alone", "among others"])
def test_who_takes_a_place_is_told_by_the_name_of_the_file_and_among_others_by_the_place(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    told: list[str] = []
    named: list[str] = []
    stage: Any = Slow()
    stage.on_stage = ("wren", *others)
    stage.reload = lambda whom, character, done: done("" if character.name != "torn" else "it is torn.")
    names = ("m\u00e4dchen", "wren", "a\x1b[2J", "torn")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "character.toml").touch()
    with Dropping(
        stage, lambda sentence: (told.append(sentence), stage.asked.set()), named=named.append
    ) as dropping:
        for name in names:
            stage.asked.clear()
            dropping.drop([tmp_path / name], "wren")
            assert stage.asked.wait(60)
    assert told[:2] == ["shown: m\u00e4dchen" + (", as wren" if others else ""), "shown: wren"]
    assert told[2].isprintable()
    assert told[3] == "kept what is shown: it is torn."
    assert named == ([] if others else list(names[:3]))


def test_that_art_is_read_is_told_until_it_is(tmp_path: Path) -> None:
    path = ora(tmp_path / "girl.ora", plain())
    stage: Any = Slow()
    stage.on_stage = ("wren",)

    def reload(whom: str, character: Path, done: Callable[[str], object]) -> None:
        done("")
        stage.asked.set()

    stage.reload = reload
    notes: list[tuple[str, bool]] = []

    class Window:
        title = "wren"

        def note(self, sentence: str, about: str = "", *, stays: bool = False) -> None:
            notes.append((sentence, stays))

    window: Any = Window()
    drops = _Drops(window, None)
    with Dropping(stage, drops._tell, named=drops._name) as dropping:
        drops._dropping = dropping
        dropping.drop([path], "wren")
        assert stage.asked.wait(60)
    assert notes[0] == (f"reading {path}", True)
    assert notes[-1] == ("shown: girl", False) and not any(stays for _, stays in notes[1:])
    assert window.title == "girl"


def test_a_sound_is_told_with_who_speaks_it_and_its_turn_is_called_by_its_file(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(4800))
    (tmp_path / "bad.wav").write_text("no sound")
    told: list[str] = []
    keys = list[str]()
    stage: Any = Slow()
    stage.on_stage = ("otto", "wren")
    stage.turns = lambda: [TurnStatus("one.wav", "otto", "", "done", None, None, 0.0, interrupted=False)]

    def say(speaker: str, audio: Path, *, key: str) -> None:
        keys.append(key)
        if len(keys) == 2:
            stage.asked.set()

    stage.say = say
    with Dropping(stage, told.append) as dropping:
        dropping.drop([tmp_path / "bad.wav", tmp_path / "one.wav", tmp_path / "one.wav"], "otto")
        assert stage.asked.wait(60)
    assert keys == ["one.wav 2", "one.wav 3"]
    assert told[0].startswith("kept what is shown: ") and "bad.wav' is no readable audio" in told[0]
    assert told[1] == "otto speaks one.wav"


def test_the_title_shows_of_drops_only_what_became_of_the_last() -> None:
    class Window:
        notes = Notes()

        def note(self, sentence: str, about: str = "", *, stays: bool = False) -> None:
            self.notes.tell(sentence, about, stays=stays)

    window: Any = Window()
    drops = _Drops(window, None)
    drops._tell(f"kept what is shown: {'x' * 400}")
    drops._tell("girl speaks one.wav")
    assert len(list(window.notes.heard(0))) == 2, "both are said on the terminal"
    assert window.notes.newest == "girl speaks one.wav"
    assert not list(window.notes.heard(round(LEAST_S * 1e9) + 1))
    assert window.notes.newest == "", "the error does not come back"


def test_ctrl_c_while_it_ends_is_raised_once_its_thread_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    stage: Any = Slow()
    wait, pressed = RejoinableThread.wait, [KeyboardInterrupt()]

    def interrupted(self: RejoinableThread) -> None:
        if pressed:
            raise pressed.pop()
        wait(self)

    monkeypatch.setattr(RejoinableThread, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt), Dropping(stage, print) as dropping:
        pass
    assert not dropping._thread.runs and not pressed
