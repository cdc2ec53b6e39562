"""Numbers of numpy, and fractions, mean what Python's own of the same value do: nothing is calculated in
their few bits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mien
from mien.errors import AudioRejected
from stage.test_stage import tone

PAIRS = [(np.int8(5), np.float16(2.0), np.float16(0.5)), (np.uint64(5), Fraction(2), Fraction(1, 2))]


def drawn(whole: Any, two: Any, half: Any) -> list[np.ndarray[Any, Any]]:
    """Frames and sound of a stage that was told these numbers, which are 5, 2 and 0.5."""
    entry = mien.CastEntry("otto", "otto", half, half + half)
    frames: list[np.ndarray[Any, Any]] = []
    with mien.open_stage(
        [entry], size=(64, 48), fps=whole, seed=whole, dim_listeners=half, background=(half, half, half, 1)
    ) as stage:
        words = [mien.Word("one", two - two, half), mien.Word("two", two, two + half)]
        cues = [mien.Cue(half, "nod", half), mien.Cue(two, "gaze", (half, half))]
        cues.append(mien.Cue(0.0, "nod", half, fraction=half))
        stage.say("otto", tone(3.0), "one two", words=words, cues=cues)
        stage.say("otto", tone(0.2), gap_s=two)
        for picture in stage.frames(tail_s=half, seconds=whole + two):
            frames += (picture, stage.sound)
    return frames


@pytest.mark.parametrize("numbers", PAIRS, ids=["small ones of numpy", "large ones and fractions"])
def test_a_stage_draws_and_speaks_alike_whatever_kind_its_numbers_are(numbers: tuple[Any, Any, Any]) -> None:
    told, plain = drawn(*numbers), drawn(5, 2.0, 0.5)
    assert len(told) == len(plain) == 58
    assert all(np.array_equal(one, other) for one, other in zip(told, plain, strict=True))


def test_feeds_ledgers_and_scales_take_them() -> None:
    assert mien.PcmFeed(np.int32(48_000), most_s=np.float16(3.0)).queue.most == 144_000  # type: ignore[arg-type]
    assert mien.Ledger(np.float32(40.0), realtime=True).due_ns(3) == 120_000_000  # type: ignore[arg-type]
    path = mien.bundled("characters", "otto")
    one, other = (mien.load_character(path, scale=scale) for scale in (np.float16(0.125), 0.125))  # type: ignore[arg-type]
    assert one.character == other.character
    feed = mien.PcmFeed(48_000)
    feed.push(np.zeros(10, np.float32), np.int64(480))  # type: ignore[arg-type]
    assert feed.held_s == 10 / 48_000
    with pytest.raises(AudioRejected, match="feed cannot hold 1e"):
        mien.PcmFeed(48_000, most_s=1e308)
