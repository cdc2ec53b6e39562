"""What a host gave for a turn's sound, as a source. The only place that asks."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterable, Collection, Iterable
from pathlib import Path
from typing import Any, cast

from mien.audio.addresses import Address, reason_of
from mien.audio.feeds import EncodedFeed, PcmFeed
from mien.audio.path_source import PathSource
from mien.audio.sources import (
    AddressSource,
    AudioInput,
    BytesSource,
    ChunksSource,
    EncodedSource,
    FileSource,
    PcmSource,
    PipeSource,
    Source,
    name_of_file,
)
from mien.errors import AudioRejected
from mien.messages import quoted

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def resolve(audio: AudioInput | Source) -> Source:
    """What a host gave as a source. Raises AudioRejected for what can be none."""
    match audio:
        case Source():
            return audio
        case str() if _URL.match(audio):
            return AddressSource(Address.of(audio))
        case Address():
            return AddressSource(audio)
        case str() if not audio:
            raise _no_sound(audio)
        case str() | Path():
            return PathSource(audio)
        case bytes():
            return BytesSource(audio)
        case PcmFeed():
            return PcmSource(audio.queue)
        case EncodedFeed():
            return EncodedSource(audio.queue)
        case AsyncIterable():
            raise AudioRejected(
                "an async iterator needs its loop: say an EncodedFeed instead, and await feed.pump(chunks)."
            )
    return _source_of_object(audio)


def _source_of_object(given: Any) -> Source:
    """Of something that is known by what it can do."""
    if hasattr(given, "__array__"):
        raise AudioRejected("audio cannot be an array: push its samples into a mien.PcmFeed, and say that.")
    if isinstance(given, io.TextIOBase) or isinstance(getattr(given, "file", None), io.TextIOBase):
        raise AudioRejected(f"{name_of_file(given)} was opened as text: open it with mode 'rb'.")
    if hasattr(given, "read"):
        seekable = getattr(given, "seekable", None)
        try:
            can_go_back = callable(seekable) and seekable()
        except Exception as error:  # it is closed, most often
            raise AudioRejected(
                f"{name_of_file(given)} cannot be read ({reason_of(error)}); open it anew."
            ) from error
        return FileSource(given) if can_go_back else PipeSource(given)
    if isinstance(given, bytearray | memoryview):
        return BytesSource(bytes(given))
    if isinstance(given, Iterable) and not _holds_no_bytes(given):
        return ChunksSource(cast("Iterable[bytes]", given))
    raise _no_sound(given)


def _no_sound(given: object) -> AudioRejected:
    return AudioRejected(
        f"audio cannot be {quoted(given)}: give a file's name, an address, bytes, a binary "
        "file object, a feed, or an iterable of bytes."
    )


def _holds_no_bytes(given: Iterable[object]) -> bool:
    """Whether something other than bytes can be seen in it without taking anything out."""
    return isinstance(given, Collection) and not all(
        isinstance(chunk, bytes | bytearray | memoryview) for chunk in given
    )
