"""ALSA prints what it could not open, in its own words, on the standard error of whoever asked."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def silence_alsa() -> None:
    """Have ALSA print nothing in this process: that there is no sound, and why, Mien says itself."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libasound.so.2")
        # A handler of C that does nothing: one of Python's would take the GIL on the thread that plays.
        nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        library.snd_lib_error_set_handler(nothing)
