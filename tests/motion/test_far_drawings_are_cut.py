"""No frame of any change shows two drawings that lie apart; what overlaps is mixed as ever."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from mien.character import Character
from mien.motion import Performer
from mien.motion.slots import together
from mien.script import DrawingSet, ExpressionSet, GestureSet, Script
from motion.cast import ARM, BROW, COAT, blank, busy_script, character, script_of, seconds, shown

ALL = frozenset(combinations(range(-1, 4), 2))


def apart(pairs: dict[int, frozenset[tuple[int, int]]]) -> Character:
    """The cast's character with pairs of drawings that lie apart, by slot."""
    made = character()
    slots = tuple(replace(slot, apart=pairs.get(s, frozenset())) for s, slot in enumerate(made.slots))
    return replace(made, slots=slots)


def arms(script: Script, made: Character, slot: int, begin: float, end: float) -> list[dict[int, float]]:
    performer, out = Performer(made, "a", 0), blank()
    return [shown(performer.pose(script, at, out), slot) for at in range(seconds(begin), seconds(end), 160)]


def test_an_arm_that_lies_elsewhere_is_cut_once_half_way_through_the_fade() -> None:
    script = script_of(GestureSet(seconds(1), "a", "explain"), GestureSet(seconds(2), "a", ""))
    found = arms(script, apart({ARM: ALL}), ARM, 0.9, 2.5)
    assert all(list(frame.values()) == [1.0] for frame in found), "one drawing, whole"
    picks = [next(iter(frame)) for frame in found]
    cuts = [i for i in range(1, len(picks)) if picks[i] != picks[i - 1]]
    assert [picks[0], *(picks[i] for i in cuts)] == [0, 2, 0]
    # 140 ms * 0.65 is the fade of an arm; its middle lies at 45 ms.
    assert [0.9 + i / 300 for i in cuts] == pytest.approx([1.0455, 2.0455], abs=1 / 300)


@pytest.mark.parametrize("seed", range(6))
def test_no_frame_of_any_changes_shows_two_that_lie_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    script = busy_script(rng, 12.0)
    pairs = {
        slot: frozenset(pair for pair in combinations(range(-1, 5), 2) if rng.random() < 0.5)
        for slot in (ARM, BROW, COAT)
    }
    made = apart(pairs)
    performer, out, mixed = Performer(made, "a", 0), blank(), 0
    for at in range(0, seconds(12), 400):
        performer.pose(script, at, out)
        for slot, forbidden in pairs.items():
            frame = shown(out, slot)
            assert sum(frame.values()) == pytest.approx(1.0)
            assert not forbidden.intersection(combinations(sorted(frame), 2))
            mixed += len(frame) > 1
    assert mixed, "what is not apart is mixed"


def test_of_three_the_heaviest_stays_with_what_overlaps_it() -> None:
    arm = replace(character().slots[ARM], apart=frozenset({(0, 2), (1, 2)}))
    assert together({2: 0.2, 1: 0.3, 0: 0.5}, arm) == {0: 0.5, 1: 0.3}
    assert together({2: 0.6, 1: 0.2, 0: 0.2}, arm) == {2: 0.6}
    assert together({2: 0.5, 0: 0.5}, arm) == {2: 0.5}, "of equals the newest"


def test_a_mark_fades_out_before_another_fades_in() -> None:
    script = script_of(
        DrawingSet(seconds(1), "a", "coat", "plain"), DrawingSet(seconds(2), "a", "coat", "raincoat")
    )
    found = arms(script, apart({COAT: frozenset({(0, 1)})}), COAT, 1.99, 2.3)
    assert all(not {0, 1} <= set(frame) for frame in found)
    seen = [1.0 - frame.get(-1, 0.0) for frame in found]
    assert seen[0] == seen[-1] == 1.0 and min(seen) < 0.05
    assert max(abs(np.diff(seen))) < 0.06, "and neither pops"
    assert 0 in found[0] and 1 in found[-1]


def test_a_change_back_at_once_shows_nothing_of_it() -> None:
    script = script_of(
        GestureSet(seconds(1), "a", "explain"),
        GestureSet(seconds(1.015), "a", ""),
        ExpressionSet(seconds(1.015), "a", "happy"),
    )
    assert arms(script, apart({ARM: ALL}), ARM, 0.9, 1.6) == [{0: 1.0}] * 210
