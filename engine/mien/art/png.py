"""Reading PNG files that strangers made: checked before they are decoded.

Pixels come out as (h, w, 4) uint8, straight alpha, origin top left, y down, with every wholly
transparent pixel zero.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mien.errors import AssetMissing, ImageRejected
from mien.types import U8, Rect, Size

MAX_PIXELS = 64 * 1024 * 1024
"""Largest declared picture: 64 Mpx is 256 MiB decoded."""

MAX_FILE_BYTES = 192 * 1024 * 1024
"""Largest PNG file that is read at all."""

MAX_OFFSET_PX = 65_536
"""Largest oFFs offset, either way: far outside every canvas, far inside every integer."""

_MOST_DEFLATED = 1032
"""Deflate packs no more than so many bytes into one: a PNG that claims more pixels than that is not whole."""

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples a pixel, by PNG colour type."""

_BAND_PIXELS = 1 << 20
"""Pixels that are converted at a time: Pillow makes copies of what it hands over."""

_WITH_ALPHA = (4, 6)
"""PNG colour types that have an alpha channel: grey and RGB."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EMPTY = "is empty; export it again"
_NOTHING: U8 = np.zeros((0, 0, 4), np.uint8)


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
    size: Size | None = None
    offset: tuple[int, int] | None = None
    has_alpha = False
    packed = needed = 0
    for kind, body in _chunks(data, name):
        if size is None:
            size = _checked_size(body, name, max_side)
            has_alpha = body[9] in _WITH_ALPHA
            needed = size.height * -(-size.width * body[8] * _CHANNELS.get(body[9], 1) // 8)
        elif kind == b"IDAT":
            packed += len(body)
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"oFFs" and len(body) == 9:
            x, y, unit = struct.unpack(">iiB", body)
            if max(abs(x), abs(y)) > MAX_OFFSET_PX:
                raise ImageRejected(
                    f"{name}: its oFFs chunk says ({x}, {y}), beyond {MAX_OFFSET_PX} px; export it again."
                )
            offset = (x, y) if unit == 0 else None
    assert size is not None  # the first chunk was IHDR
    if packed * _MOST_DEFLATED < needed:
        raise ImageRejected(
            f"{name}: declares {size.width} x {size.height} pixels, but holds only {packed} bytes of them; "
            "export it again."
        )
    return PngHeader(size, offset, has_alpha)


def _chunks(data: bytes, name: str) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and body of every chunk up to IEND, each whole and with a true checksum; the first is IHDR."""
    if data[:8] != _SIGNATURE:
        fault = f"is not a PNG (it begins with {data[:8]!r}); export it as PNG" if data else _EMPTY
        raise ImageRejected(f"{name}: {fault}.")
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
        if at == 8 and (kind != b"IHDR" or length != 13):
            raise ImageRejected(f"{name}: begins with chunk {kind!r} instead of IHDR; export it again.")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ImageRejected(
                f"{name}: is damaged, the checksum of chunk {kind!r} is wrong; export it again."
            )
        if kind == b"IEND":
            return
        yield kind, view[at + 8 : end - 4]
        at = end


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
    with _loaded(data, name) as image:
        return _pixels(image)


def decode_trimmed(data: bytes, name: str) -> tuple[U8, tuple[int, int]]:
    """As `decode`, without the empty border, and where the top left of what is left lies.

    May have no pixels. Takes less memory than `decode` where most is empty.
    """
    with _loaded(data, name) as image:
        box = _extent(image)
        if box is None:
            return _NOTHING, (0, 0)
        if box != (0, 0, *image.size):
            image = image.crop(box)
        return _pixels(image), (box[0], box[1])


def extent(data: bytes, name: str) -> Rect:
    """What of a PNG is not clear, in its own pixels; (0, 0, 0, 0) when all is. Raises ImageRejected."""
    with _loaded(data, name) as image:
        left, top, right, bottom = _extent(image) or (0, 0, 0, 0)
    return Rect(left, top, right - left, bottom - top)


def _extent(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what is not clear."""
    if image.mode.startswith("I"):
        return Image.fromarray(_from_grey16(image)[..., 3]).getbbox()
    if image.has_transparency_data:
        return (image if image.mode == "RGBA" else image.convert("RGBA")).getchannel("A").getbbox()
    return (0, 0, *image.size)


@contextmanager
def _loaded(data: bytes, name: str) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            image.load()
            yield image
    except Exception as error:  # a decoder fed with a stranger's bytes raises whatever it likes
        raise ImageRejected(
            f"{name}: is damaged and cannot be decoded ({error}); export it again."
        ) from error


def _pixels(image: Image.Image) -> U8:
    """(h, w, 4) uint8 of a loaded picture, a band at a time."""
    if image.mode.startswith("I"):
        pixels = _from_grey16(image)
    else:
        pixels = np.empty((image.height, image.width, 4), np.uint8)
        rows = max(1, _BAND_PIXELS // image.width)
        for top in range(0, image.height, rows):
            band = image.crop((0, top, image.width, min(top + rows, image.height)))
            pixels[top : top + rows] = np.asarray(band if band.mode == "RGBA" else band.convert("RGBA"))
    words = pixels.view(np.uint32)[..., 0]
    words[pixels[..., 3] == 0] = 0
    return pixels


def _from_grey16(image: Image.Image) -> U8:
    """RGBA of 16-bit grey, which Pillow would clip to 255 instead of scaling."""
    wide = np.asarray(image).astype(np.uint32)
    pixels = np.empty((*wide.shape, 4), np.uint8)
    pixels[..., :3] = (wide >> 8).astype(np.uint8)[..., None]
    clear = image.info.get("transparency")
    pixels[..., 3] = np.where(wide == clear, 0, 255) if isinstance(clear, int) else 255
    return pixels


def premultiply(straight: U8) -> U8:
    """rgb = round(rgb * a / 255), for (h, w, 4) uint8; a new array, C-contiguous."""
    height, width = straight.shape[:2]
    out = np.empty((height, width, 4), np.uint8)
    rows = max(1, _BAND_PIXELS // max(1, width))
    for top in range(0, height, rows):
        band = np.ascontiguousarray(straight[top : top + rows])
        image = Image.frombuffer("RGBA", (width, len(band)), band, "raw", "RGBA", 0, 1)
        # Pillow rounds exactly (MULDIV255), twice as fast as numpy.
        out[top : top + rows] = np.asarray(image.convert("RGBa"))
    return out


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
