"""Reading PNG files that strangers made: checked before they are decoded.

Pixels come out as (h, w, 4) uint8, straight alpha, origin top left, y down, with every wholly
transparent pixel zero.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from mien.art.png_header import RGBA, PngHeader, read_bytes, read_header
from mien.errors import ImageRejected
from mien.types import U8, Rect

_BAND_PIXELS = 1 << 18
"""Pixels that are converted at a time: what is worked on stays in a core's cache."""

_MOST_PARTLY = 4
"""Where one of so many pixels is partly clear or more, Pillow multiplies all of them; of drawings one of ten
to a hundred is, and those alone take a quarter of the time."""


def decode(data: bytes, name: str) -> U8:
    """Pixels of a PNG whose header was read: (h, w, 4) uint8, straight alpha, clear pixels zero.

    Grey, palette, RGB, and their tRNS transparency become RGBA; of 16-bit samples the high byte is
    kept. Raises ImageRejected.
    """
    with _refused(name):
        pixels = _with_key(data) if _key(data) else _rgba(data)
    words = pixels.view(np.uint32)[..., 0]
    words[pixels[..., 3] == 0] = 0
    return pixels


def decode_trimmed(data: bytes, name: str) -> tuple[U8, tuple[int, int]]:
    """As `decode`, without the empty border, and where the top left of what is left lies.

    May have no pixels. Takes less memory than `decode` where most is empty.
    """
    if data[25] != RGBA:
        whole = decode(data, name)
        left, top, right, bottom = _box(Image.fromarray(whole[..., 3]))
        return whole[top:bottom, left:right], (left, top)
    with _refused(name), _opened(data) as image:
        image.load()
        box = _box(image)
        pixels = _in_bands(image, box)
    words = pixels.view(np.uint32)[..., 0]
    words[pixels[..., 3] == 0] = 0
    return pixels, box[:2]


def extent(data: bytes, name: str, most: int = 0) -> tuple[Rect, U8 | None]:
    """What of a PNG is not clear, in its own pixels, (0, 0, 0, 0) when all is; and that part as
    `decode_trimmed` gives it, where it has no more than `most` pixels. Raises ImageRejected."""
    if data[25] != RGBA:
        whole = decode(data, name)
        left, top, right, bottom = _box(Image.fromarray(whole[..., 3]))
        box = Rect(left, top, right - left, bottom - top)
        return box, whole[top:bottom, left:right].copy() if box.width * box.height <= most else None
    with _refused(name), _opened(data) as image:
        edges = left, top, right, bottom = _box(image)
        box = Rect(left, top, right - left, bottom - top)
        if box.width * box.height > most:
            return box, None
        pixels = _in_bands(image, edges)
    words = pixels.view(np.uint32)[..., 0]
    words[pixels[..., 3] == 0] = 0
    return box, pixels


