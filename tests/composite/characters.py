"""A character of a few slots, made without a file."""

from __future__ import annotations

from mien.character import Character, Expression, Gaze, Joint, Lids, Mouth, Slot
from mien.types import VISEMES, Size

STILL = Gaze((0.0, 0.0), (0.0, 0.0), (), ())


def character(
    slots: tuple[Slot, ...] = (),
    joints: tuple[Joint, ...] = (Joint("root", -1, (0.0, 0.0)),),
    gaze: Gaze = STILL,
) -> Character:
    return Character(
        name="test",
        canvas=Size(100, 100),
        scale=1.0,
        anchor=(50.0, 100.0),
        eye_line=(50.0, 40.0),
        slots=slots,
        joints=joints,
        expressions={"neutral": Expression("neutral", {})},
        aliases={},
        mouth=Mouth(0, {"neutral": (-1,) * len(VISEMES)}),
        lids=Lids((), ()),
        gaze=gaze,
        gestures={},
    )
