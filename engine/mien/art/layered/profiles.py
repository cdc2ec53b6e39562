"""Colour profiles: what a file's colours look like in sRGB, by LittleCMS, through Pillow.

The intent is relative colorimetric with black point compensation, which is what Photoshop converts with.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from PIL import Image, ImageCms

from mien.errors import ImageRejected
from mien.messages import printable
from mien.types import U8

Mode = Literal["L", "RGB", "CMYK"]

MAX_PROFILE_BYTES = 16 * 1024 * 1024
"""Largest profile that is read; those of printers have 0.5 to 9 MB."""

_BAND_PIXELS = 1 << 20


class Profile:
    """A colour profile, ready to be applied.

    Parameters: `data`, an ICC profile; `mode`, of the pictures that it is for. Raises ImageRejected with why
    it cannot be used.
    """

    def __init__(self, data: bytes, mode: Mode) -> None:
        if len(data) > MAX_PROFILE_BYTES:
            raise ImageRejected(f"it has {len(data)} bytes, and {MAX_PROFILE_BYTES} is the limit")
        self.mode = mode
        try:
            profile = ImageCms.getOpenProfile(io.BytesIO(data))
            self.name = " ".join(ImageCms.getProfileDescription(profile).split()) or "without a name"
            self._transform = ImageCms.buildTransform(
                profile,
                ImageCms.createProfile("sRGB"),
                mode,
                "RGB",
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, ImportError, OSError, ValueError, TypeError) as error:
            raise ImageRejected(f"LittleCMS cannot use it for {mode}: {printable(str(error))}") from error

    @property
    def is_srgb(self) -> bool:
        """Whether it says so itself; the converted colours would be off by one here and there."""
        return self.mode == "RGB" and "sRGB" in self.name and "inear" not in self.name

    def convert(self, stored: U8, out: U8) -> None:
        """Colours of the profile to sRGB.

        `stored`: (h, w), (h, w, 3) or (h, w, 4) uint8, straight; of CMYK 255 is full ink. `out`: (h, w, 3)
        uint8, may be a part of the same memory.
        """
        height, width = stored.shape[:2]
        step = max(1, _BAND_PIXELS // max(1, width))
        for top in range(0, height, step):
            band = np.ascontiguousarray(stored[top : top + step])
            size = (width, band.shape[0])
            image = Image.frombuffer(self.mode, size, band, "raw", self.mode, 0, 1)
            out[top : top + step] = np.asarray(ImageCms.applyTransform(image, self._transform))


def convert_plainly(inks: U8, out: U8) -> None:
    """CMYK to RGB without a profile: each ink takes its colour's light away. As `Profile.convert`."""
    height, width = inks.shape[:2]
    step = max(1, _BAND_PIXELS // max(1, width))
    for top in range(0, height, step):
        light = 255 - inks[top : top + step].astype(np.uint16)
        out[top : top + step] = (light[..., :3] * light[..., 3:] + 127) // 255
