"""LiveKit without a server: a room, two rooms that reach one another, and players on a clock of the tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc

from agents.virtual import Pace


class Room(rtc.EventEmitter[str]):
    """A participant's, who is its own `local_participant`."""

    def __init__(self, identity: str) -> None:
        super().__init__()
        self.identity = identity
        self.name = "room"
        self.kind = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        self.state = rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE
        self.local_participant = self
        self.remote_participants: dict[str, Room] = {}
        self._rpc_handlers: dict[str, Callable[[Any], str]] = {}
        self._streams: dict[str, Callable[[Any, str], None]] = {}
        self.published: list[Any] = []
        self.track_publications: dict[str, Any] = {}
        self.lost = 0
        """Ends of streams that are still to be lost."""

    def reaches(self, other: Room) -> None:
        self.remote_participants[other.identity] = other
        other.remote_participants[self.identity] = self

    def isconnected(self) -> bool:
        return True

    async def publish_track(self, track: Any, options: Any) -> Any:
        publication = SimpleNamespace(
            track=track, sid=track.kind, kind=track.kind, wait_for_subscription=at_once
        )
        self.published.append(publication)
        return publication

    # -- streams and calls, as far as avatars use them --------------------------------------------

    def register_rpc_method(self, name: str, handler: Callable[[Any], str]) -> None:
        self._rpc_handlers[name] = handler

    def register_byte_stream_handler(self, topic: str, handler: Callable[[Any, str], None]) -> None:
        self._streams[topic] = handler

    async def perform_rpc(self, *, destination_identity: str, method: str, payload: str) -> str:
        await asyncio.sleep(0)
        other = self.remote_participants[destination_identity]
        call = SimpleNamespace(caller_identity=self.identity, payload=payload)
        return other._rpc_handlers[method](call)

    async def stream_bytes(
        self, *, name: str, topic: str, destination_identities: list[str], attributes: dict[str, str]
    ) -> Stream:
        stream = Stream(name, attributes)
        stream.is_lost, self.lost = self.lost > 0, max(0, self.lost - 1)
        self.remote_participants[destination_identities[0]]._streams[topic](stream, self.identity)
        return stream


async def at_once() -> None:
    pass


class Stream:
    """Bytes from one to the other."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.info = SimpleNamespace(stream_id=name, attributes=attributes)
        self.is_lost = False
        self._data: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def write(self, data: bytes) -> None:
        self._data.put_nowait(data)

    async def aclose(self) -> None:
        if not self.is_lost:
            self._data.put_nowait(None)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self  # type: ignore[return-value]

    async def __anext__(self) -> bytes:
        if (data := await self._data.get()) is None:
            raise StopAsyncIteration
        return data


class Players:
    """In the place of LiveKit's audio source and video source: what is heard and seen when. Between them and
    the face is LiveKit's own synchronizer, on the clock of the tests."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.heard: deque[tuple[float, bytes]] = deque()
        """From when what sounds; what is dropped is cut off."""
        self.seen: list[tuple[float, int]] = []
        """When which picture: the value at its top left."""
        self._until_s = 0.0
        self.dry = 0

    def take_places(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the sources, and of the time in LiveKit's synchronizer."""
        sources = {
            "AudioSource": SimpleNamespace(capture_frame=self._hear, clear_queue=self._drop, aclose=at_once),
            "VideoSource": SimpleNamespace(capture_frame=self._see, aclose=at_once),
        }
        for name, source in sources.items():
            monkeypatch.setattr(rtc, name, lambda *_, source=source, **__: source)
        clock = SimpleNamespace(perf_counter=lambda: self.pace.now_s)
        loop = SimpleNamespace(Queue=asyncio.Queue, create_task=asyncio.create_task, sleep=self.pace.sleep)
        monkeypatch.setattr("livekit.rtc.synchronizer.time", clock)
        monkeypatch.setattr("livekit.rtc.synchronizer.asyncio", loop)

    def _see(self, frame: rtc.VideoFrame) -> None:
        self.seen.append((self.pace.now_s, frame.data[0]))

    async def _hear(self, frame: rtc.AudioFrame) -> None:
        start = max(self.pace.now_s, self._until_s)
        self.dry += start > self._until_s
        self.heard.append((start, bytes(frame.data)))
        self._until_s = start + frame.duration

    def _drop(self) -> None:
        now, kept = self.pace.now_s, deque[tuple[float, bytes]]()
        for start, data in self.heard:
            n = max(0, round((now - start) * 24_000)) * 2
            if data := data[:n]:
                kept.append((start, data))
        self.heard, self._until_s = kept, now

    def take_heard(self) -> bytes:
        """What was heard by now, since the last call."""
        now, out = self.pace.now_s, b""
        later = deque[tuple[float, bytes]]()
        for start, data in self.heard:
            n = max(0, round((now - start) * 24_000)) * 2
            out += data[:n]
            if data[n:]:
                later.append((start + len(data[:n]) / 48_000, data[n:]))
        self.heard = later
        return out
