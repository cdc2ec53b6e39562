"""What a host gives for a turn's sound, as it is sent to an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

from mien.audio import Address, AudioInput, EncodedFeed, PcmFeed, resolve
from mien.audio.addresses import reason_of
from mien.audio.containers import Chunks
from mien.audio.path_source import PathSource
from mien.audio.sources import AddressSource, BytesSource, ChunksSource, FileSource, PipeSource
from mien.backend.feeding import Pump
from mien.backend.messages import AddressSound, BytesSound, EncodedSound, FileSound, PcmSound, Sound
from mien.errors import AudioRejected
from mien.threads import start_thread

_CHUNK: Final = 1 << 16
_numbers = count(1)

Send = Callable[[bytes], object]


def sent(audio: AudioInput, send: Send, folder: Path | None = None) -> tuple[Sound, Pump | None]:
    """How a sound is sent: whole, by name, or piece by piece by what is given, which is to be started.

    Raises AudioRejected for what can be no sound, and a feed that is spoken already.
    """
    match resolve(audio):
        case PathSource(path=path) as source:
            within = folder or source.folder
            return FileSound(str(path.absolute()), "" if within is None else str(within.absolute())), None
        case AddressSource():
            address = audio if isinstance(audio, Address) else Address.of(str(audio))
            policy = address.policy
            return AddressSound(address.url, policy.private, policy.hosts, policy.public), None
        case BytesSource() | FileSource():
            return BytesSound(_bytes_of(audio)), None
        case PipeSource() | ChunksSource():
            return _streamed(feed := EncodedFeed(), send, lambda: _pour(audio, feed))
    assert isinstance(audio, PcmFeed | EncodedFeed)
    return _streamed(audio, send)


def _streamed(
    feed: PcmFeed | EncodedFeed, send: Send, begins: Callable[[], object] | None = None
) -> tuple[Sound, Pump]:
    number = next(_numbers)
    pump = Pump(number, feed.queue, send, begins)
    if isinstance(feed, PcmFeed):
        return PcmSound(number, feed.rate, feed.queue.kind), pump
    return EncodedSound(number, feed.format, feed.queue.kind), pump


def _bytes_of(audio: Any) -> bytes:
    if isinstance(audio, bytes | bytearray | memoryview):
        return bytes(audio)
    try:
        audio.seek(0)
        data = audio.read()
    except Exception as error:
        why = reason_of(error)
        raise AudioRejected(f"an audio file object cannot be read ({why}); open it anew.") from error
    return bytes(data)


def _pour(audio: Any, feed: EncodedFeed) -> None:
    """Read a pipe or an iterable, by a thread of its own, as there is room."""
    file = audio if hasattr(audio, "read") else Chunks(audio)

    def pour() -> None:
        queue, failure = feed.queue, None  # the feed is kept meanwhile: one that is forgotten ends
        try:
            while (data := bytes(memoryview(file.read(_CHUNK)))) and not queue.abandoned:
                queue.wait_for_room(len(data), None)
                queue.push(data)
            failure = getattr(file, "failure", None)
        except Exception as error:
            failure = f"its stream broke off: {reason_of(error)}"
        queue.end(failure)

    start_thread(threading.Thread(target=pour, name="mien-pour", daemon=True))
