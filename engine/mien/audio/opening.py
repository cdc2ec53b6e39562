"""Sources as sound that is decoded, by FFmpeg. Imported when something is opened: it is a tenth of what
importing Mien takes. `FirstUse` has it here before a live turn waits for it."""

from __future__ import annotations

import io
from typing import BinaryIO

from mien.audio.asking import Asked
from mien.audio.containers import Bounded, open_file, open_path, open_stream, open_web
from mien.audio.decoder import Decoder
from mien.audio.headers import Readable, ends_of_bytes, ends_of_file
from mien.audio.web import WebFile


def of_bytes(name: str, data: bytes) -> Decoder:
    """The sound in the bytes of a file; `name` for messages. Raises AudioRejected, as all of these."""
    return Decoder(name, open_file(name, io.BytesIO(data), lambda: ends_of_bytes(data)))


def of_file(name: str, file: Asked) -> Decoder:
    """In a host's file object that can go back, read from its beginning."""
    file.seek(0)  # where FFmpeg takes it to stand, and a turn before this one may have read it
    return Decoder(name, open_file(name, Bounded(file), lambda: ends_of_file(file)))


def of_path(name: str, path: str, file: BinaryIO) -> Decoder:
    """In a file that has been opened by this path; it is closed with what is opened, and where that fails."""
    try:
        return Decoder(name, open_path(name, path, file))
    except BaseException:
        file.close()
        raise


def of_web(name: str, file: WebFile) -> Decoder:
    """Behind an address, which is asked now; it is closed where that fails."""
    try:
        return Decoder(name, open_web(name, file.open()))
    except BaseException:
        file.close()
        raise


def of_stream(name: str, source: Readable, form: str | None = None) -> Decoder:
    """In a stream that cannot go back; `form` as of `open_stream`."""
    return Decoder(name, open_stream(name, source, form))
