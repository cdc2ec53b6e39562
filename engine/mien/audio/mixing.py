"""Voices that sound together as two channels: at once, or when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from mien.audio.levels import bend
from mien.types import F32

Part: TypeAlias = tuple[F32, F32]
"""(n,) float32 of one voice, and its (2,) gains left and right."""


def mix(out: F32, parts: Sequence[Part]) -> None:
    """Fill (n, 2) silence with what some voices say from its beginning on, in -1..1. None is longer."""
    for samples, gains in parts:
        for side, gain in enumerate(gains):  # both at once take five times as long: by twos
            out[: len(samples), side] += samples * gain
    if len(parts) > 1:
        bend(out)
    else:
        np.clip(out, -1.0, 1.0, out=out)


class Unmixed:
    """Sound of a stretch of the session that nobody has heard: it is mixed when somebody goes back to it, and
    is the same then, to the bit. Half the memory, and a third of the work."""

    def __init__(self) -> None:
        self._length = 0
        self._steps: list[tuple[int, int, Sequence[Part]]] = []  # first sample, how many, of whom

    def __len__(self) -> int:
        """Samples so far."""
        return self._length

    def add(self, n: int, parts: Sequence[Part]) -> None:
        """n samples follow, of these voices; of none: silence."""
        if any(len(samples) for samples, _ in parts):
            self._steps.append((self._length, n, parts))
        self._length += n

    @property
    def silent(self) -> bool:
        """Nobody says anything in it."""
        return not self._steps

    def mixed(self) -> F32:
        """(n, 2) float32 in -1..1."""
        out = np.zeros((self._length, 2), np.float32)
        for start, n, parts in self._steps:
            mix(out[start : start + n], parts)
        return out
