"""What a turn's sound may come from, each as an object that can open it."""

from __future__ import annotations

import io
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, cast

from mien.audio.addresses import Address, without_secrets
from mien.audio.asking import Asked
from mien.audio.feeds import EncodedFeed, PcmFeed
from mien.audio.formats import known_format
from mien.audio.pushed import PcmStream
from mien.audio.queues import ByteQueue, PcmQueue
from mien.errors import AudioRejected
from mien.lipsync.streamed import StreamedMouth
from mien.messages import quoted
from mien.types import F32

if TYPE_CHECKING:
    from mien.audio.decoder import Decoder

AudioInput: TypeAlias = str | Path | Address | bytes | BinaryIO | PcmFeed | EncodedFeed | Iterable[bytes]
"""A file by name, an http(s) address, the bytes of a file, a binary file object, pushed PCM, a pushed or
iterated stream of encoded bytes."""


class Sound(Protocol):
    """A source that has been opened: its sound, in pieces. Use with `closing`; owned by one thread."""

    expected: int | None
    """Samples at 48 kHz that the source says it has, once that is known."""
    faults: list[str]
    """What was found damaged, one clause each, at its end."""

    def pieces(self) -> Iterator[F32 | None]:
        """(n,) float32 mono at 48 kHz each; None while nothing is there."""
        ...

    def close(self) -> None:
        """Free what it has. Idempotent."""
        ...


class Source(ABC):
    """Where a turn's sound comes from. Nothing is opened, and no file looked at, before `open`."""

    live = False
    """Made by the host while it is played."""
    waits = False
    """Reading may take as long as somebody else likes (a network, a pipe, a host): it needs a thread."""
    catches_up = False
    """It is live, and shortened where it is behind."""
    steady = False
    """It is live, and played at its own rate whatever its buffer holds: its host goes by our time."""
    may_be_empty = False
    """Whether a turn without any sound is no fault of the source."""
    fed = False
    """By the host, piece by piece: nobody knows when there is sound. All else that keeps its reader waiting
    has some within a time."""
    reads: object = None
    """The host's own object that it reads. Two turns may be given the same one: they take turns."""
    asked: Asked | None = None
    """What it reads, once it is open, where that has to answer within a time."""
    told: StreamedMouth | None = None
    """What the host tells of its mouth while it is played."""
    _over = False

    def __init__(self, name: str) -> None:
        self.name = without_secrets(name)
        """What to call it in messages."""

    def missing(self) -> str:
        """What is said where it is known at once that there is nothing to open; `""` elsewhere."""
        return ""

    @abstractmethod
    def open(self) -> Sound:
        """The sound. Takes as long as the source does.

        Raises AssetMissing or AudioRejected when there is none.
        """

    # Most have nothing to do for what follows.

    def attach(self, wake: Callable[[], object]) -> None:  # noqa: B027
        """Give it to a turn; `wake` is called when it may go on. Raises AudioRejected on a second turn."""

    @property
    def starved(self) -> bool:
        """The host has not ended it, and everything that it pushed has been read."""
        return False

    def wait(self) -> None:  # noqa: B027
        """Return as soon as opening makes sense."""

    def abandon(self) -> None:
        """Nobody will read on."""
        # In this order: it may be opened on another thread meanwhile.
        self._over = True
        if self.asked is not None:
            self.asked.leave()

    def _ask(self, asked: Asked) -> Asked:
        """Read `asked`, which has to answer within a time; nothing of it where the turn is over already."""
        self.asked = asked
        if self._over:
            raise OSError("its turn is over")
        return asked


# What FFmpeg takes is imported where something is opened: see `opening`.


class BytesSource(Source):
    """The bytes of a file."""

    def __init__(self, data: bytes) -> None:
        super().__init__(f"audio of {len(data)} bytes")
        self._data = data

    def open(self) -> Decoder:
        """Its sound."""
        if not self._data:
            raise AudioRejected("audio of 0 bytes: give the bytes of a whole audio file.")
        from mien.audio.opening import of_bytes

        return of_bytes(self.name, self._data)


class FileSource(Source):
    """A binary file object that can go back: it is read from its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(name_of_file(file))
        self.waits = not _answers_at_once(file)
        self._file = self.reads = file

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.opening import of_file

        return of_file(self.name, self._ask(Asked(self._file)))


class AddressSource(Source):
    """An http or https address."""

    waits = True

    def __init__(self, address: Address) -> None:
        from mien.audio import web

        super().__init__(address.name)
        self._web = web.WebFile(address, web.CONNECT_S, web.READ_S)

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.opening import of_web

        return of_web(self.name, self._web)

    def abandon(self) -> None:
        """Nobody will read on: what is being waited for comes to an end."""
        self._web.cut()


class PipeSource(Source):
    """A binary file object that cannot go back: a pipe, a socket, a response."""

    waits = True

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(name_of_file(file))
        self._file = self.reads = file

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.opening import of_stream

        return of_stream(self.name, self._ask(Asked(self._file, flows=True)))


class ChunksSource(Source):
    """An iterable of encoded bytes."""

    waits = True

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__("audio from an iterator")
        self._chunks = self.reads = chunks

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.containers import Chunks
        from mien.audio.opening import of_stream

        return of_stream(self.name, self._ask(Asked(Chunks(self._chunks))))


class EncodedSource(Source):
    """Encoded bytes that the host pushes."""

    live = fed = True
    waits = True

    def __init__(self, feed: ByteQueue) -> None:
        super().__init__(feed.name)
        self.catches_up = feed.kind == "live"
        self._feed, self.told = feed, feed.told
        self._format = known_format(feed.format)

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.opening import of_stream

        return of_stream(self.name, self._feed, self._format)

    def attach(self, wake: Callable[[], object]) -> None:
        """`wake` is called when it starves."""
        self._feed.attach(wake)

    @property
    def starved(self) -> bool:
        """Everything pushed has been read, and more is being waited for."""
        return self._feed.starved

    def wait(self) -> None:
        """Return with the first bytes, or at the end."""
        self._feed.wait()

    def abandon(self) -> None:
        """Free what was pushed."""
        self._feed.abandon()


class PcmSource(Source):
    """Samples that the host pushes."""

    live = True
    may_be_empty = True

    def __init__(self, feed: PcmQueue) -> None:
        super().__init__(feed.name)
        self.catches_up, self.steady = feed.kind == "live", feed.steady
        self._feed, self.told = feed, feed.told

    def open(self) -> PcmStream:
        """Its sound."""
        return PcmStream(self._feed)

    def attach(self, wake: Callable[[], object]) -> None:
        """`wake` is called after every push."""
        self._feed.attach(wake)

    @property
    def starved(self) -> bool:
        """Everything pushed has been handed on."""
        return self._feed.starved

    def abandon(self) -> None:
        """Free what was pushed."""
        self._feed.abandon()


def _answers_at_once(file: object) -> bool:
    """Whether it is bytes in memory, or a file of the system: not what a host, or a library, has made."""
    if type(file) is io.BytesIO:
        return True
    if type(file) not in (io.FileIO, io.BufferedReader, io.BufferedRandom):
        return False
    try:
        return stat.S_ISREG(os.fstat(cast("BinaryIO", file).fileno()).st_mode)
    except (OSError, ValueError):  # a reader over a host's own
        return False


def name_of_file(file: object) -> str:
    """What to call a file object in messages."""
    try:
        name = getattr(file, "name", None)
    except Exception:  # a property of a host's own
        name = None
    return f"audio file {quoted(name)}" if isinstance(name, str) else "audio from a file object"
