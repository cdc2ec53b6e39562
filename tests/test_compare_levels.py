"""The tool that shows what the levels of live frames look like, on a few small frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
from PIL import Image

from cli.short import short
from mien.stage.governor import LEVELS

TOOL = Path(__file__).parents[1] / "tools" / "compare_levels.py"


def test_each_level_has_its_line_and_its_picture_and_the_film_its_frames(tmp_path: Path) -> None:
    page, sheet, film = (tmp_path / name for name in ("a.md", "a.png", "a.mp4"))
    command = [
        sys.executable,
        str(TOOL),
        str(short(tmp_path / "talk")),
        "--size",
        "64x36",
        "--seconds",
        "0.2",
    ]
    command += ["--write", str(page), "--sheet", str(sheet), "--film", str(film)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) == len(LEVELS) and run.stdout == page.read_text(encoding="utf-8")
    with Image.open(sheet) as picture:
        assert picture.width == 3 * 64 and picture.height > 36 * (len(LEVELS) - 1)
    with av.open(str(film)) as file:
        frames = [(frame.width, frame.height) for frame in file.decode(video=0)]
    assert frames == [(192, 36)] * 6


def test_a_conversation_that_is_none_is_a_sentence() -> None:
    run = subprocess.run(
        [sys.executable, str(TOOL), "helo"], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 1 and "did you mean 'hello'?" in run.stderr
    assert "Traceback" not in run.stderr
