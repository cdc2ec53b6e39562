"""Writing PNGs that say where on the canvas they lie."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from mien.types import U8

_RUNS = 3
"""zlib's strategy that looks for runs alone: what PNG's filters leave of drawings is runs. Of imported art it
took a quarter to a half less of the time, and 0.96 to 1.15 of the bytes."""

_BEHIND_HEADER = 33
"""Bytes of the signature and of IHDR: what says a place stands behind them."""


def png_of(pixels: U8, offset: tuple[int, int]) -> bytes:
    """A PNG of (h, w, 4) uint8, straight alpha, with an oFFs chunk in pixels; the same bytes for the same
    picture.

    What has no pixels becomes one clear pixel.
    """
    out = io.BytesIO()
    image = Image.fromarray(pixels) if pixels.size else Image.new("RGBA", (1, 1))
    image.save(out, "PNG", compress_level=4, compress_type=_RUNS)
    png = out.getvalue()
    body = b"oFFs" + struct.pack(">iiB", *offset, 0)
    place = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_BEHIND_HEADER] + place + png[_BEHIND_HEADER:]
