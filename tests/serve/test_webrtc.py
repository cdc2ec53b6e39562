"""Picture and sound by WebRTC: as a peer receives them, and as a browser shows them."""

from __future__ import annotations

import asyncio
import base64
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

import mien
from mien.clock import FrameRate
from mien.errors import ScriptError
from mien.serve.access import Access
from mien.serve.broadcast import Broadcast
from mien.serve.frames import Frames, Shown
from mien.serve.performance import Performance
from mien.serve.server import Server
from mien.serve.webrtc import Peers
from mien.types import F32, Size
from serve import browser
from serve.rig import Puppet, served, talking

HELLO = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
RATE = FrameRate.of(30)


class Heard:
    """A peer that keeps what it is given."""

    def __init__(self, over: int) -> None:
        self.pictures: list[int] = []
        self.sound: list[tuple[int, Any]] = []
        self._over = over
        self.done = asyncio.Event()

    def see(self, frame: av.VideoFrame) -> None:
        self.pictures.append(frame.pts)

    def hear(self, block: Any, start: int) -> None:
        self.sound.append((start, block))
        if start + len(block) >= self._over:
            self.done.set()


def shown(number: int, sound: F32) -> Shown:
    return Shown(number, 0.0, np.zeros((16, 16, 4), np.uint8), sound)


def told(frames: list[Shown], over: int) -> Heard:
    """What a peer is given of these frames, until it has heard up to a sample."""

    async def run() -> Heard:
        broadcast = Broadcast(Frames(), Size(16, 16), RATE, asyncio.get_running_loop())
        peer = Heard(over)
        broadcast.join(peer)
        for frame in frames:
            broadcast.show(frame)
        await peer.done.wait()
        await asyncio.to_thread(broadcast.end)
        return peer

    return asyncio.run(run())


def test_sound_comes_in_whole_pieces_without_a_gap_and_pictures_by_the_same_clock() -> None:
    chance = np.random.default_rng(1)
    sound = chance.uniform(-1, 1, (30, 1600, 2)).astype(np.float32)
    peer = told([shown(7 + k, one) for k, one in enumerate(sound)], 48_000)
    assert [start for start, _ in peer.sound] == [960 * k for k in range(50)]
    heard = np.concatenate([block for _, block in peer.sound])
    assert np.abs(heard / 32767 - sound.reshape(-1, 2)).max() < 1 / 32000
    assert all(at % 1600 == 0 and at < 48_000 for at in peer.pictures)
    assert peer.pictures == sorted(set(peer.pictures))


def test_frames_that_come_without_their_sound_leave_silence_and_what_follows_is_in_time() -> None:
    loud = np.full((1600, 2), 0.5, np.float32)
    # Ten frames were left out between the third and the fourth, and their sound was lost.
    peer = told([shown(number, loud) for number in (1, 2, 3, 14, 15, 16)], 960 * 26)
    heard = np.concatenate([block for _, block in peer.sound])
    assert np.flatnonzero(np.diff(heard[:, 0])).tolist() == [3 * 1600 - 1, 13 * 1600 - 1]


