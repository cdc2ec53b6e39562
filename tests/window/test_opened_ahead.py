"""What `mien play` has done before its window needs it, and in which order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from mien.cli import command
from mien.stage import glfw_library, window_ahead, window_probe
from window.running import run


def test_a_window_is_opened_before_what_it_shows_is_known_and_shown_once_it_is(display: str) -> None:
    told = run(display, "ahead.py")
    opened = ["opened unseen", "modules are there", "read", "taken", "seen"]
    assert told["steps"] == [*opened, "sound begins", "frames begin", "drawn"]
    assert told["title"] == "Mien" and told["of another size"] == told["left"] == 0
    assert told["threads"] == []


@pytest.mark.parametrize(
    ("argv", "opens"),
    [
        (["play"], True),
        (["play", "wren", "--silent", "--seconds", "2"], True),
        (["play", "--headless"], False),
        (["play", "--head"], False),
        (["play", "-h"], False),
        (["play", "wren", "--companion"], False),
        (["play", "--size=320x180"], False),
        (["still"], False),
        ([], False),
    ],
)
def test_only_a_command_that_shows_a_window_as_most_opens_one_ahead(argv: list[str], opens: bool) -> None:
    assert command._opens_window(argv) is opens


def test_without_a_display_nothing_is_opened_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    imported: list[str] = []
    monkeypatch.setattr(window_ahead, "import_module", imported.append)
    with window_ahead.opened_ahead(("mien.cli.play",)):
        assert not window_ahead.is_ready() and not imported


_IMPORTED = """
import json, subprocess, sys
asked = []
opened = subprocess.Popen
class Noted(opened):
    def __init__(self, *given, **named):
        asked.append(given[0]); super().__init__(*given, **named)
subprocess.Popen = Noted
import mien.stage.glfw_window
print(json.dumps([len(asked), sorted(one for one in ("numpy", "av", "rich", "PIL") if one in sys.modules)]))
"""


def test_the_windows_library_is_loaded_without_a_process_to_look_for_it_and_without_what_draws() -> None:
    if glfw_library.brought_along() is None:
        pytest.skip("glfw's binding brings no library along here")
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORTED], capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(ran.stdout) == [0, []]


def test_a_library_that_was_named_to_the_binding_is_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(glfw_library.NAMED, "/elsewhere/libglfw.so")
    assert glfw_library.brought_along() is None
    with glfw_library.named():
        assert os.environ[glfw_library.NAMED] == "/elsewhere/libglfw.so"


def test_the_display_is_tried_by_a_process_that_loads_the_library_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if glfw_library.brought_along() is None:
        pytest.skip("glfw's binding brings no library along here")
    monkeypatch.setenv("DISPLAY", ":no-such-display")
    asked: list[Any] = []

    def refused(command: Any, **_: object) -> None:
        asked.append(command)
        raise OSError("no process can be had")

    monkeypatch.setattr(window_probe.subprocess, "Popen", refused)
    window_probe.refuse_crashing()
    assert asked[0][2:5] == ["-I", "-S", "-c"] and asked[0][-1] == str(glfw_library.brought_along())


_AHEAD = """
import sys, threading
from mien.stage import window_ahead
found = []
def seen():
    return [name for name in ("glfw", "cffi", "pycparser", "av") if name in sys.modules]
importing = window_ahead.import_module
def imported(name):
    module = importing(name)
    found.append(seen())
    thread = threading.Thread(target=lambda: found.append(importing("cffi").__name__))
    thread.start()
    thread.join()
    return module
window_ahead.import_module = imported
with window_ahead.opened_ahead(()):
    print(window_ahead.is_ready(), found, seen())
    import mien.stage.window
    print("av" in sys.modules)
"""


def test_a_window_waits_for_no_parser_of_c_and_no_ffmpeg(display: str) -> None:
    """Which the binding of glfw, and recording, would load. Others find what they look for."""
    pytest.importorskip("cffi")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _AHEAD],
        env={**os.environ, "DISPLAY": display, "WAYLAND_DISPLAY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    before, after = ran.stdout.splitlines()
    assert before == "True [['glfw'], 'cffi'] ['glfw', 'cffi']"
    assert after == "False"
