"""Sound that a client sends in pieces: each piece is taken once, whatever is sent twice or too early."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from mien.audio import EncodedFeed, PcmFeed
from mien.errors import AudioRejected, Closed, FeedFull, MienError
from mien.serve.coding import Chunk
from mien.serve.replies import Error, Room
from mien.serve.sounds import EncodedStream, Streamed
from mien.talk import VisemeTimings

_KNOWN: Final = 200
"""Numbers of streams that are over and still known, so that what is under way to them is no fault."""


class Stream:
    """A feed that a client fills. `received`: bytes that were taken."""

    def __init__(self, sound: Streamed) -> None:
        self.number: Final = sound.stream
        self.received = 0
        self.is_full = False
        """A chunk was refused, and nobody was told yet that there is room again."""
        self._rest = b""
        """The beginning of a sample whose end has not come."""
        self.feed: EncodedFeed | PcmFeed
        self._kind: np.dtype[Any] | None
        if isinstance(sound, EncodedStream):
            self.feed, self._kind, self._step = EncodedFeed(sound.format, kind=sound.feed), None, 1
        else:
            self.feed = PcmFeed(sound.rate, sound.channels, kind=sound.feed)
            self._kind = np.dtype("<i2" if sound.samples == "int16" else "<f4")
            self._step = self._kind.itemsize * sound.channels

    def take(self, chunk: Chunk) -> Error | None:
        """Take what of it is new; what is answered where it is refused. Then nothing of it was taken."""
        begins = self.received if chunk.offset is None else chunk.offset
        if begins > self.received:
            return self._error(
                "gap",
                f"a chunk of stream {self.number} begins at byte {begins}, and {self.received} bytes came: "
                f"send on from byte {self.received}.",
            )
        data = chunk.data[self.received - begins :]
        try:
            self._push(data)
        except FeedFull:
            self.is_full = True
            return self._error(
                "feed_full",
                f"stream {self.number} holds as much as it may; send on from byte {self.received} once room "
                "is told.",
            )
        except Closed:
            return None  # its turn is over, which an event tells
        except MienError as error:
            return self._error("refused", str(error))
        self.received += len(data)
        if chunk.last:
            if self._rest:
                self.fail("its last sample is not whole")
            else:
                self.feed.end()
        return None

    def room(self) -> Room | None:
        """What is told once there is room again."""
        if self.is_full and self.feed.queue.held < self.feed.queue.most // 2:
            self.is_full = False
            return Room(stream=self.number, received=self.received)
        return None

    def fail(self, reason: str) -> None:
        """It breaks off."""
        self.feed.queue.end(reason.strip().rstrip(".") or "it failed")

    @property
    def is_over(self) -> bool:
        """Nothing more is taken: it has ended, or its turn has."""
        return self.feed.ended or self.feed.queue.abandoned

    def _push(self, data: bytes) -> None:
        if isinstance(self.feed, EncodedFeed):
            if data:
                self.feed.push(data)
            return
        assert self._kind is not None
        whole = self._rest + data
        end = len(whole) - len(whole) % self._step
        if end:
            samples = np.frombuffer(whole, self._kind, end // self._kind.itemsize)
            self.feed.push(samples.astype(self._kind.newbyteorder("=")).reshape(-1, self.feed.channels))
        self._rest = whole[end:]

    def _error(self, code: str, sentence: str) -> Error:
        return Error(
            about="audio",
            code=code,  # type: ignore[arg-type]  # one of them
            sentence=sentence,
            stream=self.number,
            received=self.received,
        )


def _no_stream(number: int, about: str) -> Error:
    sentence = f"there is no stream {number}: begin a turn with it, then send what belongs to it."
    return Error(about=about, code="refused", sentence=sentence, stream=number)


class Streams:
    """Those of a client. Parameter: `most`, open at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[int, Stream] = {}
        self._over: dict[int, Stream | None] = {}
        """Those that take no more sound; None: nor anything else, for their turn is over."""

    def open(self, sound: Streamed) -> Stream:
        """A new one. Raises AudioRejected."""
        self._sweep()
        if sound.stream in self._open or sound.stream in self._over:
            raise AudioRejected(f"stream {sound.stream} was used before; give each turn a number of its own.")
        if len(self._open) >= self._most:
            raise AudioRejected(
                f"{self._most} streams are open, as many as may be: end one before you begin another, or "
                "give sound as base64."
            )
        stream = self._open[sound.stream] = Stream(sound)
        return stream

    def take(self, chunk: Chunk) -> Error | None:
        """More of one; what is answered where it is refused."""
        stream = self._open.get(chunk.stream)
        if stream is not None:
            refused = stream.take(chunk)
            if stream.is_over:
                self._close(chunk.stream)
            return refused
        if chunk.stream in self._over:
            return None
        return _no_stream(chunk.stream, "audio")

    def fail(self, number: int, reason: str) -> Error | None:
        """One breaks off."""
        if (stream := self._open.get(number)) is not None:
            stream.fail(reason)
            self._close(number)
            return None
        return self.take(Chunk(number, b""))

    def push_timings(self, number: int, timings: VisemeTimings, offset_s: float) -> Error | None:
        """Mouth shapes of one, also after its last piece; what is answered where there is none. Raises
        AudioRejected, FormatError."""
        stream = self._open.get(number) or self._over.get(number)
        if stream is not None:
            stream.feed.push_timings(timings, offset_s=offset_s)
        elif number not in self._over:
            return _no_stream(number, "push_timings")
        return None

    def forget(self, number: int) -> None:
        """Its turn was refused: what is under way to it is no fault."""
        if (stream := self._open.get(number)) is not None:
            stream.fail("its turn was refused")
            self._close(number)

    def rooms(self) -> list[Room]:
        """Which take more again."""
        self._sweep()
        return [room for stream in self._open.values() if (room := stream.room()) is not None]

    def received(self) -> dict[str, int]:
        """Bytes that came of each that is open."""
        return {str(number): stream.received for number, stream in self._open.items()}

    def fail_all(self, reason: str) -> None:
        """The client is gone for good."""
        for number in list(self._open):
            self.fail(number, reason)

    def _sweep(self) -> None:
        for number in [number for number, stream in self._open.items() if stream.is_over]:
            self._close(number)
        for number, over in self._over.items():
            if over is not None and over.feed.queue.abandoned:
                self._over[number] = None

    def _close(self, number: int) -> None:
        self._over[number] = self._open.pop(number)
        while len(self._over) > _KNOWN:
            del self._over[next(iter(self._over))]
