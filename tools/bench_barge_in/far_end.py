"""Who sees and hears a bot, by aiortc: when each packet came, and what was in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import numpy as np
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

MARK: Final = 0.1
"""Of a picture's height: a square at its top left, white while the mouth is open."""
LOUD: Final = 300
"""Of 32767: what is more is speech."""
_RATE: Final = 48_000


class Came(NamedTuple):
    """A picture, or 20 ms of sound."""

    at_s: float
    """When its last packet came, by the machine's monotonic clock: what is decoded later waits in buffers
    for the next."""
    speaks: bool
    """The mouth is open there, or speech is heard."""


class FarEnd:
    """An async context manager: leaving it, the far end hangs up."""

    def __init__(self) -> None:
        self.heard: list[Came] = []
        self.seen: list[Came] = []
        self.pictures_that_differ = 0
        """From the one before."""
        self.gaps = 0
        """Pieces of sound that do not begin where the one before ended."""
        self._first = self._last = self._now = 0
        """Samples: where the first and the last speech is, and where the newest sound ends."""
        self._before: Any = None
        self._tasks: list[asyncio.Task[None]] = []
        self._came = asyncio.Event()

    @property
    def speech_s(self) -> float:
        """From the first speech that was heard to the last, by the sound's own clock."""
        return (self._last - self._first) / _RATE

    @property
    def silent_s(self) -> float:
        """Since the last speech, by the sound's own clock."""
        return (self._now - self._last) / _RATE

    async def __aenter__(self) -> Self:
        self._peer = peer = RTCPeerConnection()
        packets: dict[str, dict[int, float]] = {}

        @peer.on("track")
        def came(track: Any) -> None:
            self._tasks.append(asyncio.create_task(self._read(track, packets[track.kind])))

        peer.addTrack(AudioStreamTrack())  # a microphone in a quiet room
        peer.addTransceiver("video", direction="recvonly")
        for transceiver in peer.getTransceivers():
            packets[transceiver.kind] = times_of(transceiver.receiver)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._peer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def offer(self) -> str:
        """The SDP of its offer."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        """Take the answer."""
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def wait_for(self, is_there: Callable[[], bool]) -> None:
        """Until what has come is enough; three minutes at most."""
        async with asyncio.timeout(180):
            while not is_there():
                self._came.clear()
                await self._came.wait()

    async def _read(self, track: Any, packets: dict[int, float]) -> None:
        try:
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self._hear(frame, packets)
                else:
                    self._see(frame, packets)
                self._came.set()
        except MediaStreamError:
            pass

    def _see(self, frame: Any, packets: dict[int, float]) -> None:
        self.seen += came_of(frame, packets)
        picture = frame.to_ndarray(format="rgb24")
        self.pictures_that_differ += self._before is not None and bool(np.any(picture != self._before))
        self._before = picture

    def _hear(self, frame: Any, packets: dict[int, float]) -> None:
        came = came_of(frame, packets)
        self.heard += came
        self.gaps += self._now not in (0, frame.pts)
        self._now = frame.pts + frame.samples
        if any(one.speaks for one in came):
            self._first = self._first or frame.pts
            self._last = self._now


def times_of(receiver: RTCRtpReceiver) -> dict[int, float]:
    """When the last packet of each time stamp came, which count from the first, as of decoded frames: it is
    filled from now on."""
    handle, origin, packets = receiver._handle_rtp_packet, list[int](), dict[int, float]()

    async def timed(packet: Any, arrival_time_ms: int) -> None:
        if not origin:
            origin.append(packet.timestamp)
        packets[(packet.timestamp - origin[0]) & 0xFFFFFFFF] = time.monotonic()
        await handle(packet, arrival_time_ms)

    receiver._handle_rtp_packet = timed
    return packets


def came_of(frame: Any, packets: dict[int, float]) -> list[Came]:
    """A decoded frame, where it is known when it came."""
    at = packets.get(frame.pts & 0xFFFFFFFF)
    if at is None:
        return []
    if hasattr(frame, "samples"):
        return [Came(at, int(np.abs(frame.to_ndarray().astype(np.int32)).max()) > LOUD)]
    edge = int(frame.height * MARK)
    mark = frame.reformat(format="gray").to_ndarray()[edge // 4 : 3 * edge // 4, edge // 4 : 3 * edge // 4]
    return [Came(at, float(mark.mean()) > 128)]


def watch(pipe: Connection) -> None:
    """Offer a connection, and say what came by it once that is asked for."""
    asyncio.run(_watch(pipe))


async def _watch(pipe: Connection) -> None:
    async with FarEnd() as far:
        pipe.send(await far.offer())
        await far.answered(await asyncio.to_thread(pipe.recv))
        await asyncio.to_thread(pipe.recv)  # it is enough
        pipe.send((far.heard, far.seen))
