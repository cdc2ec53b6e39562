"""A call of Vision-Agents on this machine, in the place of a service."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from vision_agents.core.agents.conversation import InMemoryConversation
from vision_agents.core.edge import EdgeTransport


class Track:
    """The agent's sound."""

    def __init__(self) -> None:
        self.heard = 0
        """Samples."""
        self.over = asyncio.Event()
        """Something was said to its end."""

    async def write(self, data: Any, final: bool = False) -> None:
        self.heard += len(data.samples)
        if final:
            self.over.set()

    async def flush(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Edge(EdgeTransport):  # type: ignore[misc]
    """A call that nobody else is in."""

    def __init__(self) -> None:
        super().__init__()
        self.track = Track()
        self.differ = 0
        """Pictures that differ from the one before."""
        self.watching: asyncio.Task[None] | None = None

    async def authenticate(self, user: Any) -> None:
        assert user.name == "Wren"

    async def create_call(self, call_id: str, **options: Any) -> Any:
        return SimpleNamespace(id=call_id)

    def create_audio_track(self) -> Any:
        return self.track

    def open_demo(self, *given: Any, **options: Any) -> None:
        pass

    async def join(self, agent: Any, call: Any, **options: Any) -> Any:
        async def soon(timeout: float | None = None) -> None:
            pass

        return SimpleNamespace(close=soon, wait_for_participant=soon, idle_since=lambda: 0.0)

    async def publish_tracks(self, audio: Any, video: Any) -> None:
        assert audio is self.track
        self.watching = asyncio.create_task(self.watch(video))

    async def watch(self, video: Any) -> None:
        before = None
        while True:
            picture = (await video.recv()).to_ndarray(format="rgb24")
            assert picture.shape == (480, 640, 3)
            self.differ += before is not None and bool((picture != before).any())
            before = picture

    async def create_conversation(self, call: Any, user: Any, instructions: str) -> Any:
        return InMemoryConversation(messages=[], instructions=instructions)

    def add_track_subscriber(self, track_id: str) -> None:
        return None

    async def send_custom_event(self, data: Any) -> None:
        pass
