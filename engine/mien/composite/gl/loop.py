"""One draw; every pixel walks the rows that are seen in its tile and blends them in registers."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.programs import TILE, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.strategy import RGBA16, Block
from mien.types import F32, Size

_LINE = 1024
"""Entries on a line of the texture of lists."""


class Loop:
    """For GPUs, whose shaders seldom can read their target. Needs GL 3.3 only."""

    name = "loop"
    shallow = 0

    def __init__(
        self,
        ctx: moderngl.Context,
        programs: Programs,
        quads: Quads,
        largest: Size,
        entries: int,
        counters: Counters,
    ) -> None:
        self._quads = quads
        self._programs = programs
        self._counters = counters
        self._sum = ctx.texture(largest, 4, dtype="f2", internal_format=RGBA16)
        self._layers = ctx.framebuffer([self._sum])
        self._lists = ctx.texture((_LINE, -(-max(1, entries) // _LINE)), 1, dtype="f4")
        self._lists.filter = (moderngl.NEAREST, moderngl.NEAREST)
        counters.allocations += 3
        self._program = programs.link(TILE, "loop.frag.glsl")
        self._program.set("frame", largest)
        self._begins: deque[tuple[int, int]] = deque()
        self._gathered: list[F32] = []
        self._count = 0

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where surfaces are drawn."""
        return self._layers

    def add(self, block: Block) -> None:
        """Gather the damaged tiles and the rows seen in each."""
        tiles, counts, rows = block.plan.lists()
        starts = np.cumsum(counts) - counts + self._count
        self._begins.append((self._quads.add(tiles, (starts, counts)), len(tiles)))
        self._gathered.append((rows + block.first).astype(np.float32))
        self._count += len(rows)

    def send(self) -> None:
        """The tiles and the lists."""
        self._quads.send()
        if self._count:
            lines = -(-self._count // _LINE)
            whole = np.zeros(lines * _LINE, np.float32)
            whole[: self._count] = np.concatenate(self._gathered)
            self._lists.write(whole, viewport=(0, 0, _LINE, lines))
            self._counters.uploads += 1
            self._counters.upload_bytes += whole.nbytes
        self._gathered.clear()
        self._count = 0

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw."""
        begin, count = self._begins.popleft()
        target = target or self._layers
        target.use()
        self._programs.use("lists", self._lists)
        self._program.set("clear", block.clear)
        self._quads.draw(self._program, begin, begin + count)

    def release(self) -> None:
        """Free the lists and the sum."""
        for owned in (self._layers, self._sum, self._lists):
            owned.release()
