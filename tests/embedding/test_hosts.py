"""Stages and compositors in other programs: each host draws its own scene, and neither spoils the other's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from art.build import tiny_character
from kept_pages import keeping_pages

HOSTS = Path(__file__).parent / "hosts"


def run(display: str, art: Path | str, name: str, *arguments: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, str(HOSTS / name), *arguments],
        env={
            **os.environ,
            **keeping_pages(),
            "DISPLAY": display,
            "ART": str(art),
            "WAYLAND_DISPLAY": "",
            "QT_QPA_PLATFORM": "xcb",
            "SDL_AUDIODRIVER": "dummy",
            "PYGAME_HIDE_SUPPORT_PROMPT": "1",
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rectangles: each process reads who is on stage anew."""
    return tiny_character(tmp_path_factory.mktemp("art") / "tiny")


def check(found: dict[str, Any]) -> None:
    assert found["stage"] == found["alone"], "the host spoils the stage"
    assert found["host unharmed"], "the stage spoils the host"
    inside = found["inside"]
    assert inside["kept"] and inside["texture"] and inside["error"] == "GL_NO_ERROR"
    assert inside["picture"] == [128, 64, 0, 128]
    assert inside["over"] == [128, 64, 127]


@pytest.mark.parametrize("order", ["stage first", "stage after"])
@pytest.mark.parametrize("api", ["GLX", "EGL"])
def test_beside_a_window_of_glfw(display: str, tiny: Path, api: str, order: str) -> None:
    found = run(display, tiny, "glfw_host.py", api, order)
    check(found)
    assert found["fine"] and found["default"]
    assert bool(found["early"]) == (order == "stage first")


@pytest.mark.parametrize("host", ["pygame_host.py", "moderngl_window_host.py"])
def test_beside_other_hosts(display: str, tiny: Path, host: str) -> None:
    check(run(display, tiny, host))


def test_a_bundled_character_beside_a_host_without_a_window(display: str) -> None:
    check(run(display, "wren", "headless_host.py"))


def test_a_window_whose_context_is_not_current_is_refused_and_unharmed(display: str, tiny: Path) -> None:
    found = run(display, tiny, "raw_host.py")
    assert "no GL context is current" in found["unattached"]
    assert found["kept"]
    assert all("none is" in told for told in found["none"]) and len(found["none"]) == 2
    assert "another one is" in found["another"][0]
    assert found["red"] == [255, 0, 0, 255]


def test_of_two_windows_one_may_be_closed(display: str, tiny: Path) -> None:
    assert run(display, tiny, "two_windows.py") == {"both": True, "after": True, "again": True}


def test_a_window_that_is_dropped_is_closed(display: str, tiny: Path) -> None:
    assert run(display, tiny, "dropped_window.py") == {"freed": True, "silent": True, "after": True}


def test_a_window_of_ours_beside_the_hosts(display: str, tiny: Path) -> None:
    found = run(display, tiny, "window_beside.py")
    assert found["fine"], "the host's context is current, and its pixels are its own, between our frames"
    assert found["after"], "the host's windows live on when ours is closed"
    assert "started" in found["kinds"] and found["seen"] and found["frames"] >= 20


def test_beside_a_widget_of_qt(display: str, tiny: Path) -> None:
    found = run(display, tiny, "pyside_host.py")
    check(found)
    assert found["painted"] >= 2
