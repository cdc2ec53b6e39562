"""What the characters do in the timeline: scripted poses, the same in every run.

Poses do not come from `mien.motion.Performer`: its breathing moves every pixel of every frame, which is
one of the kinds of frame that are measured here and would hide the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mien.character import LID_STATES, Character
from mien.motion.slots import put_mix
from mien.motion.still import still_pose
from mien.types import CHANNEL_INDEX, VISEMES, Pose

Segment = Literal["talk", "fade", "sway", "breath"]

FPS = 30
_CYCLE: tuple[tuple[Segment, int], ...] = (
    # Talk 55 %, fades 15 %, motion of head and body 30 %. A fade of 7 frames is 220 ms.
    ("talk", 26),
    ("fade", 7),
    ("sway", 28),
    ("talk", 25),
    ("fade", 7),
    ("breath", 14),
    ("talk", 26),
    ("fade", 7),
)
_FACES = ("neutral", "happy", "surprised", "sad", "thinking", "angry")
_BLINK = ("half", "closed", "closed", "half")
_SHAPES_HZ = 12
_HEAD = ("head_yaw", "head_pitch", "head_roll", "body_sway", "body_lean", "shrug")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a frame lies in the script."""

    segment: Segment
    index: int
    """Frames since the segment began."""
    length: int
    """Frames of the segment."""
    turn: int
    """Talk segments begun so far: the speakers take turns."""
    fades: int
    """Fades begun so far, this one included: the expression shown."""


def moments(count: int) -> list[Moment]:
    """The first `count` frames of the script."""
    out: list[Moment] = []
    turn = fades = 0
    while len(out) < count:
        for segment, length in _CYCLE:
            turn += segment == "talk"
            fades += segment == "fade"
            out += [Moment(segment, i, length, turn, fades) for i in range(length)]
    return out[:count]


class Actor:
    """Poses of one character. `number` is its place in the cast; the cast has `of` members."""

    def __init__(self, character: Character, number: int, of: int) -> None:
        self._character = character
        self._number = number
        self._of = of
        self._stills = {}
        for name in _FACES:
            pose = still_pose(character, name)
            # The head stays where it is: what moves it is measured as sway.
            for channel in _HEAD:
                pose.channels[CHANNEL_INDEX[channel]] = 0.0
            self._stills[name] = pose

    def pose(self, frame: int, at: Moment) -> Pose:
        """The pose of a frame. Pure: the same for the same arguments."""
        pose, face = self._expression(at)
        # Whoever does not speak listens: the others' mouths rest.
        if at.segment in ("talk", "sway") and at.turn % self._of == self._number:
            self._speak(pose, frame, face)
        if at.segment != "fade":
            self._look(pose, frame)
        if at.segment in ("sway", "breath"):
            self._move(pose, at)
        return pose

    def _expression(self, at: Moment) -> tuple[Pose, str]:
        now, before = _FACES[at.fades % len(_FACES)], _FACES[(at.fades - 1) % len(_FACES)]
        new, old = self._stills[now], self._stills[before]
        pose = Pose(new.channels.copy(), new.picks.copy(), new.weights.copy(), new.opacity.copy())
        if at.segment != "fade" or at.index == at.length - 1:
            return pose, now
        done = (at.index + 1) / at.length
        lids = self._character.lids
        pose.channels[:] = (1.0 - done) * old.channels + done * new.channels
        for slot in np.flatnonzero(new.picks[:, 0] != old.picks[:, 0]).tolist():
            pair = (int(old.picks[slot, 0]), 1.0 - done), (int(new.picks[slot, 0]), done)
            if slot in lids.left or slot in lids.right:
                put_mix(pose, slot, ((pair[done > 0.5][0], 1.0),))
            else:
                put_mix(pose, slot, pair)
        return pose, now

    def _speak(self, pose: Pose, frame: int, face: str) -> None:
        """A mouth shape every twelfth of a second, mixed with the one before in its first frame."""
        mouth = self._character.mouth
        shapes = mouth.moods.get(self._character.expressions[face].mood) or mouth.moods["neutral"]

        def shape(step: int) -> int:
            return shapes[1 + _chance(self._number, 1, step, len(VISEMES) - 1)]

        step = frame * _SHAPES_HZ // FPS
        new, old = shape(step), shape(step - 1)
        if (frame - 1) * _SHAPES_HZ // FPS != step and new != old:
            put_mix(pose, mouth.slot, ((new, 0.7), (old, 0.3)))
        else:
            put_mix(pose, mouth.slot, ((new, 1.0),))

    def _look(self, pose: Pose, frame: int) -> None:
        """Blinks, gaze that jumps, and brows that rise and fall now and then."""
        channels = pose.channels
        blink, since = divmod(frame + 13 * self._number, 47)
        since -= _chance(self._number, 2, blink, 30)
        if 0 <= since < len(_BLINK):
            for slot in (*self._character.lids.left, *self._character.lids.right):
                names = [drawing.name for drawing in self._character.slots[slot].drawings]
                state = _BLINK[since]
                if state in LID_STATES and state in names:
                    put_mix(pose, slot, ((names.index(state), 1.0),))
        glance = (frame + 7 * self._number) // 17
        channels[CHANNEL_INDEX["gaze_x"]] += (_chance(self._number, 3, glance, 9) - 4) * 0.12
        channels[CHANNEL_INDEX["gaze_y"]] += (_chance(self._number, 4, glance, 7) - 3) * 0.08
        accent, since = divmod(frame + 11 * self._number, 29)
        if since < 9 and _chance(self._number, 5, accent, 3):
            lift = 0.6 * math.sin(math.pi * (since + 1) / 10)
            channels[CHANNEL_INDEX["brow_left_y"]] += lift
            channels[CHANNEL_INDEX["brow_right_y"]] += lift

    def _move(self, pose: Pose, at: Moment) -> None:
        """Head and body leave their rest and come back to it."""
        t = (at.index + 1) / (at.length + 1)
        swell = math.sin(math.pi * t)
        wave = swell * math.sin(2 * math.pi * t + 0.7 * self._number)
        if at.segment == "sway":
            moved = {
                "head_yaw": 0.7 * wave,
                "head_roll": 0.5 * swell,
                "body_sway": 0.6 * wave,
                "sway": -0.6 * wave,
                "sway_slow": 0.5 * wave,
                "breath": 0.5 * swell,
            }
        else:
            moved = {"breath": swell, "bounce": 0.2 * wave}
        for channel, value in moved.items():
            pose.channels[CHANNEL_INDEX[channel]] += value


def _chance(who: int, what: int, index: int, count: int) -> int:
    """0 .. count - 1 from an integer hash."""
    x = (who * 0x9E3779B1 ^ what * 0x85EBCA6B ^ (index + 1) * 0xC2B2AE35) & 0xFFFFFFFF
    x = ((x ^ x >> 16) * 0x45D9F3B) & 0xFFFFFFFF
    x = ((x ^ x >> 16) * 0x45D9F3B) & 0xFFFFFFFF
    return (x ^ x >> 16) % count
