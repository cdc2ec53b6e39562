"""The rows of a frame and of its offscreen layers, as shaders read them: one below the other in a texture.

Below them stands the table of the frame's warps, where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.pages import Pages
from mien.composite.gl.strategy import Block
from mien.composite.rows import FLOATS, VEC4S
from mien.composite.scaled import scaled_rows
from mien.composite.warps import Warps

_CELLS_A_LINE: Final = VEC4S // 2
"""Of the table of warps."""


def lines_of(capacities: Sequence[int], warp_cells: int) -> int:
    """Lines of the texture: a row each, and those of the table of warps."""
    return sum(capacities) + -(-warp_cells // _CELLS_A_LINE)


class RowsTexture:
    """Room for so many rows (`capacities`) of each offscreen layer, then of the frame; and for the table of
    warps of `warp_cells` cells."""

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        pages: Pages,
        capacities: Sequence[int],
        counters: Counters,
        warp_cells: int = 0,
    ) -> None:
        self._functions, self._pages, self._counters = functions, pages, counters
        self.warps_line = sum(capacities)
        """The line on which the table of warps begins."""
        total = lines_of(capacities, warp_cells)
        self.texture = ctx.texture((VEC4S, total), 4, bytes(4 * FLOATS * total), dtype="f4")
        self.texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.firsts: list[int] = np.cumsum([0, *capacities[:-1]]).tolist()
        """The line on which each begins."""
        self._warps: Warps | None = None
        """Those that were sent last; None: nobody knows."""

    def send(self, block: Block) -> None:
        """The rows that are not on the GPU yet, with those between them: one write."""
        changed = block.plan.changed
        if changed is not None and not len(changed):
            return  # only an offscreen layer that they show is another
        start, stop = (0, len(block.rows)) if changed is None else (changed[0], changed[-1] + 1)
        if stop > start:
            part = self._pages.on_layers(block.rows[start:stop])
            part = np.ascontiguousarray(part) if block.scale == 1.0 else scaled_rows(part, block.scale)
            line = block.first + int(start)
            self._functions.write_texture(self.texture, line, (VEC4S, len(part)), part)
            self._counters.uploaded(part.nbytes)

    def send_warps(self, warps: Warps) -> None:
        """The table of warps, if there is anything to bend and it is not on the GPU yet: one write."""
        count = len(warps.table)
        if count == warps.count or warps is self._warps:
            return
        table = np.zeros((-(-count // _CELLS_A_LINE), _CELLS_A_LINE, 2, 4), np.float32)
        table.reshape(-1, 2, 4)[:count] = warps.table
        self._warps = None
        self._functions.write_texture(self.texture, self.warps_line, (VEC4S, len(table)), table)
        self._counters.uploaded(table.nbytes)
        self._warps = warps
