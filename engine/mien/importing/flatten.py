"""What things of a source look like together: composited as `composite.reference` says, with what is plain
done quickly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mien.art.kept import KeptFiles
from mien.art.layered.tree import Mask, overlap, trimmed, union
from mien.composite.reference import blend_over, blend_within
from mien.importing.source import Item, Path
from mien.types import F64, U8, Blend, Rect, Size


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels at a place."""

    pixels: U8
    """(h, w, 4) uint8 RGBA, straight alpha."""
    offset: tuple[int, int]
    """Where the top left lies on the canvas."""
    layers: tuple[Path, ...] = ()
    """The layers that it shows; none of what was made up."""

    @property
    def box(self) -> Rect:
        """What it covers."""
        return Rect(*self.offset, self.pixels.shape[1], self.pixels.shape[0])

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it shows."""
        return not self.pixels.size or not self.pixels[..., 3].any()

    def trimmed(self, canvas: Size) -> Picture:
        """Without its empty border and what is beyond the canvas; itself where it has neither."""
        pixels, offset = trimmed(self.pixels, self.offset, canvas)
        return self if pixels.shape == self.pixels.shape else Picture(pixels, offset, self.layers)

    def trimmed_to_itself(self) -> Picture:
        """Without its empty border, wherever it lies."""
        height, width = self.pixels.shape[:2]
        return self.trimmed(Size(self.offset[0] + width, self.offset[1] + height))

    def within(self, box: Rect) -> U8:
        """What it shows in a box: (h, w, 4) uint8, clear where it does not reach."""
        out = np.zeros((box.height, box.width, 4), np.uint8)
        shared = overlap(self.box, box)
        if shared.width and shared.height:
            x, y = shared.x - self.offset[0], shared.y - self.offset[1]
            part = self.pixels[y : y + shared.height, x : x + shared.width]
            out[shared.y - box.y :, shared.x - box.x :][: shared.height, : shared.width] = part
        return out


_BAND_PIXELS: Final = 1 << 16
"""Pixels that are worked on at once, some floats for each."""

EMPTY = Picture(np.zeros((0, 0, 4), np.uint8), (0, 0))


def masked(pixels: U8, offset: tuple[int, int], mask: Mask | None, opacity: float = 1.0) -> U8:
    """Pixels with a mask and an opacity in their alpha; the same array where there are none."""
    if (mask is None and opacity >= 1.0) or not pixels.size:
        return pixels
    height, width = pixels.shape[:2]
    share = shares(mask, Rect(*offset, width, height)) * opacity
    out = pixels.copy()
    out[..., 3] = np.rint(pixels[..., 3] * share)
    return out


def shares(mask: Mask | None, box: Rect) -> F64:
    """How much of a box a mask shows, (h, w) float64 0..1."""
    if mask is None:
        return np.ones((box.height, box.width))
    out = np.full((box.height, box.width), mask.outside / 255)
    known = Rect(*mask.offset, mask.pixels.shape[1], mask.pixels.shape[0])
    shared = overlap(known, box)
    if shared.width and shared.height:
        x, y = shared.x - known.x, shared.y - known.y
        part = mask.pixels[y : y + shared.height, x : x + shared.width]
        out[shared.y - box.y :, shared.x - box.x :][: shared.height, : shared.width] = part / 255
    return out


def picture_of(item: Item) -> Picture:
    """What a picture or folder shows by itself, in whatever mode it blends: its mask and opacity in its
    alpha.

    A folder is composited over nothing, without what it hides; it is itself taken as visible.
    """
    if item.pixels is not None:
        pixels = item.pixels()
        return Picture(masked(pixels, (item.box.x, item.box.y), item.mask, item.opacity), item.box[:2])
    inside = together(item.children)
    return Picture(masked(inside.pixels, inside.offset, item.mask, item.opacity), inside.offset)


def together(items: Sequence[Item], *, hidden: bool = False) -> Picture:
    """What siblings show together over nothing, bottom to top. `hidden`: those that are hidden too."""
    box = union(item.box for item in items if item.visible or hidden)
    if not box.width:
        return EMPTY
    drawing = _Drawing()
    out = np.empty((box.height, box.width, 4), np.uint8)
    for band in _bands(box):
        out[band.y - box.y :][: band.height] = drawing.siblings(items, band, hidden)
    return Picture(out, (box.x, box.y))


def _bands(box: Rect) -> Iterator[Rect]:
    """A box cut into bands of rows: what floats of one band take is little, however deep folders lie."""
    step = max(1, _BAND_PIXELS // box.width)
    for top in range(0, box.height, step):
        yield Rect(box.x, box.y + top, box.width, min(step, box.height - top))


class _Drawing:
    """Draws items a band at a time, each pixel for itself. The pixels of each are asked for once."""

    def __init__(self) -> None:
        self._pixels: dict[int, U8] = {}

    def siblings(self, items: Sequence[Item], band: Rect, hidden: bool) -> U8:
        """What they show in a band: (h, w, 4) uint8, straight."""
        backdrop = np.zeros((band.height, band.width, 4))
        for base, clipped in _families(items):
            if base.visible or hidden:
                self._draw(backdrop, band, base, [item for item in clipped if item.visible or hidden])
        return _straight(backdrop)

    def _draw(self, backdrop: F64, band: Rect, base: Item, clipped: Sequence[Item]) -> None:
        """Blend one onto a backdrop of a band: (h, w, 4) float64 premultiplied, changed in place."""
        through = base.is_folder and base.blend == Blend.PASS_THROUGH
        if through and not clipped and base.mask is None and base.opacity >= 1.0:
            for inner, on_it in _families(base.children):
                if inner.visible:
                    self._draw(backdrop, band, inner, [item for item in on_it if item.visible])
            return
        here = overlap(base.box, band)
        if not (here.width and here.height):
            return
        source = self._within(base, here)
        for item in clipped:
            source = blend_within(_mode(item), source, self._within(item, here))
        rows = slice(here.y - band.y, here.y - band.y + here.height)
        columns = slice(here.x - band.x, here.x - band.x + here.width)
        under = backdrop[rows, columns]
        mode = _mode(base)
        if mode == Blend.NORMAL:
            under *= 1.0 - source[..., 3:]
            under += source
        else:
            backdrop[rows, columns] = blend_over(mode, under, source)

    def _within(self, item: Item, band: Rect) -> F64:
        """What one shows by itself in a band, as of `picture_of`, premultiplied."""
        if item.pixels is None:
            pixels = self.siblings(item.children, band, False)
        else:
            if id(item) not in self._pixels:
                self._pixels[id(item)] = item.pixels()
            pixels = Picture(self._pixels[id(item)], item.box[:2]).within(band)
        return _premultiplied(masked(pixels, band[:2], item.mask, item.opacity))


def _families(items: Sequence[Item]) -> Iterable[tuple[Item, list[Item]]]:
    """What is not clipped, each with what is clipped to it."""
    found: list[tuple[Item, list[Item]]] = []
    for item in items:
        if item.clipped and found:
            found[-1][1].append(item)
        else:
            found.append((item, []))
    return found


def _mode(item: Item) -> Blend:
    return Blend.NORMAL if item.blend == Blend.PASS_THROUGH else item.blend


def _premultiplied(straight: U8) -> F64:
    out = straight / 255.0
    out[..., :3] *= out[..., 3:]
    return out


def _straight(premultiplied: F64) -> U8:
    alpha = premultiplied[..., 3:]
    colour = np.divide(
        premultiplied[..., :3], alpha, out=np.zeros_like(premultiplied[..., :3]), where=alpha > 0
    )
    found: U8 = np.rint(np.clip(np.concatenate((colour, alpha), axis=-1), 0, 1) * 255).astype(np.uint8)
    return found


_KEPT: Final[ContextVar[KeptFiles | None]] = ContextVar("mien-flattened", default=None)


@contextmanager
def flattened_with(kept: KeptFiles) -> Iterator[None]:
    """Within the block, what was drawn of the same pictures before is taken from there."""
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)


def over(pictures: Sequence[Picture]) -> Picture:
    """Pictures drawn over each other normally, bottom to top."""
    kept = _KEPT.get()
    if kept is None:
        return _over(pictures)
    where = ("over", tuple(picture.offset for picture in pictures))
    return kept.made_of([picture.pixels for picture in pictures], where, lambda: _over(pictures))


def _over(pictures: Sequence[Picture]) -> Picture:
    box = union(picture.box for picture in pictures)
    if not box.width:
        return EMPTY
    out = np.empty((box.height, box.width, 4), np.uint8)
    for band in _bands(box):
        backdrop = np.zeros((band.height, band.width, 4))
        for picture in pictures:
            here = overlap(picture.box, band)
            if here.width and here.height:
                source = _premultiplied(picture.within(here))
                under = backdrop[here.y - band.y :, here.x - band.x :][: here.height, : here.width]
                under *= 1.0 - source[..., 3:]
                under += source
        out[band.y - box.y :][: band.height] = _straight(backdrop)
    return Picture(out, (box.x, box.y))


def as_one(pictures: Sequence[Picture]) -> Picture:
    """The same of what layers show, as one picture of all of these layers."""
    return replace(over(pictures), layers=layers_of(pictures))


def layers_of(pictures: Iterable[Picture]) -> tuple[Path, ...]:
    """The layers that any of them shows, each once."""
    return tuple(dict.fromkeys(path for picture in pictures for path in picture.layers))
