"""Layered art to frame rows: groups become offscreen layers, clipped layers rows of their base.

Two kinds of group need no offscreen layer. A pass-through group at full opacity without a mask is its
layers. And where nothing in a group blends but normally, drawing it apart or in place is the same: over is
associative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from mien.art.layered import Group, Layer, LayeredArt, Mask, Node
from mien.art.layered.tree import overlap
from mien.composite.layered_pages import PageBook, Placement
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    MASK,
    OPACITY,
    SAMPLE_COUNT,
    TINT,
    WEIGHTS,
    FrameRows,
    sample_values,
)
from mien.errors import AtlasFull
from mien.types import U8, Blend, Rect, Size

MAX_OFFSCREENS = 1024
"""Most pictures of groups in one frame; GL 4 drivers take 2048."""


class Drawn(NamedTuple):
    """Layered art ready to be composited."""

    frame: FrameRows
    pages: list[U8]
    """(h, w, 4) uint8 premultiplied, all of a size."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """Something that a sample shows: a picture of the page book, or an offscreen layer (a negative page)."""

    number: int
    box: Rect
    """Where it lies on the canvas."""


@dataclass(frozen=True, slots=True)
class _Row:
    box: Rect
    """On the canvas; never empty."""
    shows: _Picture
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    mask: _Picture | None = None


_Run = tuple[_Row, ...]
"""A row and those clipped to it."""


@dataclass(slots=True)
class _Block:
    """The rows of a frame or an offscreen layer, while they are collected."""

    box: Rect
    """What it shows of the canvas."""
    runs: list[_Run] = field(default_factory=list)


def layered_rows(art: LayeredArt, part: Rect | None = None) -> Drawn:
    """The rows, offscreen layers and pages that draw the art as it is, pixel for pixel.

    `part`: what of the canvas the frame shows; all of it when None. Raises AtlasFull.
    """
    part = Rect(0, 0, *art.size) if part is None else part
    lowering, block = _lowered(art, part)
    placements, pages = lowering.book.pack()
    frame = _frame(block, placements)
    frame.offscreens = tuple(_frame(offscreen, placements) for offscreen in lowering.offscreens)
    return Drawn(frame, pages)


def bytes_to_draw(art: LayeredArt, part: Rect) -> int:
    """About what the pages and targets of a part take, in memory and on the GPU. Raises AtlasFull."""
    lowering, _ = _lowered(art, part)
    boxes = [block.box for block in lowering.offscreens]
    widest, highest = (max((box[axis] for box in boxes), default=0) for axis in (2, 3))
    # Pages are there twice, and once more while they are made. Offscreen layers are an array of the
    # largest, with 16 bits a channel, and so has the target beside its 8.
    return 12 * lowering.book.pixels + 8 * len(boxes) * widest * highest + 16 * part.width * part.height


def _lowered(art: LayeredArt, part: Rect) -> tuple[_Lowering, _Block]:
    lowering, block = _Lowering(part), _Block(part)
    lowering.add(block, art.root)
    return lowering, block


class _Lowering:
    """Parameters: `part`, what of the canvas is drawn."""

    def __init__(self, part: Rect) -> None:
        self._part = part
        self.book = PageBook()
        self.offscreens: list[_Block] = []
        self._numbers: dict[int, int] = {}

    def add(self, block: _Block, nodes: Sequence[Node]) -> None:
        """Append what draws `nodes` over what the block shows already."""
        for base, clipped in _clip_runs(nodes):
            box = overlap(base.box, block.box)
            if box.width and box.height and base.opacity > 0.0:
                self._add_run(block, base, clipped, box)

    def _add_run(self, block: _Block, base: Node, clipped: Sequence[Node], box: Rect) -> None:
        if isinstance(base, Group) and _is_in_place(base):
            if base.opacity == 1.0 and base.mask is None and not clipped:
                self.add(block, base.children)
                return
            if not _blends_normally(base):
                self._add_through(block, base, clipped, box)
                return
            base = replace(base, blend=Blend.NORMAL)
        row = self._row(base, box)
        if row is not None:
            over = (self._row(node, overlap(node.box, row.box)) for node in clipped)
            block.runs.append((row, *(one for one in over if one is not None)))

    def _add_through(self, block: _Block, group: Group, clipped: Sequence[Node], box: Rect) -> None:
        """A pass-through group: a layer with the rows below it, then its own, fades in over them."""
        masked = self._mask(group.mask, box)
        if masked is None:
            return
        box, mask = masked
        inner = _Block(box, [cut for run in block.runs if (cut := _cut(run, box))])
        self.add(inner, group.children)
        base = _Row(box, self._offscreen(inner), Blend.PASS_THROUGH, group.opacity, mask)
        over = []
        if clipped:
            # What is clipped to the group shows where the group itself does: its alpha, drawn apart.
            apart = self._apart(group, box)
            for node in clipped:
                row = self._row(node, overlap(node.box, box))
                if row is not None and row.mask is not None:  # a row has one mask only
                    plain = replace(row, blend=Blend.NORMAL, opacity=1.0)
                    row = replace(row, shows=self._offscreen(_Block(row.box, [(plain,)])))
                if row is not None:
                    over.append(replace(row, mask=apart))
        block.runs.append((base, *over))

    def _row(self, node: Node, box: Rect) -> _Row | None:
        """One row that shows a layer or group within `box`; None when nothing of it shows."""
        if not (box.width and box.height) or node.opacity <= 0.0:
            return None
        masked = self._mask(node.mask, box)
        if masked is None:
            return None
        box, mask = masked
        if isinstance(node, Group):
            blend = Blend.NORMAL if node.blend == Blend.PASS_THROUGH else node.blend
            return _Row(box, self._apart(node, box), blend, node.opacity, mask)
        return _Row(box, self._picture(node), node.blend, node.opacity, mask)

    def _apart(self, group: Group, box: Rect) -> _Picture:
        """The group on an offscreen layer of its own."""
        block = _Block(box)
        self.add(block, group.children)
        return self._offscreen(block)

    def _offscreen(self, block: _Block) -> _Picture:
        if len(self.offscreens) == MAX_OFFSCREENS:
            raise AtlasFull(f"the groups need more than {MAX_OFFSCREENS} pictures of their own; merge some.")
        self.offscreens.append(block)
        return _Picture(-len(self.offscreens), block.box)

    def _picture(self, layer: Layer) -> _Picture:
        """What of a layer lies in the part."""
        box = overlap(layer.box, self._part)
        if id(layer) not in self._numbers:
            x, y = box.x - layer.offset[0], box.y - layer.offset[1]
            shown = layer.pixels[y : y + box.height, x : x + box.width]
            self._numbers[id(layer)] = self.book.add_picture(shown)
        return _Picture(self._numbers[id(layer)], box)

    def _mask(self, mask: Mask | None, box: Rect) -> tuple[Rect, _Picture | None] | None:
        """What a mask leaves of a box, and the mask there; None when that is nothing."""
        if mask is None:
            return box, None
        height, width = mask.pixels.shape
        known = Rect(*mask.offset, width, height)
        if mask.outside == 0:
            box = overlap(box, known)
            if not (box.width and box.height):
                return None
        # Beyond its picture a row's mask is 0, so the picture has the box's size, whatever the file stores.
        picture = np.full((box.height, box.width), mask.outside, np.uint8)
        shared = overlap(box, known)
        x, y = shared.x - box.x, shared.y - box.y
        u, v = shared.x - known.x, shared.y - known.y
        picture[y : y + shared.height, x : x + shared.width] = mask.pixels[
            v : v + shared.height, u : u + shared.width
        ]
        return box, _Picture(self.book.add_mask(picture), box)


def _clip_runs(nodes: Sequence[Node]) -> Iterator[tuple[Node, list[Node]]]:
    """Each node that is not clipped, with those that are clipped to it."""
    starts = [i for i, node in enumerate(nodes) if not node.clipped]
    for start, end in zip(starts, [*starts[1:], len(nodes)], strict=False):
        yield nodes[start], list(nodes[start + 1 : end])


def _is_in_place(group: Group) -> bool:
    """Whether the group's layers blend with what is below it, or might as well."""
    return group.blend == Blend.PASS_THROUGH or (group.blend == Blend.NORMAL and _blends_normally(group))


