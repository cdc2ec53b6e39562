"""The picture that a layered file stores of itself, and how far another one is from it.

Photoshop keeps it over white, also where the file is transparent, so it is compared over white.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.art.layered.planes import Damaged, Plane, encoded
from mien.art.layered.profiles import Mode
from mien.art.layered.psd_pixels import COLOURS, Pixels
from mien.art.layered.tree import TOLERANCE, Difference
from mien.errors import ImageRejected
from mien.types import U8

BAND_ROWS: Final = 64
"""Rows that are compared at once."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredPicture:
    """The picture that a file stores of itself, not decoded yet."""

    plane: Plane
    """All its channels, the colours of `mode` first."""
    mode: Mode
    pixels: Pixels
    """How colours are read."""
    alpha: int | None
    """The channel that says how opaque it is, after the colours; None where it is opaque."""

    def difference(self, picture: U8) -> Difference:
        """To a picture, (h, w, 4) uint8 premultiplied, of the same size and in the same colours.

        Raises ImageRejected where what is stored cannot be read.
        """
        try:
            return self._difference_of_inks(picture) if self.mode == "CMYK" else self._difference(picture)
        except Damaged as error:
            raise ImageRejected(str(error)) from error

    def _difference(self, picture: U8) -> Difference:
        count = COLOURS[self.mode]
        alpha = self._alpha()
        gauge = Gauge(count)
        for channel, top, rows in self.plane.bands(range(count)):
            band = slice(top, top + len(rows))
            shown = over_white(picture[band, :, channel], picture[band, :, 3], self.plane.linear > 0)
            gauge.add(channel, shown, rows if alpha is None else _seen(rows, alpha[band]))
        return gauge.difference()

    def _alpha(self) -> U8 | None:
        """(h, w) uint8; None where it is opaque."""
        if self.alpha is None:
            return None
        alpha = np.empty((self.plane.height, self.plane.width), np.uint8)
        for _, top, rows in self.plane.bands(range(self.alpha, self.alpha + 1)):
            alpha[top : top + len(rows)] = rows
        return alpha

    def _difference_of_inks(self, picture: U8) -> Difference:
        stored = self._over_white()
        gauge = Gauge(3)
        for top in range(0, len(stored), BAND_ROWS):
            band = slice(top, top + BAND_ROWS)
            for channel in range(3):
                shown = over_white(picture[band, :, channel], picture[band, :, 3], self.plane.linear > 0)
                gauge.add(channel, shown, _seen(stored[band, :, channel], stored[band, :, 3]))
        return gauge.difference()

    def _over_white(self) -> U8:
        """(h, w, 4) uint8: colours over white in RGB, and alpha. Raises Damaged."""
        out = np.empty((self.plane.height, self.plane.width, 4), np.uint8)
        for channel, top, rows in self.plane.bands(range(COLOURS[self.mode])):
            out[top : top + len(rows), :, channel] = rows
        self.pixels.finish(out)
        alpha = self._alpha()
        out[..., 3] = 255 if alpha is None else alpha
        return out

    def read(self) -> U8:
        """The picture, (h, w, 4) uint8 straight. Raises Damaged."""
        out = self._over_white()
        if self.alpha is not None:
            _take_white_away(out)
        return out


class Gauge:
    """Adds up how far pictures are apart."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._largest = self._total = self._count = 0
        self._shown = [(255, 0)] * channels
        self._stored = [(255, 0)] * channels

    def add(self, channel: int, shown: U8, stored: U8) -> None:
        """Rows of a colour, (n, w) uint8 over white, as shown and as stored."""
        apart = np.maximum(shown, stored) - np.minimum(shown, stored)
        self._largest = max(self._largest, int(apart.max()))
        self._total += int(apart.sum(dtype=np.int64))
        self._count += apart.size
        for spans, values in ((self._shown, shown), (self._stored, stored)):
            low, high = spans[channel]
            spans[channel] = min(low, int(values.min())), max(high, int(values.max()))

    def difference(self) -> Difference:
        """Of all that was added."""
        is_flat, is_stored_flat = (
            all(low >= high for low, high in spans) for spans in (self._shown, self._stored)
        )
        mean = self._total / max(1, self._count)
        return Difference(self._largest, mean, is_stored_flat and not is_flat and self._largest > TOLERANCE)


def _seen(rows: U8, alpha: U8) -> U8:
    """One colour of what is stored, over white, both (n, w) uint8.

    Programs other than Photoshop store what they like where the picture is clear.
    """
    return np.maximum(np.where(alpha == 0, np.uint8(255), rows), 255 - alpha)


def over_white(colour: U8, alpha: U8, linear: bool = False) -> U8:
    """One colour, premultiplied, over white; all (n, w) uint8.

    `linear`: mixed with white as light, as Photoshop does at 32 bits a channel.
    """
    if not linear:
        return np.minimum(colour, alpha) + (255 - alpha)
    share = alpha / np.float32(255)
    straight = np.zeros(share.shape, np.float32)
    np.divide(colour / np.float32(255), share, out=straight, where=share > 0)
    light = np.where(straight <= 0.04045, straight / 12.92, ((straight + 0.055) / 1.055) ** 2.4)
    mixed = np.clip(light * share + (1 - share), 0, 1).astype(np.float32)
    return np.asarray(np.rint(encoded(mixed) * 255), np.uint8)


def _take_white_away(pixels: U8) -> None:
    """Colours that were stored over white, (h, w, 4) uint8, to what they are without it."""
    for top in range(0, len(pixels), BAND_ROWS):
        band = pixels[top : top + BAND_ROWS]
        alpha = band[..., 3:].astype(np.float32)
        over = band[..., :3] - (255 - alpha)
        colour = np.divide(over * 255, alpha, out=np.zeros_like(over), where=alpha > 0)
        band[..., :3] = np.rint(np.clip(colour, 0, 255))
