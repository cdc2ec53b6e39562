"""Expression states: poses made coarse enough that they come again, as a cache of pictures needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.character import Character
from mien.prove.plain import plain
from mien.types import CHANNEL_INDEX, VISEMES, Pose

_GAZE = [CHANNEL_INDEX[name] for name in ("gaze_x", "gaze_y")]
_YAW = CHANNEL_INDEX["head_yaw"]
_SWAY = CHANNEL_INDEX["body_sway"]
_BREATH = CHANNEL_INDEX["breath"]

_MOUTHS: Final = {
    "sil": ("sil", "PP"),
    "DD": ("FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "E", "I"),
    "aa": ("aa",),
    "O": ("O", "U"),
}
"""The viseme whose drawing is shown for each group of visemes; the expression's own mouths stay."""
_LIDS: Final = {"three_quarter": "open", "nearly": "closed"}


@dataclass(frozen=True, slots=True)
class Sizing:
    """What decides how often the cache misses, and what a miss costs. How the defaults were found is told
    in the package's docstring."""

    art_scale: float = 16 / 9
    """Layers are kept at so many times the size at which they are shown: at 1280x720 as they were drawn."""
    canvas_scale: float = 1.55
    """Layers are scaled to so many times the size shown as they are composited; the finished picture is
    then made smaller."""
    gaze_steps: int = 1
    """Steps of the gaze from the middle to each end."""
    hold: int = 3
    """A character's state is taken every so many frames and held in between."""
    capacity: int = 256
    """Finished pictures that are kept, of all characters together."""
    sway: float = 0.008
    """How far a character moves to the side at most, as a share of the frame's height."""
    breath: float = 0.004
    """The same up and down."""

    def __str__(self) -> str:
        return (
            f"layers kept at {plain(self.art_scale)} times the size shown and composited at "
            f"{plain(self.canvas_scale)} times; a state is a drawing for each slot "
            f"(no crossfades; {len(_MOUTHS)} mouths a mood; lids wide, open, half or closed) and the gaze in "
            f"{2 * self.gaze_steps + 1} steps each way, taken every {self.hold} frames; "
            f"{self.capacity} pictures kept"
        )


class States:
    """The expression states of one character.

    What moves the whole of it (sway, breath, the turn of the head) is no part of a state: such programs
    move the finished picture, see `offset`. Brows, jaw and what hangs loose are as the drawings have them.
    """

    def __init__(self, character: Character, sizing: Sizing) -> None:
        self._sizing = sizing
        self._instead = {character.mouth.slot: _mouths(character)}
        for s in (*character.lids.left, *character.lids.right):
            names = {drawing.name: i for i, drawing in enumerate(character.slots[s].drawings)}
            self._instead[s] = {names[a]: names[b] for a, b in _LIDS.items() if a in names and b in names}
        self.pose = Pose.empty(len(character.slots))
        """The pose of the last state taken: what its picture shows."""

    def take(self, pose: Pose) -> bytes:
        """Round `pose` to a state; returns its key and leaves what it shows in `self.pose`."""
        out = self.pose
        strongest = pose.weights.argmax(axis=1)
        out.picks[:, 0] = pose.picks[np.arange(len(strongest)), strongest]
        for s, instead in self._instead.items():
            drawing = int(out.picks[s, 0])
            out.picks[s, 0] = instead.get(drawing, drawing)
        steps = self._sizing.gaze_steps
        # 0.0 is added since -0.0 and 0.0 are one state.
        out.channels[_GAZE] = np.rint(pose.channels[_GAZE] * steps) / steps + 0.0
        return out.picks[:, 0].tobytes() + out.channels.tobytes()

    def offset(self, pose: Pose, height: int) -> tuple[int, int]:
        """Whole pixels by which the picture is moved on a frame of `height`: x right, y down, never up."""
        sway = 0.6 * float(pose.channels[_SWAY]) + 0.4 * float(pose.channels[_YAW])
        breath, sizing = float(pose.channels[_BREATH]), self._sizing
        return round(sway * sizing.sway * height), round((1.0 - breath) * sizing.breath * height)


def _mouths(character: Character) -> dict[int, int]:
    """Drawing of the mouth -> the one that stands for its group."""
    found: dict[int, int] = {}
    for shapes in character.mouth.moods.values():
        for shown, group in _MOUTHS.items():
            for viseme in group:
                found.setdefault(shapes[VISEMES.index(viseme)], shapes[VISEMES.index(shown)])
    return found
