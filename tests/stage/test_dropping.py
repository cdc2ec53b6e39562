"""Files dropped on a stage: what ends while somebody is awaited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mien.dropping import Dropping
from mien.interrupts import RejoinableThread


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


def test_who_takes_a_place_is_told_by_the_name_of_the_file_and_by_the_place(tmp_path: Path) -> None:
    told: list[str] = []
    stage: Any = Slow()
    stage.on_stage = ("wren",)
    stage.reload = lambda whom, character, done: done("")
    for name in ("m\u00e4dchen", "wren", "a\x1b[2J"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "character.toml").touch()
    with Dropping(stage, lambda sentence: (told.append(sentence), stage.asked.set())) as dropping:
        for name in ("m\u00e4dchen", "wren", "a\x1b[2J"):
            stage.asked.clear()
            dropping.drop([tmp_path / name], "wren")
            assert stage.asked.wait(60)
    assert told[:2] == ["shown: m\u00e4dchen, as wren", "shown: wren"]
    assert told[2].isprintable()


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
