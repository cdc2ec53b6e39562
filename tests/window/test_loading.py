"""A window is there before its characters are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importing.drawn import ora, plain
from mien.stage import window_probe
from window.running import run


def test_while_it_is_being_loaded_a_bar_moves_and_the_window_can_be_closed(display: str) -> None:
    told = run(display, "loading.py")
    assert told["opened"] and told["bar moves"] and told["bar alone"] == 0
    assert told["moves while compiling"]
    assert told["Escape"] == told["q"] == told["while compiling"]
    assert told["q"] == "the window was closed while it was being loaded; open another."
    assert told["threads"] == [] and told["fails"] == "as what loads does" and told["again"]


def test_a_display_is_tried_once_ahead_of_time_and_nothing_is_left_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISPLAY", ":no-such-display")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    asked: list[Any] = []
    opened = window_probe.subprocess.Popen

    def noted(*arguments: Any, **keywords: Any) -> Any:
        asked.append(opened(*arguments, **keywords))
        return asked[-1]

    monkeypatch.setattr(window_probe.subprocess, "Popen", noted)
    with window_probe.begun():
        window_probe.refuse_crashing()
    with window_probe.begun():
        pass
    assert len(asked) == 2 and all(process.returncode is not None for process in asked)


def test_who_is_there_is_seen_before_every_program_is_ready(display: str) -> None:
    told = run(display, "first_picture.py")
    before, after = told["compiles"]
    assert 0 < before < after and told["compiled in a frame"] == 0
    assert told["colours of the first"] > 1000 and told["moved"] < 0.5
    assert told["above the bar"] == 0 and told["at the bar"] > 50, "the bar goes on at the picture's foot"
    assert (told["frames before the first"], told["frames"], told["sealed"]) == (0, 1, -1)
    assert told["drawn for the first"] == 2, "one before the schedule begins, which nothing counts"
    assert told["rehearsed"] >= 2, "the first frame is drawn whole, and what follows is to be in time"
    assert told["closed"] == "the window was closed while it was being loaded; open another."


def test_while_art_is_read_its_window_is_there_and_ends_that_when_it_is_closed(
    display: str, tmp_path: Path
) -> None:
    told = run(display, "reading.py", str(ora(tmp_path / "girl.ora", plain())))
    assert told["title"] == "reading girl.ora - Mien" and told["bar moves"]
    assert told["shown"] == told["of another size"] == told["closed"] == 0
    assert told["the same window"] and told["the same again"]
    assert told["ended"] and told["left"] == [0, 0] and told["threads"] == []
