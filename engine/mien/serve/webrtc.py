"""Picture and sound to web pages, by WebRTC: a peer connection of a session, answered with its offer.

Frames come at the engine's pace and are turned to the encoders' colours once for all peers, on a thread of
its own. A peer's encoder is given the newest picture when it asks, and never an old one.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any, Final, TypeAlias

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import ScriptError
from mien.messages import printable
from mien.serve.frames import Frames, Shown
from mien.threads import start_thread
from mien.types import F32, U8, Size

_BLOCK: Final = 960
"""Samples of a piece of sound: what Opus takes at a time, 20 ms."""
_MOST_BLOCKS: Final = 25
"""Pieces that wait for a peer's encoder, half a second: of more the oldest go."""
_MOST_OFF: Final = 2400
"""Samples by which the sound may be behind the pictures before silence is put in: 50 ms."""
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE)
Samples: TypeAlias = np.ndarray[Any, np.dtype[np.int16]]
"""(n, 2) at 48 kHz."""


class Broadcast:
    """Frames as all peers are sent them. Takes frames while there is a peer.

    Parameters: `frames` of the stage, `size` and `rate` of it; `loop`, on whose thread peers live.
    """

    def __init__(self, frames: Frames, size: Size, rate: FrameRate, loop: asyncio.AbstractEventLoop) -> None:
        self._frames, self._rate, self._loop = frames, rate, loop
        self._peers: tuple[Peer, ...] = ()
        self._news = threading.Condition()
        self._copy: U8 = np.empty((size.height, size.width, 4), np.uint8)
        self._waits: int | None = None
        """When the picture in `_copy` is shown, in samples; None: it was taken."""
        self._over = False
        self._heard = 0
        """Samples of sound so far."""
        self._first: int | None = None
        self._rest = np.zeros((0, 2), np.int16)
        self.pictures_dropped = 0
        """Pictures that came while the one before was still turned to other colours."""
        self._thread = threading.Thread(target=self._convert, name="mien-serve-colours", daemon=True)
        start_thread(self._thread)

    def join(self, peer: Peer) -> None:
        """Send to a peer from now on. On the loop's thread."""
        self._peers = (*self._peers, peer)
        if len(self._peers) == 1:
            self._frames.add(self)

    def leave(self, peer: Peer) -> None:
        """And no more. Idempotent."""
        before, self._peers = self._peers, tuple(one for one in self._peers if one is not peer)
        if before and not self._peers:
            self._frames.remove(self)
            self._first = None

    def end(self) -> None:
        """End the thread. Idempotent."""
        self._frames.remove(self)
        with self._news:
            self._over = True
            self._news.notify()
        self._thread.join()

    def show(self, shown: Shown) -> None:
        """A frame, on the stage's thread, which does not wait."""
        if self._first is None:  # a first peer, or one after a pause without any
            self._first, self._heard, self._rest = shown.number, 0, self._rest[:0]
        at = self._rate.sample(shown.number - self._first)
        if self._news.acquire(blocking=False):
            try:
                if self._waits is None:
                    np.copyto(self._copy, shown.picture)
                    self._waits = at
                    self._news.notify()
                else:
                    self.pictures_dropped += 1
            finally:
                self._news.release()
        else:
            self.pictures_dropped += 1
        blocks = self._blocks(shown.sound, at)
        if blocks:
            self._post(partial(self._hear, blocks))

    def _blocks(self, sound: F32, at: int) -> list[tuple[int, Samples]]:
        """Whole pieces of sound, each with its first sample's number."""
        if (lacks := at - self._heard) > _MOST_OFF:  # frames without their sound
            self._rest = np.concatenate([self._rest, np.zeros((lacks, 2), np.int16)])
            self._heard += lacks
        plain = np.round(np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16)
        start = self._heard - len(self._rest)
        self._heard += len(plain)
        together = np.concatenate([self._rest, plain])
        whole = len(together) - len(together) % _BLOCK
        self._rest = together[whole:]
        return [(start + k, together[k : k + _BLOCK]) for k in range(0, whole, _BLOCK)]

    def _convert(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waits is not None or self._over)
                if self._over:
                    return
                at = self._waits
                assert at is not None
                # On the colours of its background: video has no alpha.
                frame = av.VideoFrame.from_ndarray(self._copy, format="rgba").reformat(format="yuv420p")
                self._waits = None
            frame.pts, frame.time_base = at, _TIME_BASE
            self._post(partial(self._see, frame))

    def _hear(self, blocks: list[tuple[int, Samples]]) -> None:
        for peer in self._peers:
            for start, block in blocks:
                peer.hear(block, start)

    def _see(self, frame: av.VideoFrame) -> None:
        for peer in self._peers:
            peer.see(frame)

    def _post(self, call: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)


