"""A number that a frame carries in its corner, for a program to read off a screen, a video or a memory.

Ten by eight cells, black or white, at the top left of the frame. Row by row they say: which drawing this is
(24 bits), the sample of the session that it shows (31 bits), whether a beep is heard at that sample (1 bit),
and 24 bits that check the rest (CRC-24 of OpenPGP). Those find every error that lies within 24 bits, and all
but one in 16 million of others: a mark that is half drawn, or torn between two frames. Cells have
no colour, and what is neither black nor white is not read. In frames of 320 x 180 pixels and more they are
as large as the macroblocks of H.264 and VP8, 16 pixels: of smaller ones the filter against noise that VP8 has
in WebRTC keeps some that have changed (of 150 frames 39 had such a cell).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32, F64, U8, Bools, Size

ACROSS: Final = 10
"""Cells in a row."""
DOWN: Final = 8
"""Rows of cells."""
FLASH: Final = SAMPLE_RATE // 10
"""Samples after each full second of the session in which the mark flashes, and a beep begins."""
_BITS: Final = ((24, "number"), (31, "at"), (1, "flash"))
_CHECK: Final = 24
_POLYNOMIAL: Final = 0x864CFB
_START: Final = 0xB704CE
_BLACK: Final = 96.0
"""Of 255: what is darker is black. A video of limited range makes 16 of it, a bad one some 60."""
_WHITE: Final = 160.0
_SIDES: Final = ((32, 3840, 2160), (16, 320, 180), (8, 160, 90), (4, 0, 0))
"""Pixels of a cell in frames of at least so many columns and rows."""


class Mark(NamedTuple):
    """What a mark says."""

    number: int
    """Which drawing of its stage, from 0; modulo 2**24."""
    at: int
    """The sample of the session that it shows, 48 kHz; modulo 2**31."""
    flash: bool
    """A beep is heard at that sample."""


def mark_of(number: int, at: int) -> Mark:
    """The mark of a drawing that shows sample `at`."""
    return Mark(number % (1 << 24), at % (1 << 31), at % SAMPLE_RATE < FLASH)


def side_of(size: Size) -> int:
    """Pixels of a cell's side in frames of a size; 0 where they are too small for a mark."""
    side = next(one for one, width, height in _SIDES if size.width >= width and size.height >= height)
    return side if size.width >= ACROSS * side and size.height >= DOWN * side else 0


def cells_of(mark: Mark) -> Bools:
    """(DOWN, ACROSS) bool: which cells are white."""
    word = 0
    for bits, name in _BITS:
        word = word << bits | int(getattr(mark, name))
    word = word << _CHECK | _check(word)
    count = ACROSS * DOWN
    bits_of = np.array([word >> (count - 1 - k) & 1 for k in range(count)], np.bool_)
    return bits_of.reshape(DOWN, ACROSS)


def drawn(mark: Mark, side: int) -> U8:
    """(DOWN * side, ACROSS * side) uint8: the mark as it is to be seen, 0 or 255."""
    return np.where(cells_of(mark), 255, 0).astype(np.uint8).repeat(side, axis=0).repeat(side, axis=1)


def read_mark(grey: U8 | F32 | F64) -> Mark | None:
    """What a picture of a mark says, or None where it is none, half drawn, or torn between two.

    `grey`: (h, w) of the mark alone, 0..255, at any scale from 3 pixels a cell on.
    """
    height, width = grey.shape
    if height < 3 * DOWN or width < 3 * ACROSS:
        return None
    levels = _levels(np.asarray(grey, np.float64))
    white = levels > _WHITE
    if not (white | (levels < _BLACK)).all():
        return None
    word = 0
    for bit in white.ravel().tolist():
        word = word << 1 | bit
    word, check = word >> _CHECK, word & ((1 << _CHECK) - 1)
    if _check(word) != check:
        return None
    said = []
    for bits, _ in reversed(_BITS):
        said.append(word & ((1 << bits) - 1))
        word >>= bits
    flash, at, number = said
    return Mark(number, at, bool(flash))


def grey_of(picture: U8) -> F64:
    """(h, w) of a picture (h, w, 3 or more) uint8: its green, which is most of what is seen, as float64."""
    grey: F64 = picture[..., 1].astype(np.float64)
    return grey


def _levels(grey: F64) -> F64:
    """(DOWN, ACROSS): the mean of the middle of each cell."""
    height, width = grey.shape
    sums = np.zeros((height + 1, width + 1))
    sums[1:, 1:] = grey.cumsum(axis=0).cumsum(axis=1)
    top, bottom = _middle(height, DOWN)
    left, right = _middle(width, ACROSS)
    area = (bottom - top)[:, None] * (right - left)[None, :]
    inside: F64 = (
        sums[np.ix_(bottom, right)]
        - sums[np.ix_(top, right)]
        - sums[np.ix_(bottom, left)]
        + sums[np.ix_(top, left)]
    )
    return inside / area


def _middle(length: int, cells: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], ...]:
    """From which pixel to before which one the middle half of each cell reaches, one at least."""
    step = length / cells
    first = np.floor(np.arange(cells) * step + step / 4 + 0.5).astype(np.intp)
    last = np.floor(np.arange(cells) * step + 3 * step / 4 + 0.5).astype(np.intp)
    return first, np.maximum(last, first + 1)


def _table() -> tuple[int, ...]:
    values = []
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value = value << 1 ^ (_POLYNOMIAL if value & 0x800000 else 0)
        values.append(value & 0xFFFFFF)
    return tuple(values)


_TABLE: Final = _table()


def _check(word: int) -> int:
    """CRC-24 of the 56 bits of a mark."""
    value = _START
    for byte in word.to_bytes(7, "big"):
        value = (value << 8 ^ _TABLE[value >> 16 ^ byte]) & 0xFFFFFF
    return value
