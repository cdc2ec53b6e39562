"""The tool that shows who is held up while a frame is drawn, from end to end on a small frame."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[1] / "tools" / "show_gil.py"


def shown(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_it_writes_a_page_with_every_way_and_how_it_was_made(tmp_path: Path) -> None:
    page = tmp_path / "gil.md"
    run = shown("--size", "64x48", "--layers", "3", "--rounds", "1", "--write", str(page))
    assert run.returncode == 0, run.stderr
    text = page.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and " ms |" in line]
    assert [row.count("ms |") for row in rows] == [4, 4, 4, 4, 2, 2, 2, 2]
    for what in ("Command: `python tools/show_gil.py --size 64x48", "Processor: ", "Renderer: ", "Date: "):
        assert what in text


def test_a_size_that_is_none_is_refused_in_a_sentence() -> None:
    run = shown("--size", "big")
    assert run.returncode == 2
    assert "--size big: give width x height, as 1280x720" in run.stderr
    assert "Traceback" not in run.stderr
