"""Memory that processes share. On Linux it has no name: when all have ended, however they did, it is gone."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
from contextlib import suppress
from typing import Final, Self

import numpy as np

from mien.processes import can_start
from mien.types import U8


class SharedMemory:
    """So many bytes, zero at first. `descriptor` is what the other process opens it by.

    Made by `make`, and in the other process by `opened`. It is there until the last of the two has let go.
    """

    def __init__(self, descriptor: int, size: int, file: str = "") -> None:
        self.descriptor: Final = descriptor
        self.size: Final = size
        self._map = mmap.mmap(descriptor, size)
        self._file = file
        self._closed = False

    @classmethod
    def make(cls, size: int, *, placed: bool = False) -> Self:
        """New memory; `placed`: it has a `place`. Raises OSError where there is none."""
        file = ""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("mien-shared", os.MFD_CLOEXEC)
        else:
            descriptor, file = tempfile.mkstemp(prefix="mien-shared-")
        try:
            if file and not placed:
                _remove(file)
                file = ""
            os.ftruncate(descriptor, size)
            return cls(descriptor, size, file)
        except BaseException as error:
            os.close(descriptor)
            _remove(file)
            if isinstance(error, ValueError):  # more than there can be
                raise OSError(str(error)) from error
            raise

    @classmethod
    def opened(cls, descriptor: int, size: int) -> Self:
        """What another process has made, and handed this one."""
        return cls(descriptor, size)

    @classmethod
    def at(cls, place: str, size: int) -> Self:
        """That of another process that still holds it. Raises OSError where it does not."""
        descriptor = os.open(place, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        try:
            return cls(descriptor, size)
        except ValueError as error:
            os.close(descriptor)
            raise OSError(str(error)) from error
        except BaseException:
            os.close(descriptor)
            raise

    @property
    def place(self) -> str:
        """A path by which processes of this user open it, as long as this one holds it; no name on Linux."""
        return self._file or f"/proc/{os.getpid()}/fd/{self.descriptor}"

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
            _remove(self._file)
            with suppress(BufferError):  # somebody holds an array: it goes with that
                self._map.close()


def remove_left(place: str) -> None:
    """Remove what a process that was killed has left at a `place` of its own; on Linux nothing is left."""
    if not place.startswith("/proc/"):
        _remove(place)


def _remove(file: str) -> None:
    if file:
        with suppress(OSError):
            os.unlink(file)  # noqa: PTH108


def can_share() -> bool:
    """Whether memory and sockets can be handed to a process here."""
    return sys.platform != "win32"


def can_work_apart() -> bool:
    """Whether this program can start a Python of its own and share memory with it."""
    return can_share() and can_start()