class _Track(MediaStreamTrack):
    """What waits for an encoder, of which at most so much. On the loop's thread."""

    def __init__(self, kind: str, most: int) -> None:
        self.kind = kind
        super().__init__()
        self._kept: deque[Any] = deque(maxlen=most)
        self._news = asyncio.Event()
        self.dropped = 0
        """Frames, or pieces of sound, that the encoder came too late for."""

    def put(self, frame: Any) -> None:
        """One more; the oldest goes where it is too much."""
        self.dropped += len(self._kept) == self._kept.maxlen
        self._kept.append(frame)
        self._news.set()

    async def recv(self) -> Any:
        """The next, when there is one."""
        while not self._kept:
            if self.readyState != "live":
                raise MediaStreamError
            self._news.clear()
            await self._news.wait()
        return self._kept.popleft()

    def stop(self) -> None:
        """Nobody takes any more."""
        super().stop()
        self._news.set()


class Peer:
    """One page. Parameters: `broadcast`; `servers`, addresses of STUN and TURN."""

    def __init__(self, broadcast: Broadcast, servers: tuple[str, ...]) -> None:
        self._broadcast = broadcast
        ice = [RTCIceServer(urls=server) for server in servers]
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=ice))
        self._video, self._audio = _Track("video", 1), _Track("audio", _MOST_BLOCKS)
        self._connection.on("connectionstatechange", self._changed)
        self._ended = False

    async def answer(self, sdp: str) -> str:
        """The answer to an offer; frames are sent from now on. Raises ScriptError."""
        connection = self._connection
        try:
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            kinds = {one.kind for one in connection.getTransceivers()}
            if "video" not in kinds:
                raise ValueError("it asks for no video")
            for track in (self._video, self._audio):
                if track.kind in kinds:
                    connection.addTrack(track)
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # a stranger's text, and a parser that says so in many ways
            await self.close()
            why = str(error) or type(error).__name__
            raise ScriptError(
                f"this offer cannot be answered ({printable(why, 200)}): send the sdp of createOffer()."
            ) from error
        self._broadcast.join(self)
        return str(connection.localDescription.sdp)

    @property
    def state(self) -> str:
        """As RTCPeerConnection.connectionState has it."""
        return str(self._connection.connectionState)

    @property
    def dropped(self) -> int:
        """Pictures that this peer's encoder was too slow for."""
        return self._video.dropped

    def see(self, frame: av.VideoFrame) -> None:
        """A picture."""
        self._video.put(frame)

    def hear(self, block: Samples, start: int) -> None:
        """20 ms of sound, (960, 2), from a sample on."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, _TIME_BASE
        self._audio.put(frame)

    async def close(self) -> None:
        """End it. Idempotent."""
        if not self._ended:
            self._ended = True
            self._broadcast.leave(self)
            self._video.stop()
            self._audio.stop()
            await self._connection.close()

    async def _changed(self) -> None:
        if self.state in ("failed", "closed"):
            await self.close()


class Peers:
    """The peer connections of a server's sessions, one each. On the loop's thread.

    Parameter: `servers`, addresses of STUN and TURN, for pages elsewhere than in this network.
    """

    def __init__(self, servers: tuple[str, ...] = ()) -> None:
        self._servers = servers
        self._broadcast: Broadcast | None = None
        self._peers: dict[str, Peer] = {}
        self.opened = 0
        """Peers so far."""

    def begin(self, frames: Frames, size: Size, rate: FrameRate, loop: asyncio.AbstractEventLoop) -> None:
        """The stage is there. Idempotent."""
        if self._broadcast is None:
            self._broadcast = Broadcast(frames, size, rate, loop)

    async def answer(self, session: str, sdp: str) -> str:
        """The answer to a session's offer, which replaces the connection that it has. Raises ScriptError."""
        assert self._broadcast is not None
        await self.close(session)
        peer = Peer(self._broadcast, self._servers)
        answer = await peer.answer(sdp)
        self._peers[session] = peer
        self.opened += 1
        return answer

    @property
    def pictures_dropped(self) -> int:
        """For peers that there are."""
        late = 0 if self._broadcast is None else self._broadcast.pictures_dropped
        return late + sum(peer.dropped for peer in self._peers.values())

    @property
    def connected(self) -> int:
        """How many see the stage."""
        return sum(peer.state == "connected" for peer in self._peers.values())

    async def keep(self, sessions: set[str]) -> None:
        """Close those of all other sessions."""
        for session in set(self._peers) - sessions:
            await self.close(session)

    async def close(self, session: str) -> None:
        """Close that of a session. Idempotent."""
        if (peer := self._peers.pop(session, None)) is not None:
            await peer.close()

    async def end(self) -> None:
        """Close all."""
        await self.keep(set())
        if self._broadcast is not None:
            await asyncio.to_thread(self._broadcast.end)
