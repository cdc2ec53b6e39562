"""Where channels are on a coarser grid of time is a pure function of (script, time)."""

from __future__ import annotations

import random

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.motion import Performer
from mien.motion.coarse import CoarseChannels, steps_of
from mien.script import ExpressionSet, GazeSet, Nod
from mien.types import CHANNELS, F32, Pose
from motion.cast import blank, character, seconds
from motion.rig import Rig
from motion.test_hanging import CHAIN, hung

INTERVAL = 1600
STEPS = (4 * INTERVAL, 2 * INTERVAL)
BODY = [CHANNELS.index(name) for name in ("head_yaw", "head_roll", "body_sway", "body_lean", "breath")]
SLOTS = len(character().slots)


def coarse(early: int = 0, performer: Performer | None = None) -> CoarseChannels:
    return CoarseChannels(performer or Performer(character("a"), "a", 3), character("a"), STEPS, early)


def at(one: CoarseChannels, rig: Rig, sample: int) -> F32:
    out = np.empty((len(STEPS), len(CHANNELS)), np.float32)
    one.fill(rig.script, sample, out)
    return out


def lively() -> Rig:
    rig = Rig(30)
    rig.run(1.0)
    rig.begin_turn("a")
    rig.run(3.0)
    rig.script.append(ExpressionSet(seconds(3.1), "a", "happy"))
    rig.script.append(GazeSet(seconds(3.3), "a", 0.8, -0.3))
    rig.script.append(Nod(seconds(3.6), "a"))
    rig.run(5.0)
    return rig


def test_it_does_not_matter_what_was_asked_before() -> None:
    """In order, at random, and with frames left out."""
    rig, rng = lively(), random.Random(4)
    followed, sparse = coarse(37), coarse(37)
    times = [round(k * 1601.6) for k in range(1, 140)]
    wanted = {sample: at(followed, rig, sample) for sample in times}
    for sample in rng.sample(times, 40):
        assert np.array_equal(at(coarse(37), rig, sample), wanted[sample])
    for sample in (one for one in times if rng.random() < 0.3):
        assert np.array_equal(at(sparse, rig, sample), wanted[sample])


def test_nothing_after_the_point_of_the_grid_is_read() -> None:
    rig, early = lively(), Rig(30)
    early.run(1.0)
    early.begin_turn("a")
    early.run(3.0)
    point = seconds(3.0) // STEPS[0] * STEPS[0]
    for sample in range(point, point + 2 * INTERVAL, 400):
        assert np.array_equal(at(coarse(), rig, sample), at(coarse(), early, sample))


def test_between_two_points_they_stay_as_they_are() -> None:
    rig = lively()
    for number, step in enumerate(STEPS):
        one = coarse(INTERVAL)
        first = 9 * step - INTERVAL
        lines = [at(one, rig, first + by)[number] for by in (0, 1, step // 2, step - 1)]
        assert all(np.array_equal(lines[0], line) for line in lines)
        assert not np.array_equal(lines[0], at(one, rig, first + step)[number])


def test_they_are_nearer_to_the_middle_than_the_point_is() -> None:
    rig, performer = lively(), Performer(character("a"), "a", 3)
    off, point_off = 0.0, 0.0
    for start in range(10 * INTERVAL, 140 * INTERVAL, 2 * INTERVAL):
        line = at(coarse(), rig, start)[-1]
        point = performer.pose(rig.script, start, blank()).channels
        middle = performer.pose(rig.script, start + INTERVAL, blank()).channels
        off += float(np.abs(line - middle)[BODY].sum())
        point_off += float(np.abs(point - middle)[BODY].sum())
    assert off < 0.7 * point_off


def test_a_pose_is_worked_out_once_for_each_point_of_the_finest_grid() -> None:
    rig, performer = lively(), Performer(character("a"), "a", 3)
    asked: list[int] = []
    pose = performer.pose

    def counted(script: object, sample: int, out: object) -> object:
        asked.append(sample)
        return pose(script, sample, out)  # type: ignore[arg-type]

    performer.pose = counted  # type: ignore[method-assign,assignment]
    one = coarse(0, performer)
    for k in range(60, 140):
        at(one, rig, k * INTERVAL + 700)
    assert len(asked) == len(set(asked)) <= 80 // 2 + 5


def test_a_character_that_is_still_is_where_it_is() -> None:
    """At the second point after motion has ended, to the bit."""

    class Still:
        def pose(self, _script: object, sample: int, out: object) -> object:
            out.channels[:] = np.float32(0.3) if sample > 50 * INTERVAL else np.float32(sample * 1e-6)  # type: ignore[attr-defined]
            return out

    one = CoarseChannels(Still(), character("a"), STEPS, 0)  # type: ignore[arg-type]
    assert (at(one, Rig(30), 56 * INTERVAL) == np.float32(0.3)).all()
    assert not (at(one, Rig(30), 54 * INTERVAL) == np.float32(0.3)).all()


def test_what_hangs_is_foreseen_as_channels_are() -> None:
    """Whatever was asked before, nearer to the middle than the point is, and the channels are the same."""
    rig, performer = lively(), Performer(hung(CHAIN), "a", 3)

    def swings(one: CoarseChannels, sample: int) -> F32:
        out, swung = np.empty((2, len(CHANNELS)), np.float32), np.empty((2, len(CHAIN)), np.float32)
        one.fill(rig.script, sample, out, swung)
        assert np.array_equal(out, at(coarse(), rig, sample))
        return swung

    followed, off, point_off = CoarseChannels(performer, hung(CHAIN), STEPS, 0), 0.0, 0.0
    for start in range(80 * INTERVAL, 140 * INTERVAL, 2 * INTERVAL):
        found = swings(followed, start)
        assert np.array_equal(found, swings(CoarseChannels(performer, hung(CHAIN), STEPS, 0), start))
        point, middle = (
            performer.pose(rig.script, start + late, Pose.empty(SLOTS, len(CHAIN))).swings.copy()
            for late in (0, INTERVAL)
        )
        off += float(np.abs(found[-1] - middle).sum())
        point_off += float(np.abs(point - middle).sum())
    assert 0.0 < off < 0.7 * point_off


def test_steps_of_more_than_three_tenths_of_a_second_are_not_taken() -> None:
    assert steps_of(SAMPLE_RATE // 30) == (4 * 1600, 2 * 1600)
    assert steps_of(SAMPLE_RATE // 12) == (2 * 4000,)
    assert steps_of(SAMPLE_RATE // 5) == ()
