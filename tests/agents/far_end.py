"""Somebody who sees and hears a bot, by aiortc."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

_LOUD = 300
"""Of 32767: what is more is speech."""
_RATE = 48_000


class FarEnd:
    """An async context manager: leaving it, the far end hangs up. Times are of the sound's own clock."""

    def __init__(self) -> None:
        self.seen = 0
        """Pictures that came."""
        self.pictures_that_differ = 0
        """From the one before."""
        self.gaps = 0
        """Pieces of sound that do not begin where the one before ended."""
        self._first = self._last = self._now = 0
        """Samples: where the first and the last speech is, and where the newest sound ends."""
        self._tasks: list[asyncio.Task[None]] = []
        self._came = asyncio.Event()

    @property
    def speech_s(self) -> float:
        """From the first speech that was heard to the last."""
        return (self._last - self._first) / _RATE

    @property
    def silent_s(self) -> float:
        """Since the last speech."""
        return (self._now - self._last) / _RATE

    async def __aenter__(self) -> Self:
        self._peer = peer = RTCPeerConnection()

        @peer.on("track")
        def came(track: Any) -> None:
            self._tasks.append(asyncio.create_task(self._read(track)))

        peer.addTrack(AudioStreamTrack())  # a microphone in a quiet room
        peer.addTransceiver("video", direction="recvonly")
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

    async def _read(self, track: Any) -> None:
        before = None
        try:
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self._hear(frame)
                else:
                    picture = frame.to_ndarray(format="rgb24")
                    self.seen += 1
                    self.pictures_that_differ += before is not None and bool(np.any(picture != before))
                    before = picture
                self._came.set()
        except MediaStreamError:
            pass

    def _hear(self, frame: Any) -> None:
        self.gaps += self._now not in (0, frame.pts)
        self._now = frame.pts + frame.samples
        if int(np.abs(frame.to_ndarray().astype(np.int32)).max()) > _LOUD:
            self._first = self._first or frame.pts
            self._last = self._now
