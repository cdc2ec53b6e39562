"""Mutations of files made of chunks: dropped, doubled, moved, lying about their length, with other numbers in
them; checksums are made right again, so that what is behind them is reached."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from fuzz import octets


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a file."""

    kind: bytes
    """Its name; empty for what has none."""
    body: bytes
    lie: int | None = None
    """The length that it claims where that is not its own."""

    @property
    def length(self) -> int:
        """What it claims."""
        return len(self.body) if self.lie is None else self.lie


@dataclass(frozen=True, slots=True)
class Form:
    """How files of a kind are cut into blocks."""

    split: Callable[[bytes], list[Block]]
    join: Callable[[Sequence[Block]], bytes]
    holds: tuple[bytes, ...] = ()
    """Kinds whose bodies are blocks again."""


def mutated(data: bytes, random: Random, form: Form, others: Sequence[bytes] = ()) -> bytes:
    """One to four changes of blocks, at times of plain bytes afterwards."""
    if random.random() < 0.2:
        return octets.mutated(data, random, others)
    out = data
    for _ in range(random.choice((1, 1, 2, 4))):
        out = _changed(out, random, form, others)
    return octets.mutated(out, random) if random.random() < 0.1 else out


def _changed(data: bytes, random: Random, form: Form, others: Sequence[bytes]) -> bytes:
    blocks = form.split(data)
    if not blocks:
        return octets.mutated(data, random, others)
    i = random.randrange(len(blocks))
    block = blocks[i]
    if block.kind in form.holds and random.random() < 0.85:
        blocks[i] = replace(block, body=_changed(block.body, random, form, others))
        return form.join(blocks)
    match random.randrange(10):
        case 0:
            del blocks[i]
        case 1:
            blocks[i:i] = [block] * random.choice((1, 1, 50, 2000) if len(block.body) < 2000 else (1, 2))
        case 2:
            j = random.randrange(len(blocks))
            blocks[i], blocks[j] = blocks[j], blocks[i]
        case 3:
            blocks[i] = replace(block, lie=random.choice((*octets.NUMBERS, len(block.body) + 1)))
        case 4:
            blocks[i] = replace(block, body=b"")
        case 5 if others:
            theirs = form.split(random.choice(others))
            if theirs:
                blocks.insert(i, random.choice(theirs))
        case _:
            blocks[i] = replace(block, body=_numbers(block.body, random))
    return form.join(blocks)


def _numbers(body: bytes, random: Random) -> bytes:
    """Other numbers in a body; the head of it, where they matter, most often."""
    if not body or random.random() < 0.3:
        return octets.mutated(body, random)
    out = bytearray(body)
    for _ in range(random.choice((1, 1, 2))):
        at = random.randrange(min(len(out), random.choice((8, 32, 128, len(out)))))
        size = random.choice((1, 2, 4))
        number = random.choice((*octets.NUMBERS, random.getrandbits(8 * size))) & ((1 << 8 * size) - 1)
        out[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))
    return bytes(out)


