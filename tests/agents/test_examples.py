"""The agents of docs/examples, as somebody would run them who has copied them, but for the server."""

from __future__ import annotations

import asyncio
import os
import runpy
import shutil
import signal
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


def copied(name: str, folder: Path) -> dict[str, Any]:
    """What the example makes, copied to an empty folder."""
    return runpy.run_path(str(shutil.copy(EXAMPLES / name, folder)))


def test_the_agent_in_livekit_speaks_with_a_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(
        "livekit.agents", reason="livekit-agents is not installed: pip install 'mien[livekit]'"
    )
    from livekit import rtc
    from livekit.agents import AgentSession

    from agents.rooms import Room

    example = copied("livekit_agent.py", tmp_path)
    sessions: list[Any] = []
    finished: list[Any] = []
    start = AgentSession.start

    async def without_a_room(self: Any, agent: Any, room: Any) -> None:
        sessions.append(self)
        self.output.audio.on("playback_finished", finished.append)
        await start(self, agent, record=False)

    def track(name: str, source: Any) -> Any:
        return SimpleNamespace(name=name, kind=name)

    monkeypatch.setattr(AgentSession, "start", without_a_room)
    monkeypatch.setattr(rtc.LocalAudioTrack, "create_audio_track", track)
    monkeypatch.setattr(rtc.LocalVideoTrack, "create_video_track", track)

    async def main() -> None:
        room = Room("agent")
        await example["entrypoint"](SimpleNamespace(room=room))
        assert [one.track.name for one in room.published] == ["avatar_audio", "avatar_video"]
        avatar = sessions[0].output.audio._generator
        await sessions[0].aclose()
        await avatar.aclose()

    asyncio.run(main())
    (event,) = finished
    assert event.playback_position > 1 and not event.interrupted


def test_the_bot_in_pipecat_speaks_with_a_face(tmp_path: Path) -> None:
    pytest.importorskip("pipecat", reason="pipecat-ai is not installed: pip install 'mien[pipecat]'")
    from pipecat.frames.frames import BotStoppedSpeakingFrame, Frame
    from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
    from pipecat.transports.base_transport import BaseTransport

    from agents.test_pipecat import Out
    from agents.virtual import Pace

    class Heard(FrameProcessor):  # type: ignore[misc]
        """The user's side: it has heard enough when the bot has stopped."""

        async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
            await super().process_frame(frame, direction)
            if isinstance(frame, BotStoppedSpeakingFrame):
                await transport._call_event_handler("on_client_disconnected", "somebody")
            await self.push_frame(frame, direction)

        async def setup(self, setup: Any) -> None:
            await super().setup(setup)
            await transport._call_event_handler("on_client_connected", "somebody")

    class Transport(BaseTransport):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.out = Out(Pace())
            self._register_event_handler("on_client_connected")
            self._register_event_handler("on_client_disconnected")

        def input(self) -> FrameProcessor:
            return Heard()

        def output(self) -> FrameProcessor:
            return self.out

    example = copied("pipecat_agent.py", tmp_path)
    assert example["params"]().video_out_framerate == 25

    async def main() -> Transport:
        await asyncio.wait_for(example["run_bot"](transport), 240)
        return transport

    transport = Transport()
    asyncio.run(main())
    assert sum(map(len, transport.out.heard)) > 24_000 * 2


@pytest.mark.slow
def test_livekits_own_command_starts_the_agent_as_it_is_and_a_room_sees_and_hears_it(tmp_path: Path) -> None:
    """A worker that registers, is given a job, and joins in a process of its own; in real time, counted by
    the clocks of its tracks."""
    pytest.importorskip(
        "livekit.agents", reason="livekit-agents is not installed: pip install 'mien[livekit]'"
    )
    pytest.importorskip("aiortc", reason="aiortc is not installed: pip install 'mien[webrtc]'")
    from livekit import api

    from agents.room_server import RoomServer

    key, secret = "key", "a secret of thirty-two characters"
    room = api.VideoGrants(room_join=True, room="room", agent=True)
    token = api.AccessToken(key, secret).with_identity("agent").with_grants(room).to_jwt()
    shutil.copy(EXAMPLES / "livekit_agent.py", tmp_path)
    command = [sys.executable, "-m", "livekit.agents", "start", "livekit_agent.py", "--dev"]

    async def main() -> int:
        async with RoomServer(token) as server:
            where = {"LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
            worker = await asyncio.create_subprocess_exec(
                *command, cwd=tmp_path, env={**os.environ, **where}, start_new_session=True
            )

            def enough() -> bool:
                loud = [one.at for one in server.heard if one.loudest > 1000]
                return bool(loud) and loud[-1] - loud[0] > 2 * 48_000 and len(server.seen) > 5

            try:
                await asyncio.wait_for(server.wait_for(enough), 200)
                worker.terminate()
                ended = await asyncio.wait_for(worker.wait(), 60)
            except BaseException:
                with suppress(ProcessLookupError):  # it has ended: what is wrong is told
                    os.killpg(worker.pid, signal.SIGKILL)  # its processes too
                raise
            assert server.published == ["avatar_audio", "avatar_video"]
            assert {after.at - one.at for one, after in pairwise(server.heard)} == {960}, "without a gap"
            return ended

    assert asyncio.run(main()) == 0


@pytest.mark.slow
def test_somebody_at_the_far_end_of_pipecats_webrtc_sees_hears_and_interrupts_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real time, counted by the clocks of its tracks."""
    pytest.importorskip("pipecat", reason="pipecat-ai is not installed: pip install 'mien[pipecat]'")
    pytest.importorskip("aiortc", reason="aiortc is not installed: pip install 'mien[webrtc]'")
    from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
    from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

    monkeypatch.syspath_prepend(ROOT / "tools")
    from bench_barge_in.far_end import FarEnd

    example = copied("pipecat_agent.py", tmp_path)

    async def main() -> None:
        async with FarEnd() as far:
            connection = SmallWebRTCConnection()
            await connection.initialize(await far.offer(), "offer")
            transport = SmallWebRTCTransport(connection, example["params"]())
            bot = asyncio.create_task(example["run_bot"](transport))
            await far.answered(connection.get_answer()["sdp"])
            await far.wait_for(lambda: far.speech_s > 0.5 and far.pictures_that_differ > 3)
            before = far.speech_s
            await transport.input().broadcast_interruption()
            await far.wait_for(lambda: far.silent_s > 1.5)
            assert far.speech_s - before < 2.0, "of a sentence of 4.4 s"
            assert far.gaps == 0
            seen = len(far.seen)
            await far.wait_for(lambda: len(far.seen) > seen + 5)
        await asyncio.wait_for(bot, 60)

    asyncio.run(main())


@pytest.mark.slow
def test_the_agent_in_vision_agents_speaks_with_a_face(tmp_path: Path) -> None:
    """In a call that is here: `tools/test_vision_agents` runs it where the package is."""
    pytest.importorskip(
        "vision_agents.core", reason="vision-agents is not installed: run tools/test_vision_agents"
    )
    from agents.calls import Edge

    example = copied("vision_agents_agent.py", tmp_path)
    edge = Edge()
    example["create_agent"].__globals__["edge"] = lambda: edge

    async def main() -> None:
        agent = await example["create_agent"]()
        call = asyncio.create_task(example["join_call"](agent, "default", "evening"))
        await asyncio.wait_for(edge.track.over.wait(), 120)
        assert edge.watching is not None and not edge.watching.done()
        edge.watching.cancel()
        await agent.close()
        await asyncio.wait_for(call, 60)

    asyncio.run(main())
    assert edge.track.heard > 2 * 24_000 and edge.differ > 5
