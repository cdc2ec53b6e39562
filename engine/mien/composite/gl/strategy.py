"""What all ways of drawing have in common: one interface, one result. The renderer decides which is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import moderngl
import numpy as np

from mien.composite.plan.emit import Plan
from mien.composite.rows import RGBA
from mien.types import F32

RGBA16 = 0x805B
"""GL_RGBA16. Sixteen bits while layers add up: eight would round once a layer, and a dozen thin layers then
drift from the reference by more than 1 of 255. Fixed point is 12 % cheaper on llvmpipe than half floats."""


@dataclass(slots=True)
class Block:
    """The rows of a frame, or of one of its offscreen layers, that something is to be drawn of."""

    rows: F32
    """As they are on the GPU."""
    first: int
    """The line of the rows texture on which they begin."""
    plan: Plan
    clear: RGBA

    @property
    def work(self) -> int:
        """Pixels times the layers seen in them."""
        tiles = self.plan.tiles
        areas = (tiles[:, 2] - tiles[:, 0]) * (tiles[:, 3] - tiles[:, 1])
        return int(self.plan.seen.sum(axis=0, dtype=np.intp) @ areas + areas.sum())


class Strategy(Protocol):
    """Draws rows that are already on the GPU, with pages, rows and offscreen layers bound."""

    name: str
    fuses: bool
    """Whether it can draw fused tiles: for the planner of the frame."""

    def add(self, block: Block) -> None:
        """Gather what `draw` will need of the block: rectangles, lists. All blocks of a frame come first."""
        ...

    def send(self) -> None:
        """Put what was gathered on the GPU."""
        ...

    def draw(self, block: Block, target: moderngl.Framebuffer | None) -> None:
        """Draw the next of the blocks added: its damage, into `target` at 8 bits, or into `layers`."""
        ...

    def abandon(self) -> None:
        """Forget what was added: it will not be drawn."""
        ...

    def warm_up(self, target: moderngl.Framebuffer) -> None:
        """Draw a pixel with every program there is, at 8 bits into `target`; the first row shows nothing."""
        ...

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Sixteen bits, as large as the largest block: what was drawn without a target."""
        ...

    def release(self) -> None:
        """Free what the strategy made beside programs."""
        ...
