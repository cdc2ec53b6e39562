"""What all ways of drawing have in common: one interface, one result. The renderer decides which is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import moderngl

from mien.composite.gl.programs import Program
from mien.composite.plan.planner import Drawn, Plan
from mien.composite.rows import RGBA
from mien.types import F32, Indices

RGBA16 = 0x805B
"""GL_RGBA16. Sixteen bits while layers add up: eight would round once a layer, and a dozen thin layers then
drift from the reference by more than 1 of 255. Fixed point is 12 % cheaper on llvmpipe than half floats."""


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of a frame, or of one of its offscreen layers, that something is to be drawn of."""

    rows: F32
    """As they are on the GPU."""
    first: int
    """The line of the rows texture on which they begin."""
    plan: Plan
    clear: RGBA
    offscreen: int | None
    """The offscreen layer that they are; None for the frame."""
    scale: float = 1.0
    """Of its width and height, at which it is drawn; see `Compositor.scale`."""

    @property
    def work(self) -> int:
        """Pixels times the layers seen in them."""
        return round(self.plan.work * self.scale * self.scale)


class Draw(NamedTuple):
    """One draw call."""

    program: Program
    shapes: range
    """Of `Prepared.corners` or `Prepared.points`, as its program draws."""
    clear: RGBA | None = None
    """What its shader starts from; None where it does not ask."""


@dataclass(frozen=True, slots=True)
class BlockDraws:
    """How a block is drawn."""

    layers: Sequence[Draw]
    """First, in their order, into `Strategy.layers`."""
    target: Sequence[Draw] = ()
    """Then into the target, at 8 bits; none for an offscreen layer."""
    scale: float = 1.0
    """As of its block."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """How the blocks of a frame are drawn: values, so that a frame that fails leaves nothing behind."""

    blocks: Sequence[BlockDraws]
    """One for each block."""
    corners: F32
    """(n, 4, FLOATS) the rectangles of them all, as in `QuadList`."""
    points: F32
    """(n, FLOATS) the tiles that are drawn in one go, as in `Points`."""
    lists: F32
    """(m,) float32: the rows seen in the tiles, tile after tile; none for a strategy without lists."""

    @property
    def programs(self) -> list[Program]:
        """Those that draw it."""
        draws = (draw for block in self.blocks for draw in (*block.layers, *block.target))
        return list(dict.fromkeys(draw.program for draw in draws))


class Strategy(Protocol):
    """Draws rows that are already on the GPU, with pages, rows and offscreen layers bound."""

    name: str
    drawn: Drawn
    """How it draws the frame: for its planner."""
    drawn_offscreen: Drawn
    """How it draws offscreen layers."""
    side: int | None
    """Pixels on a side of the frame's tiles; None for what its way of drawing has."""
    few: bool
    """Draws with as few programs as can, though that takes longer: the picture is the same to the bit."""

    def prepare(self, blocks: Sequence[Block]) -> Prepared:
        """What drawing the blocks of a frame takes. No GL call."""
        ...

    def upload(self, prepared: Prepared) -> None:
        """Put the rectangles, points and lists on the GPU."""
        ...

    def draw(self, draws: BlockDraws, target: moderngl.Framebuffer) -> None:
        """Draw one block of what was uploaded last."""
        ...

    def warm_up(self, target: moderngl.Framebuffer, only: Prepared | None = None) -> None:
        """Draw a pixel with every program there is, at 8 bits into `target`; the first row shows nothing.
        `only`: with those that draw this. What was warm before is left out."""
        ...

    @property
    def layers(self) -> moderngl.Framebuffer:
        """Sixteen bits, as large as the largest block: where offscreen layers are drawn."""
        ...

    def release(self) -> None:
        """Free what the strategy made beside programs."""
        ...


class Warm:
    """Which programs a driver has finished, for layers and for the target: each draws a pixel once."""

    def __init__(self) -> None:
        self._done: set[tuple[int, bool]] = set()

    def left(
        self, layers: Sequence[Draw], target: Sequence[Draw], only: Prepared | None
    ) -> Iterator[BlockDraws]:
        """What is still to be drawn of these, one draw each; `only`: of what that needs."""
        needed = None if only is None else _needed(only)
        for draw, is_layer in (*((one, True) for one in layers), *((one, False) for one in target)):
            key = (id(draw.program), is_layer)
            if key not in self._done and (needed is None or key in needed):
                yield BlockDraws([draw], []) if is_layer else BlockDraws([], [draw])
                self._done.add(key)


def _needed(prepared: Prepared) -> set[tuple[int, bool]]:
    return {
        (id(draw.program), is_layer)
        for block in prepared.blocks
        for is_layer, draws in ((True, block.layers), (False, block.target))
        for draw in draws
    }


def draw_each(draws: Sequence[Draw]) -> None:
    """Draw into what is bound, one after another."""
    for program, shapes, clear in draws:
        if clear is not None:
            program.set("clear", clear)
        program.draw_shapes(shapes)


def runs(programs: Sequence[Program], variants: Indices, first: int, clear: RGBA | None) -> list[Draw]:
    """A draw for each run of one variant (n,), the shapes of the first of them at `first`."""
    if not len(variants):
        return []
    starts = [0, *((variants[1:] != variants[:-1]).nonzero()[0] + 1).tolist()]
    ends = [*starts[1:], len(variants)]
    return [
        Draw(programs[variant], range(first + a, first + b), clear)
        for variant, a, b in zip(variants.take(starts).tolist(), starts, ends, strict=True)
    ]
