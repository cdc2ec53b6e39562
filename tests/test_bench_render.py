"""The measuring tool renders both ways, tries every preset, and writes what it found."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from bench_render import main as bench_render
from bench_render import presets
from cli.short import short


def test_both_ways_and_each_preset_are_measured_and_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written, talk = tmp_path / "render.md", short(tmp_path / "talk")
    monkeypatch.setattr(bench_render, "SKIPPED", 2)  # frames before those that presets are tried on
    arguments = f"--conversation {talk} --size 64x36 --seconds 0.4 --rounds 1 --preset-frames 6 --write"
    monkeypatch.setattr(sys, "argv", ["bench_render.py", *arguments.split(), str(written)])
    assert bench_render.main() == 0
    lines = written.read_text(encoding="utf-8").splitlines()
    for way in bench_render.WAYS:
        share = next(line for line in lines if line.startswith(f"| {way} |")).split("|")[-2]
        assert float(share) > 0
    rows = [
        line for line in lines[lines.index("## Presets") :] if line.startswith("| ") and "PSNR" not in line
    ]
    assert len(rows) == len(presets.settings()) == len(presets.PRESETS) + 2


def test_pictures_that_are_equal_are_alike_and_others_less() -> None:
    rng = np.random.default_rng(1)
    one = rng.integers(0, 256, (40, 48), dtype=np.uint8)
    assert presets.ssim(one, one) == pytest.approx(1.0)
    assert presets.ssim(one, one // 2) < 0.9
    assert presets.ssim(one, rng.integers(0, 256, (40, 48), dtype=np.uint8)) < 0.2
    assert presets.psnr(0.0) == 100.0
    assert presets.psnr(255.0**2) == 0.0
