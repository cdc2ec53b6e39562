"""Lids that lean: an expression holds them, and a blink goes on from there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mien.character import LID_SLANTS, Character, Expression
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.faces import Faces
from mien.motion.lids import Lids
from mien.script import ExpressionSet
from mien.types import Pose
from motion.cast import LID_LEFT, LID_RIGHT, LIDS, character, slot


def leaning(*drawings: str) -> Character:
    """A character with these drawings of its lids, and an expression for each lid that leans."""
    made = character()
    slots = list(made.slots)
    for at in (LID_LEFT, LID_RIGHT):
        slots[at] = slot(slots[at].name, *drawings, default=drawings.index("open"))
    known = {name: Expression(name, {}, (name, name)) for name in LID_SLANTS}
    return replace(made, slots=tuple(slots), expressions={**made.expressions, **known})


def shown(made: Character, expression: str, closure: float) -> str:
    """What the left eye shows when a blink has come so far, 0..1."""
    pose = Pose.empty(len(made.slots))
    lanes = {"expression": [ExpressionSet(-(1 << 40), "", expression)]}
    Lids(made).apply(Faces(made).mix(lanes, 0), closure, 0.0, pose)
    (drawing,) = pose.picks[LID_LEFT][pose.weights[LID_LEFT] > 0].tolist()
    return made.slots[LID_LEFT].drawings[drawing].name


@pytest.mark.parametrize("state", LID_SLANTS)
def test_lids_that_lean_are_shown_and_a_blink_shuts_them(state: str) -> None:
    made = leaning(*LIDS, *LID_SLANTS)
    walk = [shown(made, state, closure / 20) for closure in range(21)]
    assert list(dict.fromkeys(walk)) == [state, "half", "nearly", "closed"]


def test_where_none_are_drawn_that_lean_straight_ones_stand_in() -> None:
    made = leaning(*LIDS)
    assert shown(made, "stern", 0.0) == shown(made, "sorry", 0.0) == "three_quarter"
    assert shown(leaning("open", "closed"), "stern", 0.0) == "open"


def test_eyes_that_an_expression_shuts_open_again_but_where_it_holds_them() -> None:
    made = character()
    known = {
        name: Expression(name, {}, ("closed", "closed"), hold_lids=hold)
        for name, hold in (("asleep", True), ("laughs", False))
    }
    faces = Faces(replace(made, expressions={**made.expressions, **known}), Chance(1, "a"))
    shut = {
        name: [
            faces.mix({"expression": [ExpressionSet(0, "", name)]}, second * SAMPLE_RATE).faces[0].shut
            for second in range(1, 30)
        ]
        for name in known
    }
    assert set(shut["asleep"]) == {1.0} and min(shut["laughs"]) == 0.0