def _blends_normally(group: Group) -> bool:
    """Whether nothing in the group blends with what is below it in a way of its own."""
    return all(
        child.blend == Blend.NORMAL
        or (isinstance(child, Group) and child.blend == Blend.PASS_THROUGH and _blends_normally(child))
        for child, _ in _clip_runs(group.children)
    )


def _cut(run: _Run, box: Rect) -> _Run:
    """What a run shows within a box; empty when that is nothing."""
    rows = [replace(row, box=overlap(row.box, box)) for row in run]
    if not (rows[0].box.width and rows[0].box.height):
        return ()
    return tuple(row for row in rows if row.box.width and row.box.height)


def _frame(block: _Block, placements: Sequence[Placement]) -> FrameRows:
    rows = [(row, i, len(run) - 1) for run in block.runs for i, row in enumerate(run)]
    frame = FrameRows(max(1, len(rows)), Size(block.box.width, block.box.height))
    left, top = block.box.x, block.box.y
    identity = frame.identities(len(rows))
    for values, (row, place, clipped) in zip(frame.claim(len(rows)), rows, strict=True):
        x, y, width, height = row.box
        values[BOUNDS] = (x - left, y - top, x - left + width, y - top + height)
        values[INVERSE_X], values[OPACITY] = (1.0, 0.0, left), row.opacity
        values[INVERSE_Y], values[BLEND] = (0.0, 1.0, top), row.blend
        values[TINT] = 1.0
        values[CLIPPED_ROWS], values[CLIPPED] = (0 if place else clipped), bool(place)
        values[SAMPLE_COUNT], values[IDENTITY] = 1, identity
        values[WEIGHTS] = (1.0, 0.0, 0.0, 0.0)
        values[EACH_SAMPLE[0]] = _sample(row.shows, placements)
        if row.mask is not None:
            values[MASK] = _sample(row.mask, placements)
        identity += 1
    return frame


def _sample(picture: _Picture, placements: Sequence[Placement]) -> tuple[float, ...]:
    """A sample that shows a picture or an offscreen layer where it lies on the canvas."""
    x, y, width, height = picture.box
    if picture.number < 0:
        page, u, v = picture.number, 0, 0
    else:
        page, (u, v, _, _) = placements[picture.number].page, placements[picture.number].region
    return sample_values(page, (u - x, v - y), Rect(u, v, width, height))
