"""Files of another program that are dropped on a window, by the protocol of X desktops (XDND)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from window.desk import Desk

_CLIENT_MESSAGE: Final = 33
_SELECTION_REQUEST: Final = 30
_SELECTION_NOTIFY: Final = 31
_VERSION: Final = 5
_REPLACE: Final = 0
_LONGEST_S: Final = 120
"""That another process may take to ask for what was dropped on it."""


class _Message(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
    )


class _Request(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("owner", ctypes.c_ulong),
        ("requestor", ctypes.c_ulong),
        ("selection", ctypes.c_ulong),
        ("target", ctypes.c_ulong),
        ("property", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
    )


class _Notify(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("requestor", ctypes.c_ulong),
        ("selection", ctypes.c_ulong),
        ("target", ctypes.c_ulong),
        ("property", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
    )


class _Event(ctypes.Union):
    _fields_ = (
        ("type", ctypes.c_int),
        ("message", _Message),
        ("request", _Request),
        ("notify", _Notify),
        ("pad", ctypes.c_long * 24),
    )


class Drag:
    """One program that others take files from. `poll`: has the window's program look at its events; None: it
    is another process, which does so by itself."""

    def __init__(self, desk: Desk, poll: Callable[[], object] | None) -> None:
        self._desk, self._poll = desk, poll
        self._x: Any = desk.x
        self._x.XCreateSimpleWindow.restype = ctypes.c_ulong
        make = self._x.XCreateSimpleWindow
        self._window = ctypes.c_ulong(
            make(desk.display, desk.root, 0, 0, 1, 1, 0, ctypes.c_ulong(0), ctypes.c_ulong(0))
        )
        self._uris = self._atom("text/uri-list")
        self._data = b""

    def drop(self, window: int, place: tuple[float, float], paths: Sequence[Path]) -> None:
        """Drop files on an X window at a place of the screen."""
        self._data = "".join(f"{path.absolute().as_uri()}\r\n" for path in paths).encode()
        selection = self._atom("XdndSelection")
        self._x.XSetSelectionOwner(
            self._desk.display, ctypes.c_ulong(selection), self._window, ctypes.c_ulong(0)
        )
        self._desk.point(*place)
        x, y = (round(side) for side in place)
        self._send(window, "XdndEnter", _VERSION << 24, self._uris, 0, 0)
        self._send(window, "XdndPosition", 0, x << 16 | y, 0, self._atom("XdndActionCopy"))
        self._answer()
        self._send(window, "XdndDrop", 0, 0, 0, 0)
        if self._poll is not None:
            self._answer()
            self._answer()
        while self._data and self._poll is None:
            if not self._x.XPending(self._desk.display):
                assert select([self._x.XConnectionNumber(self._desk.display)], [], [], _LONGEST_S)[0]
            self._answer()

    def _answer(self) -> None:
        """Let the window's program see what came, and give it the names where it asks for them."""
        if self._poll is not None:
            self._poll()
        self._desk.sync()
        event = _Event()
        while self._x.XPending(self._desk.display):
            self._x.XNextEvent(self._desk.display, ctypes.byref(event))
            if event.type == _SELECTION_REQUEST:
                self._hand_over(event.request)
        self._desk.sync()

    def _hand_over(self, asked: _Request) -> None:
        u = ctypes.c_ulong
        self._x.XChangeProperty(
            self._desk.display, u(asked.requestor), u(asked.property), u(asked.target), 8, _REPLACE,
            self._data, len(self._data),
        )  # fmt: skip
        told = _Event()
        told.notify = _Notify(
            _SELECTION_NOTIFY, 0, 1, self._desk.display.value, asked.requestor, asked.selection,
            asked.target, asked.property, asked.time,
        )  # fmt: skip
        self._x.XSendEvent(self._desk.display, u(asked.requestor), 0, ctypes.c_long(0), ctypes.byref(told))
        if self._poll is None:
            self._data = b""

    def _send(self, window: int, kind: str, *data: int) -> None:
        event = _Event()
        event.message = _Message(
            _CLIENT_MESSAGE, 0, 1, self._desk.display.value, window, self._atom(kind), 32,
            (ctypes.c_long * 5)(self._window.value, *data),
        )  # fmt: skip
        self._x.XSendEvent(
            self._desk.display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event)
        )
        self._desk.sync()

    def _atom(self, name: str) -> int:
        return int(self._x.XInternAtom(self._desk.display, name.encode(), 0))
