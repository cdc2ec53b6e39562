"""The tool that holds Mien's pictures to those that layered files store, on files of each outcome."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from art.psd_file import FileLayer, psd_file, raw, rgba

pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")

TOOL = Path(__file__).parents[1] / "tools" / "compare_art.py"


def test_it_tells_the_files_that_are_drawn_otherwise_and_counts_all(tmp_path: Path) -> None:
    layer = FileLayer((0, 0, 2, 1), rgba(np.array([[[90, 90, 90, 255], [10, 10, 10, 255]]], np.uint8)))
    for name, stored in (("same", [90, 10]), ("other", [90, 60])):
        (tmp_path / f"{name}.psd").write_bytes(psd_file((2, 1), [layer], raw([stored] * 3)))
    (tmp_path / "flat.psd").write_bytes(psd_file((2, 1), [], raw([[1, 2]] * 3)))
    (tmp_path / "none.psd").write_bytes(b"nothing")
    command = [sys.executable, str(TOOL), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [str(tmp_path / "none.psd"), "refused"],
        [str(tmp_path / "other.psd"), "differs"],
    ]
    assert "by up to 50 of 255, 25.00 in the mean" in lines[1]
    counts = sorted(line.strip() for line in run.stderr.splitlines())
    assert counts == ["1 differs", "1 has nothing to compare with", "1 refused", "1 the same"]
