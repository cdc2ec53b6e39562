"""veadotube's packed pictures, `VDD.`: each channel as differences between neighbours, in codes of 2 to 12
bits.

Described at olmewe.com/notepad/vdd and veado.tube/docs/tech/file/images. Bits are read from the lowest up.
"""

from __future__ import annotations

import numpy as np

from mien.errors import FormatError
from mien.types import U8

_CONSTANT = 0xFFFFFF00
"""A channel of at least this length has one value, which is its lowest byte."""


def delta_pixels(data: bytes, width: int, height: int, file: str) -> U8:
    """(h, w, 4) uint8, bottom row first. Raises FormatError."""
    if len(data) < 16:
        raise FormatError(f"{file}: a picture is cut; save it again in veadotube.")
    lengths = np.frombuffer(data, "<u4", 4)
    at = 16
    parts: list[bytes | int] = []
    for length in lengths.tolist():
        if length >= _CONSTANT:
            parts.append(length & 255)
            continue
        if at + 4 * length > len(data):
            raise FormatError(f"{file}: a picture is cut; save it again in veadotube.")
        parts.append(data[at : at + 4 * length])
        at += 4 * length
    out = np.zeros((height * width, 4), np.uint8)
    out[:, 3] = _channel(parts[0], len(out), 255, file)
    shown = out[:, 3] != 0
    for channel, part in enumerate(parts[1:]):
        out[shown, channel] = _channel(part, int(shown.sum()), 0, file)
    return out.reshape(height, width, 4)


def _channel(part: bytes | int, count: int, first: int, file: str) -> U8:
    if isinstance(part, int):
        return np.full(count, part, np.uint8)
    deltas = _deltas(part, count, file)
    found: U8 = (np.cumsum(deltas, dtype=np.int64) + first).astype(np.uint8)
    return found


def _build() -> tuple[list[int], list[int], list[int]]:
    """By the next 12 bits: how many the code takes, by how much it changes, how often."""
    sizes, changes, repeats = [], [], []
    for bits in range(4096):
        size, change, repeat = _code(bits)
        sizes.append(size)
        changes.append(change)
        repeats.append(repeat)
    return sizes, changes, repeats


def _code(bits: int) -> tuple[int, int, int]:
    for prefix, length, rest, start in _CODES:
        if bits & ((1 << length) - 1) == prefix:
            amount = start + ((bits >> length) & ((1 << rest) - 1))
            if not start:
                return length, 0, 1
            sign = (bits >> (length + rest)) & 1
            return length + rest + 1, amount if sign else -amount, 1
    return 12, 0, ((bits >> 4) & 255) + 7


_CODES = (
    (0b01, 2, 0, 0),
    (0b11, 2, 1, 1),
    (0b010, 3, 1, 3),
    (0b110, 3, 2, 5),
    (0b0100, 4, 3, 9),
    (0b1100, 4, 4, 17),
    (0b01000, 5, 5, 33),
    (0b11000, 5, 6, 65),
)
"""(prefix, its bits, bits of the amount behind it, the least amount), lowest bit first."""

_SIZES, _CHANGES, _REPEATS = _build()


def _deltas(part: bytes, count: int, file: str) -> list[int] | np.ndarray:
    out = np.zeros(count, np.int16)
    window = int.from_bytes(part[:8], "little")
    held, at, done = min(len(part), 8) * 8, 8, 0
    sizes, changes, repeats = _SIZES, _CHANGES, _REPEATS
    while done < count:
        if held < 12 and at < len(part):
            more = part[at : at + 6]
            window |= int.from_bytes(more, "little") << held
            held += 8 * len(more)
            at += 6
        bits = window & 4095
        size = sizes[bits]
        if size > held:
            raise FormatError(f"{file}: a picture is cut; save it again in veadotube.")
        out[done] = changes[bits]
        done += repeats[bits]
        window >>= size
        held -= size
    return out