def received(server: Server, puppet: Puppet, pictures: int) -> tuple[list[Any], list[Any]]:
    """Frames of a picture and sound that a peer of aiortc's takes, and then closes."""

    async def run() -> tuple[list[Any], list[Any]]:
        peer = RTCPeerConnection()
        tracks: dict[str, Any] = {}
        peer.on("track", lambda track: tracks.setdefault(track.kind, track))
        for kind in ("video", "audio"):
            peer.addTransceiver(kind, direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        connected = asyncio.Event()
        peer.on(
            "connectionstatechange", lambda: connected.set() if peer.connectionState == "connected" else None
        )
        with talking(server) as talker:
            answer = await asyncio.to_thread(talker.ask, "offer", sdp=peer.localDescription.sdp)
            await peer.setRemoteDescription(RTCSessionDescription(answer["value"]["sdp"], "answer"))
            await connected.wait()
            over = threading.Event()

            def draw() -> None:
                while not over.wait(1 / 60):
                    puppet.step()

            drawing = threading.Thread(target=draw)
            drawing.start()
            seen = [await tracks["video"].recv() for _ in range(pictures)]
            heard = [await tracks["audio"].recv() for _ in range(10)]
            over.set()
            drawing.join()
            await peer.close()
        return seen, heard

    return asyncio.run(run())


def test_a_peer_sees_and_hears_the_stage() -> None:
    puppet = Puppet()
    puppet.picture[:] = (200, 40, 40, 255)
    puppet.sound = np.full((1600, 2), 0.25, np.float32)
    peers = Peers()
    with served(puppet, peers=peers) as (server, _):
        seen, heard = received(server, puppet, 5)
        colours = seen[-1].to_ndarray(format="rgb24").reshape(-1, 3)
        assert np.abs(np.median(colours, axis=0) - (200, 40, 40)).max() < 8
        assert (seen[-1].width, seen[-1].height) == puppet.size
        assert heard[-1].sample_rate == 48_000
        assert peers.opened == 1


def test_an_offer_that_is_none_is_answered_in_a_sentence_and_the_session_goes_on() -> None:
    with served(peers=Peers()) as (server, _), talking(server) as talker:
        for sdp in ("v=0", "nothing\r\nat all", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"):
            wrong = talker.ask("offer", sdp=sdp)
            assert wrong["code"] == "refused"
            assert wrong["sentence"].startswith("this offer cannot be answered (")
        assert talker.ask("pause")["type"] == "answer"
    with served() as (server, _), talking(server) as talker:
        assert "start it with --webrtc" in talker.ask("offer", sdp="v=0")["sentence"]


def test_the_page_is_there_only_with_webrtc_and_needs_no_token() -> None:
    with served(access=Access(token="x" * 20), peers=Peers()) as (server, _):
        for path, kind in (("/", "text/html"), ("/page.js", "text/javascript")):
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}") as page:
                assert page.headers["Content-Type"].startswith(kind)
                assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    with served() as (server, _), pytest.raises(urllib.error.HTTPError, match="426"):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/")


_LAID_OUT = """(() => {
  const box = (id) => document.getElementById(id).getBoundingClientRect();
  const picture = box("stage"), button = box("sound"), told = box("status");
  const upright = innerHeight > innerWidth;
  return [
    document.documentElement.scrollWidth <= innerWidth,
    picture.top >= 0 && picture.bottom <= innerHeight && picture.width > innerWidth / 2, // all of it is seen
    button.height > 0 && button.bottom <= innerHeight && (!upright || button.top >= picture.bottom),
    told.top >= (upright ? picture.bottom : 0) && told.right <= innerWidth,
  ].every(Boolean);
})()"""
"""Nothing is cut off, or lies on something else."""

_PLAIN = """(() => {
  const picture = document.getElementById("stage").getBoundingClientRect();
  const others = [...document.querySelectorAll("aside, figure button")];
  return [
    measured.shown > 5, !video.muted, picture.width === innerWidth, picture.height === innerHeight,
    others.every((one) => one.offsetParent === null),
  ].every(Boolean);
})()"""
"""The picture alone, with its sound, as OBS and its like are to have it."""


@pytest.mark.slow
@pytest.mark.skipif(browser.found() is None, reason="no Chromium: the page is not tried in a browser")
def test_a_browser_shows_it_hears_it_lists_turns_and_comes_back_after_its_connection_is_lost(
    tmp_path: Path,
) -> None:
    performance = Performance(
        lambda: mien.Backend({"wren": "wren"}, size=(320, 240), playout="null", spare=False)
    )
    server = Server(performance, Access(), peers=Peers())
    with server:
        try:
            performance.open()
            server.house.tell_opened()
            with browser.opened(f"http://127.0.0.1:{server.port}/", tmp_path) as page:
                assert page.wait("measured.intervals.length >= 60")
                assert page.wait("measured.state === 'live'")
                with talking(server) as talker:
                    talker.ask("turn", speaker="wren", audio={"kind": "base64", "data": _base64(HELLO)})
                assert page.wait("measured.turns.find(turn => turn.state === 'started')")
                assert page.wait("measured.skews.length >= 2")
                assert page.wait("measured.turns.find(turn => turn.state === 'finished')")
                # A picture of her, and not of nothing.
                colours = page.ask(
                    "(() => { const c = document.createElement('canvas'); c.width = c.height = 16;"
                    " const p = c.getContext('2d'); p.drawImage(video, 0, 0, 16, 16);"
                    " return new Set(p.getImageData(0, 0, 16, 16).data).size })()"
                )
                assert colours > 40
                for width, height in ((1280, 720), (1920, 1080), (390, 844), (844, 390)):
                    page.tell(
                        "Emulation.setDeviceMetricsOverride",
                        width=width, height=height, deviceScaleFactor=1, mobile=width < 1000,
                    )  # fmt: skip
                    assert page.wait(_LAID_OUT)
                asyncio.run_coroutine_threadsafe(_hang_up(server), server.house.loop).result()
                assert page.wait("measured.connections >= 2 && measured.state === 'live'")
                count = page.ask("measured.shown")
                assert page.wait(f"measured.shown > {count + 5}")
                assert page.ask("measured.turns.length") == 1  # it has not forgotten
                page.tell("Page.navigate", url="about:blank")
                page.tell("Page.navigate", url=f"http://127.0.0.1:{server.port}/#plain")
                assert page.wait(_PLAIN)
        finally:
            performance.close()


async def _hang_up(server: Server) -> None:
    for client in server.house.clients:
        if client.take_over is not None:
            client.take_over()


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


# -- strangers, and races ---------------------------------------------------------------------------


async def offer_of(*kinds: str, direction: str = "recvonly") -> str:
    """As a page makes it."""
    page = RTCPeerConnection()
    for kind in kinds:
        page.addTransceiver(kind, direction=direction)
    await page.setLocalDescription(await page.createOffer())
    sdp = str(page.localDescription.sdp)
    await page.close()
    return sdp


def answers_to(*offers: tuple[tuple[str, ...], str]) -> list[str | BaseException]:
    """What is answered to offers of one session that come at once."""

    async def run() -> list[str | BaseException]:
        made = [await offer_of(*kinds, direction=direction) for kinds, direction in offers]
        peers = Peers()
        peers.begin(Frames(), Size(16, 16), RATE, asyncio.get_running_loop())
        told = await asyncio.gather(*(peers.answer("one", sdp) for sdp in made), return_exceptions=True)
        await peers.end()
        return told

    return asyncio.run(run())


def test_of_several_offers_at_once_of_a_session_the_newest_has_its_connection() -> None:
    *before, last = answers_to(*[(("video", "audio"), "recvonly")] * 3)
    assert isinstance(last, str)
    assert [type(one) for one in before] == [ScriptError, ScriptError]


def test_what_a_page_would_send_is_not_taken() -> None:
    (answer,) = answers_to((("video", "audio", "video"), "sendrecv"))
    assert isinstance(answer, str)
    assert [answer.count(f"a={way}") for way in ("sendrecv", "recvonly", "sendonly")] == [0, 0, 2]


def test_an_offer_of_many_parts_takes_no_sockets() -> None:
    (answer,) = answers_to((("video",) * 9, "recvonly"))
    assert isinstance(answer, ScriptError) and "more than 8 parts" in str(answer)


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028"])
def test_parts_of_an_offer_are_counted_as_they_are_read(end: str) -> None:
    """aiortc takes all for the end of a line that Python does."""

    async def run() -> str:
        made = (await offer_of(*("video",) * 9, direction="recvonly")).replace("\r\nm=", f"{end}m=")
        peers = Peers()
        peers.begin(Frames(), Size(16, 16), RATE, asyncio.get_running_loop())
        try:
            with pytest.raises(ScriptError) as raised:
                await peers.answer("one", made)
        finally:
            await peers.end()
        return str(raised.value)

    assert "more than 8 parts" in asyncio.run(run())


def test_the_last_peer_may_leave_while_a_frame_is_shown() -> None:
    async def run() -> None:
        broadcast, peer = Broadcast(Frames(), Size(16, 16), RATE, asyncio.get_running_loop()), Heard(0)

        class Late(SimpleNamespace):
            @property
            def number(self) -> int:
                broadcast.leave(peer)  # as on the loop's thread, at this moment
                return 2

        broadcast.join(peer)
        first = shown(1, np.zeros((0, 2), np.float32))
        broadcast.show(first)
        broadcast.show(cast("Shown", Late(picture=first.picture, sound=first.sound)))
        await asyncio.to_thread(broadcast.end)

    asyncio.run(run())


def test_pictures_of_an_odd_size_are_sent_without_their_last_row_and_column() -> None:
    class Seen(Heard):
        def see(self, frame: av.VideoFrame) -> None:
            self.sizes = (frame.width, frame.height)
            self.done.set()

    async def run() -> tuple[int, int]:
        broadcast = Broadcast(Frames(), Size(17, 15), RATE, asyncio.get_running_loop())
        peer = Seen(0)
        broadcast.join(peer)
        broadcast.show(Shown(1, 0.0, np.zeros((15, 17, 4), np.uint8), np.zeros((0, 2), np.float32)))
        await peer.done.wait()
        await asyncio.to_thread(broadcast.end)
        return peer.sizes

    assert asyncio.run(run()) == (16, 14)


def test_an_offer_is_answered_whatever_goes_wrong() -> None:
    class Fails(Peers):
        async def answer(self, session: str, sdp: str) -> str:
            raise OSError("no sockets are left")

    with served(peers=Fails()) as (server, _), talking(server) as talker:
        told = talker.ask("offer", sdp="v=0")
        assert told["code"] == "failed" and "no sockets are left" in told["sentence"]
