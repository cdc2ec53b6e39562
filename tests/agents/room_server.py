"""A room of LiveKit's on this machine, in the place of `livekit-server`: its signalling, as far as one
participant needs that publishes, aiortc, which decodes what LiveKit's own WebRTC sends, and what tells a
worker of agents that somebody waits for one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
from aiohttp import WSMsgType, web
from aiortc import RTCPeerConnection, RTCSessionDescription, codecs
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters
from aiortc.sdp import candidate_from_sdp
from livekit.protocol import agent, models, rtc

from mien.types import U8

_STREAM_IDS = ("rtp-stream-id", "repaired-rtp-stream-id")
"""LiveKit's WebRTC offers pictures in several sizes only where these were agreed on before."""


class Seen(NamedTuple):
    """A picture that came."""

    at: int
    """On its track's clock."""
    picture: U8
    """(h, w, 3) uint8."""


class Heard(NamedTuple):
    """20 ms of sound that came."""

    at: int
    """On its track's clock: samples at 48 kHz."""
    samples: int
    loudest: int
    """Of 32767."""


class RoomServer:
    """An async context manager; `url` is what a room is connected to, with any token. A worker of agents that
    registers is given one job: the room. Parameter: `token`, what that job joins with."""

    def __init__(self, token: str = "") -> None:
        self._token = token
        self.seen: list[Seen] = []
        self.heard: list[Heard] = []
        self.published: list[str] = []
        self.url = ""
        self._sids: dict[str, str] = {}
        """Of the track of each kind."""
        self._reading: list[asyncio.Task[None]] = []
        self._came = asyncio.Event()
        known = codecs.HEADER_EXTENSIONS["video"]
        for number, name in enumerate(_STREAM_IDS, 10):
            uri = f"urn:ietf:params:rtp-hdrext:sdes:{name}"
            if all(one.uri != uri for one in known):
                known.append(RTCRtpHeaderExtensionParameters(id=number, uri=uri))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/rtc", self._joined)  # /rtc/v1 is not there: the older form is taken then
        app.router.add_get("/agent", self._employed)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        await self._runner.cleanup()

    async def wait_for(self, is_there: Callable[[], bool]) -> None:
        """Until what has come is enough."""
        while not is_there():
            self._came.clear()
            await self._came.wait()

    async def _joined(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.peer = peer = RTCPeerConnection()

        @peer.on("track")
        def came(track: Any) -> None:
            self._reading.append(asyncio.create_task(self._read(track, socket)))

        try:
            await _tell(socket, join=_welcome())
            async for message in socket:
                if message.type == WSMsgType.BINARY:
                    await self._answer(rtc.SignalRequest.FromString(message.data), socket, peer)
        finally:
            await peer.close()
        return socket

    async def _employed(self, request: web.Request) -> web.WebSocketResponse:
        """What livekit-server says to a worker: https://github.com/livekit/protocol, livekit_agent.proto."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        job = agent.Job(id="AJ_1", room=models.Room(sid="RM_1", name="room"))

        async def tell(**what: Any) -> None:
            await socket.send_bytes(agent.ServerMessage(**what).SerializeToString())

        async for message in socket:
            if message.type != WSMsgType.BINARY:
                continue
            told = agent.WorkerMessage.FromString(message.data)
            match told.WhichOneof("message"):
                case "register":
                    await tell(register=agent.RegisterWorkerResponse(worker_id="AW_1"))
                    await tell(availability=agent.AvailabilityRequest(job=job))
                case "availability":
                    assert told.availability.available
                    await tell(assignment=agent.JobAssignment(job=job, token=self._token))
        return socket

    async def _answer(self, told: Any, socket: web.WebSocketResponse, peer: RTCPeerConnection) -> None:
        match told.WhichOneof("message"):
            case "offer":
                await peer.setRemoteDescription(RTCSessionDescription(told.offer.sdp, "offer"))
                await peer.setLocalDescription(await peer.createAnswer())
                sdp = peer.localDescription.sdp
                await _tell(socket, answer=rtc.SessionDescription(type="answer", sdp=sdp, id=told.offer.id))
            case "trickle" if told.trickle.target == rtc.SignalTarget.PUBLISHER:
                offered = json.loads(told.trickle.candidateInit)
                if offered["candidate"]:
                    candidate = candidate_from_sdp(offered["candidate"].removeprefix("candidate:"))
                    candidate.sdpMid, candidate.sdpMLineIndex = offered["sdpMid"], offered["sdpMLineIndex"]
                    await peer.addIceCandidate(candidate)
            case "ping_req":
                await _tell(socket, pong_resp=rtc.Pong(last_ping_timestamp=told.ping_req.timestamp))
            case "add_track":
                asked = told.add_track
                self.published.append(asked.name)
                track = models.TrackInfo(sid=f"TR_{asked.name}", type=asked.type, name=asked.name)
                self._sids["video" if asked.type == models.TrackType.VIDEO else "audio"] = track.sid
                answer = rtc.TrackPublishedResponse(cid=asked.cid, track=track)
                await _tell(socket, track_published=answer)

    async def _read(self, track: Any, socket: web.WebSocketResponse) -> None:
        """What comes of a track. That somebody has subscribed is told once something has, as livekit-server
        does: LiveKit's client forgets it of a track that it has not published to its end, and waits for it
        for ever."""
        told = False
        try:
            while True:
                frame = await track.recv()
                if not told:
                    told = True
                    await _tell(
                        socket, track_subscribed=rtc.TrackSubscribed(track_sid=self._sids[track.kind])
                    )
                self.note(track, frame)
                self._came.set()
        except MediaStreamError:
            pass

    def note(self, track: Any, frame: Any) -> None:
        """Keep what came."""
        if track.kind == "video":
            self.seen.append(Seen(frame.pts, frame.to_ndarray(format="rgb24")))
        else:
            loudest = int(np.abs(frame.to_ndarray().astype(np.int32)).max())
            self.heard.append(Heard(frame.pts, frame.samples, loudest))


def _welcome() -> rtc.JoinResponse:
    may = models.ParticipantPermission(can_publish=True, can_subscribe=True, can_publish_data=True)
    return rtc.JoinResponse(
        room=models.Room(sid="RM_1", name="room"),
        participant=models.ParticipantInfo(sid="PA_1", identity="agent", permission=may),
        server_info=models.ServerInfo(version="1.9.0", protocol=16),
        enabled_publish_codecs=[models.Codec(mime="video/VP8"), models.Codec(mime="audio/opus")],
        ping_timeout=60,
        ping_interval=20,
    )


async def _tell(socket: web.WebSocketResponse, **what: Any) -> None:
    await socket.send_bytes(rtc.SignalResponse(**what).SerializeToString())
