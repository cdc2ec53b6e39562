"""Mutations of archives: entries changed, dropped, doubled, renamed; sizes that lie; bombs."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from random import Random

from fuzz import octets

Change = Callable[[str, bytes, Random], bytes]
"""Mutates an entry that has this name."""

_NAMES = (
    "../outside/secret.png",
    "/etc/passwd",
    "",
    "a" * 5000,
    "data/../stack.xml",
    "\x1b[1m",
    "é.png",
    "a/",
    "\0",
)


def mutated(data: bytes, random: Random, change: Change, method: int) -> bytes:
    """A changed archive; its entries are compressed with `method` unless that is what changes."""
    if random.random() < 0.15:
        return octets.mutated(data, random)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        method = _changed(entries, random, change, method)
    out = _written(entries, method)
    if random.random() < 0.15:
        out = _lying(out, random)
    return octets.mutated(out, random) if random.random() < 0.05 else out


def _changed(entries: list[tuple[str, bytes]], random: Random, change: Change, method: int) -> int:
    if not entries:
        return method
    i = random.randrange(len(entries))
    name, body = entries[i]
    match random.randrange(12):
        case 0:
            del entries[i]
        case 1:
            entries.append((name, random.choice(entries)[1]))
        case 2:
            entries[i] = (random.choice(_NAMES), body)
        case 3:
            entries[i] = (name, random.choice(entries)[1])
        case 4:
            entries[i] = (name, b"")
        case 5:  # a bomb: 16 MB of one byte
            entries[i] = (name, body + random.choice((b"\0", b" ", b"[")) * (16 << 20))
            return zipfile.ZIP_DEFLATED
        case 6:
            return random.choice(
                (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
            )
        case _:
            entries[i] = (name, change(name, body, random))
    return method


def _written(entries: list[tuple[str, bytes]], method: int) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, body in entries:
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return out.getvalue()


def _lying(data: bytes, random: Random) -> bytes:
    """Another number in one of the heads: method, flags, checksum, sizes, lengths, offsets."""
    out = bytearray(data)
    signature, places = random.choice(
        (
            (b"PK\x01\x02", ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4))),
            (b"PK\x03\x04", ((6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2))),
            (b"PK\x05\x06", ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2))),
        )
    )
    found = [i for i in range(len(out) - 46) if out.startswith(signature, i)] if len(out) < 1 << 20 else []
    last = out.rfind(signature)
    at = random.choice(found) if found else last
    if at < 0:
        return data
    where, size = random.choice(places)
    number = random.choice(octets.NUMBERS) & ((1 << 8 * size) - 1)
    struct.pack_into("<H" if size == 2 else "<I", out, min(at + where, len(out) - size), number)
    return bytes(out)
