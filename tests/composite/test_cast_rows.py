"""Characters that are filled together have the rows that they have one by one, at the calls of one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import numpy as np
import pytest

from composite.characters import character
from composite.test_rig import GAZE, JOINTS
from composite.test_rows import drawing, slot
from mien.character import Character, Group
from mien.composite import CastRows, CharacterRows, FrameRows, Rig
from mien.composite.rows import FLOATS
from mien.types import CHANNELS, F32, Affine, Pose, Size

SIZE = Size(120, 120)


def figure(shift: int, groups: tuple[Group, ...] = ()) -> Character:
    slots = (
        slot(drawing(10 + shift, 10), clip=True),  # nothing of its own below it, somebody else's perhaps
        slot(drawing(12 + shift, 10), drawing(14 + shift, 12)),
        slot(drawing(14 + shift, 12), clip=True),
        slot(drawing(30, 20 + shift)),
    )
    return replace(character(slots, JOINTS, gaze=GAZE), groups=groups)


def pose_into(pose: Pose, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pose.channels[:] = rng.uniform(-0.3, 0.3, len(CHANNELS))
    pose.picks[:] = -1
    pose.picks[:, 0] = 0
    pose.weights[:] = (1.0, 0.0, 0.0, 0.0)
    pose.opacity[1] = 0.5 + 0.5 * rng.random()


def rows_of(frame: FrameRows) -> list[F32]:
    return [block.rows[: block.count].copy() for block in (*frame.offscreens, frame)]


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_cast_has_the_rows_of_its_characters_one_after_another(
    grouped: bool, order: tuple[int, ...]
) -> None:
    groups = (Group("g", 1, 3, opacity=0.5),) if grouped else ()
    cast = [figure(0), figure(2, groups), figure(5)]
    together, apart = FrameRows(64, SIZE), FrameRows(64, SIZE)
    rows = CastRows(cast, (0, 3, 5), together)
    each = [CharacterRows(one, base, apart) for one, base in zip(cast, (0, 3, 5), strict=True)]
    places = [Affine(tx=3.0 * k) for k in range(3)]
    tints = [(1.0, 1.0 - 0.1 * k, 1.0, 1.0) for k in range(3)]
    for frame_number in range(3):
        together.reset()
        apart.reset()
        for k in order:
            pose_into(rows.poses[k], 10 * frame_number + k)
            each[k].fill(apart, rows.poses[k], places[k], tint=tints[k])
        rows.fill(together, places, tints, order=order)
        assert together.count > 6
        for one, other in zip(rows_of(together), rows_of(apart), strict=True):
            assert one.shape[1] == FLOATS and np.array_equal(one, other)


def test_where_a_layer_shows_all_that_is_behind_it_the_order_stays() -> None:
    cast = [figure(0), figure(2, (Group("g", 1, 3, opacity=0.5, pass_through=True),))]
    frame, other = FrameRows(64, SIZE), FrameRows(64, SIZE)
    rows, same = CastRows(cast, (0, 3), frame), CastRows(cast, (0, 3), other)
    for k, (pose, again) in enumerate(zip(rows.poses, same.poses, strict=True)):
        pose_into(pose, k)
        pose_into(again, k)
    places, tints = [Affine(), Affine(tx=4.0)], [(1.0, 1.0, 1.0, 1.0)] * 2
    rows.fill(frame, places, tints, order=(1, 0))
    same.fill(other, places, tints)
    for one, two in zip(rows_of(frame), rows_of(other), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("grouped", [False, True])
def test_who_is_not_there_has_no_rows_and_has_them_again_once_it_is(grouped: bool) -> None:
    cast = [figure(0), figure(2, (Group("g", 1, 3, opacity=0.5),) if grouped else ())]
    frame = FrameRows(64, SIZE)
    rows = CastRows(cast, (0, 3), frame)
    for k, pose in enumerate(rows.poses):
        pose_into(pose, k)
    counts, tints = [], [(1.0, 1.0, 1.0, 1.0)] * 2
    for opacities in (None, (1.0, 0.0), (0.0, 1.0), (0.0, 0.0), None):
        frame.reset()
        rows.fill(frame, [Affine(), Affine(tx=4.0)], tints, opacities)
        counts.append(sum(map(len, rows_of(frame))))
    both, first, second, none, again = counts
    assert none == 0 < first and second > 0 and first + second == both == again


def test_it_says_how_many_show_other_drawings() -> None:
    rows, frame = CastRows([figure(0), figure(2)], (0, 0)), FrameRows(64, SIZE)
    said = []
    for pick in (0, 0, 1, 1):
        rows.poses[1].picks[1, 0] = pick
        said.append(rows.pick())
        assert rows.pick() == said[-1], "until they are made"
        frame.reset()
        rows.fill(frame, [Affine()] * 2, [(1.0, 1.0, 1.0, 1.0)] * 2)
    assert said == [2, 0, 1, 0]


def test_joints_of_a_cast_stand_as_those_of_each() -> None:
    cast = [figure(0), figure(1)]
    channels = np.random.default_rng(0).uniform(-1.0, 1.0, (2, len(CHANNELS))).astype(np.float32)
    channels[0, 0] = np.nan
    together = np.empty((2 * len(JOINTS), 2, 3))
    Rig(*cast).affines(channels, together)
    for k, one in enumerate(cast):
        alone = np.empty((len(JOINTS), 2, 3))
        Rig(one).affines(channels[k], alone)
        own = together[k * len(JOINTS) : (k + 1) * len(JOINTS)]
        assert np.array_equal(own, alone, equal_nan=True)


def calls(run: Callable[[], None]) -> int:
    """How often functions of C are called, but for methods of lists and the like: nearly all numpy's."""
    count = 0

    def saw(_frame: FrameType, event: str, called: object) -> None:
        nonlocal count
        own = isinstance(getattr(called, "__self__", None), list | dict | frozenset)
        count += event == "c_call" and not own

    before = sys.getprofile()
    sys.setprofile(saw)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def test_eight_characters_are_filled_with_the_array_calls_of_two() -> None:
    counted = []
    for many in (2, 8):
        rows, frame = CastRows([figure(k) for k in range(many)], (0,) * many), FrameRows(64, SIZE)
        places, tints = [Affine()] * many, [(1.0, 1.0, 1.0, 1.0)] * many
        for number in range(2):
            for k, pose in enumerate(rows.poses):
                pose_into(pose, 10 * number + k)
            frame.reset()
            last = calls(lambda r=rows, f=frame, p=places, t=tints: r.fill(f, p, t))  # type: ignore[misc]
        counted.append(last)
    assert counted[1] == counted[0] < 120
