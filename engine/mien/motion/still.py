"""A pose without time: one expression held, one mouth shape, nothing moving."""

from __future__ import annotations

from mien.character import Character
from mien.motion.chance import Chance
from mien.motion.faces import Faces
from mien.motion.gestures import Gestures
from mien.motion.lids import Lids
from mien.motion.slots import SlotOwners, put_mix
from mien.script import ExpressionSet, GestureSet
from mien.types import CHANNEL_INDEX, VISEMES, Pose

_LONG_AGO = -(1 << 40)


def still_pose(
    character: Character, expression: str = "neutral", viseme: str | None = None, gesture: str = ""
) -> Pose:
    """The character with an expression, a viseme (None: the expression's mouth at rest) and a gesture.

    The names must be the character's own; KeyError or ValueError otherwise.
    """
    shown = character.expressions[expression]
    lanes = {"expression": [ExpressionSet(_LONG_AGO, "", expression)]}
    gestures = {"gesture": [GestureSet(_LONG_AGO, "", gesture)]} if gesture else {}
    pose = Pose.empty(len(character.slots))
    SlotOwners(character).apply({**lanes, **gestures}, 0, pose)
    faces = Faces(character)
    mix = faces.mix(lanes, 0)
    Lids(character).apply(mix, 0.0, 0.0, pose)
    shape = shown.rest_viseme if viseme is None else VISEMES.index(viseme)
    put_mix(pose, character.mouth.slot, ((character.mouth.moods[shown.mood][shape], 1.0),))
    channels = pose.channels.tolist()
    faces.add_channels(lanes, 0, mix, channels)
    for channel, value in Gestures(character, Chance(0, "")).held(gesture).items():
        channels[CHANNEL_INDEX[channel]] += value
    pose.channels[:] = channels
    return pose
