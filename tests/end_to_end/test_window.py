"""A real window on a virtual display, played and photographed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from cli.short import short
from kept_pages import keeping_pages


def play(display: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "mien.cli", "play", *arguments],
        env={**os.environ, **keeping_pages(), "DISPLAY": display, "WAYLAND_DISPLAY": ""},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_window_plays_a_conversation_and_leaves_a_verdict(display: str, tmp_path: Path) -> None:
    shot, ledger = tmp_path / "shot.png", tmp_path / "play.jsonl"
    ran = play(
        display, "hello", "--silent", "--seconds", "2.5", "--size", "384x216", "--fps", "30",
        "--screenshot", str(shot), "--ledger", str(ledger), "--json",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "keys: Esc or Q closes, F is full screen, H shows the panel, Space stops the speaker" in ran.stderr
    verdict = json.loads(ran.stdout)
    assert verdict["sound"] == "silent, as asked"
    assert verdict["frames_produced_total"] > 10
    assert verdict["l1_miss_total"] == 0
    assert verdict["gl_alloc_after_ready_total"] == 0
    assert verdict["shader_compile_after_ready_total"] == 0
    picture = np.asarray(Image.open(shot))
    assert picture.shape == (216, 384, 4)
    assert len(np.unique(picture[..., :3].reshape(-1, 3), axis=0)) > 1000, (
        "a painted picture, not a plain one"
    )
    records = [json.loads(line) for line in ledger.read_text().splitlines()]
    frames = [record for record in records if record["kind"] == "frame"]
    times = [frame["at_sample"] for frame in frames]
    assert times == sorted(times)
    assert any(frame["speaking"] for frame in frames)


def test_without_a_display_the_window_says_so_in_a_sentence(tmp_path: Path) -> None:
    ran = play("", "hello", "--silent", "--seconds", "1")
    assert ran.returncode == 1
    assert "mien render" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_a_window_the_same_is_played_in_real_time(tmp_path: Path) -> None:
    shot, ledger, trace = tmp_path / "shot.png", tmp_path / "play.jsonl", tmp_path / "run.json"
    ran = play(
        "", "hello", "--headless", "--silent", "--seconds", "2", "--size", "320x180",
        "--screenshot", str(shot), "--ledger", str(ledger), "--trace", str(trace), "--json",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    verdict = json.loads(ran.stdout)
    assert verdict["frames_expected_total"] >= 55
    assert verdict["l1_miss_total"] == verdict["gl_alloc_after_ready_total"] == 0
    assert verdict["shader_compile_after_ready_total"] == 0
    assert verdict["readback_wait_ms"]["max"] == 0
    assert np.asarray(Image.open(shot)).shape == (180, 320, 4)
    kinds = [json.loads(line)["kind"] for line in ledger.read_text().splitlines()]
    assert (kinds[0], kinds[-1]) == ("run", "totals")
    assert kinds.count("frame") == verdict["frames_produced_total"]
    assert len(json.loads(trace.read_text())) > 0


def test_a_screenshot_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    for name, told in (("shot.jpg", "a picture is written as .png"), ("file/shot.png", "cannot be written")):
        ran = play("", "hello", "--headless", "--silent", "--screenshot", str(tmp_path / name))
        assert ran.returncode == 1 and ran.stdout == ""
        assert told in ran.stderr and "getting ready" not in ran.stderr and "Traceback" not in ran.stderr


def test_the_folder_of_a_screenshot_is_made(tmp_path: Path) -> None:
    shot = tmp_path / "new" / "shot.png"
    ran = play(
        "", str(short(tmp_path / "talk")), "--headless", "--silent", "--size", "64x36",
        "--screenshot", str(shot),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    with Image.open(shot) as picture:
        assert picture.size == (64, 36)
