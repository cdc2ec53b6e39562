"""The agents of docs/examples, as somebody would run them who has copied them, but for the server."""

from __future__ import annotations

import asyncio
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


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
