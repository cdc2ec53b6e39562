"""Frames as files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mien.serve.renditions import Rendition, encoded
from mien.types import U8, Size


def half_clear() -> U8:
    """Left half white at half opacity, right half clear: premultiplied, (24, 32, 4)."""
    pixels = np.zeros((24, 32, 4), np.uint8)
    pixels[:, :16] = 128
    return pixels


def opened(data: bytes) -> U8:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("size", [Size(16, 12), Size(13, 11), Size(32, 24)])
def test_what_is_premultiplied_stays_so_however_it_is_shrunk(size: Size) -> None:
    data = encoded(half_clear(), Rendition("raw", size, 80), opaque=False)
    pixels = np.frombuffer(data, np.uint8).reshape(size.height, size.width, 4)
    assert (pixels == pixels[..., 3:]).all()  # white at some opacity everywhere, also between the two
    assert (pixels[:, 0] == 128).all() and (pixels[:, -1] == 0).all()


@pytest.mark.parametrize("format", ["png", "webp"])
def test_a_transparent_stage_has_straight_alpha(format: str) -> None:
    pixels = opened(encoded(half_clear(), Rendition(format, Size(32, 24), 100), opaque=False))
    assert pixels.shape == (24, 32, 4)
    assert (
        pixels[:, :12, :3].min() >= 250
        and (pixels[:, :12, 3] == 128).all()
        and (pixels[:, 20:, 3] == 0).all()
    )


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_an_opaque_stage_has_its_colours_and_no_alpha(format: str) -> None:
    full = np.full((24, 32, 4), (200, 100, 50, 255), np.uint8)
    pixels = opened(encoded(full, Rendition(format, Size(16, 12), 95), opaque=True))
    assert pixels.shape == (12, 16, 3) and np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 4
