"""Photoshop files byte by byte, for what psd-tools' writer doesn't write, or writes otherwise."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mien.types import U8

Channel = tuple[int, bytes]
"""Compression and data."""


@dataclass(frozen=True, slots=True)
class FileLayer:
    """A layer as the file has it."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom."""
    channels: Mapping[int, Channel]
    """By number: colours from 0, -1 alpha, -2 and -3 masks."""
    name: str = "layer"
    mask: bytes = b""
    """The body of its mask's record."""
    ranges: bytes = b""
    """The body of its "Blend If" ranges."""
    blocks: Mapping[bytes, bytes] = field(default_factory=dict)
    """Further records, by key."""
    flags: int = 8
    """16: its pixels are irrelevant, as those of a shape are; 2: hidden."""
    clipped: bool = False


def raw(plane: object, kind: str = "u1") -> Channel:
    """A channel without compression. `kind`: u1, >u2 or >f4."""
    return 0, np.asarray(plane).astype(kind).tobytes()


def zipped(plane: object, kind: str = "u1") -> Channel:
    """A channel packed with zlib."""
    return 2, zlib.compress(raw(plane, kind)[1], 9)


def runs(value: int, width: int, height: int) -> Channel:
    """A channel of one value as run lengths, 64 times smaller than its pixels."""
    row = b""
    for start in range(0, width, 128):
        count = min(128, width - start)
        row += bytes([257 - count if count > 1 else 0, value])
    return 1, struct.pack(">H", len(row)) * height + row * height


def rgba(pixels: U8) -> dict[int, Channel]:
    """The channels of a layer from (h, w, 4) uint8 straight."""
    return {number: raw(pixels[..., index]) for number, index in ((-1, 3), (0, 0), (1, 1), (2, 2))}


def mask_record(
    box: tuple[int, int, int, int],
    outside: int = 0,
    *,
    rendered: bool = False,
    densities: tuple[int | None, int | None] = (None, None),
    painted: tuple[int, int, int, int] | None = None,
) -> bytes:
    """The body of a mask's record.

    `densities` of the painted and the vector mask; `painted`: the box of channel -3.
    """
    left, top, right, bottom = box
    applied = any(density is not None for density in densities)
    record = struct.pack(">4iBB", top, left, bottom, right, outside, 8 * rendered + 16 * applied)
    if painted is not None:
        left, top, right, bottom = painted
        record += struct.pack(">BB4i", 0, 255, top, left, bottom, right)
    if applied:
        user, vector = densities
        record += bytes([(user is not None) + 4 * (vector is not None)])
        record += bytes(density for density in densities if density is not None)
    return record + bytes(-len(record) % 4)


def psd_file(
    size: tuple[int, int],
    layers: Sequence[FileLayer],
    stored: Channel,
    *,
    mode: int = 3,
    depth: int = 8,
    channels: int = 3,
    resources: Mapping[int, bytes] | None = None,
    transparent: bool = False,
) -> bytes:
    """A whole PSD.

    `stored`: all channels of its own picture; `transparent`: the one after the colours is alpha.
    """
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, channels, size[1], size[0], depth, mode)
    parts = b"".join(
        b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2)
        for number, data in (resources or {}).items()
    )
    section = b""
    if layers:
        records = b"".join(_record(layer) for layer in layers)
        pixels = b"".join(
            struct.pack(">H", compression) + data
            for layer in layers
            for compression, data in layer.channels.values()
        )
        info = struct.pack(">h", -len(layers) if transparent else len(layers)) + records + pixels
        info += bytes(-len(info) % 4)
        section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    return b"".join(
        (
            header,
            struct.pack(">I", 0),
            struct.pack(">I", len(parts)) + parts,
            struct.pack(">I", len(section)) + section,
            struct.pack(">H", stored[0]) + stored[1],
        )
    )


def _record(layer: FileLayer) -> bytes:
    left, top, right, bottom = layer.box
    record = struct.pack(">4iH", top, left, bottom, right, len(layer.channels))
    for number, (_, data) in layer.channels.items():
        record += struct.pack(">hI", number, len(data) + 2)
    name = layer.name.encode("ascii")
    name = bytes([len(name)]) + name
    extra = struct.pack(">I", len(layer.mask)) + layer.mask
    extra += struct.pack(">I", len(layer.ranges)) + layer.ranges + name + bytes(-len(name) % 4)
    for key, data in layer.blocks.items():
        extra += b"8BIM" + key + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
    record += b"8BIMnorm" + bytes([255, layer.clipped, layer.flags, 0])
    return record + struct.pack(">I", len(extra)) + extra
