"""A stream of a PulseAudio server, or of PipeWire as one, whose buffer can be written anew until it is
played.

Through its own library, without PortAudio, whose way to it (ALSA's plugin) knows no such thing. Nothing of
Mien is imported here: see `sound_writer`.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from time import monotonic, sleep
from typing import Any, Final

LENGTH_S: Final = 0.1
"""What the server holds, but for the next 10 ms, which its device has. It is written anew where it is not to
be heard."""
_REQUEST_S: Final = 0.01
_OPENS_S: Final = 5.0
_POLL_S: Final = 0.002

# pulse/def.h, pulse/sample.h
_FLOAT32: Final = 5 if sys.byteorder == "little" else 6
_CONTEXT_READY, _CONTEXT_OVER = 4, (5, 6)
_STREAM_READY, _STREAM_OVER = 2, (3, 4)
_NO_AUTOSPAWN: Final = 1
_INTERPOLATE, _UPDATE, _EARLY = 0x0002, 0x0008, 0x4000
_RELATIVE: Final = 0
_DEFAULT: Final = 0xFFFFFFFF
_NOTHING: Final = 2**64 - 1


class _Spec(ctypes.Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _Lengths(ctypes.Structure):
    _fields_ = tuple((name, c_uint32) for name in ("most", "target", "before", "request", "fragment"))


_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "threaded_mainloop_new": (c_void_p, ()),
    "threaded_mainloop_get_api": (c_void_p, (c_void_p,)),
    "threaded_mainloop_start": (c_int, (c_void_p,)),
    "threaded_mainloop_lock": (None, (c_void_p,)),
    "threaded_mainloop_unlock": (None, (c_void_p,)),
    "context_new": (c_void_p, (c_void_p, c_char_p)),
    "context_connect": (c_int, (c_void_p, c_char_p, c_int, c_void_p)),
    "context_get_state": (c_int, (c_void_p,)),
    "context_errno": (c_int, (c_void_p,)),
    "stream_new": (c_void_p, (c_void_p, c_char_p, POINTER(_Spec), c_void_p)),
    "stream_connect_playback": (
        c_int, (c_void_p, c_char_p, POINTER(_Lengths), c_int, c_void_p, c_void_p)
    ),
    "stream_get_state": (c_int, (c_void_p,)),
    "stream_writable_size": (c_size_t, (c_void_p,)),
    "stream_write": (c_int, (c_void_p, c_char_p, c_size_t, c_void_p, c_int64, c_int)),
    "stream_get_latency": (c_int, (c_void_p, POINTER(c_uint64), POINTER(c_int))),
    "stream_get_underflow_index": (c_int64, (c_void_p,)),
    "stream_get_device_name": (c_char_p, (c_void_p,)),
    "strerror": (c_char_p, (c_int,)),
}  # fmt: skip


class NoServer(Exception):
    """No PulseAudio is here, or it takes nobody."""


class PulseStream:
    """Plays float32 of `channels` at `rate` Hz on the server's default device. For one thread; it is closed
    with its process. Raises NoServer; OSError when the server is gone."""

    can_rewrite: Final = True

    def __init__(self, rate: int, channels: int) -> None:
        try:
            library = ctypes.CDLL("libpulse.so.0")
            for name, (gives, takes) in _CALLS.items():
                call = getattr(library, f"pa_{name}")
                call.restype, call.argtypes = gives, takes
        except (OSError, AttributeError) as error:
            raise NoServer(str(error)) from error
        self._library, self._frame, self._rate = library, 4 * channels, rate
        self._loop = self._call("threaded_mainloop_new")
        api = self._call("threaded_mainloop_get_api", self._loop)
        self._context = self._call("context_new", api, b"Mien")
        self._stream: int | None = None
        if self._call("context_connect", self._context, None, _NO_AUTOSPAWN, None) < 0:
            raise NoServer(self._why())
        self._call("threaded_mainloop_start", self._loop)
        self._wait_for("context_get_state", self._context, _CONTEXT_READY, _CONTEXT_OVER)
        self._connect(rate, channels)
        device: bytes = self._locked("stream_get_device_name", self._stream) or b"PulseAudio"
        self.name = device.decode("utf-8", "replace")
        self._underflow = -1
        self._held = round(LENGTH_S * rate)  # until the server has said what it is

    def room(self) -> int:
        """Frames that it takes now. Raises OSError."""
        size: int = self._locked("stream_writable_size", self._stream)
        if size >= _NOTHING or self._locked("stream_get_state", self._stream) != _STREAM_READY:
            raise OSError(self._why())
        return size // self._frame

    def write(self, data: bytes) -> None:
        """Hand over whole frames, for which there is room."""
        self._put(data, 0)

    def rewrite(self, data: bytes) -> None:
        """Play these instead of the last that were handed over, as many."""
        self._put(data, -len(data))

    def held(self) -> int:
        """Frames that were handed over and are not heard."""
        us, negative = c_uint64(), c_int()
        if self._locked("stream_get_latency", self._stream, byref(us), byref(negative)) == 0:
            self._held = 0 if negative.value else us.value * self._rate // 1_000_000
        return self._held

    def ran_empty(self) -> bool:
        """Whether it had played all that it had, since this was asked last."""
        before = self._underflow
        self._underflow = self._locked("stream_get_underflow_index", self._stream)
        return self._underflow != before

    def close(self) -> None:
        """With its process."""

    def _put(self, data: bytes, at: int) -> None:
        if self._locked("stream_write", self._stream, data, len(data), None, at, _RELATIVE) < 0:
            raise OSError(self._why())

    def _connect(self, rate: int, channels: int) -> None:
        second = 4 * channels * rate
        target, request = round(LENGTH_S * second), round(_REQUEST_S * second)
        lengths = _Lengths(_DEFAULT, target, request, request, _DEFAULT)
        spec = _Spec(_FLOAT32, rate, channels)
        stream = self._stream = self._locked("stream_new", self._context, b"Mien", byref(spec), None)
        if not stream:
            raise NoServer(self._why())
        flags = _INTERPOLATE | _UPDATE | _EARLY
        told = (stream, None, byref(lengths), flags, None, None)
        if self._locked("stream_connect_playback", *told) < 0:
            raise NoServer(self._why())
        self._wait_for("stream_get_state", stream, _STREAM_READY, _STREAM_OVER)

    def _wait_for(self, ask: str, of: Any, ready: int, over: tuple[int, ...]) -> None:
        until = monotonic() + _OPENS_S
        while (state := self._locked(ask, of)) != ready:
            if state in over or monotonic() > until:
                raise NoServer(self._why())
            sleep(_POLL_S)

    def _call(self, name: str, *given: Any) -> Any:
        return getattr(self._library, f"pa_{name}")(*given)

    def _locked(self, name: str, *given: Any) -> Any:
        self._call("threaded_mainloop_lock", self._loop)
        try:
            return self._call(name, *given)
        finally:
            self._call("threaded_mainloop_unlock", self._loop)

    def _why(self) -> str:
        said = b""
        with suppress(Exception):
            said = self._call("strerror", self._call("context_errno", self._context)) or b""
        return f"PulseAudio: {said.decode('utf-8', 'replace') or 'no answer'}"
