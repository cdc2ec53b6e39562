"""While a page is on its way, what its slot showed stays, and the miss is counted once with its length."""

from __future__ import annotations

import numpy as np

from mien.composite.stand_ins import StandIns
from mien.types import Pose

TABLE = np.array([[0, 1, 2, -1], [0, 3, -1, -1]], np.int32)


def posed(*picks: tuple[int, ...]) -> Pose:
    pose = Pose.empty(len(picks))
    pose.picks[:], pose.weights[:] = -1, 0.0
    for slot, mix in enumerate(picks):
        pose.picks[slot, : len(mix)] = mix
        pose.weights[slot, : len(mix)] = 1.0 / max(1, len(mix))
    return pose


def test_a_slot_keeps_its_drawing_until_the_new_one_is_here() -> None:
    here = np.array([True, False, True, True])
    stand_ins = StandIns(TABLE)
    stand_ins.settle(posed((0,), (0,)), here, 0)
    assert (stand_ins.begun, stand_ins.ended, stand_ins.missing) == (0, [], frozenset())
    for at in (100, 200, 300):
        pose = posed((1,), (1,))
        stand_ins.settle(pose, here, at)
        assert pose.picks[:, 0].tolist() == [0, 1]
        assert stand_ins.begun == (at == 100)
        assert stand_ins.missing == {1}
    here[1] = True
    pose = posed((1,), (1,))
    stand_ins.settle(pose, here, 700)
    assert pose.picks[:, 0].tolist() == [1, 1]
    assert (stand_ins.begun, stand_ins.ended, stand_ins.missing) == (0, [600], frozenset())


def test_a_crossfade_waits_for_all_its_drawings() -> None:
    here = np.array([True, False, True, True])
    stand_ins = StandIns(TABLE)
    stand_ins.settle(posed((2,), (0,)), here, 0)
    pose = posed((1, 2), (0,))
    stand_ins.settle(pose, here, 10)
    assert pose.picks[0].tolist() == [2, -1, -1, -1]
    assert pose.weights[0].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_what_has_shown_nothing_yet_shows_nothing() -> None:
    stand_ins = StandIns(TABLE)
    pose = posed((1,), ())
    stand_ins.settle(pose, np.zeros(4, np.bool_), 0)
    assert not pose.weights.any()
    assert stand_ins.begun == 1


def test_a_change_of_mind_ends_the_miss() -> None:
    here = np.array([True, False, True, True])
    stand_ins = StandIns(TABLE)
    stand_ins.settle(posed((0,), (0,)), here, 0)
    stand_ins.settle(posed((1,), (0,)), here, 10)
    stand_ins.settle(posed((2,), (0,)), here, 30)
    assert (stand_ins.ended, stand_ins.missing) == ([20], frozenset())
