"""PortAudio, through a sounddevice of our own.

PortAudio keeps the list of devices that it made when it was started, and makes another only when it is ended
and started again, which ends every stream in the process. But it counts who has started it, and ends with the
last of them. A module of sounddevice counts as one. So this one is loaded apart from the one that a host
imports: ending ours never ends a stream of the host's.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from contextlib import suppress
from functools import cache
from typing import Any


class PortAudio:
    """Opens streams, and looks for devices. One for the process: see `portaudio`.

    Raises OSError where the library is missing, ImportError where sounddevice is, and sounddevice's error
    where it does not start.
    """

    def __init__(self) -> None:
        self.sounddevice: Any = _own_sounddevice()
        self._streams: set[Any] = set()
        self._changing = threading.RLock()  # which a handler of a signal may take again

    def open(self, **settings: Any) -> Any:
        """An output stream, to be given back to `close`. Raises sounddevice's error."""
        with self._changing:
            stream = self.sounddevice.OutputStream(**settings)
            self._streams.add(stream)
            return stream

    def close(self, stream: Any) -> None:
        """Close a stream. Idempotent."""
        stream.close(ignore_errors=True)
        with self._changing:
            self._streams.discard(stream)

    def rescan(self) -> None:
        """Look for devices anew, unless a stream of ours is open, or a host uses PortAudio itself."""
        with self._changing:
            if self._streams:
                return
            with suppress(self.sounddevice.PortAudioError):  # not running, as after a scan that failed
                self.sounddevice._terminate()
            self.sounddevice._initialize()


def chosen() -> int | str | None:
    """The output device that a host has made its default (`sounddevice.default.device`), if it has."""
    theirs = sys.modules.get("sounddevice")
    default = getattr(theirs, "default", None)
    device: int | str | None = default.device["output"] if default is not None else None
    return None if device == -1 else device


_STARTING = threading.RLock()


def portaudio() -> PortAudio:
    """The process's, started when it is first asked for. Raises as `PortAudio` does."""
    with _STARTING:
        return _started()


@cache
def _started() -> PortAudio:
    return PortAudio()


def _own_sounddevice() -> Any:
    spec = importlib.util.find_spec("sounddevice")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'sounddevice'")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
