"""A file for the pictures of a range, which processes of this machine put them in."""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import suppress
from typing import Final

import numpy as np

from mien.errors import RendererUnavailable
from mien.types import U8


class FramesFile:
    """Memory for (n, h, w, 4) uint8. On Linux it has no name: nothing is left of it, however we end.

    Raises RendererUnavailable where there is no room.
    """

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        size = int(np.prod(shape))
        self._named = not hasattr(os, "memfd_create")
        descriptor, self.place = -1, ""
        try:
            if self._named:
                descriptor, self.place = tempfile.mkstemp(prefix="mien-frames-")
            else:
                descriptor = os.memfd_create("mien-frames", os.MFD_CLOEXEC)
                self.place = f"/proc/{os.getpid()}/fd/{descriptor}"
            os.ftruncate(descriptor, size)
            self._map = mmap.mmap(descriptor, size)
        except OSError as error:
            self._let_go(descriptor)
            raise RendererUnavailable(
                f"there are no {size / 2**20:.0f} MB of memory for frames ({error.strerror or error}): ask "
                "for fewer workers or smaller frames."
            ) from error
        self._descriptor: Final = descriptor
        self.pictures: U8 = np.frombuffer(self._map, np.uint8).reshape(shape)
        self._open = True

    def close(self) -> None:
        """Let go. Arrays that are still held stay valid. Idempotent."""
        if self._open:
            self._open = False
            del self.pictures
            self._let_go(self._descriptor)
            with suppress(BufferError):
                self._map.close()

    def _let_go(self, descriptor: int) -> None:
        if descriptor >= 0:
            os.close(descriptor)
        if self._named and self.place:
            with suppress(OSError):
                os.unlink(self.place)  # noqa: PTH108
