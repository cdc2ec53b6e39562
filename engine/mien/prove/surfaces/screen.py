"""Looks at a part of an X server's screen, by the protocol itself: a thousand times a second and more.

Needs no library: only what asks for the screen and for a part of it, over the server's socket.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from mien.errors import SurfaceMissing
from mien.types import U8

_ANSWERS_S: Final = 180.0
_GET_IMAGE: Final = 73
_Z_PIXMAP: Final = 2


class Screen:
    """The screen of a display, as `:99`, that lets anybody look. A context manager. Raises SurfaceMissing."""

    def __init__(self, display: str) -> None:
        number = display.rpartition(":")[2].partition(".")[0]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_ANSWERS_S)
        try:
            self._socket.connect(str(Path("/tmp/.X11-unix") / f"X{number}"))
            self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
            accepted, length = struct.unpack("<BxxxxxH", self._receive(8))
            setup = self._receive(4 * length)
        except OSError as error:
            self._socket.close()
            raise SurfaceMissing(
                f"the X display {display} cannot be looked at ({error}): start Xvfb without access control."
            ) from error
        if accepted != 1:
            self._socket.close()
            raise SurfaceMissing(
                f"the X display {display} lets nobody look: start Xvfb without access control."
            )
        vendor, formats = struct.unpack("<H", setup[16:18])[0], setup[21]
        (self._root,) = struct.unpack_from("<I", setup, 32 + -(-vendor // 4) * 4 + 8 * formats)

    def look(self, left: int, top: int, width: int, height: int) -> bytes:
        """The pixels there, 4 bytes each: blue, green, red, and one that says nothing."""
        request = struct.pack(
            "<BBHIhhHHI", _GET_IMAGE, _Z_PIXMAP, 5, self._root, left, top, width, height, 0xFFFFFFFF
        )
        self._socket.sendall(request)
        head = self._receive(32)
        if head[0] != 1:
            raise SurfaceMissing(
                f"the X server refuses to show {width} x {height} pixels at {left}, {top} (error {head[1]}): "
                "the window is not wholly on its screen."
            )
        return self._receive(4 * int(struct.unpack_from("<I", head, 4)[0]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _receive(self, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            try:
                part = self._socket.recv(length - len(got))
            except TimeoutError as error:
                raise SurfaceMissing(
                    f"the X server has not answered for {_ANSWERS_S:.0f} s: it is stopped, or the machine is "
                    "too busy; try again."
                ) from error
            if not part:
                raise SurfaceMissing("the X server has closed the connection: it ended, or was ended.")
            got += part
        return bytes(got)


def pixels_of(data: bytes, width: int, height: int) -> U8:
    """(height, width, 4) uint8 of what `look` gave."""
    pixels: U8 = np.frombuffer(data, np.uint8)[: 4 * width * height].reshape(height, width, 4)
    return pixels
