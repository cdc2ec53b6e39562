"""Stages and compositors in other programs: each host draws its own scene, and neither spoils the other's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HOSTS = Path(__file__).parent / "hosts"


def run(display: str, name: str, *arguments: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, str(HOSTS / name), *arguments],
        env={
            **os.environ,
            "DISPLAY": display,
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


def check(found: dict[str, Any]) -> None:
    assert found["stage"] == found["alone"], "the host spoils the stage"
    assert found["host unharmed"], "the stage spoils the host"
    inside = found["inside"]
    assert inside["kept"] and inside["texture"] and inside["error"] == "GL_NO_ERROR"
    assert inside["picture"] == [128, 64, 0, 128]
    assert inside["over"] == [128, 64, 127]


@pytest.mark.parametrize("order", ["stage first", "stage after"])
@pytest.mark.parametrize("api", ["GLX", "EGL"])
def test_beside_a_window_of_glfw(display: str, api: str, order: str) -> None:
    found = run(display, "glfw_host.py", api, order)
    check(found)
    assert found["fine"] and found["default"]
    assert bool(found["early"]) == (order == "stage first")


@pytest.mark.parametrize("host", ["pygame_host.py", "moderngl_window_host.py", "headless_host.py"])
def test_beside_other_hosts(display: str, host: str) -> None:
    check(run(display, host))


def test_a_window_whose_context_is_not_current_is_refused_and_unharmed(display: str) -> None:
    found = run(display, "raw_host.py")
    assert "no GL context is current" in found["unattached"]
    assert found["kept"]
    assert all("none is" in told for told in found["none"]) and len(found["none"]) == 2
    assert "another one is" in found["another"][0]
    assert found["red"] == [255, 0, 0, 255]


def test_of_two_windows_one_may_be_closed(display: str) -> None:
    assert run(display, "two_windows.py") == {"both": True, "after": True, "again": True}


def test_a_window_that_is_dropped_is_closed(display: str) -> None:
    assert run(display, "dropped_window.py") == {"freed": True, "silent": True, "after": True}


def test_a_window_of_ours_beside_the_hosts(display: str) -> None:
    found = run(display, "window_beside.py")
    assert found["fine"], "the host's context is current, and its pixels are its own, between our frames"
    assert found["after"], "the host's windows live on when ours is closed"
    assert "started" in found["kinds"] and found["seen"] and found["frames"] >= 20


def test_beside_a_widget_of_qt(display: str) -> None:
    found = run(display, "pyside_host.py")
    check(found)
    assert found["painted"] >= 2
