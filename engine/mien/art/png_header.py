"""What PNG files say of themselves, checked before a pixel is decoded."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mien.errors import AssetMissing, ImageRejected
from mien.messages import quoted
from mien.types import Size

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

RGBA = 6
"""PNG's colour type of RGB with an alpha channel."""

_WITH_ALPHA = (4, RGBA)
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
                raise ImageRejected(f"{path} is not a regular file; put a PNG there.")
            raise AssetMissing(f"{path}: does not exist; draw it, or take its name out of the file.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ImageRejected(
                f"{path} is {size} bytes long, and {MAX_FILE_BYTES} is the limit; export it anew."
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
        fault = "is not a PNG, whatever its name says; export it as PNG" if data else _EMPTY
        raise ImageRejected(f"{name} {fault}.")
    at = 8
    view = memoryview(data)
    while True:
        if at + 12 > len(data):
            raise ImageRejected(f"{name} is truncated after {len(data)} bytes; export it again.")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ImageRejected(
                f"{name} is truncated after {len(data)} bytes, inside chunk {quoted(kind)}; export it again."
            )
        if at == 8 and (kind != b"IHDR" or length != 13):
            raise ImageRejected(f"{name}: begins with chunk {quoted(kind)} instead of IHDR; export it again.")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ImageRejected(
                f"{name} is damaged, the checksum of chunk {quoted(kind)} is wrong; export it again."
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
