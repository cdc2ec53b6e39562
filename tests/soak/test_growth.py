"""What the frame loop allocates it gives back: Python's own memory over many frames.

A default run measures 300 frames; with `MIEN_SOAK=10000`, 1500.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable
from math import sin
from pathlib import Path

import pytest

import mien
from art.build import tiny_character
from mien import bounded_cache
from mien.composite.plan import footprints, row_classes
from mien.stage.offline import Stage
from stage.test_stage import tone

SIZE = (48, 36)
FRAMES = min(1500, int(os.environ.get("MIEN_SOAK", "900")) // 3)
MOST = 128 * 1024
"""Bytes that may be more afterwards, whatever the number of frames: what small caches hold rises and falls by
100 kB. In a full run, 90 bytes kept for each frame are more."""

CACHES = (bounded_cache, footprints, row_classes)
"""They keep what they found of rows, up to a number of entries, and are measured by that."""


def say_and_decode(stage: Stage, seconds: float) -> None:
    """Have a turn played that is decoded to its end by now: its track grows no more."""
    key = stage.say("a", tone(seconds))
    turn, progress = stage._show.session._turns[key][1], stage._audio._worker.progress
    while not turn.done:
        progress.clear()
        progress.wait(1.0)
    stage.frame()


def kept(stage: Stage, tell: Callable[[int], None] = lambda number: None) -> tuple[int, str]:
    """Bytes allocated and kept over FRAMES frames outside the caches, and the lines that keep most."""
    out = stage.frame()
    ignored = [tracemalloc.Filter(False, str(module.__file__)) for module in (*CACHES, tracemalloc)]

    def after(frames: int) -> tracemalloc.Snapshot:
        for number in range(frames):
            tell(number)
            stage.frame(out)
        gc.collect()
        return tracemalloc.take_snapshot().filter_traces(ignored)

    for _ in range(200):
        stage.frame(out)
    tracemalloc.start()
    try:
        before = after(50)
        changes = after(FRAMES).compare_to(before, "lineno")
    finally:
        tracemalloc.stop()
    return sum(change.size_diff for change in changes), "\n".join(map(str, changes[:6]))


def test_a_frame_in_which_the_host_tells_something_keeps_nothing(tmp_path: Path) -> None:
    tiny = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": tiny, "b": tiny}, size=SIZE) as stage:

        def tell(number: int) -> None:
            stage.look_at("a", (0.8 * sin(number / 9), 0.0))
            stage.look_at("b", "a")
            stage.set_expression("b", "neutral")
            stage.gesture("b", "")

        for number in range(400):  # the script keeps ten seconds
            tell(number)
            stage.frame()
        grown, lines = kept(stage, tell)
        # The trail of a moving gaze rises and falls by 128 positions of 200 bytes, beside what caches do.
        assert grown <= MOST + 128 * 1024, lines
        script = stage._show.script
        assert sum(len(lane) for lane in script.lanes("b").values()) <= 4
        assert len(script.lanes("a")["trail"]) <= 300 + 128 + 8


@pytest.mark.parametrize("talks", [False, True])
def test_a_frame_keeps_nothing(tmp_path: Path, *, talks: bool) -> None:
    tiny = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": tiny, "b": tiny}, size=SIZE) as stage:
        if talks:
            say_and_decode(stage, (FRAMES + 300) / float(stage.fps))
        grown, lines = kept(stage)
        assert talks is not stage.idle
        assert grown <= MOST, lines
