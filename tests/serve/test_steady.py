"""Frames and their sound on one clock, whatever is left out."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from mien.clock import FrameRate
from mien.serve.frames import Shown
from mien.serve.steady import Steady

BLOCK = 960
PICTURE = np.zeros((2, 2, 4), np.uint8)


def shown(number: int, samples: int) -> Shown:
    return Shown(number, 0.0, PICTURE, np.zeros((samples, 2), np.float32))


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_pictures_keep_step_with_the_sound_however_many_the_engine_leaves_out(fps: int) -> None:
    """Those that it leaves out have no number: minutes of which one of eight is left out, some two at a time,
    and of which the sound comes in pieces of a device."""
    random, rate = Random(3), FrameRate.of(fps)
    steady, interval = Steady(rate, BLOCK), 48_000 // fps
    due = heard = number = 0
    apart, last = [], -1
    while due < 180 * fps:
        left_out = random.choices((0, 1, 2), (14, 1, 1))[0]
        due += 1 + left_out
        number += 1
        until = due * interval - random.randrange(480)  # a device tells of 10 ms at a time
        at, blocks = steady.take(shown(number, until - heard))
        heard = until
        assert at > last
        last = at
        apart.append(at - (due - 1) * interval)
        assert all(len(block) == BLOCK for _, block in blocks)
    assert max(map(abs, apart)) <= 0.75 * interval + 480


def test_frames_without_their_sound_are_silent() -> None:
    steady = Steady(FrameRate.of(30), BLOCK)
    steady.take(shown(1, 1600))
    at, blocks = steady.take(shown(301, 1600))  # 299 that nobody took, of which no sound was kept
    assert at == 300 * 1600 and blocks[-1][0] + BLOCK >= at - BLOCK


def test_frames_that_nobody_took_bring_their_sound_with_the_next() -> None:
    steady, heard = Steady(FrameRate.of(30), BLOCK), 0
    for number in (1, 2, 6, 7, 12, 13):
        at, blocks = steady.take(shown(number, 1600 * (number - max(0, heard // 1600))))
        heard = 1600 * number
        assert at == 1600 * (number - 1)
        assert all(heard - (start + BLOCK) >= 0 for start, _ in blocks)


def test_after_a_pause_all_begins_anew() -> None:
    steady = Steady(FrameRate.of(30), BLOCK)
    assert steady.take(shown(1, 8000))[0] == 4 * 1600  # as four were left out before it
    steady.restart()
    assert steady.take(shown(9, 1600))[0] == 0
