"""Sessions: what a server knows of each client, connected or away for a moment. On one thread."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from mien.serve.limits import Limits
from mien.serve.media import Picture, Sound
from mien.serve.outbox import Outbox
from mien.serve.replies import Event, Told, Warned
from mien.serve.streams import Streams

_MOST_SOUNDS: Final = 300
"""Pieces of sound, each of a frame, that wait for a client: 10 s at 30 frames a second."""

Wake = Callable[[], object]


class Client:
    """A session. Parameters: `limits`; `events`: whether it is told what happens."""

    def __init__(self, limits: Limits, *, events: bool = True) -> None:
        self.session: Final = secrets.token_urlsafe(18)
        """Its secret."""
        self.outbox: Final = Outbox(limits)
        self.streams: Final = Streams(limits.streams)
        self.events = events
        self.wake: Wake | None = None
        """Called when there is something to send; None: it is away."""
        self.take_over: Wake | None = None
        """Ends the connection that it has, for another."""
        self.let_go: Wake | None = None
        """Ends the connection that it has, since it does not take what it is told."""
        self.sent = 0
        """The number of the last message that was handed to the network."""
        self.left_s = 0.0
        """When it went away."""
        self.pictures_dropped = 0
        """Pictures that it was too slow for."""
        self.sounds_dropped = 0
        """Samples that it was too slow for."""
        self._picture: Picture | None = None
        self._sounds: deque[Sound] = deque()

    def tell(self, reply: Told) -> None:
        """Have it told something, now or when it comes back."""
        if isinstance(reply, Event | Warned) and not self.events:
            return
        self.outbox.add(reply)
        if self.let_go is not None and self.outbox.oldest > self.sent + 1:
            let_go, self.let_go = self.let_go, None
            let_go()
        self._wake()

    def offer(self, piece: Picture | Sound) -> None:
        """A picture for it: it replaces one that waits still, which is dropped. Or sound: where too much
        waits, the oldest is dropped."""
        if isinstance(piece, Picture):
            self.pictures_dropped += self._picture is not None
            self._picture = piece
        else:
            self._sounds.append(piece)
            if len(self._sounds) > _MOST_SOUNDS:
                self.sounds_dropped += self._sounds.popleft().frames
        self._wake()

    def take_piece(self) -> bytes | None:
        """The binary message that is to be sent next: sound first."""
        if self._sounds:
            return self._sounds.popleft().message(self.sounds_dropped)
        picture, self._picture = self._picture, None
        return None if picture is None else picture.message(self.pictures_dropped)

    def forget_media(self) -> None:
        """It wants none any more, or is away: what waits is of no use."""
        self._picture = None
        self._sounds.clear()

    def _wake(self) -> None:
        if self.wake is not None:
            self.wake()


class TooManyClients(Exception):
    """As many sessions as may be."""


class Clients:
    """All sessions of a server. Parameter: `limits`."""

    def __init__(self, limits: Limits) -> None:
        self.limits: Final = limits
        self._all: dict[str, Client] = {}
        self.opened = 0
        """Sessions so far."""

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def connected(self) -> int:
        """How many are connected now. From any thread."""
        return sum(client.wake is not None for client in self)

    def open(self, now_s: float, *, events: bool = True) -> Client:
        """A new session; of those that are away the one that is gone for longest makes room. Raises
        TooManyClients."""
        self.expire(now_s)
        if len(self._all) >= self.limits.clients:
            away = [client for client in self._all.values() if client.wake is None]
            if not away:
                raise TooManyClients
            self._end(min(away, key=lambda client: client.left_s))
        client = Client(self.limits, events=events)
        self._all[client.session] = client
        self.opened += 1
        return client

    def find(self, session: str, now_s: float) -> Client | None:
        """The session with that secret, unless it has ended. As long whether there is one like it or not."""
        self.expire(now_s)
        wanted, found = session.encode(), None
        for client in self._all.values():
            if hmac.compare_digest(client.session.encode(), wanted):
                found = client
        return found

    def leave(self, client: Client, now_s: float) -> None:
        """Its connection has ended; it is kept for a while."""
        client.wake = client.take_over = client.let_go = None
        client.left_s = now_s
        client.forget_media()

    def expire(self, now_s: float) -> None:
        """End the sessions of those who were away for too long."""
        for client in tuple(self._all.values()):
            if client.wake is None and now_s - client.left_s > self.limits.linger_s:
                self._end(client)

    def tell_all(self, reply: Told) -> None:
        """Have all of them told."""
        for client in tuple(self._all.values()):
            client.tell(reply)

    def _end(self, client: Client) -> None:
        del self._all[client.session]
        client.streams.fail_all("its client is gone")
