"""Bodies: none repeats, no two fall into step, weight is shifted, a turn is breathed for; listeners nod."""

from __future__ import annotations

import numpy as np
import pytest

from mien.motion import Performer
from mien.motion.chance import Chance
from mien.motion.listening import Reactions
from mien.motion.presence import Posture
from mien.script import Script, TurnComing, TurnStarted
from mien.types import CHANNEL_INDEX, F64
from motion.cast import blank, character, script_of, seconds, track

IDLE = ("breath", "body_sway", "head_yaw", "head_pitch", "head_roll")
RATE = 5


def idle(key: str, seed: int, length_s: int) -> F64:
    """(samples, channels) of one to whom nothing happens, five times a second."""
    performer, out = Performer(character(), key, seed), blank()
    script = Script()
    columns = [CHANNEL_INDEX[name] for name in IDLE]
    rows = [performer.pose(script, seconds(i / RATE), out).channels[columns] for i in range(length_s * RATE)]
    return np.array(rows, np.float64)


def correlations(one: F64, other: F64) -> F64:
    """r of `one` with `other` that much later, by lag, up to half of their length."""
    half = len(one) // 2
    return np.array([np.corrcoef(one[: len(one) - lag], other[lag:])[0, 1] for lag in range(half)])


@pytest.mark.parametrize("seed", range(3))
def test_nobody_repeats_within_ten_minutes(seed: int) -> None:
    rows = idle("a", seed, 600)
    for column, name in enumerate(IDLE):
        again = correlations(rows[:, column], rows[:, column])[10 * RATE :].max()
        assert again < 0.6, f"{name} comes again with r {again:.2f}"


def test_no_two_fall_into_step() -> None:
    one, other = idle("a", 1, 400), idle("b", 1, 400)
    for column, name in enumerate(IDLE):
        together = np.abs(correlations(one[:, column], other[:, column])[: 5 * RATE]).max()
        assert together < 0.45, f"{name} goes together with r {together:.2f}"


def test_weight_is_shifted_every_8_to_25_seconds_and_without_a_jump() -> None:
    posture = Posture(Chance(3, "a"))
    times = np.arange(0, 600, 0.05)
    shifts = np.unique([posture.last(t) for t in times[400:]])
    assert np.diff(shifts).min() > 8.0 and np.diff(shifts).max() < 25.0
    sway = np.array([posture.at(t).sway for t in times])
    assert np.abs(np.diff(sway)).max() < 0.08
    assert np.ptp(sway) > 0.3


def test_a_turn_that_is_announced_is_breathed_for_before_its_first_sound() -> None:
    heard = track(3)
    script = script_of(
        TurnComing(seconds(4.5), "a", "1", seconds(5), heard), TurnStarted(seconds(5), "a", "1", heard)
    )
    performer, out, quiet = Performer(character(), "a", 2), blank(), blank()
    column = CHANNEL_INDEX["breath"]
    extra = np.array(
        [
            performer.pose(script, seconds(t), out).channels[column]
            - performer.pose(Script(), seconds(t), quiet).channels[column]
            for t in np.arange(4.4, 5.0, 0.01)
        ]
    )
    steepest = 4.4 + 0.01 * float(np.diff(extra).argmax()) - 5.0
    assert -0.5 <= steepest <= -0.2
    assert extra.max() > 0.2


def test_a_listener_nods_two_to_four_times_and_less_each_time() -> None:
    script = script_of(TurnStarted(0, "b", "1", track(60)))
    reactions = Reactions(Chance(1, "a"), Chance(1, ""))
    nods = {
        nod.begun: nod
        for i in range(60 * 30)
        for nod in reactions.near(script, "a", {}, seconds(i / 30)).nods
    }
    assert 8 <= len(nods) <= 20
    for nod in nods.values():
        assert 2 <= nod.dips <= 4
        course = np.array([nod.dip(nod.begun + 48 * ms) for ms in range(2000)])
        peaks = course[1:-1][(course[1:-1] > course[:-2]) & (course[1:-1] >= course[2:])]
        assert len(peaks) == nod.dips
        assert (np.diff(peaks) < 0).all()
        assert course[-1] == 0.0
