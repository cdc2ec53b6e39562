"""Memory for the pictures of a range, which processes of this machine put them in."""

from __future__ import annotations

from math import prod

from mien.errors import RendererUnavailable
from mien.shared_memory import SharedMemory
from mien.types import U8


class FramesFile:
    """Memory for (n, h, w, 4) uint8. Raises RendererUnavailable where there is no room."""

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        size = prod(shape)
        try:
            self._memory = SharedMemory.make(size, placed=True)
        except OSError as error:
            raise RendererUnavailable(
                f"there are no {size / 2**20:.0f} MB of memory for frames ({error.strerror or error}): ask "
                "for fewer workers or smaller frames."
            ) from error
        self.place = self._memory.place
        self.pictures: U8 = self._memory.array(0, shape)
        self._open = True

    def close(self) -> None:
        """Let go. Arrays that are still held stay valid. Idempotent."""
        if self._open:
            self._open = False
            del self.pictures
            self._memory.close()
