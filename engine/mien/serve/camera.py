"""A virtual camera, which other programs open as they do one that is plugged in; by pyvirtualcam."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from mien.clock import FrameRate
from mien.errors import PackageMissing
from mien.installing import pip_install
from mien.messages import printable
from mien.serve.steady import Samples
from mien.types import U8, Size

_PACKAGE: Final = "pyvirtualcam"
_ON_LINUX: Final = (
    "load v4l2loopback (apt install v4l2loopback-dkms, then modprobe v4l2loopback exclusive_caps=1 "
    "card_label=Mien)"
)
_ELSEWHERE: Final = "install OBS, and start its virtual camera once"


class NoCamera(OSError):
    """There is no device, or it takes no pictures."""


def check_camera() -> None:
    """Raise PackageMissing where there is nothing to reach one with."""
    if find_spec(_PACKAGE) is None:
        raise PackageMissing(
            "--stream camera: needs the package pyvirtualcam, which is not installed; run: "
            f"{pip_install('mien[camera]')}."
        )


class Camera:
    """Parameters: `device`, as the system names it, `""` for the first that is found; `size` and `rate`.
    Raises NoCamera."""

    def __init__(self, device: str, size: Size, rate: FrameRate) -> None:
        import pyvirtualcam

        width, height = size
        try:
            self._camera: Any = pyvirtualcam.Camera(
                width, height, float(rate), fmt=pyvirtualcam.PixelFormat.RGB, device=device or None
            )
        except RuntimeError as error:  # what each of its ways said, a line each
            why = printable(" ".join(str(error).split()), 160)
            what_to_do = _ON_LINUX if sys.platform == "linux" else _ELSEWHERE
            raise NoCamera(f"no virtual camera takes pictures: {what_to_do}; it said: {why}") from None

    def picture(self, at: int, pixels: U8) -> None:
        """Show it, over black."""
        try:
            self._camera.send(np.ascontiguousarray(pixels[..., :3]))
        except RuntimeError as error:
            raise NoCamera(printable(str(error), 200)) from None

    def sound(self, start: int, block: Samples) -> None:
        """Is left out: a camera has none."""

    def close(self) -> None:
        """Nobody sees it any more."""
        self._camera.close()
