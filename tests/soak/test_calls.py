"""What a frame costs in Python grows with the cast and not faster: calls are counted, not time."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import mien
from art.build import tiny_character
from stage.test_stage import tone

SIZE = (160, 120)
FRAMES = 5


def calls_per_frame(folder: Path, members: int) -> float:
    """Calls of Python and C functions in a frame, on the thread that draws."""
    count = 0

    def counted(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    with mien.open_stage({f"c{k}": folder for k in range(members)}, size=SIZE) as stage:
        stage.say("c0", tone(2.0))
        for _ in range(5):
            stage.frame()
        before = sys.getprofile()
        sys.setprofile(counted)
        try:
            for _ in range(FRAMES):
                stage.frame()
        finally:
            sys.setprofile(before)
    return count / FRAMES


def test_the_calls_of_a_frame_are_linear_in_the_cast(tmp_path: Path) -> None:
    tiny = tiny_character(tmp_path / "tiny")
    few, some, many = (calls_per_frame(tiny, members) for members in (2, 10, 24))
    # 20 % for what a larger cast finds to do: blinks, saccades and crossfades fall as they like.
    assert many <= 1.2 * 12 * few
    # Nor does each of the last 14 cost more than each of the first did.
    assert (many - some) / 14 <= 1.2 * (some - few) / 8
