"""Opening containers with FFmpeg: files, addresses, and streams that are still being made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
from av.error import ExitError, FFmpegError

from mien.audio.headers import Pipe, Readable, wav_stream
from mien.errors import AudioRejected

CONNECT_S = 10.0
READ_S = 10.0
"""Longest that a network may take to answer, and to go on."""

_FILE = {"max_probe_packets": "1"}
"""Options for all else: or FFmpeg reads far into a WAV, 12 ms, to see whether its PCM is something else."""

_STREAM = {"probesize": "2048", "analyzeduration": "1", "max_probe_packets": "1"}
"""Options for a stream that is still being made: FFmpeg waits for seconds of it otherwise, to be sure."""

_TITLES: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}
"""Titles in a broken encoding must not keep a file from being heard. From PyAV 19 on they never do."""


def _no_ends() -> tuple[bytes, bytes]:
    return b"", b""


@dataclass(frozen=True, slots=True)
class Opened:
    """A container that FFmpeg has opened."""

    container: Any
    """PyAV's; whoever holds this closes it."""
    ends: Callable[[], tuple[bytes, bytes]] = _no_ends
    """Reads its first and last 64 KiB; empty where it cannot go back."""
    pipe: Pipe | None = None
    """Through which a stream is read."""
    samples: int | None = None
    """At 48 kHz, where a header said so that FFmpeg has not seen."""
    timeout_s: float | None = None
    """How long it may stay silent before FFmpeg gives it up."""


def open_file(name: str, target: str | BinaryIO, ends: Callable[[], tuple[bytes, bytes]]) -> Opened:
    """A file that can go back, by FFmpeg's name for it or as an object. Raises AudioRejected."""
    try:
        container = av.open(target, mode="r", options=_FILE, **_TITLES)
    except (FFmpegError, OSError, ValueError) as error:
        raise AudioRejected(
            f"{name} is no readable audio ({_reason(error)}); give WAV, FLAC, MP3, Ogg or M4A."
        ) from error
    return Opened(container, ends)


def open_address(name: str, url: str) -> Opened:
    """What is behind an address. Waits for it; raises AudioRejected."""
    try:
        container = av.open(url, mode="r", options=_FILE, **_TITLES, timeout=(CONNECT_S, READ_S))
    except ExitError as error:
        raise AudioRejected(f"{name} did not answer within {CONNECT_S:g} s; try again.") from error
    except (FFmpegError, OSError, ValueError) as error:
        raise AudioRejected(f"{name} could not be opened ({_reason(error)}); check the address.") from error
    return Opened(container, timeout_s=READ_S)


def open_stream(name: str, source: Readable, form: str | None = None) -> Opened:
    """A stream of encoded bytes; `form`: FFmpeg's name for its container, where that is known. Waits for its
    first bytes; raises AudioRejected."""
    pipe = Pipe(source)
    wav, options = wav_stream(pipe), _STREAM
    if wav is not None:
        # FFmpeg wants 64 KiB of a WAV before it begins, a second and more; behind its header is just PCM.
        form, options = wav.format, {"sample_rate": str(wav.rate), "ch_layout": wav.layout}
    try:
        container = av.open(pipe, mode="r", format=form, options=options, **_TITLES)
    except (FFmpegError, OSError, ValueError) as error:
        reason = pipe.failure or f"{_reason(error)}; give WAV, MP3, Ogg, AAC (ADTS), FLAC or WebM"
        raise AudioRejected(f"{name} is no readable audio ({reason}).") from error
    return Opened(container, pipe=pipe, samples=wav.samples if wav is not None else None)


class Chunks:
    """An iterable of bytes, read as a file: `read` asks for the next piece when it has none left."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.failure: str | None = None
        self._chunks: Iterator[bytes] = iter(chunks)
        self._left = b""

    def read(self, n: int) -> bytes:
        """Up to n bytes; none at the end, or after a failure of the iterator."""
        try:
            while not self._left:
                self._left = bytes(next(self._chunks))
        except StopIteration:
            return b""
        except Exception as error:
            self.failure = f"its stream broke off: {error or type(error).__name__}"
            return b""
        data, self._left = self._left[:n], self._left[n:]
        return data


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).rstrip(".").lower()
