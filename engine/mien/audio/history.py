"""The session's sound as it was played, for as long as it can be gone back to."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np

from mien.audio.mixing import Unmixed
from mien.audio.tape import fall_silent
from mien.clock import SAMPLE_RATE
from mien.types import F32

_DROPPED_AT: Final = 256
"""Blocks that are let go of at once, or ..."""
_DROPPED: Final = 8 * SAMPLE_RATE
"""... samples: what was passed over comes in blocks of 0.5 s."""


class History:
    """Sound by the session's samples. Parameter: `span`, how many samples are kept. Silence takes no memory.

    Not locked: whoever uses it does.
    """

    def __init__(self, span: int) -> None:
        self.span = span
        self._starts: list[int] = []
        self._blocks: list[F32 | Unmixed | None] = []

    def add(self, start: int, block: F32) -> None:
        """Keep (n, 2) float32 from session sample `start` on, which follows on what was added before."""
        self._add(start, len(block), block if self.span and block.any() else None)

    def add_unheard(self, start: int, block: Unmixed) -> None:
        """The same of what was passed over."""
        self._add(start, len(block), None if block.silent else block)

    def _add(self, start: int, n: int, block: F32 | Unmixed | None) -> None:
        if not self.span or not n:
            return
        self._starts.append(start)
        self._blocks.append(block)
        old = bisect_right(self._starts, start + n - self.span) - 1
        if old >= _DROPPED_AT or (old > 0 and self._starts[old] - self._starts[0] > _DROPPED):
            del self._starts[:old], self._blocks[:old]

    def hush(self, start: int, fade: int) -> None:
        """Nothing was heard from session sample `start` on, but `fade` samples falling to silence."""
        for i in reversed(range(len(self._starts))):
            at, block = self._starts[i], self._mixed(i)
            if block is not None:
                fall_silent(block, start - at, fade)
            if at <= start:
                return

    def read(self, start: int, n: int) -> F32:
        """(n, 2) float32 from sample `start` on; silence for what is not kept."""
        out = np.zeros((n, 2), np.float32)
        i = max(0, bisect_right(self._starts, start) - 1)
        while i < len(self._starts) and self._starts[i] < start + n:
            block, at = self._mixed(i), self._starts[i]
            if block is not None:
                first, last = max(start, at), min(start + n, at + len(block))
                if last > first:
                    out[first - start : last - start] = block[first - at : last - at]
            i += 1
        return out

    def _mixed(self, i: int) -> F32 | None:
        block = self._blocks[i]
        if isinstance(block, Unmixed):
            block = self._blocks[i] = block.mixed()
        return block
