"""The measuring tool measures each source kind, and writes what it found."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from bench_audio import main as bench_audio


def test_every_way_is_measured_and_written(
    monkeypatch: pytest.MonkeyPatch, tone: np.ndarray, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench_audio, "CODECS", (("MP3", "mp3", "libmp3lame"), ("M4A", "mp4", "aac")))
    monkeypatch.setattr(bench_audio, "speech", lambda: np.tile(tone, 4))
    found, pcm, busy = bench_audio.measure(1)
    assert len(busy) == 2
    assert [result.name for result in found] == ["MP3", "M4A"] and len(pcm) == 1
    for result in found:
        assert set(result.times) == {"whole", *bench_audio.KINDS}
        assert all(len(times) == 1 and times[0] > 0 for times in result.times.values())
        assert 0 < result.needed < result.size / 2  # it sounded long before it was whole
    monkeypatch.setattr(bench_audio, "measure", lambda _: (found, pcm, busy))
    monkeypatch.setattr(
        sys, "argv", ["bench_audio.py", "--rounds", "1", "--write", str(tmp_path / "audio.md")]
    )
    assert bench_audio.main() == 0
    lines = (tmp_path / "audio.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith(("| codec", "| MP3", "| M4A"))]
    assert len(rows) == 3 and len({row.count("|") for row in rows}) == 1
    assert any(line.startswith("- Of 13 beginnings") for line in lines)


def test_a_file_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bench_audio, "measure", lambda _: ([], [1.0], [1.0]))
    monkeypatch.setattr(sys, "argv", ["bench_audio.py", "--write", str(tmp_path)])
    assert bench_audio.main() == 2
    assert str(tmp_path) in capsys.readouterr().err