def _box(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not clear, or not black; all 0 where nothing is."""
    return image.getbbox() or (0, 0, 0, 0)


@contextmanager
def _refused(name: str) -> Iterator[None]:
    """What goes wrong in here is the fault of a damaged PNG."""
    try:
        yield
    except Exception as error:  # a decoder fed with a stranger's bytes raises whatever it likes
        raise ImageRejected(f"{name} is damaged and cannot be decoded ({error}); export it again.") from error


def _rgba(data: bytes) -> U8:
    with _opened(data) as image:
        image.load()
        if not image.mode.startswith("I"):
            return _in_bands(image)
        # 16-bit grey, which Pillow would clip to 255 instead of scaling.
        pixels = np.full((image.height, image.width, 4), 255, np.uint8)
        pixels[..., :3] = (np.asarray(image) >> 8).astype(np.uint8)[..., None]
        return pixels


def _in_bands(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> U8:
    """(h, w, 4) uint8 of a loaded picture, or of a box (left, top, right, bottom) of it, a band at a time:
    Pillow makes copies of what it hands over."""
    left, top, right, bottom = (0, 0, *image.size) if box is None else box
    pixels = np.empty((bottom - top, right - left, 4), np.uint8)
    rows = max(1, _BAND_PIXELS // max(1, right - left))
    for first in range(top, bottom, rows):
        band = image.crop((left, first, right, min(first + rows, bottom)))
        part = np.asarray(band if band.mode == "RGBA" else band.convert("RGBA"))
        pixels[first - top : first - top + rows] = part
    return pixels


def _key(data: bytes) -> bytes:
    """The one colour that a grey or RGB picture's tRNS chunk makes clear, as stored; empty without one."""
    if data[25] not in (0, 2):
        return b""
    at = 8
    while (kind := data[at + 4 : at + 8]) not in (b"tRNS", b"IDAT", b""):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return data[at + 8 : at + 8 + int.from_bytes(data[at : at + 4], "big")] if kind == b"tRNS" else b""


def _with_key(data: bytes) -> U8:
    """A grey or RGB picture of any depth with one clear colour, found among the samples as they are stored.

    Pillow looks for it among samples that it has scaled to 8 bits, where 2, 4 and 16 bits never match.
    """
    depth, channels = data[24], (3 if data[25] == 2 else 1)
    stored = _key(data)[: 2 * channels]
    if len(stored) < 2 * channels:
        raise ValueError("its tRNS chunk is too short")
    key = np.frombuffer(stored, ">u2") & ((1 << depth) - 1)
    samples = _samples(data, depth, channels)
    pixels = np.empty((*samples.shape[:2], 4), np.uint8)
    scaled = samples >> 8 if depth == 16 else samples * (255 // ((1 << depth) - 1))
    pixels[..., :3] = scaled
    pixels[..., 3] = np.where((samples == key).all(axis=2), 0, 255)
    return pixels


def _samples(data: bytes, depth: int, channels: int) -> NDArray[np.uint16]:
    """(h, w, 1 or 3) uint16, the samples of a grey or RGB picture as they are stored, 0..2**depth - 1."""
    with _opened(data) as image:
        image.load()
        shown = np.asarray(image.convert("L") if image.mode == "1" else image)
    shown = shown.reshape(*shown.shape[:2], channels)
    if depth <= 8:
        return (shown // (255 // ((1 << depth) - 1))).astype(np.uint16)
    if channels == 1:
        return shown.astype(np.uint16)
    with _opened(data) as image:
        # Of two bytes in big-endian order Pillow keeps the first; read as little-endian, it keeps the other.
        image.tile = [tile._replace(args="RGB;16L") for tile in image.tile]
        image.load()
        low = np.asarray(image).astype(np.uint16)
    high = shown.astype(np.uint16)
    return np.bitwise_or(np.left_shift(high, np.uint16(8)), low)


def _opened(data: bytes) -> PngImageFile:
    image = Image.open(io.BytesIO(data), formats=("PNG",))
    assert isinstance(image, PngImageFile)
    return image


def premultiply(straight: U8) -> U8:
    """rgb = round(rgb * a / 255), for (h, w, 4) uint8; a new array, C-contiguous."""
    height, width = straight.shape[:2]
    out = np.empty((height, width, 4), np.uint8)
    premultiply_into(out, straight)
    return out


def premultiply_into(out: U8, straight: U8) -> None:
    """The same, into an array of the same shape that may be a part of a larger one."""
    height, width = straight.shape[:2]
    rows = max(1, _BAND_PIXELS // max(1, width))
    for top in range(0, height, rows):
        band = np.ascontiguousarray(straight[top : top + rows])
        alpha = band[..., 3].ravel()
        partly = np.flatnonzero((alpha - np.uint8(1)) < 254)
        if len(partly) * _MOST_PARTLY < len(alpha):
            words = np.where(alpha, band.view(np.uint32).ravel(), np.uint32(0))
            words[partly] = _multiplied(words[partly])
            out[top : top + rows] = words.view(np.uint8).reshape(band.shape)
        else:
            image = Image.frombuffer("RGBA", (width, len(band)), band, "raw", "RGBA", 0, 1)
            # Pillow rounds exactly (MULDIV255), twice as fast as numpy.
            out[top : top + rows] = np.asarray(image.convert("RGBa"))


def _multiplied(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Pixels, (n,) as words, their colours times alpha, rounded as Pillow does."""
    pixels = words.view(np.uint8).reshape(-1, 4)
    product = pixels[:, :3] * pixels[:, 3:].astype(np.uint16) + np.uint16(128)
    pixels[:, :3] = ((product >> 8) + product) >> 8
    return words


def coverage(straight: U8, name: str, has_alpha: bool) -> U8:
    """A mask as a white picture, (h, w, 4) uint8, straight: how opaque it is, or else how light.

    `straight` is as `decode` gives it. Raises ImageRejected for a coloured picture without transparency.
    """
    amount = straight[..., 3]
    if not has_alpha:
        amount = straight[..., 0]
        if (straight[..., :3] != amount[..., None]).any():
            raise ImageRejected(
                f"{name} is a mask, but coloured and without transparency; save it in grey, or with alpha."
            )
    white = np.full(straight.shape, 255, np.uint8)
    white[..., 3] = amount
    white[amount == 0] = 0
    return white


def read_picture(path: Path, max_side: int) -> tuple[U8, PngHeader]:
    """Pixels (see `decode`) and header of a PNG file. Raises AssetMissing or ImageRejected."""
    data = read_bytes(path)
    header = read_header(data, str(path), max_side)
    return decode(data, str(path)), header
