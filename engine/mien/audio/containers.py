"""Opening containers with FFmpeg: files, addresses, and streams that are still being made.

FFmpeg follows what a file names: lists of other files, playlists, descriptions of network sessions. So only
containers that hold their own sound are opened (`formats`), and FFmpeg opens nothing but the one file whose
name it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from errno import EACCES, EINVAL
from typing import Any, BinaryIO, Final

import av
from av.error import FFmpegError

from mien.audio.addresses import reason_of, without_secrets
from mien.audio.asking import Asked
from mien.audio.formats import FORMATS
from mien.audio.headers import Pipe, Readable, ends_of_file, wav_stream
from mien.audio.web import WebFile
from mien.errors import AudioRejected
from mien.messages import encodable

_CLOSED: Final = {
    "format_whitelist": ",".join(sorted(FORMATS)),
    "protocol_whitelist": "none",
    "max_streams": "16",
}
"""Options for everything: no other containers, no way to anywhere, and no more streams than fit into the
smallest piece of memory, as PyAV looks up those that begin while it reads in a list made before."""

_FILE: Final = {**_CLOSED, "max_probe_packets": "1"}
"""Options for what has an end: or FFmpeg reads far into a WAV, 12 ms, to see whether its PCM is something
else."""

_WEB: Final = {**_FILE, "analyzeduration": "1"}
"""The same from far away: of a WAV FFmpeg reads five seconds otherwise, for what the header has said."""

_STREAM: Final = {**_CLOSED, "probesize": "2048", "analyzeduration": "1", "max_probe_packets": "1"}
"""Options for a stream that is still being made: FFmpeg waits for seconds of it otherwise, to be sure."""

_TITLES: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}
"""Titles in a broken encoding must not keep a file from being heard. From PyAV 19 on they never do."""

_GIVE_FILE: Final = "give WAV, FLAC, MP3, Ogg or M4A"
_GIVE_STREAM: Final = "give WAV, MP3, Ogg, AAC (ADTS), FLAC or WebM"


def _no_ends() -> tuple[bytes, bytes]:
    return b"", b""


def _nothing() -> None:
    return None


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
    failure: Callable[[], str | None] = _nothing
    """Why what it reads from ended early, where it can say so."""
    close: Callable[[], object] = _nothing
    """Closes what it reads from, where that is ours to close."""


def open_path(name: str, path: str, file: BinaryIO) -> Opened:
    """A file that has been opened, with its name, by which some containers are known; it is closed with what
    is opened. Raises AudioRejected."""
    # With a protocol, or FFmpeg takes what is before a colon for one; PyAV gives it back as text.
    named = f"file:{encodable(path)}"

    def only(url: str, *_: object) -> BinaryIO:
        if url != named:
            raise PermissionError(EACCES, "nothing but the file itself is opened")
        return file

    container = _opened(name, named, _FILE, _GIVE_FILE, io_open=only)
    return Opened(container, lambda: ends_of_file(file), close=file.close)


def open_file(name: str, file: BinaryIO | Bounded, ends: Callable[[], tuple[bytes, bytes]]) -> Opened:
    """A file object that can go back. Raises AudioRejected."""
    return Opened(_opened(name, file, _FILE, _GIVE_FILE), ends)


def open_web(name: str, file: WebFile) -> Opened:
    """What is behind an address, once that has been opened. Raises AudioRejected."""
    if not file.seekable() and file.size is None:
        opened = open_stream(name, file)  # it may be in the making, as from a service that speaks
        return Opened(opened.container, pipe=opened.pipe, failure=lambda: file.failure, close=file.close)
    # What can't go back has no `seek` for PyAV to find.
    pipe = None if file.seekable() else Pipe(file)
    container = _opened(name, pipe or file, _WEB, _GIVE_FILE, lambda: file.failure)
    return Opened(container, pipe=pipe, failure=lambda: file.failure, close=file.close)


def open_stream(name: str, source: Readable, form: str | None = None) -> Opened:
    """A stream of encoded bytes; `form`: FFmpeg's name for its container, where that is known. Waits for its
    first bytes; raises AudioRejected."""
    pipe = Pipe(source)
    wav, options = wav_stream(pipe), _STREAM
    if wav is not None:
        # FFmpeg wants 64 KiB of a WAV before it begins, a second and more; behind its header is just PCM.
        form, options = wav.format, {**_CLOSED, "sample_rate": str(wav.rate), "ch_layout": wav.layout}
    container = _opened(name, pipe, options, _GIVE_STREAM, lambda: pipe.failure, form)
    samples = wav.samples if wav is not None else None
    return Opened(container, pipe=pipe, samples=samples, failure=lambda: pipe.failure)


def _opened(
    name: str,
    target: object,
    options: dict[str, str],
    give: str,
    failure: Callable[[], str | None] = _nothing,
    form: str | None = None,
    **more: Any,
) -> Any:
    try:
        return av.open(target, mode="r", format=form, options=options, **_TITLES, **more)
    except (FFmpegError, OSError, ValueError) as error:
        if (ended := failure()) is not None:
            raise AudioRejected(f"{name} is no readable audio ({without_secrets(ended)}).") from error
        # What FFmpeg says of a container that is not on the list, as well as of some broken ones.
        known = "damaged, or no container that holds its own sound"
        reason = known if getattr(error, "errno", None) == EINVAL else reason_of(error).lower()
        raise AudioRejected(f"{name} is no readable audio ({reason}); {give}.") from error


class Bounded:
    """A host's file object as PyAV may read it: more than was asked for would be copied past its buffer."""

    def __init__(self, file: BinaryIO | Asked) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, n: int) -> bytes:
        """Up to n bytes; none at the end."""
        data = bytes(self._file.read(n) or b"")
        if len(data) > n:
            self._file.seek(n - len(data), 1)
        return data[:n]


_MOST_EMPTY = 100_000
"""Pieces without a byte in a row: an iterator that gives nothing else would keep its thread busy for ever."""


class Chunks:
    """An iterable of bytes, read as a file: `read` asks for the next piece when it has none left."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.failure: str | None = None
        self._given = chunks
        self._chunks: Iterator[bytes] | None = None  # asked for with the first piece: that may take long, too
        self._left = b""

    def read(self, n: int) -> bytes:
        """Up to n bytes; none at the end, or after a failure of the iterator."""
        empty = 0
        try:
            if self._chunks is None:
                self._chunks = iter(self._given)
            while not self._left:
                if empty == _MOST_EMPTY:
                    self.failure = f"its stream gave {empty} empty pieces in a row"
                    return b""
                self._left = bytes(memoryview(next(self._chunks)))  # of a number `bytes` makes zeros
                empty += 1
        except StopIteration:
            return b""
        except BaseException as error:  # the host's: no thread of ours is told to end so
            self.failure = f"its stream broke off: {reason_of(error)}"
            return b""
        data, self._left = self._left[:n], self._left[n:]
        return data
