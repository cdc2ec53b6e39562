"""What hangs follows as pendulums do, and is a pure function of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.mesh import Hang, Mesh, Segment
from mien.motion import Performer
from mien.motion.ease import Waves, wave
from mien.motion.hanging import Hanging
from mien.motion.target import Target
from mien.script import GazeSet, Script
from mien.types import F64, Pose, Size
from motion.cast import character, seconds

CHAIN = (Segment(1.6, 0.3, 10.0), Segment(1.1, 0.25, 10.0), Segment(0.8, 0.4, 10.0))


def hung(*chains: tuple[Segment, ...]) -> Character:
    hangs = tuple(Hang((32.0, 0.0), (32.0, 60.0), 0.0, 0.0, chain) for chain in chains)
    return replace(character(), meshes=(Mesh("lock", (0,), 0, Size(2, 2), (0, 0, 64, 64), hangs=hangs),))


def simulated(chain: tuple[Segment, ...], head: F64, step_s: float) -> F64:
    """(segments, times) how far each is behind the one above, of a head that is there at each time."""
    behind, above = [], head
    for k, segment in enumerate(chain):
        natural = 2 * np.pi / (segment.period_s * (1 + 0.013 * k))
        at, speed = above[0], 0.0
        follows = np.empty_like(head)
        for i, wanted in enumerate(above):
            follows[i] = at
            speed += step_s * (natural**2 * (wanted - at) - 2 * segment.damping * natural * speed)
            at += step_s * speed
        behind.append(above - follows)
        above = follows
    return np.array(behind)


def test_after_a_look_each_segment_is_behind_as_pendulums_in_a_row_are() -> None:
    hanging = Hanging(hung(CHAIN), ())
    lasts, turn = 0.4, Target(0, 0.4, 0.0, 0.0, 0.4 * SAMPLE_RATE)
    still = Target(0, 0.0, 0.0, 0.0, 1.0)
    step = 1 / 4000
    times = np.arange(0.0, 2.0, step)
    ramp = np.clip(times / lasts, 0.0, 1.0) * turn.yaw * 2.0
    wanted = simulated(CHAIN, ramp, step)
    out = np.zeros(3, np.float32)
    for t in (0.45, 0.7, 1.1, 1.5):
        hanging.fill(out, round(t * SAMPLE_RATE), t, 1.0, [turn, still])
        assert out == pytest.approx(wanted[:, round(t / step)], abs=0.01)


def test_a_slow_wave_runs_down_the_chain() -> None:
    """Of a head that sways, each segment is behind as pendulums are, and takes half of their sway along."""
    idle: Waves = ((2 * np.pi / 2.3, 0.4, 0.2),)
    hanging = Hanging(hung(CHAIN), idle)
    step = 1 / 2000
    times = np.arange(0.0, 24.0, step)
    head = np.array([wave(idle, t) for t in times])
    behind = simulated(CHAIN, head, step)
    follows = head - np.cumsum(behind, axis=0)
    out = np.zeros(3, np.float32)
    for t in (20.0, 21.3, 22.9):
        hanging.fill(out, round(t * SAMPLE_RATE), t, 1.0, [])
        assert out == pytest.approx((behind + 0.5 * follows)[:, round(t / step)], abs=0.01)


def test_pendulums_of_one_period_are_possible_too() -> None:
    hanging = Hanging(hung((Segment(1.0, 0.3, 9.0),) * 4), ((2.0, 0.0, 0.3),))
    out = np.zeros(4, np.float32)
    turn, still = Target(0, 1.0, 0.0, 0.0, 9600.0), Target(0, 0.0, 0.0, 0.0, 1.0)
    for at in range(0, 480_000, 1600):
        hanging.fill(out, at, at / SAMPLE_RATE, 1.0, [turn, still])
        assert np.abs(out).max() <= 1.0
    hanging.fill(out, 40 * SAMPLE_RATE, 40.0, 0.0, [turn, still])
    assert out.tolist() == [0.0] * 4


def test_swings_are_pure_and_never_jump() -> None:
    one = hung(CHAIN, CHAIN[:1])
    script = Script(3)
    for k in range(8):
        script.append(GazeSet(seconds(0.7 + 1.3 * k), "ada", (-1.0) ** k, 0.2))
    poses = {}
    performer = Performer(one, "ada", 3)
    times = [round(SAMPLE_RATE * k / 60) for k in range(600)]
    for at in times:
        poses[at] = performer.pose(script, at, Pose.empty(8, 4)).swings.copy()
    again = Performer(one, "ada", 3)
    for at in reversed(times[::7]):
        assert np.array_equal(again.pose(script, at, Pose.empty(8, 4)).swings, poses[at])
    course = np.array([poses[at] for at in times])
    assert np.abs(course).max() > 0.2
    assert np.abs(np.diff(course, axis=0)).max() < 0.1
    assert np.abs(np.diff(course, n=2, axis=0)).max() < 0.05


def test_a_pose_without_room_for_swings_gets_none() -> None:
    pose = Performer(hung(CHAIN), "ada", 3).pose(Script(3), 4800, Pose.empty(8))
    assert len(pose.swings) == 0
