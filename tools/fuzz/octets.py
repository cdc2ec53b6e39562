"""Mutations of bytes that know nothing of the format."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

NUMBERS = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Where counts and sizes go wrong."""

_MOST = 4 << 20
"""Longest input that is made by repeating, in bytes."""


def mutated(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """One to eight changes: flips, numbers, cuts, repeats, pieces of other samples."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4, 8))):
        out = _changed(out, random, others)
    return bytes(out)


def _changed(data: bytearray, random: Random, others: Sequence[bytes]) -> bytearray:
    if not data:
        return bytearray(random.randbytes(random.randrange(64)))
    at = random.randrange(len(data))
    end = min(len(data), at + random.choice((1, 2, 4, 16, 64, 1024, len(data))))
    match random.randrange(9):
        case 0:
            data[at] ^= 1 << random.randrange(8)
        case 1:
            data[at] = random.randrange(256)
        case 2 | 3:
            size = random.choice((1, 2, 4, 8))
            number = random.choice(NUMBERS) & ((1 << 8 * size) - 1)
            data[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))
        case 4:
            del data[at:]
        case 5:
            del data[at:end]
        case 6:
            piece = bytes(data[at:end])
            data[at:at] = piece * min(random.choice((1, 2, 16, 256, 4096)), _MOST // max(1, len(piece)))
        case 7:
            data[at:end] = random.randbytes(end - at)
        case _:
            if others:
                other = random.choice(others)
                start = random.randrange(len(other) + 1)
                data[at:end] = other[start : start + end - at]
    return data
