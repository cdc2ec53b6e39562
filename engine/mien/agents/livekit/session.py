"""A face as the avatar of an agent's session."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Unpack

from livekit import rtc
from livekit.agents.voice import avatar
from livekit.agents.voice.agent_session import AgentSession

from mien.agents.livekit.generator import RATE, FaceGenerator
from mien.agents.livekit.output import FaceOutput
from mien.agents.paced import PacedStage
from mien.errors import ScriptError
from mien.stage.options import StageKeywords


class AvatarSession(avatar.AvatarSession[Any]):
    """A face for an agent's session: the room sees the character, and hears it, as the agent's own tracks.

    Parameters as of `FaceGenerator`. `start` it before the session. Raises as `mien.open_stage`.
    """

    def __init__(
        self, character: str | Path = "wren", *, sample_rate: int = RATE, **options: Unpack[StageKeywords]
    ) -> None:
        super().__init__()
        self._generator = FaceGenerator(character, sample_rate=sample_rate, **options)
        self._joined: rtc.Room | None = None
        self._runner: avatar.AvatarRunner | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def avatar_identity(self) -> str:
        """The agent's own: its participant publishes the face."""
        return str(self._joined.local_participant.identity) if self._joined is not None else ""

    @property
    def provider(self) -> str:
        """For metrics."""
        return "mien"

    @property
    def stage(self) -> PacedStage:
        """To tell the face something: `avatar.stage.set_expression("face", "happy")`. Raises Closed."""
        return self._generator.face.stage

    async def start(self, agent_session: AgentSession[Any], room: rtc.Room) -> None:
        """Open the face, and make it the session's voice, once. Where that fails nothing stays open. Raises
        ScriptError where it was started before."""
        if self._joined is not None:
            raise ScriptError("this AvatarSession was started before: make another for another session.")
        self._joined = room
        try:
            await self._generator.face.open()
            await super().start(agent_session, room)
            output = FaceOutput(self._generator)
            self._runner = avatar.AvatarRunner(
                room, audio_recv=output, video_gen=self._generator, options=self._generator.options
            )
            output.players = self._runner.av_sync
            await self._runner.start()
            self._watching = asyncio.create_task(self._watch(self._runner))
            agent_session.output.replace_audio_tail(output)
        except BaseException:
            with suppress(Exception):  # why it cannot be started is what is told
                await self.aclose()
            raise

    async def _watch(self, runner: avatar.AvatarRunner) -> None:
        """A runner that ends, since its tracks cannot be published, tells only its log."""
        try:
            await runner.wait_for_complete()
        except Exception as error:
            self._generator.fail(error)

    async def aclose(self) -> None:
        """Close the face; the agent stays in the room. Idempotent. Each part is closed, whatever closing
        another raises."""
        runner, self._runner = self._runner, None
        watching, self._watching = self._watching, None
        room, self._joined = self._joined, None
        self._room = None  # or LiveKit would remove the avatar's participant, which is the agent
        async with AsyncExitStack() as left:
            left.push_async_callback(super().aclose)
            if room is not None:
                left.callback(room.off, "connection_state_changed", self._on_connection_state_changed)
            left.push_async_callback(self._generator.aclose)
            if watching is not None:
                left.push_async_callback(asyncio.wait, [watching])
                left.callback(watching.cancel)
            if runner is not None:
                left.push_async_callback(runner.aclose)
