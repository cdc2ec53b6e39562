"""A character's channels on coarser grids of time: where joints and meshes are held that hardly move."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.motion.performer import Performer
from mien.script import Script
from mien.types import CHANNELS, F32, Pose

STEPS: Final = (4, 2)
"""Frames from one point of a grid to the next, coarsest first. Each is twice the one after it."""
_LONGEST: Final = SAMPLE_RATE * 3 // 10
"""Samples: of a coarser grid two points are too far apart for what a conversation does in between."""


def steps_of(interval: int) -> tuple[int, ...]:
    """The steps of STEPS, in samples, that are worth it for frames of `interval` samples."""
    return tuple(frames * interval for frames in STEPS if frames * interval <= _LONGEST)


class CoarseChannels:
    """Where a character's channels are halfway between two points of each grid, foreseen at the first.

    They are those of that point, and half as much further as they went since the point before it. So a pure
    function of (script, time), which reads nothing after that point: what is kept are results. Points of a
    coarser grid are points of the finer ones, so a pose is worked out once every other frame.

    Parameters: `performer`; its `character`; `steps`, samples from point to point,
    coarsest first, each twice the next; `early`, samples by which the points are earlier: not all characters
    are to move in the same frame.
    """

    def __init__(
        self, performer: Performer, character: Character, steps: tuple[int, ...], early: int
    ) -> None:
        self._performer = performer
        self._steps = steps
        self._early = early
        self._spare = Pose.empty(len(character.slots), sum(1 for _ in character.segments()))
        self._known: dict[int, F32] = {}

    def fill(self, script: Script, at: int, out: F32, swings: F32 | None = None) -> None:
        """Write what they are for sample `at` into `out`, (steps, len(CHANNELS)) float32; and what
        `Pose.swings` are into `swings`, (steps, segments) float32."""
        times = [((at + self._early) // step * step - self._early, step) for step in self._steps]
        wanted = {max(0, point) for time, step in times for point in (time, time - step)}
        self._known = {point: self._at(script, point) for point in wanted}
        for nth, (time, step) in enumerate(times):
            now, before = self._known[max(0, time)], self._known[max(0, time - step)]
            foreseen = now + 0.5 * (now - before)
            out[nth] = foreseen[: len(CHANNELS)]
            if swings is not None:
                swings[nth] = foreseen[len(CHANNELS) :]

    def _at(self, script: Script, point: int) -> F32:
        known = self._known.get(point)
        if known is None:
            pose = self._performer.pose(script, point, self._spare)
            known = np.concatenate((pose.channels, pose.swings))
        return known
