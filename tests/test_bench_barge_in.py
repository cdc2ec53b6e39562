"""The bench of interruptions waits for no mouth that does not open any more."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("aiortc", reason="aiortc is not installed: pip install 'mien[webrtc]'")

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

from bench_barge_in.edges import Edges  # noqa: E402


@pytest.mark.parametrize("sent", [[], [0]], ids=["nothing was sent", "the last one is shut"])
def test_speech_that_ended_without_an_open_mouth_is_said_again(sent: list[int]) -> None:
    face: Any = SimpleNamespace(
        last="speech", _drawing=SimpleNamespace(_cast=None, _options=None), frames=None, clear=None
    )
    edges, said = Edges(face), []
    owner = SimpleNamespace(send=lambda value: None)
    edges.note_sent(owner, "send", lambda value: value)
    for value in sent:
        owner.send(value)

    async def again() -> None:
        said.append("once more")
        face.last = "more speech"
        owner.send(255)

    async def main() -> None:
        waiting = asyncio.create_task(edges.open_mouth(0, again))
        for _ in range(3):
            await asyncio.sleep(0)
        face.last = None  # its end was heard
        await waiting

    asyncio.run(main())
    assert said == ["once more"] and edges.sent[-1].speaks
