"""Layered art as plain values: layers, groups and masks on a canvas, without file formats.

Coordinates are whole pixels on the canvas, origin at its top left, y down. Sequences run bottom to top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from mien.errors import AssetMissing, ImageRejected
from mien.messages import near_file, suggestion
from mien.types import U8, Blend, Rect, Size

if TYPE_CHECKING:
    from mien.art.layered.profiles import Profile

MAX_SIDE = 8192
"""Longest side of a canvas in pixels; every GL 4 driver takes it."""

MAX_LAYERS = 4096
"""Most layers and groups of one file."""

MAX_DEPTH = 64
"""Most groups inside each other."""

TOLERANCE = 3
"""A difference up to this, of 255, is rounding: Photoshop rounds to 8 bits after each layer."""

MAX_TOTAL_PIXELS = 512 * 1024 * 1024
"""Most pixels of all layers together, after their empty borders are cut off: 2 GiB."""


MAX_CLAIMED_PIXELS = 4096 * 1024 * 1024
"""Most pixels of all layers together that are looked at, empty ones too; each takes some nanoseconds."""


MAX_SHRUNK_PIXELS = 40 * 1024 * 1024
"""Most pixels of a canvas that is shrunk as it is read: a layer of so many takes 160 MiB, and twice that
meanwhile."""


class TooMuch(ImageRejected):
    """A file holds more than is read of any: all of it is refused."""


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """How much of a layer or group shows."""

    pixels: U8
    """(h, w) uint8, 0 hidden .. 255 shown."""
    offset: tuple[int, int]
    """Where the top left of `pixels` lies on the canvas."""
    outside: int
    """The mask beyond `pixels`, 0..255."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A picture in the stack."""

    name: str
    pixels: U8
    """(h, w, 4) uint8 RGBA, straight alpha; within the canvas, its empty border cut off."""
    offset: tuple[int, int]
    """Where the top left of `pixels` lies on the canvas."""
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    """0..1; Photoshop's fill opacity is multiplied in."""
    mask: Mask | None = None
    clipped: bool = False
    """Shows only where the nearest sibling below that is not clipped does."""
    visible: bool = True
    """False: the file has it hidden, and it was asked for."""

    @property
    def box(self) -> Rect:
        """What it covers on the canvas; may be empty."""
        height, width = self.pixels.shape[:2]
        return Rect(*self.offset, width, height)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Layers and groups that belong together."""

    name: str
    children: tuple[Node, ...]
    """Bottom to top; the first is never clipped."""
    blend: Blend = Blend.PASS_THROUGH
    """`Blend.PASS_THROUGH`: the children blend with what is below it; else it is drawn apart."""
    opacity: float = 1.0
    mask: Mask | None = None
    clipped: bool = False
    visible: bool = True

    @property
    def box(self) -> Rect:
        """What the children cover together; may be empty."""
        return union(child.box for child in self.children if not child.clipped)


Node = Layer | Group


class Difference(NamedTuple):
    """How far two pictures are apart over white, in steps of 255."""

    largest: int
    mean: float
    """Over all pixels and colours."""
    is_blank: bool
    """The stored picture has one colour and the other has not: nothing was stored."""


class Stored(Protocol):
    """The picture that a file stores of itself."""

    def difference(self, picture: U8) -> Difference:
        """To a picture, (h, w, 4) uint8 premultiplied, of the same size and in the colours of the file.

        Raises ImageRejected where what is stored cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LayeredArt:
    """A layered art file."""

    size: Size
    root: tuple[Node, ...]
    """Bottom to top, over nothing."""
    warnings: tuple[str, ...] = ()
    """One line for each thing in the file that cannot be drawn and was left out, or is drawn differently."""
    profile: Profile | None = None
    """What its colours are in; None: sRGB. They blend as they are, and what was drawn is converted."""
    stored: Stored | None = None
    """The picture that the file stores of itself beside its layers."""
    scale: float = 1.0
    """Pixels of the canvas per pixel of the file's."""


def union(boxes: Iterable[Rect]) -> Rect:
    """The smallest rectangle around those that are not empty; (0, 0, 0, 0) when all are."""
    full = [box for box in boxes if box.width > 0 and box.height > 0]
    if not full:
        return Rect(0, 0, 0, 0)
    left, top = min(box.x for box in full), min(box.y for box in full)
    right, bottom = max(box.x + box.width for box in full), max(box.y + box.height for box in full)
    return Rect(left, top, right - left, bottom - top)


def overlap(one: Rect, other: Rect) -> Rect:
    """What both cover; width or height 0 when that is nothing."""
    left, top = max(one.x, other.x), max(one.y, other.y)
    right = min(one.x + one.width, other.x + other.width)
    bottom = min(one.y + one.height, other.y + other.height)
    return Rect(left, top, max(0, right - left), max(0, bottom - top))


