"""What FFmpeg does not say about a file: the length that it states itself, and whether its end is there.

Pure but for reading the file's first and last 64 KiB.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple, Protocol

from mien.clock import SAMPLE_RATE

_RAW = {
    (1, 8): "u8", (1, 16): "s16le", (1, 24): "s24le", (1, 32): "s32le", (3, 32): "f32le", (3, 64): "f64le",
}  # fmt: skip
"""(WAVE format tag, bits) -> FFmpeg's name for the samples without any header."""

_EXTENSIBLE = 0xFFFE
_EVEN = (1, 3, 6, 7)
"""WAVE format tags whose samples all take the same number of bytes: PCM, floats, A-law and mu-law."""

_LONGEST_HEADER = 1 << 16
_UNKNOWN = 0x7FFFFF00
"""Sizes from here on are written by tools that do not know them yet."""

_END = 1 << 16
"""Bytes of a file's ends that are looked at: no page of an Ogg file is longer."""


def ends_of_bytes(data: bytes) -> tuple[bytes, bytes]:
    """The first and last 64 KiB."""
    return data[:_END], data[-_END:]


def ends_of_file(file: Seekable) -> tuple[bytes, bytes]:
    """The first and last 64 KiB of a file that can go back; it stands afterwards where it stood."""
    at = file.tell()
    head = file.read(_END) if file.seek(0) == 0 else b""
    file.seek(max(0, file.seek(0, io.SEEK_END) - _END))
    tail = file.read(_END)
    file.seek(at)  # FFmpeg goes on reading from here
    return head, tail


def states_length(head: bytes) -> bool:
    """Whether an MP3 carries a Xing, Info or VBRI header with its number of frames."""
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def wav_length(head: bytes) -> int | None:
    """Samples at 48 kHz by the sizes that a WAV's header states; FFmpeg goes by the file's size instead.

    None where it states none: of compressed sound only the `fact` chunk does, as the byte rate is a mean, or
    what the encoder was asked for."""
    form, data, fact = head.find(b"fmt "), head.find(b"data"), head.find(b"fact")
    if head[:4] != b"RIFF" or form < 0 or data < 0 or len(head) < max(form + 24, data + 8):
        return None
    tag, rate = _int(head, form + 8, 2), _int(head, form + 12, 4)
    if tag == _EXTENSIBLE and len(head) >= form + 34:
        tag = _int(head, form + 32, 2)
    if tag in _EVEN:
        size, unit = _int(head, data + 4, 4), _int(head, form + 20, 2)
    elif 0 <= fact < data:
        size, unit = _int(head, fact + 8, 4), 1
    else:
        return None
    if not rate or not unit or size >= _UNKNOWN:
        return None
    return round(size // unit * SAMPLE_RATE / rate)


def _int(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def ogg_end_missing(tail: bytes) -> bool:
    """Whether an Ogg file was cut: its last page is not whole, or lacks the mark of a stream's end (RFC 3533,
    bit 4)."""
    page = tail[max(tail.rfind(b"OggS"), 0) :]
    if page[:4] != b"OggS" or len(page) < 27 or not page[5] & 4:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


class Readable(Protocol):
    """Something that is read from its beginning to its end."""

    def read(self, n: int, /) -> bytes:
        """Up to n bytes; none at the end."""
        ...


class Seekable(Readable, Protocol):
    """Something that can go back."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go there; where that is."""
        ...

    def tell(self) -> int:
        """Where it stands."""
        ...


class Pipe:
    """A stream that cannot go back, for FFmpeg to read, with a way to look at its first bytes."""

    def __init__(self, source: Readable) -> None:
        self.tail = b""
        """The last 64 KiB that were read."""
        self._source = source
        # A buffered pipe's `read` waits until it has all that was asked for; its `read1` gives what is there.
        self._read: Callable[[int], bytes | None] = getattr(source, "read1", source.read)
        self._back = b""
        self._left: int | None = None

    @property
    def failure(self) -> str | None:
        """Why the source ended early, if it says so."""
        return getattr(self._source, "failure", None)

    def read(self, n: int) -> bytes:
        """Up to n bytes, as soon as there are any; none at the end."""
        if self._left is not None:
            n = min(n, self._left)
        if self._back:
            data, self._back = self._back[:n], self._back[n:]
        else:
            data = bytes(self._read(n) or b"") if n else b""
            if len(data) > n:  # PyAV would copy it past the end of its buffer
                data, self._back = data[:n], data[n:]
            self.tail = (self.tail + data)[-_END:]
        if self._left is not None:
            self._left -= len(data)
        return data

    def unread(self, data: bytes) -> None:
        """Put bytes back, to be read next."""
        self._back = data + self._back

    def end_after(self, n: int) -> None:
        """Let it end when n more bytes have been read."""
        self._left = n


class WavStream(NamedTuple):
    """What the header of a WAV says of the samples behind it."""

    format: str
    """FFmpeg's name for samples without a header."""
    rate: int
    layout: str
    """FFmpeg's name for its channels: where each belongs, or only how many there are."""
    samples: int | None
    """How many at 48 kHz; None when the header was written before that was known."""


def wav_stream(pipe: Pipe) -> WavStream | None:
    """Read a WAV's header off a stream, so that it stands at the first sample.

    None for anything else, and for WAVs with other codecs than PCM; the stream is then where it was.
    """
    head = _read(pipe, 12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        pipe.unread(head)
        return None
    form = b""
    while len(head) < _LONGEST_HEADER:
        chunk = _read(pipe, 8)
        head += chunk
        kind, size = chunk[:4], int.from_bytes(chunk[4:8], "little")
        if len(chunk) < 8 or (kind != b"data" and size > _LONGEST_HEADER):
            break
        if kind == b"data":
            known = _described(form, size)
            if known is None:
                break
            if known.samples is not None:
                pipe.end_after(size)
            return known
        body = _read(pipe, size + size % 2)
        head += body
        form = body if kind == b"fmt " else form
    pipe.unread(head)
    return None


def _described(form: bytes, size: int) -> WavStream | None:
    if len(form) < 16:
        return None
    tag, channels, rate, bits = _int(form, 0, 2), _int(form, 2, 2), _int(form, 4, 4), _int(form, 14, 2)
    layout = f"{channels}C"
    if tag == _EXTENSIBLE and len(form) >= 26:
        mask, tag = _int(form, 20, 4), _int(form, 24, 2)
        layout = f"{mask:#x}" if mask.bit_count() == channels else layout
    raw = _RAW.get((tag, bits))
    if raw is None or not 1 <= channels <= 64 or not rate:
        return None
    known = 0 < size < _UNKNOWN
    frames = size // (channels * bits // 8)
    return WavStream(raw, rate, layout, round(frames * SAMPLE_RATE / rate) if known else None)


def _read(pipe: Pipe, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = pipe.read(n - len(data))
        if not more:
            break
        data += more
    return data
