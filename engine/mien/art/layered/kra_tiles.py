"""The pixels of Krita's layers: tiles of 64 by 64, each packed with LZF, one byte of all its pixels after
the other.

A file of tiles says in lines of text how large they are and how many, and before each tile where it lies and
how long it is. What no tile covers has the layer's default pixel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from mien.art.layered.planes import Damaged
from mien.art.layered.tree import Mask, overlap
from mien.types import U8, Rect

_HEAD: Final = re.compile(rb"VERSION (\d+)\nTILEWIDTH (\d+)\nTILEHEIGHT (\d+)\nPIXELSIZE (\d+)\nDATA (\d+)\n")
_PLACE: Final = re.compile(rb"(-?\d{1,7}),(-?\d{1,7}),([A-Z]{1,16}),(\d{1,9})\n")
_MOST_TILE: Final = 1 << 20
"""Most bytes of one tile when it is unpacked."""
_MOST_KEPT: Final = 64
"""Tiles that are kept unpacked: of most pictures many are alike, as empty ones are."""

_SPACES: Final = {"RGBA": (4, 1), "RGBA16": (8, 2), "GRAYA": (2, 1), "GRAYAU16": (4, 2)}
"""Bytes of a pixel, and of a channel, by the names of colour spaces."""


class Tiles(NamedTuple):
    """A layer's tiles, packed."""

    size: tuple[int, int]
    """Width and height of a tile in pixels."""
    pixel: int
    """Bytes of a pixel."""
    packed: tuple[tuple[int, int, bytes], ...]
    """(x, y, data) of each; the first byte says whether the others are packed."""

    def box(self) -> Rect:
        """What all tiles cover together; may be empty."""
        if not self.packed:
            return Rect(0, 0, 0, 0)
        left, top = min(x for x, _, _ in self.packed), min(y for _, y, _ in self.packed)
        right, bottom = max(x for x, _, _ in self.packed), max(y for _, y, _ in self.packed)
        return Rect(left, top, right + self.size[0] - left, bottom + self.size[1] - top)

    def read(self, window: Rect, default: bytes) -> U8:
        """What they show in a window: (h, w, bytes of a pixel) uint8. Raises Damaged."""
        out = np.empty((window.height, window.width, self.pixel), np.uint8)
        out[...] = np.frombuffer((default + bytes(self.pixel))[: self.pixel], np.uint8)
        width, height = self.size
        kept: dict[bytes, U8] = {}
        for x, y, data in self.packed:
            here = overlap(Rect(x, y, width, height), window)
            if not (here.width and here.height):
                continue
            tile = kept.get(data)
            if tile is None:
                tile = self._tile(data)
                if len(kept) < _MOST_KEPT or len(data) < 400:
                    kept[data] = tile
            rows, columns = (
                slice(here.y - y, here.y - y + here.height),
                slice(here.x - x, here.x - x + here.width),
            )
            out[here.y - window.y :, here.x - window.x :][: here.height, : here.width] = tile[rows, columns]
        return out

    def _tile(self, data: bytes) -> U8:
        width, height = self.size
        size = width * height * self.pixel
        if not data:
            raise Damaged("a tile is empty")
        if data[0] == 0:
            raw = np.frombuffer(data[1:], np.uint8)
            if len(raw) != size:
                raise Damaged("a tile ends too soon")
            return raw.reshape(height, width, self.pixel)
        planes = np.frombuffer(unpacked(data[1:], size), np.uint8).reshape(self.pixel, height, width)
        return planes.transpose(1, 2, 0)


def read_tiles(data: bytes) -> Tiles:
    """The tiles of a layer's file. Raises Damaged."""
    head = _HEAD.match(data)
    if head is None:
        raise Damaged("it does not begin as Krita's tiles do")
    _, width, height, pixel, count = (int(part[:9]) for part in head.groups())
    if not (0 < width * height * pixel <= _MOST_TILE):
        raise Damaged(f"its tiles are {width} x {height} pixels of {pixel} bytes")
    return Tiles((width, height), pixel, tuple(_tiles(data, head.end(), count)))


def depth_of(space: str, tiles: Tiles) -> int:
    """Bytes of a channel in a colour space of this name. Raises Damaged for one that is not read, and where
    tiles are of another."""
    if space not in _SPACES:
        raise Damaged(f"its colours are {space}; of those RGB and grey of 8 and 16 bits are read")
    pixel, depth = _SPACES[space]
    if tiles.pixel != pixel:
        raise Damaged(f"its pixels have {tiles.pixel} bytes and not {pixel}")
    return depth


def straight_of(raw: U8, depth: int) -> tuple[U8, tuple[int, int]]:
    """Pixels as they are stored, (h, w, bytes), as (h, w, 4) straight RGBA without their empty border, and
    where in them that lies."""
    if depth == 2:
        raw = raw[..., 1::2]  # of two bytes, the lower first
    columns, rows = (np.flatnonzero(raw[..., -1].any(axis=axis)) for axis in (0, 1))
    if not len(rows):
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    raw = raw[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    pixels = np.empty((*raw.shape[:2], 4), np.uint8)
    # A channel at a time: Krita has the lowest first.
    for channel, stored in enumerate((0, 0, 0, 1) if raw.shape[-1] == 2 else (2, 1, 0, 3)):
        pixels[..., channel] = raw[..., stored]
    return pixels, (int(columns[0]), int(rows[0]))


def _tiles(data: bytes, at: int, count: int) -> Iterator[tuple[int, int, bytes]]:
    for _ in range(count):
        place = _PLACE.match(data, at)
        if place is None:
            raise Damaged("it ends too soon, or between two tiles stands something else")
        if place[3] != b"LZF":
            raise Damaged(f"a tile is packed as {place[3].decode('ascii')}")
        length = int(place[4])
        body = data[place.end() : place.end() + length]
        if len(body) < length:
            raise Damaged("it ends too soon")
        at = place.end() + length
        yield int(place[1]), int(place[2]), body


def unpacked(data: bytes, size: int) -> bytes:
    """What LZF has packed, `size` bytes. Raises Damaged.

    A byte below 32 says how many bytes follow as they are, less one. Any other says in its upper three bits
    how long a piece is that was there before, less two (seven: more in the next byte), and in the others and
    the last byte how far back.
    """
    out = bytearray()
    at, end = 0, len(data)
    try:
        while at < end:
            control = data[at]
            at += 1
            if control < 32:
                out += data[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += data[at]
                at += 1
            length += 2
            back = ((control & 31) << 8 | data[at]) + 1
            at += 1
            begin = len(out) - back
            if begin < 0:
                raise Damaged("a tile refers to what is before it")
            if back >= length:
                out += out[begin : begin + length]
            else:
                piece = out[begin:]
                out += (piece * (length // back + 1))[:length]
            if len(out) > size:
                break
    except IndexError as error:
        raise Damaged("a tile ends too soon") from error
    if len(out) != size:
        raise Damaged(f"a tile unpacks to {len(out)} bytes and not {size}")
    return bytes(out)


def mask_of(tiles: Tiles, default: bytes, box: Rect, at: tuple[int, int]) -> Mask:
    """What tiles that lie at a place say of a box of the canvas; outside them it is the default."""
    pixels = tiles.read(moved(box, (-at[0], -at[1])), default)[..., 0]
    return Mask(pixels, (box.x, box.y), default[0] if default else 0)


def moved(box: Rect, by: tuple[int, int]) -> Rect:
    """A box, elsewhere by so many pixels."""
    return Rect(box.x + by[0], box.y + by[1], box.width, box.height)