def trimmed(pixels: U8, offset: tuple[int, int], canvas: Size) -> tuple[U8, tuple[int, int]]:
    """Pixels without what lies beyond the canvas and without their empty border, and their new offset.

    `pixels`: (h, w, 4) uint8 RGBA. The result is a copy, and may have no pixels.
    """
    height, width = pixels.shape[:2]
    inside = overlap(Rect(*offset, width, height), Rect(0, 0, *canvas))
    x, y = inside.x - offset[0], inside.y - offset[1]
    pixels = pixels[y : y + inside.height, x : x + inside.width]
    columns, rows = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (0, 1))
    if not len(rows):
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    return pixels[top:bottom, left:right].copy(), (inside.x + int(left), inside.y + int(top))


def stacked(nodes: Sequence[tuple[Node | None, bool]]) -> tuple[Node, ...]:
    """Siblings from (what to draw, or None when it is not drawn; whether it is clipped), bottom to top.

    What is clipped to something that is not drawn is not drawn either. What is clipped with nothing below
    is drawn as if it were not.
    """
    kept: list[Node] = []
    base_drawn: bool | None = None
    for node, clipped in nodes:
        if not clipped or base_drawn is None:
            base_drawn = node is not None
            clipped = False
        if node is not None and base_drawn:
            kept.append(node if node.clipped == clipped else replace(node, clipped=clipped))
    return tuple(kept)


def check_file(path: Path) -> None:
    """Raises AssetMissing where there is no file, and ImageRejected for one without a byte in it."""
    if path.is_dir():
        raise AssetMissing(f"{path} is a folder; name a file in it.")
    if not path.is_file():
        raise AssetMissing(f"{path}: no such file; {suggestion(near_file(path), 'check the name.')}")
    if not path.stat().st_size:
        raise ImageRejected(f"{path} is empty; save or copy it again.")


def check_canvas(size: Size, file: str, most: int = 0) -> None:
    """Raises ImageRejected for a canvas that is empty or too large. `most`: as of `read_layered`."""
    if most and max(size) <= MAX_SIDE and size.width * size.height > MAX_SHRUNK_PIXELS:
        raise ImageRejected(
            f"{file}: its canvas is {size.width} x {size.height} pixels, which is more than the "
            f"{MAX_SHRUNK_PIXELS >> 20} Mpx that are read to be shrunk; export it smaller."
        )
    if min(size) < 1 or max(size) > MAX_SIDE:
        remedy = "export it smaller" if min(size) >= 1 else "export it again"
        raise ImageRejected(
            f"{file}: its canvas is {size.width} x {size.height} pixels, but sides must be 1 to {MAX_SIDE}; "
            f"{remedy}."
        )


def check_pixels(total: int, file: str) -> None:
    """Raises ImageRejected for more pixels than the layers of a file may have together."""
    if total > MAX_TOTAL_PIXELS:
        raise TooMuch(
            f"{file}: its layers have more than {MAX_TOTAL_PIXELS // (1024 * 1024)} Mpx together; "
            "export it smaller."
        )


class Limits:
    """Counts what a file holds, so that a hostile one ends in an error and not in a full memory."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._nodes = self._pixels = self._claimed = 0

    def node(self) -> None:
        """One more layer or group. Raises ImageRejected."""
        self._nodes += 1
        if self._nodes > MAX_LAYERS:
            raise TooMuch(f"{self._file}: has more than {MAX_LAYERS} layers; merge some.")

    def depth(self, depth: int) -> None:
        """Groups inside each other, the outermost being 1. Raises ImageRejected."""
        if depth > MAX_DEPTH:
            raise TooMuch(f"{self._file}: its groups are nested deeper than {MAX_DEPTH}; flatten some.")

    def pixels(self, kept: U8) -> None:
        """Pixels that are kept in memory. Raises ImageRejected."""
        self.area(kept.shape[1], kept.shape[0])

    def claim(self, *pixels: int) -> None:
        """Pixels that a file says it has, to be decoded to see what they are. Raises ImageRejected."""
        self._claimed += sum(pixels)
        if self._claimed > MAX_CLAIMED_PIXELS:
            raise TooMuch(
                f"{self._file}: says that its layers have over {MAX_CLAIMED_PIXELS // (1024 * 1024)} Mpx "
                "together, empty ones too; cut them to the canvas, or merge some."
            )

    def area(self, width: int, height: int) -> None:
        """A picture so large that is kept in memory. Raises ImageRejected."""
        self._pixels += width * height
        check_pixels(self._pixels, self._file)
