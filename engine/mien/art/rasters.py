"""Flat pictures that strangers made, of any common kind: checked before they are decoded."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from mien.art.png import decode
from mien.art.png_header import MAX_FILE_BYTES, MAX_PIXELS, read_header
from mien.errors import AssetMissing, ImageRejected
from mien.types import U8, Size

RASTERS = (".png", ".webp", ".jpg", ".jpeg", ".gif", ".apng", ".bmp", ".avif")
"""What the names of flat pictures end in."""

_FORMATS = ("PNG", "WEBP", "JPEG", "GIF", "BMP", "AVIF")


def read_raster(path: Path) -> bytes:
    """The bytes of a picture's file. Raises AssetMissing, ImageRejected."""
    try:
        if not path.is_file():
            raise AssetMissing(f"{path}: no such file; put the picture there.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ImageRejected(f"{path} is longer than {MAX_FILE_BYTES} bytes; export it smaller.")
        return path.read_bytes()
    except (AssetMissing, ImageRejected):
        raise
    except (OSError, ValueError) as error:
        raise ImageRejected(f"{path}: cannot be read ({error}); check its permissions.") from error


def raster_size(data: bytes, name: str, most: int = 8192) -> Size:
    """The size that a picture declares, at most `most` pixels a side. Raises ImageRejected."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return read_header(data, name, most).size
    with _opened(data, name) as image:
        size = Size(*image.size)
    if min(size) < 1 or max(size) > most or size.width * size.height > MAX_PIXELS:
        raise ImageRejected(
            f"{name}: declares {size.width} x {size.height} pixels, and {most} on a side or "
            f"{MAX_PIXELS >> 20} Mpx in all is the limit; export it smaller."
        )
    return size


def decode_raster(data: bytes, name: str, most: int = 8192) -> U8:
    """Pixels of a picture, the first where there are several: (h, w, 4) uint8, straight alpha.

    Raises ImageRejected.
    """
    raster_size(data, name, most)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return decode(data, name)
    with _opened(data, name) as image:
        try:
            pixels = np.array(image.convert("RGBA"))
        except Exception as error:  # a decoder fed with a stranger's bytes raises whatever it likes
            raise ImageRejected(
                f"{name} is damaged and cannot be decoded ({error}); export it again."
            ) from error
    pixels.view(np.uint32)[..., 0][pixels[..., 3] == 0] = 0
    return pixels


def _opened(data: bytes, name: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception as error:
        what = "is empty" if not data else "is no picture that can be read"
        raise ImageRejected(f"{name} {what}; export it as PNG or WebP.") from error


def warped(
    pixels: U8, across: tuple[float, float], down: tuple[float, float]
) -> tuple[U8, tuple[float, float]]:
    """A picture turned, scaled and mirrored about its middle: where a step to the right leads, and one down.

    def warped(
        pixels: U8, across: tuple[float, float], down: tuple[float, float]
    ) -> tuple[U8, tuple[float, float]]:
        it would be larger than 8192 pixels a side.
    """
    height, width = pixels.shape[:2]
    corners = [
        (x * across[0] + y * down[0], x * across[1] + y * down[1])
        for x in (-width / 2, width / 2)
        for y in (-height / 2, height / 2)
    ]
    left, top = (math.floor(min(c[i] for c in corners)) for i in (0, 1))
    right, bottom = (math.ceil(max(c[i] for c in corners)) for i in (0, 1))
    size = max(1, right - left), max(1, bottom - top)
    determinant = across[0] * down[1] - down[0] * across[1]
    if max(size) > 8192 or abs(determinant) < 1e-6:
        raise ImageRejected(f"a picture is stretched to {size[0]} x {size[1]} pixels, more than 8192 a side.")
    # Pillow asks where each new pixel comes from.
    a, b = down[1] / determinant, -down[0] / determinant
    d, e = -across[1] / determinant, across[0] / determinant
    matrix = (a, b, width / 2 + a * left + b * top, d, e, height / 2 + d * left + e * top)
    image = Image.fromarray(pixels).convert("RGBa")
    turned = image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    return np.array(turned.convert("RGBA")), (float(left), float(top))
