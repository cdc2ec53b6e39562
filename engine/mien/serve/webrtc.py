"""Picture and sound to web pages, by WebRTC: a peer connection of a session, answered with its offer.

Frames come at the engine's pace and are turned to the encoders' colours once for all peers, on a thread of
its own. A peer's encoder is given the newest picture when it asks, and never an old one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import ScriptError
from mien.messages import printable
from mien.serve.broadcast import TIME_BASE, Broadcast
from mien.serve.frames import Frames
from mien.serve.steady import Samples
from mien.types import Size

_MOST_BLOCKS: Final = 25
"""Pieces that wait for a peer's encoder, half a second: of more the oldest go."""
_MOST_PARTS: Final = 8
"""Of an offer: pictures, sound, and what is not answered. Each may take sockets of its own."""


class _Track(MediaStreamTrack):  # type: ignore[misc]  # not read for its types
    """What waits for an encoder, of which at most so much. On the loop's thread."""

    def __init__(self, kind: str, most: int) -> None:
        self.kind = kind
        super().__init__()
        self._kept: deque[Any] = deque(maxlen=most)
        self._news = asyncio.Event()
        self.dropped = 0
        """Frames, or pieces of sound, that the encoder came too late for."""
        self.taken = 0
        """Those that it has taken."""

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
        self.taken += 1
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
            # As aiortc finds them: at all that Python takes for the end of a line.
            if sum(line.startswith("m=") for line in sdp.splitlines()) > _MOST_PARTS:
                raise ValueError(f"it has more than {_MOST_PARTS} parts")
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            kinds = {one.kind for one in connection.getTransceivers()}
            if "video" not in kinds:
                raise ValueError("it asks for no video")
            for track in (self._video, self._audio):
                if track.kind in kinds:
                    connection.addTrack(track)
            for one in connection.getTransceivers():  # what a page sends would be decoded, and kept for ever
                one.direction = "sendonly" if one.sender.track is not None else "inactive"
            await connection.setLocalDescription(await connection.createAnswer())
            if self._ended:
                raise ValueError("another came meanwhile, or its session has ended")
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

    @property
    def taken(self) -> int:
        """Pictures that this peer's encoder has taken."""
        return self._video.taken

    def see(self, frame: av.VideoFrame) -> None:
        """A picture."""
        self._video.put(frame)

    def hear(self, block: Samples, start: int) -> None:
        """20 ms of sound, (960, 2), from a sample on."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, TIME_BASE
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
        before, peer = self._peers.get(session), Peer(self._broadcast, self._servers)
        self._peers[session] = peer  # at once: the next offer may come while this one is answered
        try:
            if before is not None:
                await before.close()
            answer = await peer.answer(sdp)
        except BaseException:
            if self._peers.get(session) is peer:
                await self.close(session)
            raise
        self.opened += 1
        return answer

    @property
    def pictures_dropped(self) -> int:
        """For peers that there are."""
        late = 0 if self._broadcast is None else self._broadcast.pictures_dropped
        return late + sum(peer.dropped for peer in tuple(self._peers.values()))

    @property
    def pictures_taken(self) -> int:
        """Pictures that the encoders have taken, of peers that there are."""
        return sum(peer.taken for peer in tuple(self._peers.values()))

    @property
    def connected(self) -> int:
        """How many see the stage. From any thread, as `pictures_dropped`."""
        return sum(peer.state == "connected" for peer in tuple(self._peers.values()))

    @property
    def sessions(self) -> set[str]:
        """Those that have one."""
        return set(self._peers)

    async def close(self, session: str) -> None:
        """Close that of a session; it is of no session at once. Idempotent."""
        if (peer := self._peers.pop(session, None)) is not None:
            await peer.close()

    async def end(self) -> None:
        """Close all."""
        await asyncio.gather(*map(self.close, self.sessions), return_exceptions=True)
        if self._broadcast is not None:
            await asyncio.to_thread(self._broadcast.end)
