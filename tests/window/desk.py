"""A hand at an X display: real keys, pointer, wheel and drops, as the server hands them to any window.

What was done has reached the server when a call returns: whoever polls its events then has them.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any, Final

import numpy as np

from mien.types import U8

LEFT: Final = 1
_WHEEL_UP: Final = 4
_WHEEL_DOWN: Final = 5
_ALL_PLANES: Final = ctypes.c_ulong(-1).value
_Z_PIXMAP: Final = 2
_BUTTON_PRESS_MASK: Final = 1 << 2


class _Image(ctypes.Structure):
    """The head of an XImage."""

    _fields_ = (
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("xoffset", ctypes.c_int),
        ("format", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("byte_order", ctypes.c_int),
        ("bitmap_unit", ctypes.c_int),
        ("bitmap_bit_order", ctypes.c_int),
        ("bitmap_pad", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
        ("bits_per_pixel", ctypes.c_int),
    )


class Desk:
    """One connection to a display; None: to the one that DISPLAY names."""

    def __init__(self, name: str | None = None) -> None:
        self.x: Any = ctypes.CDLL("libX11.so.6")
        self._test: Any = ctypes.CDLL("libXtst.so.6")
        p, u = ctypes.c_void_p, ctypes.c_ulong
        self.x.XOpenDisplay.restype = p
        self.x.XDefaultRootWindow.restype = u
        self.x.XInternAtom.restype = u
        self.x.XCreateSimpleWindow.restype = u
        self.x.XStringToKeysym.restype = u
        self.x.XGetImage.restype = ctypes.POINTER(_Image)
        self.display = p(self.x.XOpenDisplay(name and name.encode()))
        assert self.display.value, f"no display {os.environ.get('DISPLAY')}"
        self.root = u(self.x.XDefaultRootWindow(self.display))

    def sync(self) -> None:
        """All that was asked has been done."""
        self.x.XSync(self.display, 0)

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place of the screen."""
        self._test.XTestFakeMotionEvent(self.display, -1, round(x), round(y), ctypes.c_ulong(0))
        self.sync()

    def button(self, number: int, *, down: bool) -> None:
        """Press or let go."""
        self._test.XTestFakeButtonEvent(self.display, number, int(down), ctypes.c_ulong(0))
        self.sync()

    def click(self, number: int = LEFT) -> None:
        """Press, and let go."""
        self.button(number, down=True)
        self.button(number, down=False)

    def wheel(self, steps: int) -> None:
        """Turn the wheel; up is positive."""
        for _ in range(abs(steps)):
            self.click(_WHEEL_UP if steps > 0 else _WHEEL_DOWN)

    def key(self, name: str, held: str = "") -> None:
        """Press a key by its X name, and let go; `held`: another that is held meanwhile."""
        codes = [
            self.x.XKeysymToKeycode(self.display, ctypes.c_ulong(self.x.XStringToKeysym(each.encode())))
            for each in (held, name)
            if each
        ]
        assert all(codes), name
        for down, order in ((1, codes), (0, codes[::-1])):
            for code in order:
                self._test.XTestFakeKeyEvent(self.display, code, down, ctypes.c_ulong(0))
        self.sync()

    def resize(self, window: int, width: int, height: int) -> None:
        """Give a window another size, as a desktop does."""
        self.x.XResizeWindow(self.display, ctypes.c_ulong(window), width, height)
        self.sync()

    def windows(self, title: str) -> list[int]:
        """Those on the screen whose titles begin so."""
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        found, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self.x.XQueryTree(
            self.display, self.root, ctypes.byref(root), ctypes.byref(parent), ctypes.byref(found),
            ctypes.byref(count),
        )  # fmt: skip
        named = []
        for window in found[: count.value]:
            name = ctypes.c_char_p()
            self.x.XFetchName(self.display, ctypes.c_ulong(window), ctypes.byref(name))
            if (name.value or b"").startswith(title.encode()):
                named.append(window)
        return named

    def composites(self) -> None:
        """Say, as a compositing manager does, that transparent windows are shown so from now on."""
        u = ctypes.c_ulong
        owner = u(self.x.XCreateSimpleWindow(self.display, self.root, 0, 0, 1, 1, 0, u(0), u(0)))
        atom = u(self.x.XInternAtom(self.display, b"_NET_WM_CM_S0", 0))
        self.x.XSetSelectionOwner(self.display, atom, owner, u(0))
        self.sync()

    def catches(self, x: int, y: int, width: int, height: int) -> int:
        """A window of another program, without a frame, that hears of clicks: below all that come later."""
        u = ctypes.c_ulong
        window = u(self.x.XCreateSimpleWindow(self.display, self.root, x, y, width, height, 0, u(0), u(0)))
        self.x.XSelectInput(self.display, window, ctypes.c_long(_BUTTON_PRESS_MASK))
        self.x.XMapWindow(self.display, window)
        self.x.XLowerWindow(self.display, window)
        self.sync()
        return int(window.value or 0)

    def caught(self, window: int) -> int:
        """How many clicks such a window has heard since it was asked last."""
        self.sync()
        event, count = ctypes.create_string_buffer(192), 0
        while self.x.XCheckWindowEvent(
            self.display, ctypes.c_ulong(window), ctypes.c_long(_BUTTON_PRESS_MASK), event
        ):
            count += 1
        return count

    def scale(self, dots: int) -> None:
        """Set how many dots an inch of the screen has: 96 are a scale of 1."""
        u = ctypes.c_ulong
        told = f"Xft.dpi:\t{dots}\n".encode()
        self.x.XChangeProperty(self.display, self.root, u(23), u(31), 8, 0, told, len(told))
        self.sync()

    def pixels(self, window: int, width: int, height: int) -> U8:
        """(height, width, 4) uint8 BGRA, premultiplied: a window's own, as managers take them."""
        return self._read(ctypes.c_ulong(window), 0, 0, width, height)

    def picture(self, x: int, y: int, width: int, height: int) -> U8:
        """(height, width, 3) uint8: what the screen shows there."""
        return np.ascontiguousarray(self._read(self.root, x, y, width, height)[..., 2::-1])

    def _read(self, drawable: Any, x: int, y: int, width: int, height: int) -> U8:
        """(height, width, 4) uint8, BGRA."""
        image = self.x.XGetImage(
            self.display, drawable, x, y, width, height, ctypes.c_ulong(_ALL_PLANES), _Z_PIXMAP
        )
        assert image, "nothing can be read there"
        found = image.contents
        raw = ctypes.string_at(found.data, found.bytes_per_line * height)
        self.x.XDestroyImage(image)
        return np.frombuffer(raw, np.uint8).reshape(height, found.bytes_per_line // 4, 4)[:, :width]
