"""Feeds across two processes: what a host pushes is sent on as the engine has room for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.audio import EncodedFeed, PcmFeed
from mien.audio.feeds import MOST_BYTES, MOST_S
from mien.audio.queues import LONGEST_JUMP_S, ByteQueue, PcmQueue
from mien.backend.coding import encoded
from mien.backend.messages import EncodedSound, FeedEnds, PcmSound, Pushed, Room, Sound, Told
from mien.errors import MienError
from mien.threads import start_thread

_CHUNK: Final = 1 << 16
"""Bytes that are taken from an encoded feed at once."""
_AHEAD_S: Final = 30.0
"""Seconds of samples, and ..."""
_AHEAD_BYTES: Final = 1 << 20
"""... encoded bytes that the engine has and has not decoded, at most. The rest stays in the host's feed, so
that `wait_for_room` says there what it says in one process."""

_MOST_KEPT: Final = 2 * MOST_BYTES
"""Bytes of a feed that are kept for another engine: 5 minutes of float32 at 48 kHz. An engine has two minutes
at most that were not heard."""
_MOST_TOLD: Final = 10_000
"""Pieces of timings that are kept for another engine."""

Piece = Pushed | Told | FeedEnds


class Pump:
    """The host's side: takes what is pushed into a feed's queue, on a thread, and hands it to `send`.

    It keeps what it has sent, for an engine that takes the place of this one, until `close`. `begins` is
    called when it does.
    """

    def __init__(
        self,
        number: int,
        queue: PcmQueue | ByteQueue,
        send: Callable[[bytes], object],
        begins: Callable[[], object] | None = None,
    ) -> None:
        self._begins = begins
        self._number, self._queue, self._send = number, queue, send
        self._ahead = _AHEAD_BYTES if isinstance(queue, ByteQueue) else round(_AHEAD_S * queue.rate)
        self._kept: deque[Piece] = deque()
        self._size = 0  # of what is kept, in bytes
        self._is_cut = False
        self._told: deque[Told] = deque(maxlen=_MOST_TOLD)
        self._sent = self._taken = 0
        self._changed = threading.Condition()
        self._over = False
        queue.attach(self._woken)  # refuses a feed that is spoken already
        queue.told.forward = self._tell
        self._thread = threading.Thread(target=self._run, name="mien-pump", daemon=True)

    def start(self) -> None:
        """Begin to take."""
        start_thread(self._thread)
        if self._begins is not None:
            self._begins()

    def give_back(self, *, perhaps: bool) -> None:
        """The turn was refused, before `start`: the feed may be given to another. `perhaps`: nobody knows,
        and an engine that has it must not wait for it."""
        with self._changed:
            self._over = True
        self._queue.detach()
        if perhaps:
            self._send(encoded(FeedEnds(self._number, "its host was broken off")))

    def room(self, taken: int) -> None:
        """The engine's feed has handed on so much."""
        with self._changed:
            self._taken = taken
            self._changed.notify_all()

    def again(self, send: Callable[[bytes], object]) -> None:
        """Another engine takes the place of the one before: it is sent everything, from the beginning."""
        with self._changed:
            self._send, self._taken = send, 0
            if self._is_cut:
                self._begin_behind(send)
            for piece in self._kept:
                send(encoded(piece))
            for told in self._told:
                send(encoded(told))

    def _tell(self, scheme: str, marks: Sequence[tuple[str, float, float]]) -> None:
        """Pass on what the host tells of the mouth."""
        with self._changed:
            if not self._over:
                self._told.append(told := Told(self._number, scheme, tuple(marks)))
                self._send(encoded(told))

    def close(self) -> None:
        """The turn is over: nothing more is taken, and nothing kept. Idempotent."""
        with self._changed:
            self._over = True
            self._kept.clear()
            self._told.clear()
            self._changed.notify_all()
        self._queue.abandon()

    def _woken(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        pieces = self._bytes() if isinstance(self._queue, ByteQueue) else self._samples(self._queue)
        for size, piece in pieces:
            with self._changed:
                self._changed.wait_for(lambda: self._over or self._sent - self._taken < self._ahead)
                if self._over:
                    return
                self._sent += size
                self._keep(piece)
                self._send(encoded(piece))
        with self._changed:
            if not self._over:
                self._kept.append(end := FeedEnds(self._number, self._queue.failure))
                self._send(encoded(end))

    def _keep(self, piece: Pushed) -> None:
        """Keep it for another engine; what is oldest was heard long ago, and goes."""
        self._kept.append(piece)
        self._size += len(piece.data)
        while self._size > _MOST_KEPT:
            oldest = self._kept.popleft()
            self._size -= len(oldest.data) if isinstance(oldest, Pushed) else 0
            self._is_cut = True

    def _begin_behind(self, send: Callable[[bytes], object]) -> None:
        """Have an engine begin with a feed whose beginning is not kept, which it passes over."""
        first = self._kept[0] if self._kept else None
        if not isinstance(self._queue, PcmQueue) or not isinstance(first, Pushed) or first.at is None:
            send(encoded(FeedEnds(self._number, "its engine ended, and its beginning is not kept any more")))
            return
        step = (LONGEST_JUMP_S - 1) * self._queue.rate
        for at in range(step, first.at, step):  # a sample now and then: positions may not jump further
            send(encoded(Pushed(self._number, bytes(2), 2, at)))

    def _bytes(self) -> Iterator[tuple[int, Pushed]]:
        queue = self._queue
        assert isinstance(queue, ByteQueue)
        while not self._over and (data := queue.read(_CHUNK)):
            yield len(data), Pushed(self._number, data)

    def _samples(self, queue: PcmQueue) -> Iterator[tuple[int, Pushed]]:
        while not self._over:
            with self._changed:
                self._changed.wait_for(lambda: self._over or queue.peek() is not None or queue.ended)
            chunk = queue.peek()
            if chunk is None:
                return
            samples = chunk.samples
            yield len(samples), Pushed(self._number, samples.tobytes(), samples.itemsize, chunk.at)
            queue.drop()


@dataclass(frozen=True, slots=True)
class _Timings:
    scheme: str
    marks: tuple[tuple[str, float, float], ...]


class Feeds:
    """The engine's side: feeds by number, filled as messages come. Which have handed on how much is asked
    for by `rooms`."""

    def __init__(self) -> None:
        self._feeds: dict[int, PcmFeed | EncodedFeed] = {}
        self._early: dict[int, list[Piece]] = {}
        self._pushed: dict[int, int] = {}
        self._told: dict[int, int] = {}
        self._latest = 0
        """The greatest number so far: they are opened in their order."""
        self._lock = threading.Lock()

    def open(self, sound: PcmSound | EncodedSound) -> PcmFeed | EncodedFeed:
        """The feed of a turn."""
        kind = "live" if sound.kind == "live" else "speech"
        feed: PcmFeed | EncodedFeed
        if isinstance(sound, PcmSound):
            feed = PcmFeed(sound.rate, kind=kind, most_s=10 * MOST_S)  # type: ignore[arg-type]
        else:
            feed = EncodedFeed(sound.format, kind=kind, most_bytes=2 * MOST_BYTES)  # type: ignore[arg-type]
        with self._lock:
            self._feeds[sound.feed], self._pushed[sound.feed] = feed, 0
            self._latest = max(self._latest, sound.feed)
            early = self._early.pop(sound.feed, ())
        for piece in early:
            self.take(piece)
        return feed

    def take(self, piece: Piece) -> None:
        """More of a feed, or its end. It is kept for one that is to be opened, and nothing of one that was
        closed."""
        with self._lock:
            feed = self._feeds.get(piece.feed)
            if feed is None and piece.feed <= self._latest:
                return
            if feed is None:
                self._early.setdefault(piece.feed, []).append(piece)
                return
        with suppress(MienError):  # it ended meanwhile: its turn was interrupted
            match piece:
                case Told(scheme=scheme, marks=marks):
                    feed.push_timings(_Timings(scheme, marks))  # type: ignore[arg-type]
                case FeedEnds(failure=None):
                    feed.end()
                case FeedEnds(failure=str(reason)):
                    feed.queue.end(reason)
                case Pushed() if isinstance(feed, PcmFeed):
                    samples = np.frombuffer(piece.data, np.int16 if piece.depth == 2 else np.float32)
                    self._count(piece.feed, len(samples))
                    feed.push(samples, piece.at)
                case Pushed() if isinstance(feed, EncodedFeed):
                    self._count(piece.feed, len(piece.data))
                    feed.push(piece.data)

    def _count(self, number: int, n: int) -> None:
        with self._lock:
            if number in self._pushed:  # or it was forgotten meanwhile
                self._pushed[number] += n

    def close(self, sound: Sound) -> None:
        """Forget the feed of a turn that was refused, if it has one."""
        if isinstance(sound, PcmSound | EncodedSound):
            self._forget(sound.feed)

    def _forget(self, number: int) -> None:
        with self._lock:
            for known in (self._feeds, self._pushed, self._told):
                known.pop(number, None)

    def rooms(self) -> Iterator[Room]:
        """Of which feeds more has been handed on since this was asked last. Ended ones, and those of turns
        that are over, are forgotten."""
        for number, feed in list(self._feeds.items()):
            taken = self._pushed.get(number, 0) - feed.queue.held
            if taken != self._told.get(number, 0):
                self._told[number] = taken
                yield Room(number, taken)
            if feed.queue.abandoned or (feed.ended and not feed.queue.held):
                self._forget(number)
