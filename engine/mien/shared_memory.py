"""Memory that two processes share. It has no name: when both have ended, however they did, it is gone."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
from contextlib import suppress
from typing import Final, Self

import numpy as np

from mien.types import U8


class SharedMemory:
    """So many bytes, zero at first. `descriptor` is what the other process opens it by.

    Made by `make`, and in the other process by `opened`. It is there until the last of the two has let go.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor: Final = descriptor
        self.size: Final = size
        self._map = mmap.mmap(descriptor, size)
        self._closed = False

    @classmethod
    def make(cls, size: int) -> Self:
        """New memory. Raises OSError where there is none."""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("mien-shared", os.MFD_CLOEXEC)
        else:  # a file that nobody finds
            with tempfile.TemporaryFile(prefix="mien-shared-") as file:
                descriptor = os.dup(file.fileno())
        try:
            os.ftruncate(descriptor, size)
            return cls(descriptor, size)
        except ValueError as error:  # more than there can be
            os.close(descriptor)
            raise OSError(str(error)) from error
        except BaseException:
            os.close(descriptor)
            raise

    @classmethod
    def opened(cls, descriptor: int, size: int) -> Self:
        """What another process has made, and handed this one."""
        return cls(descriptor, size)

    def array(self, offset: int, shape: tuple[int, ...]) -> U8:
        """uint8 of this shape in it; keeps the memory while it is held."""
        count = int(np.prod(shape))
        return np.frombuffer(self._map, np.uint8, count, offset).reshape(shape)

    @property
    def view(self) -> memoryview:
        """All of it, uint8; keeps the memory while it is held."""
        return memoryview(self._map)

    def close(self) -> None:
        """Let go: arrays that are still held stay valid. Idempotent."""
        if not self._closed:
            self._closed = True  # the number may be another's from here on
            os.close(self.descriptor)
            with suppress(BufferError):  # somebody holds an array: it goes with that
                self._map.close()


def can_share() -> bool:
    """Whether memory and sockets can be handed to a process here."""
    return sys.platform != "win32"
