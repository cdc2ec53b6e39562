"""A miss: all layers of a character composited with Pillow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from PIL import Image

from mien.composite.rows import CLIPPED_ROWS, IDENTITY
from mien.prove.old_way.layers import Group, Layer, complement, layer_of, times_white
from mien.prove.old_way.pillow_layers import PillowLayers
from mien.types import F32, U8, Size

_KNOWN_ROWS = 8192

Picture = tuple[Image.Image, tuple[int, int]]
"""A straight RGBA picture and where its top left lies on the stage, in pixels."""


class Painter(PillowLayers):
    """Draws rows as they come; tests hold its pictures to Mien's specification.

    Parameters: `pages`, (side, side, 4) uint8 premultiplied, that the rows point into.
    """

    def __init__(self, pages: Sequence[U8]) -> None:
        # Images come as rows show them.
        self._images: list[U8] = []
        self._plain: list[Image.Image] = []
        self._straight: list[Image.Image] = []
        self._white: list[Image.Image] = []
        self._dark: list[Image.Image] = []
        self._crops: dict[tuple[float, ...], int] = {}
        self._pages = pages
        self._layers: OrderedDict[bytes, Layer] = OrderedDict()

    def groups(self, rows: F32) -> tuple[Group, ...]:
        """The rows of one character, bottom to top, in Pillow's form. Drawings seen first are converted."""
        rows = rows.copy()
        rows[:, IDENTITY] = 0.0
        found, i = [], 0
        while i < len(rows):
            end = i + 1 + int(rows[i, CLIPPED_ROWS])
            base, *clipped = [self._layer_of(row) for row in rows[i:end]]
            found.append(Group(base, tuple(clipped), 0))
            i = end
        return tuple(found)

    def paint(self, rows: F32) -> Picture:
        """All layers of one character in one picture, and where it lies."""
        return self._character(self.groups(rows))

    def _layer_of(self, row: F32) -> Layer:
        key = row.tobytes()
        layer = self._layers.get(key)
        if layer is None:
            layer = self._layers[key] = layer_of(row, self._pages, self._images, self._crops)
            if len(self._layers) > _KNOWN_ROWS:
                self._layers.popitem(last=False)
            for image in self._images[len(self._plain) :]:
                self._convert(image)
        return layer

    def _convert(self, image: U8) -> None:
        plain = Image.frombuffer("RGBa", image.shape[1::-1], image, "raw", "RGBa", 0, 1)
        self._plain.append(plain)
        self._straight.append(plain.convert("RGBA"))
        self._white.append(Image.fromarray(np.ascontiguousarray(times_white(image)[..., :3]), "RGB"))
        self._dark.append(Image.fromarray(np.ascontiguousarray(complement(image)[..., :3]), "RGB"))


def shrunk(picture: Picture, scale: float, stage: Size) -> Picture:
    """A picture painted at `scale` times the stage's size, at the stage's size."""
    image, (left, top) = picture
    if scale == 1.0:
        return picture
    # On whole pixels of the stage: the edge is widened to the next one first.
    x0, y0 = int(left // scale), int(top // scale)
    x1 = min(stage.width, int(-(-(left + image.width) // scale)))
    y1 = min(stage.height, int(-(-(top + image.height) // scale)))
    box = (x0 * scale - left, y0 * scale - top, x1 * scale - left, y1 * scale - top)
    wide = Image.new("RGBA", (image.width + 8, image.height + 8))
    wide.paste(image, (4, 4))
    left_, top_, right_, bottom_ = (
        min(max(v + 4.0, 0.0), float(most)) for v, most in zip(box, (*wide.size, *wide.size), strict=True)
    )
    inner = (left_, top_, right_, bottom_)
    small = wide.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box=inner)
    return small, (x0, y0)
