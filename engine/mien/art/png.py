"""Reading PNG files that strangers made: checked before they are decoded.

Pixels come out as (h, w, 4) uint8, straight alpha, origin top left, y down, with every wholly
transparent pixel zero.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from mien.errors import AssetMissing, ImageRejected
from mien.types import U8, Size

MAX_PIXELS = 64 * 1024 * 1024
"""Largest declared picture: 64 Mpx is 256 MiB decoded."""

MAX_FILE_BYTES = 192 * 1024 * 1024
"""Largest PNG file that is read at all."""

MAX_OFFSET_PX = 65_536
"""Largest oFFs offset, either way: far outside every canvas, far inside every integer."""

_WITH_ALPHA = (4, 6)
"""PNG colour types that have an alpha channel: grey and RGB."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EMPTY = "is empty; export it again"


@dataclass(frozen=True, slots=True)
class PngHeader:
    """What a PNG says about itself before its pixels."""

    size: Size
    offset: tuple[int, int] | None
    """From an oFFs chunk in pixels (PNG extensions, 4.3); None without one."""
    has_alpha: bool = True
    """Says how transparent its pixels are: an alpha channel, or a tRNS chunk."""


def read_bytes(path: Path) -> bytes:
    """The bytes of a PNG file. Raises AssetMissing or ImageRejected (not a file, too large, unreadable)."""
    try:
        if not path.is_file():
            if path.exists():
                raise ImageRejected(f"{path}: is not a regular file; put a PNG there.")
            raise AssetMissing(f"{path}: does not exist; draw it, or take its name out of the file.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ImageRejected(
                f"{path}: is {size} bytes long, and {MAX_FILE_BYTES} is the limit; export it anew."
            )
        return path.read_bytes()
    except (ImageRejected, AssetMissing):
        raise
    except (OSError, ValueError) as error:
        raise ImageRejected(f"{path}: cannot be read ({error}); check its permissions.") from error


def read_header(data: bytes, name: str, max_side: int) -> PngHeader:
    """Walk the chunks of a PNG, checking order, lengths, checksums and the declared size.

    `name` is how errors call the file. Raises ImageRejected. No pixel is decoded.
    """
    if data[:8] != _SIGNATURE:
        fault = "is not a PNG, whatever its name says; export it as PNG" if data else _EMPTY
        raise ImageRejected(f"{name}: {fault}.")
    size: Size | None = None
    offset: tuple[int, int] | None = None
    has_alpha = False
    at = 8
    view = memoryview(data)
    while True:
        if at + 12 > len(data):
            raise ImageRejected(f"{name}: is truncated after {len(data)} bytes; export it again.")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ImageRejected(
                f"{name}: is truncated after {len(data)} bytes, inside chunk {kind!r}; export it again."
            )
        if size is None and (kind != b"IHDR" or length != 13):
            raise ImageRejected(f"{name}: begins with chunk {kind!r} instead of IHDR; export it again.")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ImageRejected(
                f"{name}: is damaged, the checksum of chunk {kind!r} is wrong; export it again."
            )
        body = view[at + 8 : end - 4]
        if kind == b"IHDR":
            size = _checked_size(body, name, max_side)
            has_alpha = body[9] in _WITH_ALPHA
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"oFFs" and length == 9:
            x, y, unit = struct.unpack(">iiB", body)
            if max(abs(x), abs(y)) > MAX_OFFSET_PX:
                raise ImageRejected(
                    f"{name}: its oFFs chunk says ({x}, {y}), beyond {MAX_OFFSET_PX} px; export it again."
                )
            offset = (x, y) if unit == 0 else None
        elif kind == b"IEND":
            break
        at = end
    assert size is not None  # the first chunk was IHDR
    return PngHeader(size, offset, has_alpha)


def _checked_size(body: memoryview, name: str, max_side: int) -> Size:
    """The declared size of an IHDR, within limits."""
    width, height = struct.unpack_from(">II", body)
    if width < 1 or height < 1:
        raise ImageRejected(f"{name}: declares {width} x {height} pixels; export it again.")
    if max(width, height) > max_side or width * height > MAX_PIXELS:
        raise ImageRejected(
            f"{name}: declares {width} x {height} pixels, more than {max_side} on a side or "
            f"{MAX_PIXELS // (1024 * 1024)} Mpx in all; export it smaller."
        )
    return Size(width, height)


def decode(data: bytes, name: str) -> U8:
    """Pixels of a PNG whose header was read: (h, w, 4) uint8, straight alpha, clear pixels zero.

    Grey, palette, RGB, and their tRNS transparency become RGBA; of 16-bit samples the high byte is
    kept. Raises ImageRejected.
    """
    try:
        pixels = _with_key(data) if _key(data) else _rgba(data)
    except Exception as error:  # a decoder fed with a stranger's bytes raises whatever it likes
        raise ImageRejected(
            f"{name}: is damaged and cannot be decoded ({error}); export it again."
        ) from error
    words = pixels.view(np.uint32)[..., 0]
    words[pixels[..., 3] == 0] = 0
    return pixels


def _rgba(data: bytes) -> U8:
    with _opened(data) as image:
        image.load()
        if not image.mode.startswith("I"):
            return np.array(image if image.mode == "RGBA" else image.convert("RGBA"))
        # 16-bit grey, which Pillow would clip to 255 instead of scaling.
        pixels = np.full((image.height, image.width, 4), 255, np.uint8)
        pixels[..., :3] = (np.asarray(image) >> 8).astype(np.uint8)[..., None]
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
    image = Image.frombuffer("RGBA", (width, height), np.ascontiguousarray(straight), "raw", "RGBA", 0, 1)
    return np.array(image.convert("RGBa"))  # Pillow rounds exactly (MULDIV255), twice as fast as numpy


def coverage(straight: U8, name: str, has_alpha: bool) -> U8:
    """A mask as a white picture, (h, w, 4) uint8, straight: how opaque it is, or else how light.

    `straight` is as `decode` gives it. Raises ImageRejected for a coloured picture without transparency.
    """
    amount = straight[..., 3]
    if not has_alpha:
        amount = straight[..., 0]
        if (straight[..., :3] != amount[..., None]).any():
            raise ImageRejected(
                f"{name}: is a mask, but coloured and without transparency; save it in grey, or with alpha."
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