def _split_png(data: bytes) -> list[Block]:
    blocks, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        blocks.append(Block(data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return blocks


def _join_png(blocks: Sequence[Block]) -> bytes:
    out = [b"\x89PNG\r\n\x1a\n"]
    for block in blocks:
        named = block.kind + block.body
        out += struct.pack(">I", block.length), named, struct.pack(">I", zlib.crc32(named))
    return b"".join(out)


def _split_riff(data: bytes) -> list[Block]:
    blocks, at = [Block(b"", data[:12])], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        blocks.append(Block(data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return blocks


def _join_riff(blocks: Sequence[Block]) -> bytes:
    out: list[bytes] = []
    for block in blocks:
        head = b"" if not block.kind else block.kind + struct.pack("<I", block.length)
        out += head, block.body, b"\0" * (len(block.body) % 2 if block.kind else 0)
    return b"".join(out)


def _split_boxes(data: bytes) -> list[Block]:
    blocks, at = [], 0
    while at + 8 <= len(data):
        length = max(8, int.from_bytes(data[at : at + 4], "big"))
        blocks.append(Block(data[at + 4 : at + 8], data[at + 8 : at + length]))
        at += length
    return blocks


def _join_boxes(blocks: Sequence[Block]) -> bytes:
    return b"".join(
        struct.pack(">I", (block.length + 8) & 0xFFFFFFFF) + block.kind + block.body for block in blocks
    )


def _split_ogg(data: bytes) -> list[Block]:
    """Pages: the kind is the head without its checksum, the body what follows the table of segments."""
    blocks, at = [], 0
    while at + 27 <= len(data) and data[at : at + 4] == b"OggS":
        table = at + 27 + data[at + 26]
        end = table + sum(data[at + 27 : table])
        blocks.append(Block(data[at : at + 22], data[at + 26 : end]))
        at = end
    return blocks


def _join_ogg(blocks: Sequence[Block]) -> bytes:
    out: list[bytes] = []
    for block in blocks:
        page = block.kind + b"\0\0\0\0" + block.body
        out += page[:22], struct.pack("<I", _ogg_sum(page)), page[26:]
    return b"".join(out)


def _ogg_sum(page: bytes) -> int:
    """Ogg's checksum: CRC-32 with the polynomial 04c11db7, neither reflected nor inverted."""
    value = 0
    for octet in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _OGG_TABLE[value >> 24 ^ octet]
    return value


def _ogg_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


_OGG_TABLE = _ogg_table()


def _split_flac(data: bytes) -> list[Block]:
    blocks, at = [], 4
    while at + 4 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 4], "big")
        blocks.append(Block(data[at : at + 1], data[at + 4 : at + 4 + length]))
        last, at = data[at] & 0x80, at + 4 + length
        if last:
            break
    return [*blocks, Block(b"", data[at:])]


def _join_flac(blocks: Sequence[Block]) -> bytes:
    out = [b"fLaC"]
    for block in blocks:
        out += block.kind + (block.length & 0xFFFFFF).to_bytes(3, "big") if block.kind else b"", block.body
    return b"".join(out)


def _vint(data: bytes, at: int, keep_marker: bool) -> tuple[int, int]:
    """A number of EBML's and its length; length 0 where there is none."""
    if at >= len(data) or not data[at]:
        return 0, 0
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), length


def _split_ebml(data: bytes) -> list[Block]:
    blocks, at = [], 0
    while at < len(data):
        kind, wide = _vint(data, at, True)
        length, high = _vint(data, at + wide, False)
        if not wide or not high:
            break
        body = at + wide + high
        unknown = length == (1 << 7 * high) - 1  # goes on to the end
        end = len(data) if unknown else min(len(data), body + length)
        blocks.append(Block(kind.to_bytes(wide, "big"), data[body:end]))
        at = end
    return blocks


def _join_ebml(blocks: Sequence[Block]) -> bytes:
    out: list[bytes] = []
    for block in blocks:
        length = (block.length & ((1 << 56) - 1)) | 1 << 56
        out += block.kind, length.to_bytes(8, "big"), block.body
    return b"".join(out)


def _split_psd(data: bytes) -> list[Block]:
    """The head, three sections that say their length, and the picture."""
    blocks, at = [Block(b"", data[:26])], 26
    for _ in range(3):
        length = int.from_bytes(data[at : at + 4], "big")
        blocks.append(Block(b"L", data[at + 4 : at + 4 + length]))
        at += 4 + length
    return [*blocks, Block(b"", data[at:])]


def _join_psd(blocks: Sequence[Block]) -> bytes:
    return b"".join(
        (struct.pack(">I", block.length & 0xFFFFFFFF) if block.kind else b"") + block.body for block in blocks
    )


PNG = Form(_split_png, _join_png)
RIFF = Form(_split_riff, _join_riff)
BOXES = Form(
    _split_boxes, _join_boxes, (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"dinf")
)
OGG = Form(_split_ogg, _join_ogg)
FLAC = Form(_split_flac, _join_flac)
EBML = Form(
    _split_ebml,
    _join_ebml,
    (b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe1", b"\x1f\x43\xb6\x75", b"\x1a\x45\xdf\xa3"),
)
PSD = Form(_split_psd, _join_psd)
