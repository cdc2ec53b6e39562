"""The eyes: looks reached in saccades, a head that follows late and partly, and no stillness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mien.bounded_cache import BoundedCache
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import crossfade, smooth, wave, waves_of
from mien.motion.target import Target
from mien.motion.timeline import ms

_LANE_TINY, _LANE_DRIFT = 21, 25
_CELL_S = 0.7
_BODY_LATE = ms(220)
"""From when the head begins to turn to when shoulders and body do."""


@dataclass(slots=True)
class Look:
    """Where eyes and head are because of what is looked at."""

    x: float
    y: float
    """Direction of the eyes if the head stood still, -1..1, y down."""
    yaw: float
    pitch: float
    """What the head adds, as the head channels."""
    torso: float
    """Where the body has turned to, as `yaw`: later than the head, and slower."""
    resting_y: float
    """y without the small motions: what the lids follow."""


class Eyes:
    """The gaze of one character."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        phases = [chance.unit(_LANE_DRIFT, i) for i in range(6)]
        self._drift_x = waves_of((3.1, 1.9, 0.83), 0.014, phases[:3])
        self._drift_y = waves_of((2.7, 1.7, 0.71), 0.010, phases[3:])
        self._cells: BoundedCache[int, tuple[float, float, float, float, float]] = BoundedCache(64)

    def look(self, at: int, targets: Sequence[Target]) -> Look:
        """The eyes at sample `at`; `targets`: as `Looks.at` gives them."""
        x = y = yaw = pitch = torso = 0.0
        # Three crossfades at once (see `crossfade`), only as far back as one of them still shows.
        eyes_left = head_left = body_left = 1.0
        oldest = targets[-1]
        for target in targets:
            eyes, head, body = eyes_left, head_left, body_left
            if target is not oldest:
                eyes *= smooth((at - target.begun) / target.saccade)
                head *= smooth((at - target.head_begins) / target.head_lasts)
                body *= smooth((at - target.head_begins - _BODY_LATE) / (2.2 * target.head_lasts))
            eyes_x, eyes_y = target.eyes(at)
            turned, lifted = target.head(at)
            x, y = x + eyes * eyes_x, y + eyes * eyes_y
            yaw, pitch, torso = yaw + head * turned, pitch + head * lifted, torso + body * turned
            eyes_left, head_left, body_left = eyes_left - eyes, head_left - head, body_left - body
            if body_left <= 0.0 and head_left <= 0.0 and eyes_left <= 0.0:
                break
        tiny_x, tiny_y = self._tiny(at / SAMPLE_RATE)
        return Look(x + tiny_x, y + tiny_y, yaw, pitch, torso, y)

    def _tiny(self, t: float) -> tuple[float, float]:
        """Fixation: slow drift, and a tiny saccade in each cell of 0.7 s."""
        cell = int(t // _CELL_S)
        jumps, x0, y0, x1, y1 = self._cell(cell)
        shown = smooth((t - jumps) / 0.03)
        x = wave(self._drift_x, t) + x0 + (x1 - x0) * shown
        y = wave(self._drift_y, t) + y0 + (y1 - y0) * shown
        return x, y

    def _cell(self, cell: int) -> tuple[float, float, float, float, float]:
        """(seconds of the tiny saccade, x and y before it, x and y after it)."""
        known = self._cells.get(cell)
        if known is None:
            u = [self._chance.unit(_LANE_TINY, 3 * cell + i) - 0.5 for i in (-2, -1, 0, 1, 2)]
            jumps = (cell + 0.35 + 0.7 * u[2]) * _CELL_S
            known = self._cells.put(cell, (jumps, 0.06 * u[0], 0.04 * u[1], 0.06 * u[3], 0.04 * u[4]))
        return known


def heads(targets: Sequence[Target], at: int) -> list[float]:
    """How much of the head's turn at sample `at` is due to each target; they sum to 1."""
    return crossfade([(target.head_begins, target.head_lasts) for target in targets], at)
