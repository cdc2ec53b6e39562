"""Planes of samples in Photoshop's files, decoded a band of rows at a time and narrowed to 8 bits.

A band is at most a MiB, so that what a file claims costs time, but no memory beyond the picture that is kept.
The codecs are psd-tools'.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from mien.types import F32, U8

Raw: TypeAlias = bytes | U8
"""Samples as a file stores them, without compression; of an array, (n,) uint8."""

BAND_BYTES = 1 << 20
_INPUT_BYTES = 1 << 16


class Damaged(Exception):
    """Samples that cannot be decoded; its words say why, without the file's name."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The samples of one channel, or of several of the same size, as a file stores them."""

    data: bytes
    compression: int
    """0 raw, 1 run lengths, 2 zlib, 3 zlib of differences."""
    width: int
    """At least 1."""
    height: int
    """At least 1."""
    depth: int
    """Bits a sample: 1, 8, 16 or 32 (floats)."""
    version: int
    """1 PSD, 2 PSB."""
    channels: int = 1
    """How many are stored one after the other."""
    linear: int = 0
    """So many of them, the first ones, are linear light, and are to be encoded as sRGB."""

    def bands(self, wanted: range = range(1)) -> Iterator[tuple[int, int, U8]]:
        """Channel, top and rows, (n, width) uint8, of each band of the channels that are wanted.

        Raises Damaged.
        """
        rows = self.rows()
        step = max(1, BAND_BYTES // self.row_bytes)
        for channel in wanted:
            for top in range(0, self.height, step):
                yield channel, top, rows.read(top, min(top + step, self.height), channel)

    def rows(self) -> Rows:
        """What reads its rows from above."""
        return Rows(self)

    @property
    def is_cut(self) -> bool:
        """Whether the data ends before the samples do, as its length says; not known of what is zipped."""
        if self.compression == 0:
            return len(self.data) < self.channels * self.height * self.row_bytes
        if self.compression != 1:
            return False
        each = 2 * self.version
        table = self.data[: each * self.height * self.channels]
        if len(table) < each * self.height * self.channels:
            return True
        lengths = int(np.frombuffer(table, f">u{each}").sum(dtype=np.int64))
        return len(self.data) < len(table) + lengths

    @property
    def row_bytes(self) -> int:
        """What a row takes without compression."""
        return (self.width * self.depth + 7) // 8


class Rows:
    """Reads rows of a plane, each at most once, from above; what is passed over costs no memory."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        packed: _Packed
        if plane.compression == 0:
            packed = _Raw(plane)
        elif plane.compression == 1:
            packed = _RunLengths(plane)
        else:
            packed = _Inflated(plane)
        self._packed = packed

    def read(self, first: int, last: int, channel: int = 0) -> U8:
        """(last - first, width) uint8: the rows of a channel from `first` to before `last`. Raises
        Damaged."""
        plane = self._plane
        raw = self._packed.read(channel * plane.height + first, last - first)
        if len(raw) != (last - first) * plane.row_bytes:
            raise Damaged(f"the pixels end at row {first} of {plane.height}")
        return narrowed(raw, last - first, plane.width, plane.depth, channel < plane.linear)


class _Packed(Protocol):
    """Rows of all channels, one after the other, as they are without compression."""

    def read(self, row: int, count: int) -> Raw:
        """So many rows from `row` on, from above; fewer bytes where the data ends. Raises Damaged."""
        ...


class _Raw:
    def __init__(self, plane: Plane) -> None:
        self._data, self._each = plane.data, plane.row_bytes

    def read(self, row: int, count: int) -> Raw:
        return self._data[row * self._each : (row + count) * self._each]


class _RunLengths:
    """psd-tools unpacks rows one by one, which takes longer than what is in them. So many are unpacked as if
    they were one, and behind them bytes that are known: where these come out, all before them were as long as
    they should be. Where they do not, the rows are unpacked one by one."""

    def __init__(self, plane: Plane) -> None:
        self._plane, each = plane, 2 * plane.version
        self._lengths = plane.data[: each * plane.height * plane.channels]
        if len(self._lengths) < each * plane.height * plane.channels:
            raise Damaged("the pixels end within the lengths of their rows")
        lengths = np.frombuffer(self._lengths, f">u{each}")
        self._ends = lengths.cumsum(dtype=np.int64) + len(self._lengths)

    def read(self, row: int, count: int) -> Raw:
        each = self._plane.row_bytes
        out = np.empty(count * each, np.uint8)
        step = max(1, _TOGETHER_BYTES // each)
        for first in range(0, count, step):
            last = min(first + step, count)
            raw = self._unpacked(row + first, last - first)
            out[first * each : last * each] = np.frombuffer(raw, np.uint8)
        return out

    def _unpacked(self, row: int, count: int) -> bytes:
        from psd_tools.compression import decode_rle

        plane, ends = self._plane, self._ends
        start, end = int(ends[row - 1]) if row else len(self._lengths), int(ends[row + count - 1])
        top = row % plane.height
        if end > len(plane.data):
            raise Damaged(f"the pixels end at row {top} of {plane.height}")
        packed, size = plane.data[start:end], count * plane.row_bytes
        if count > 1:
            whole = (len(packed) + len(_PACKED_MARK)).to_bytes(4, "big") + packed + _PACKED_MARK
            raw = decode_rle(whole, size + len(_MARK), 1, 8, 2)
            if raw.endswith(_MARK):
                return raw[:size]
        each = 2 * plane.version
        try:
            band = self._lengths[each * row : each * (row + count)] + packed
            return decode_rle(band, plane.width, count, plane.depth, plane.version)
        except (ValueError, IndexError, OSError) as error:
            raise Damaged(f"the run lengths of row {top} and on are wrong: {error}") from error


_TOGETHER_BYTES = 1 << 18
"""Most bytes of rows that are unpacked as if they were one; psd-tools takes rows of up to 300 000."""
_MARK = bytes((n * 167 + 89) % 256 for n in range(64))
"""Bytes as no drawing has them, ..."""
_PACKED_MARK = bytes([len(_MARK) - 1]) + _MARK
"""... and how run lengths say them."""


class _Inflated:
    """Reads zlib data a piece at a time, and never more of it than was asked for."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._row = 0
        """Which comes next."""
        self._fed = 0
        self._tail = b""
        self._inflate = zlib.decompressobj()

    def read(self, row: int, count: int) -> Raw:
        plane = self._plane
        step = max(1, BAND_BYTES // plane.row_bytes)
        while self._row < row:
            self._bytes(min(step, row - self._row) * plane.row_bytes)
            self._row += min(step, row - self._row)
        raw = self._bytes(count * plane.row_bytes)
        self._row += count
        if plane.compression == 3 and len(raw) == count * plane.row_bytes:
            from psd_tools.compression import decode_prediction

            return decode_prediction(raw, plane.width, count, plane.depth)
        return raw

    def _bytes(self, size: int) -> bytes:
        """So many bytes, or fewer where the data ends. Raises Damaged."""
        out = bytearray()
        while len(out) < size:
            if not self._tail:
                self._tail = self._plane.data[self._fed : self._fed + _INPUT_BYTES]
                self._fed += len(self._tail)
            ended = not self._tail
            try:
                piece = self._inflate.decompress(self._tail, size - len(out))
            except zlib.error as error:
                raise Damaged(f"the pixels cannot be unpacked: {error}") from error
            self._tail = self._inflate.unconsumed_tail
            if not piece and (ended or self._inflate.eof):
                break
            out += piece
        return bytes(out)


def narrowed(raw: Raw, height: int, width: int, depth: int, linear: bool) -> U8:
    """Samples as a file stores them, big-endian, as (height, width) uint8; `linear` as in `Plane`."""
    if depth == 8:
        return np.frombuffer(raw, np.uint8).reshape(height, width)
    if depth == 1:  # where 1 is ink
        packed = np.frombuffer(raw, np.uint8).reshape(height, -1)
        return np.where(np.unpackbits(packed, axis=1)[:, :width], np.uint8(0), np.uint8(255))
    if depth == 16:
        wide = np.frombuffer(raw, ">u2").reshape(height, width).astype(np.uint32)
        return np.asarray((wide + 128) // 257, np.uint8)
    floats = np.frombuffer(raw, ">f4").reshape(height, width).astype(np.float32)
    share = np.clip(np.nan_to_num(floats, posinf=1.0, neginf=0.0), 0.0, 1.0)
    if linear:
        share = encoded(share)
    return np.asarray(np.rint(share * 255.0), np.uint8)


def encoded(light: F32) -> F32:
    """Linear light, 0..1, as sRGB encodes it."""
    curve: F32 = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return curve
