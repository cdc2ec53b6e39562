"""What was pulled of the timeline lately: for hosts that send the sound of a live session themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from operator import itemgetter
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32

KEPT: Final = 10 * SAMPLE_RATE
"""Samples that are remembered."""

_START: Final = itemgetter(0)


def fall_silent(block: F32, start: int, fade: int) -> None:
    """Fade (n, 2) float32 from its sample `start`, which may lie before it, within `fade` samples to
    nothing."""
    if start < len(block):
        first = max(0, start)
        left = 1.0 - (np.arange(first, len(block), dtype=np.float32) - start + 1) / np.float32(fade)
        block[first:] *= np.maximum(left, 0.0)[:, None]


class Tape:
    """One thread adds, any thread asks, without a lock. Holds no more than `KEPT` samples and a block."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, F32]] = deque()

    def add(self, start: int, block: F32) -> None:
        """Remember (n, 2) float32 from sample `start` on, which follows on what was added before."""
        self._blocks.append((start, block))
        while self._blocks[0][0] + len(self._blocks[0][1]) < start + len(block) - KEPT:
            self._blocks.popleft()

    def hush(self, start: int, fade: int) -> None:
        """Nothing was heard from sample `start` on, but `fade` samples falling to silence. For who adds."""
        for at, block in self._blocks:
            fall_silent(block, start - at, fade)

    def between(self, start: int, end: int) -> F32:
        """The samples start..end-1, (n, 2) float32, as far as they are remembered."""
        # Copied in one go while the lock of the interpreter is held: nobody waits.
        blocks, parts = tuple(self._blocks), []
        for at, block in blocks[max(0, bisect_right(blocks, start, key=_START) - 1) :]:
            if at >= end:
                break
            if at + len(block) > start:
                parts.append(block[max(0, start - at) : end - at])
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)
