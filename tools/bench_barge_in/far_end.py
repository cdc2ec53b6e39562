"""Who sees and hears the bot: a process of its own, by aiortc. When each packet came, and what was in it."""

from __future__ import annotations

import asyncio
import time
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

import numpy as np
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

MARK: Final = 48
"""Pixels of a square at the top left of a picture: white while the mouth is open."""
LOUD: Final = 300
"""Of 32767: what is more is speech."""


class Came(NamedTuple):
    """A picture, or 20 ms of sound."""

    at_s: float
    """When its last packet came, by the machine's monotonic clock: what is decoded later waits in buffers
    for the next."""
    speaks: bool
    """The mouth is open there, or speech is heard."""


def watch(pipe: Connection) -> None:
    """Offer a connection, and say what came by it once that is asked for."""
    asyncio.run(_watch(pipe))


async def _watch(pipe: Connection) -> None:
    peer, reading = RTCPeerConnection(), list[asyncio.Task[None]]()
    packets: dict[str, dict[int, float]] = {"audio": {}, "video": {}}
    came: dict[str, list[Came]] = {"audio": [], "video": []}

    @peer.on("track")
    def track_came(track: Any) -> None:
        reading.append(asyncio.create_task(_read(track, packets[track.kind], came[track.kind])))

    peer.addTrack(AudioStreamTrack())  # a microphone in a quiet room
    peer.addTransceiver("video", direction="recvonly")
    for transceiver in peer.getTransceivers():
        _time(transceiver.receiver, packets[transceiver.kind])
    await peer.setLocalDescription(await peer.createOffer())
    pipe.send(peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(await asyncio.to_thread(pipe.recv), "answer"))
    await asyncio.to_thread(pipe.recv)  # it is enough
    pipe.send((came["audio"], came["video"]))
    for task in reading:
        task.cancel()
    await peer.close()


def _time(receiver: RTCRtpReceiver, packets: dict[int, float]) -> None:
    """Note when the last packet of each time stamp came, which count from the first, as of decoded frames."""
    handle, origin = receiver._handle_rtp_packet, list[int]()

    async def timed(packet: Any, arrival_time_ms: int) -> None:
        if not origin:
            origin.append(packet.timestamp)
        packets[(packet.timestamp - origin[0]) & 0xFFFFFFFF] = time.monotonic()
        await handle(packet, arrival_time_ms)

    receiver._handle_rtp_packet = timed


async def _read(track: Any, packets: dict[int, float], came: list[Came]) -> None:
    try:
        while True:
            frame = await track.recv()
            if track.kind == "video":
                speaks = (
                    float(frame.reformat(format="gray").to_ndarray()[8 : MARK - 8, 8 : MARK - 8].mean()) > 128
                )
            else:
                speaks = int(np.abs(frame.to_ndarray().astype(np.int32)).max()) > LOUD
            at = packets.get(frame.pts & 0xFFFFFFFF)
            if at is not None:
                came.append(Came(at, speaks))
    except MediaStreamError:
        pass
