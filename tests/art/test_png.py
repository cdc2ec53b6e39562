"""PNGs of every kind become the same RGBA; PNGs that lie are refused before they are decoded."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from art.build import Pixels, box, chunk, write_png
from mien.art.png import decode, premultiply, premultiply_into, read_picture
from mien.art.png_header import read_bytes, read_header
from mien.errors import AssetMissing, ImageRejected, MienError

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG by hand: rows are raw scanlines with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)


def pixels_of(data: bytes) -> list[list[int]]:
    read_header(data, "x.png", 4096)
    return [list(map(int, texel)) for texel in decode(data, "x.png").reshape(-1, 4)]


PLTE = chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 0]))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(2, 1, 8, 6, bytes([0, 1, 2, 3, 255, 9, 9, 9, 0])), [[1, 2, 3, 255], [0, 0, 0, 0]]),
        (png(2, 1, 8, 2, bytes([0, 1, 2, 3, 4, 5, 6])), [[1, 2, 3, 255], [4, 5, 6, 255]]),
        (png(2, 1, 8, 0, bytes([0, 7, 250])), [[7, 7, 7, 255], [250, 250, 250, 255]]),
        (png(2, 1, 8, 4, bytes([0, 7, 128, 9, 0])), [[7, 7, 7, 128], [0, 0, 0, 0]]),
        (png(2, 1, 8, 3, bytes([0, 0, 1]), PLTE), [[10, 20, 30, 255], [200, 100, 0, 255]]),
        (
            png(2, 1, 8, 3, bytes([0, 0, 1]), PLTE, chunk(b"tRNS", bytes([0, 99]))),
            [[0, 0, 0, 0], [200, 100, 0, 99]],
        ),
        (png(2, 1, 1, 0, bytes([0, 0b01000000])), [[0, 0, 0, 255], [255, 255, 255, 255]]),
        (
            png(2, 1, 8, 2, bytes([0, 1, 2, 3, 4, 5, 6]), chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))),
            [[0, 0, 0, 0], [4, 5, 6, 255]],
        ),
        (png(2, 1, 16, 0, b"\0" + struct.pack(">HH", 0x8080, 0xFFFF)), [[128] * 3 + [255], [255] * 4]),
        (
            png(2, 1, 16, 0, b"\0" + struct.pack(">HH", 7, 0x4040), chunk(b"tRNS", struct.pack(">H", 7))),
            [[0, 0, 0, 0], [64, 64, 64, 255]],
        ),
        (
            png(1, 1, 16, 6, b"\0" + struct.pack(">HHHH", 0x0101, 0x8080, 0xFFFF, 0x8080)),
            [[1, 128, 255, 128]],
        ),
        (png(1, 1, 16, 2, b"\0" + struct.pack(">HHH", 0x0101, 0x8080, 0xFFFF)), [[1, 128, 255, 255]]),
    ],
    ids=[
        "rgba",
        "rgb",
        "grey",
        "grey-alpha",
        "palette",
        "palette-trns",
        "bits",
        "rgb-trns",
        "grey16",
        "grey16-trns",
        "rgba16",
        "rgb16",
    ],
)
def test_every_kind_of_png_becomes_rgba(data: bytes, expected: list[list[int]]) -> None:
    assert pixels_of(data) == expected


@pytest.mark.parametrize(
    ("depth", "samples", "clear", "shown"),
    [
        (1, 0b01000000, 1, [[0, 0, 0, 255], [0, 0, 0, 0]]),
        (2, 0b10010000, 1, [[170, 170, 170, 255], [0, 0, 0, 0]]),
        (2, 0b10010000, 2, [[0, 0, 0, 0], [85, 85, 85, 255]]),
        (4, 0b11110011, 3, [[255, 255, 255, 255], [0, 0, 0, 0]]),
        (4, 0b11110011, 15, [[0, 0, 0, 0], [51, 51, 51, 255]]),
        (4, 0b11110011, 7, [[255, 255, 255, 255], [51, 51, 51, 255]]),
    ],
)
def test_the_clear_grey_of_few_bits_is_found(
    depth: int, samples: int, clear: int, shown: list[list[int]]
) -> None:
    key = chunk(b"tRNS", struct.pack(">H", clear))
    assert pixels_of(png(2, 1, depth, 0, bytes([0, samples]), key)) == shown


def test_the_clear_colour_of_16_bits_is_compared_with_all_of_them() -> None:
    """Three pixels whose upper bytes are the same: only the one that is the same to the last bit is clear."""
    rows = b"\0" + struct.pack(">9H", 0x0102, 0x0304, 0x0506, 0x0102, 0x0304, 0x0507, 0x0103, 0x0304, 0x0506)
    key = chunk(b"tRNS", struct.pack(">3H", 0x0102, 0x0304, 0x0506))
    assert pixels_of(png(3, 1, 16, 2, rows, key)) == [[0, 0, 0, 0], [1, 3, 5, 255], [1, 3, 5, 255]]
    grey = b"\0" + struct.pack(">2H", 0x4041, 0x4040)
    assert pixels_of(png(2, 1, 16, 0, grey, chunk(b"tRNS", struct.pack(">H", 0x4040)))) == [
        [64, 64, 64, 255],
        [0, 0, 0, 0],
    ]


def test_a_clear_colour_cut_short_is_damage() -> None:
    with pytest.raises(ImageRejected, match="tRNS chunk is too short"):
        pixels_of(png(1, 1, 8, 0, b"\0\7", chunk(b"tRNS", b"\7")))


def test_premultiply_is_the_rounded_product_for_every_pair_of_bytes() -> None:
    colour, alpha = np.meshgrid(np.arange(256), np.arange(256))
    straight = np.stack([colour, colour, colour, alpha], axis=-1).astype(np.uint8)
    expected = np.rint(colour * alpha / 255).astype(np.uint8)
    result = premultiply(straight)
    assert (result[..., 0] == expected).all()
    assert (result[..., 3] == alpha).all()
    assert straight[0, 9, 0] == 9, "the argument is left as it was"


@pytest.mark.parametrize("share", [0.0, 0.03, 0.2, 0.24, 0.26, 1.0])
def test_premultiply_is_the_same_however_many_pixels_are_partly_clear(share: float) -> None:
    chance = np.random.default_rng(3)
    straight = chance.integers(0, 256, (90, 70, 4), np.uint8)
    whole = chance.random((90, 70)) >= share
    straight[whole, 3] = np.where(chance.random(int(whole.sum())) < 0.5, 0, 255)
    expected = np.rint(straight[..., :3] * (straight[..., 3:] / 255)).astype(np.uint8)
    result = premultiply(straight)
    assert (result[..., :3] == expected).all()
    assert (result[..., 3] == straight[..., 3]).all()
    part = np.full((92, 72, 4), 7, np.uint8)
    premultiply_into(part[1:-1, 1:-1], straight)
    assert (part[1:-1, 1:-1] == result).all()
    assert (part[0] == 7).all()


def test_the_offset_chunk_is_read_in_pixels(tmp_path: Path) -> None:
    path = write_png(tmp_path / "a.png", box(3, 2, (1, 2, 3, 255)), (-7, 40))
    assert read_header(path.read_bytes(), "a", 4096).offset == (-7, 40)
    micrometres = path.read_bytes().replace(
        chunk(b"oFFs", struct.pack(">iiB", -7, 40, 0)), chunk(b"oFFs", struct.pack(">iiB", -7, 40, 1))
    )
    assert read_header(micrometres, "a", 4096).offset is None


def good() -> bytes:
    noise = np.random.default_rng(1).integers(0, 256, (16, 16, 4), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = good()


@pytest.mark.parametrize("length", [0, 4, 8, 20, 33, 60, len(GOOD) // 2, len(GOOD) - 12, len(GOOD) - 1])
def test_a_truncated_png_is_refused_wherever_it_ends(length: int) -> None:
    with pytest.raises(ImageRejected, match=r"x\.png.*(truncated|not a PNG|is empty)"):
        read_header(GOOD[:length], "x.png", 4096)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(at: int, change: int) -> None:
    damaged = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
    with pytest.raises(ImageRejected):
        read_header(damaged, "x.png", 4096)
        decode(damaged, "x.png")


@pytest.mark.parametrize(
    ("width", "height"), [(4097, 1), (1, 4097), (100_000, 100_000), (0, 5), (5, 0), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header_alone(width: int, height: int) -> None:
    with pytest.raises(ImageRejected, match=f"declares {width} x {height}"):
        read_header(png(width, height, 8, 6, b"\0"), "x.png", 4096)


def test_more_than_64_megapixels_are_refused_even_when_each_side_is_small_enough() -> None:
    with pytest.raises(ImageRejected, match="64 Mpx"):
        read_header(png(10_000, 10_000, 8, 6, b"\0"), "x.png", 16_384)


def test_a_file_that_is_no_png_is_refused(tmp_path: Path) -> None:
    jpeg = tmp_path / "a.png"
    Image.new("RGB", (4, 4)).save(jpeg, "JPEG")
    with pytest.raises(ImageRejected, match="not a PNG"):
        read_picture(jpeg, 4096)


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageRejected, match="regular file"):
        read_bytes(tmp_path)
    with pytest.raises(AssetMissing, match="does not exist"):
        read_bytes(tmp_path / "none.png")
    with pytest.raises(MienError):
        read_bytes(tmp_path / ("n" * 5000))


def test_clear_pixels_carry_no_colour() -> None:
    ghost: Pixels = box(2, 2, (200, 100, 50, 0))
    assert not premultiply(ghost).any()
