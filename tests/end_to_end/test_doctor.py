"""`mien doctor` finds out what a machine lacks, also when its driver says that all is well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mien.cli.drawing_check import Difference, compare
from mien.cli.gpu_access import obstacles
from mien.composite.gl.egl import Device
from mien.stage.picture import Portrait

SOFTWARE = Device(0, 1, "", software=True)
GPU = Device(1, 2, "/dev/dri/renderD128", software=False)


def doctor(**environment: str) -> dict[str, dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mien.cli", "doctor", "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.stderr == ""
    return {finding["what"]: finding for finding in json.loads(ran.stdout)}


def test_a_driver_that_draws_nothing_is_found_out() -> None:
    assert doctor(GALLIUM_NOOP="1", LIBGL_ALWAYS_SOFTWARE="1")["drawing"]["state"] == "missing"


def test_a_driver_that_draws_right_is_said_to_and_what_it_holds() -> None:
    found = doctor()
    assert found["drawing"]["state"] == "ok" and "of 255" in found["drawing"]["found"]
    assert "1280x720: " in found["speed"]["found"] and "ms a frame" in found["speed"]["found"]
    assert "device 0" in found["GL devices"]["found"]


def test_a_device_that_is_not_there_is_named_with_those_that_are() -> None:
    found = doctor(GLCONTEXT_DEVICE_INDEX="7")
    assert "GLCONTEXT_DEVICE_INDEX=7 is none of the EGL devices" in found["devices"]["found"]


def test_a_wrong_pixel_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Portrait.draw

    def spoilt(self: Portrait, pose: Any) -> Any:
        picture = draw(self, pose)
        picture[3, 4, 1] = 255 - picture[3, 4, 1]
        return picture

    monkeypatch.setattr(Portrait, "draw", spoilt)
    difference = compare()
    assert (difference.pixels, difference.fine, difference.blank) == (1, False, False)
    assert "1 pixels are off by up to" in str(difference)


def test_a_blank_picture_is_said() -> None:
    assert str(Difference(255.0, 100, blank=True)) == "draws nothing at all"
    assert not Difference(0.0, 0, blank=True).fine


def test_a_render_node_that_may_not_be_opened_is_named_with_the_group(tmp_path: Path) -> None:
    (tmp_path / "renderD128").touch()
    (said,) = obstacles([GPU], None, dri=tmp_path, nvidia=tmp_path / "no", may_open=lambda _: False)
    assert "renderD128 may not be opened by you" in said and "usermod -aG render" in said


def test_an_nvidia_gpu_without_its_egl_is_named_with_the_variable(tmp_path: Path) -> None:
    (tmp_path / "nvidiactl").touch()
    (said,) = obstacles([SOFTWARE], "compute,utility", dri=tmp_path / "dri", nvidia=tmp_path / "nvidiactl")
    assert "NVIDIA_DRIVER_CAPABILITIES is 'compute,utility'" in said and "graphics" in said


def test_a_gpu_that_is_used_needs_no_advice(tmp_path: Path) -> None:
    (tmp_path / "renderD128").touch()
    assert obstacles([GPU], None, dri=tmp_path, nvidia=tmp_path / "no", may_open=lambda _: True) == []
