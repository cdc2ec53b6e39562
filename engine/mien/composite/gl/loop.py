"""One draw; every pixel walks the rows that are seen in its tile and blends them in registers."""

from __future__ import annotations

from collections import deque

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.programs import TILE, Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.strategy import RGBA16, Block
from mien.types import F32, Size

_LINE_BITS = 12
_LINE = 1 << _LINE_BITS
"""Entries on a line of the texture of lists."""


class Loop:
    """For GPUs, whose shaders seldom can read their target. Needs GL 3.3 only."""

    name = "loop"
    fuses = False

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        programs: Programs,
        quads: Quads,
        largest: Size,
        entries: int,
        counters: Counters,
    ) -> None:
        self._quads = quads
        self._programs = programs
        self._functions = functions
        self._counters = counters
        self._sum = ctx.texture(largest, 4, dtype="f2", internal_format=RGBA16)
        self._layers = ctx.framebuffer([self._sum])
        lines, most = -(-max(1, entries) // _LINE), int(ctx.info["GL_MAX_TEXTURE_SIZE"])
        if max(lines, _LINE) > most:
            raise ValueError(
                f"{entries} pairs of a row and a tile are more than this renderer's {most} lines of {_LINE}; "
                "make the frame smaller, or open it for fewer rows"
            )
        self._lists = ctx.texture((_LINE, lines), 1, dtype="f4")
        self._lists.filter = (moderngl.NEAREST, moderngl.NEAREST)
        counters.allocations += 3
        self._program = programs.link(TILE, "loop.frag.glsl", {"LINE_BITS": _LINE_BITS})
        self._program.set("frame", largest)
        self._begins: deque[tuple[int, int]] = deque()
        self._gathered: list[F32] = []
        self._count = 0

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Where offscreen layers are drawn."""
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
            width = self._count if lines == 1 else _LINE
            entries = np.zeros(lines * width, np.float32)
            entries[: self._count] = np.concatenate(self._gathered)
            self._functions.write_texture(self._lists, 0, (width, lines), entries)
            self._counters.uploaded(entries.nbytes)
        self._gathered.clear()
        self._count = 0

    def abandon(self) -> None:
        """Forget what was added."""
        self._begins.clear()
        self._gathered.clear()
        self._count = 0
        self._quads.abandon()

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """One draw."""
        begin, count = self._begins.popleft()
        target = target or self._layers
        target.use()
        self._programs.use("lists", self._lists)
        self._program.set("clear", block.clear)
        self._quads.draw(self._program, begin, begin + count)

    def warm_up(self, target: moderngl.Framebuffer) -> None:
        """Draw a pixel of nothing into both formats."""
        at = self._quads.add(np.array(((0, 0, 1, 1),), np.int32))
        self._quads.send()
        self._programs.use("lists", self._lists)
        for one in (self._layers, target):
            one.use()
            self._quads.draw(self._program, at, at + 1)

    def release(self) -> None:
        """Free the lists and the sum."""
        for owned in (self._layers, self._sum, self._lists):
            owned.release()
            self._counters.freed += 1
