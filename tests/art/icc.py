"""Small colour profiles, written by hand from ICC.1:2022."""

from __future__ import annotations

import struct


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _name(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(data), 28) + data


def _profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, data = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for key, value in tags.items():
        table += key + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(data), b"lcms", 0x04200000, kind, space, connection)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(0.9642, 1.0, 0.8249)
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + data


def linear_profile(space: str = "RGB ", name: str = "A linear one") -> bytes:
    """sRGB's colours as linear light: `RGB ` or `GRAY`."""
    curve = b"curv" + bytes(4) + struct.pack(">I", 0)  # no points: what comes in goes out
    white = b"XYZ " + bytes(4) + _fixed(0.9642, 1.0, 0.8249)
    tags = {b"desc": _name(name), b"cprt": _name("none"), b"wtpt": white}
    if space == "GRAY":
        return _profile(b"GRAY", b"XYZ ", b"mntr", tags | {b"kTRC": curve})
    primaries = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    for letter, xyz in zip("rgb", primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = b"XYZ " + bytes(4) + _fixed(*xyz)
        tags[f"{letter}TRC".encode()] = curve
    return _profile(b"RGB ", b"XYZ ", b"mntr", tags)


def grey_inks() -> bytes:
    """A CMYK profile in which each ink alone makes paper half as light (L* 50), and any two black."""
    clut = b""
    for inks in range(16):
        light = {0: 255, 1: 128}.get(inks.bit_count(), 0)
        clut += bytes([light, 128, 128])
    ramp = bytes(range(256))
    lut = (
        b"mft1"
        + bytes(4)
        + bytes([4, 3, 2, 0])
        + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        + ramp * 4
        + clut
        + ramp * 3
    )
    tags = {b"desc": _name("Grey inks"), b"cprt": _name("none")}
    tags[b"wtpt"] = b"XYZ " + bytes(4) + _fixed(0.9642, 1.0, 0.8249)
    return _profile(b"CMYK", b"Lab ", b"prtr", tags | {b"A2B0": lut})
