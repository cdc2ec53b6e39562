"""The tool that speaks conversations: its visemes, its mastering, and what it says without flite."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.types import VISEMES

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def tool() -> Any:
    before = list(sys.path)
    sys.path.insert(0, str(TOOLS))
    import speak

    yield speak
    sys.path[:] = before


def test_every_shape_is_an_oculus_viseme(tool: Any) -> None:
    assert set(tool.VISEME_OF) <= set(VISEMES)
    assert {shape for pair in tool.GLIDES.values() for shape in pair} <= set(VISEMES)


def test_a_diphthong_is_two_shapes_and_neighbours_are_joined(tool: Any) -> None:
    phones = [("pau", 0.0, 0.1), ("hh", 0.1, 0.2), ("ay", 0.2, 0.7), ("p", 0.7, 0.8), ("b", 0.8, 0.9)]
    shapes = [(shape, round(start, 3), round(end, 3)) for shape, start, end in tool.visemes_of(phones)]
    assert shapes == [("sil", 0.0, 0.1), ("aa", 0.1, 0.5), ("I", 0.5, 0.7), ("PP", 0.7, 0.9)]


def test_mastered_speech_is_trimmed_levelled_and_ends_softly(tool: Any) -> None:
    rate = 16_000
    seconds = np.arange(2 * rate) / rate
    tone = 0.01 * np.sin(2 * np.pi * 300 * seconds) * ((seconds > 0.5) & (seconds < 1.5))
    phones = (("pau", 0.0, 0.5), ("aa", 0.5, 1.5), ("pau", 1.5, 2.0))
    samples, cut_s = tool.master(tool.Spoken(tone.astype(np.float32), rate, (), phones), 0.0)
    assert cut_s == pytest.approx(0.5 - tool.LEAD_S)
    assert len(samples) / rate == pytest.approx(tool.LEAD_S + 1.0 + tool.TAIL_S, abs=1e-3)
    loud = samples[rate // 2 : rate]
    assert 20 * np.log10(np.sqrt(np.mean(loud**2))) == pytest.approx(tool.LOUDNESS_DBFS, abs=0.5)
    assert samples[0] == 0
    assert samples[-1] == 0


def test_without_flite_it_says_what_to_install(
    tool: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import flite_voice

    def refuse(name: str, **_: object) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    flite_voice._library.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    monkeypatch.setattr(sys, "argv", ["speak.py", str(TOOLS.parent / "assets" / "conversations" / "hello")])
    with pytest.raises(SystemExit, match=r"flite is not installed .*; run: apt install flite"):
        tool.main()
