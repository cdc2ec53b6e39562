"""Planes of samples in Photoshop's files, decoded a band of rows at a time and narrowed to 8 bits.

A band is at most a MiB, so that what a file claims costs time, but no memory beyond the picture that is kept.
The codecs are psd-tools'.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mien.types import F32, U8

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
        for channel, top, rows, raw in self._raw(wanted):
            if len(raw) != rows * self._row_bytes:
                raise Damaged(f"the pixels end at row {top} of {self.height}")
            yield channel, top, narrowed(raw, rows, self.width, self.depth, channel < self.linear)

    @property
    def is_cut(self) -> bool:
        """Whether the data ends before the samples do, as its length says; not known of what is zipped."""
        if self.compression == 0:
            return len(self.data) < self.channels * self.height * self._row_bytes
        if self.compression != 1:
            return False
        each = 2 * self.version
        table = self.data[: each * self.height * self.channels]
        if len(table) < each * self.height * self.channels:
            return True
        lengths = int(np.frombuffer(table, f">u{each}").sum(dtype=np.int64))
        return len(self.data) < len(table) + lengths

    @property
    def _row_bytes(self) -> int:
        return (self.width * self.depth + 7) // 8

    def _spans(self, wanted: range) -> Iterator[tuple[int, int, int]]:
        """Channel, top and number of rows of each band."""
        step = max(1, BAND_BYTES // self._row_bytes)
        for channel in wanted:
            for top in range(0, self.height, step):
                yield channel, top, min(step, self.height - top)

    def _raw(self, wanted: range) -> Iterator[tuple[int, int, int, bytes]]:
        """Each band with its bytes as they are without compression; fewer where the data ends."""
        if self.compression == 0:
            for channel, top, rows in self._spans(wanted):
                start = (channel * self.height + top) * self._row_bytes
                yield channel, top, rows, self.data[start : start + rows * self._row_bytes]
        elif self.compression == 1:
            yield from self._run_lengths(wanted)
        else:
            from psd_tools.compression import decode_prediction

            inflated = _Inflated(self.data)
            for channel, top, rows in self._spans(range(wanted.stop)):
                raw = inflated.read(rows * self._row_bytes)
                if self.compression == 3 and len(raw) == rows * self._row_bytes:
                    raw = decode_prediction(raw, self.width, rows, self.depth)
                if channel in wanted:
                    yield channel, top, rows, raw

    def _run_lengths(self, wanted: range) -> Iterator[tuple[int, int, int, bytes]]:
        from psd_tools.compression import decode_rle

        each = 2 * self.version
        table = self.data[: each * self.height * self.channels]
        if len(table) < each * self.height * self.channels:
            raise Damaged("the pixels end within the lengths of their rows")
        ends = np.frombuffer(table, f">u{each}").cumsum(dtype=np.int64) + len(table)
        for channel, top, rows in self._spans(wanted):
            first = channel * self.height + top
            start, end = int(ends[first - 1]) if first else len(table), int(ends[first + rows - 1])
            if end > len(self.data):
                raise Damaged(f"the pixels end at row {top} of {self.height}")
            band = table[each * first : each * (first + rows)] + self.data[start:end]
            try:
                raw = decode_rle(band, self.width, rows, self.depth, self.version)
            except (ValueError, IndexError, OSError) as error:
                raise Damaged(f"the run lengths of row {top} and on are wrong: {error}") from error
            yield channel, top, rows, raw


class _Inflated:
    """Reads zlib data a piece at a time, and never more of it than was asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._fed = 0
        self._tail = b""
        self._inflate = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer where the data ends. Raises Damaged."""
        out = bytearray()
        while len(out) < size:
            if not self._tail:
                self._tail = self._data[self._fed : self._fed + _INPUT_BYTES]
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


def narrowed(raw: bytes, height: int, width: int, depth: int, linear: bool) -> U8:
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
