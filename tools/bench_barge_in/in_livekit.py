"""A face as a LiveKit session's voice, in a room by LiveKit's own WebRTC, interrupted as the session does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np

import mien
from bench_barge_in.edges import Edges
from bench_barge_in.far_end import Came, came_of, times_of

ROOT = Path(__file__).parents[2]
RATE = 24_000


def watch_room(pipe: Connection) -> None:
    """Be the room's server, say where it is, and what came once that is asked for."""
    asyncio.run(_watch_room(pipe))


FAR_END = watch_room


async def _watch_room(pipe: Connection) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from agents.room_server import RoomServer

    came: dict[str, list[Came]] = {"audio": [], "video": []}

    class Room(RoomServer):
        """Notes when what comes came, and keeps no picture."""

        async def _read(self, track: Any, socket: Any) -> None:
            (receiver,) = [one for one in self.peer.getReceivers() if one.track is track]
            self.packets[track.kind] = times_of(receiver)
            await super()._read(track, socket)

        def note(self, track: Any, frame: Any) -> None:
            came[track.kind] += came_of(frame, self.packets[track.kind])

    server = Room()
    server.packets = {}
    async with server:
        pipe.send(server.url)
        await asyncio.to_thread(pipe.recv)  # it is enough
        pipe.send((came["audio"], came["video"]))


async def run(pipe: Connection, interrupt: Callable[..., Awaitable[None]]) -> Edges:
    """Run it, with the room at the other end of the pipe. `interrupt(edges, stop, again)` is called once."""
    from livekit import rtc

    from mien.agents.livekit import AvatarSession

    room, session = rtc.Room(), _session_of(rtc.EventEmitter)
    await room.connect(await asyncio.to_thread(pipe.recv), "any token")
    avatar = AvatarSession("wren", size=(640, 480), background="evening_room")
    edges = Edges(avatar._generator.face)
    edges.note_sent(rtc.VideoSource, "capture_frame", lambda frame: int(frame.data[0]))
    await avatar.start(session, room)
    said = sentence()

    async def again() -> None:
        for at in range(0, len(said), RATE // 50):
            piece = said[at : at + RATE // 50]
            await session.tail.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece)))
        session.tail.flush()

    async def stop() -> None:
        session.tail.clear_buffer()

    await again()
    await interrupt(edges, stop, again)
    await avatar.aclose()
    await room.disconnect()
    return edges


def _session_of(emitter: Any) -> Any:
    """As much of an AgentSession as an avatar is given."""
    session = emitter()
    session.output = session
    session.replace_audio_tail = lambda tail: setattr(session, "tail", tail)
    return session


def sentence() -> Any:
    """Of a bundled conversation, (n,) int16 at RATE."""
    with av.open(str(mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus")) as file:
        resampler = av.AudioResampler("s16", "mono", RATE)
        parts = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])
