"""Loose things: how they swing behind the head and the body, as closed forms of time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.motion.body import Spring, Sway
from mien.motion.ease import wave
from mien.motion.gaze import heads
from mien.motion.hanging import Hanging
from mien.motion.holds import YAW, Held
from mien.motion.target import HEAD_MS, Target
from mien.motion.timeline import ms
from mien.types import CHANNEL_INDEX, Pose

_CHANNELS: Final = (CHANNEL_INDEX["sway"], CHANNEL_INDEX["sway_slow"])
_SWING: Final = (2.2, 1.3)
"""How strongly loose things (quick, slow) answer to a turn of the head: by a third to a large one."""
_EASES: Final = tuple(ms(length) / SAMPLE_RATE for length in HEAD_MS)
_BEHIND: Final = (ms(80), ms(150))
"""How far loose things (quick, slow) hang behind a head that follows something: their springs' delay."""


class Swinging:
    """All that is loose on one character. Parameters: the `character`; its idle motion."""

    def __init__(self, character: Character, sway: Sway) -> None:
        self._springs = _springs()
        # Loose things follow these idle motions, late.
        idle = (*_scaled(sway.yaw, 0.7), *_scaled(sway.roll, 1.0), *_scaled(sway.body, 0.7))
        self._idle = tuple(spring.after(idle) for spring in self._springs)
        self._hanging = Hanging(character, idle)

    def fill(
        self,
        at: int,
        own_s: float,
        lively: float,
        targets: Sequence[Target],
        held: Held | None,
        v: list[float],
        out: Pose,
    ) -> None:
        """Add how loose things swing behind the head, which may be `held`, to the channels `v`, and write how
        those of `out` do.

        `own_s`: seconds of the character's own time; `lively`: how much more it moves than at rest;
        `targets`: where it looks and looked.
        """
        follows = any(target.path is not None for target in targets)
        share, turns = (1.0, ()) if held is None else (held.share(YAW)[0], held.steps)
        for i, channel in enumerate(_CHANNELS):
            idle = 0.8 * lively * wave(self._idle[i], own_s)
            behind = _behind(_BEHIND[i], targets, at) if follows else 0.0
            swung = _SWING[i] * (_lag(self._springs[i], targets, at) + behind)
            if held is not None:
                idle, swung = share * idle, share * swung + _SWING[i] * held.lag(self._springs[i])
            v[channel] += idle
            v[channel] += swung
        self._hanging.fill(out.swings, at, own_s, lively, targets, share, turns)


@cache
def _springs() -> tuple[Spring, Spring]:
    """The quick one and the slow one, alike for everybody: their tables take as long as a sixth of opening a
    stage of one character whose programs are linked already."""
    return Spring(1.25, 0.32, _EASES), Spring(0.72, 0.34, _EASES)


def _scaled(
    waves: tuple[tuple[float, float, float], ...], by: float
) -> tuple[tuple[float, float, float], ...]:
    return tuple((w, phase, amplitude * by) for w, phase, amplitude in waves)


def _lag(spring: Spring, targets: Sequence[Target], at: int) -> float:
    """How far loose things hang behind the head after looks and changes of expression."""
    total = 0.0
    for newer, older in pairwise(targets):
        turned = newer.yaw - older.yaw
        if turned:
            total += turned * spring.lagged(
                (at - newer.head_begins) / SAMPLE_RATE, newer.head_lasts / SAMPLE_RATE
            )
    return total


def _behind(delay: int, targets: Sequence[Target], at: int) -> float:
    """How far loose things hang behind a head that follows moving targets."""
    total = 0.0
    for target, share in zip(targets, heads(targets, at), strict=True):
        if target.path is not None and share > 0.0:
            total += share * (target.head(at)[0] - target.head(at - delay)[0])
    return total
