"""What FFmpeg does not say about a file: the length that it states itself, and whether its end is there.

Pure but for reading the file's first and last 64 KiB.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from mien.clock import SAMPLE_RATE


def ends(source: str | Path | bytes | BinaryIO, size: int = 1 << 16) -> tuple[bytes, bytes]:
    """The first and last 64 KiB; empty for a stream that cannot go back."""
    if isinstance(source, bytes):
        return source[:size], source[-size:]
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            head = file.read(size)
            file.seek(max(0, file.seek(0, io.SEEK_END) - size))
            return head, file.read(size)
    if not source.seekable():
        return b"", b""
    at = source.tell()
    head = source.read(size) if source.seek(0) == 0 else b""
    source.seek(max(0, source.seek(0, io.SEEK_END) - size))
    tail = source.read(size)
    source.seek(at)  # FFmpeg goes on reading from here
    return head, tail


def states_length(head: bytes) -> bool:
    """Whether an MP3 carries a Xing, Info or VBRI header with its number of frames."""
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def wav_length(head: bytes) -> int | None:
    """Samples at 48 kHz by the sizes that a WAV's header states; FFmpeg goes by the file's size instead."""
    form, data = head.find(b"fmt "), head.find(b"data")
    if head[:4] != b"RIFF" or form < 0 or data < 0 or len(head) < max(form + 24, data + 8):
        return None
    size = int.from_bytes(head[data + 4 : data + 8], "little")
    per_second = int.from_bytes(head[form + 16 : form + 20], "little")
    if not per_second or size >= 0x7FFFFF00:  # an unknown size, as written by streaming tools
        return None
    return round(size * SAMPLE_RATE / per_second)


def ogg_end_missing(tail: bytes) -> bool:
    """Whether an Ogg file was cut: its last page lacks the mark of a stream's end (RFC 3533, bit 4)."""
    last = tail.rfind(b"OggS")
    return last < 0 or len(tail) <= last + 5 or not tail[last + 5] & 4
