"""docs/examples/pipecat_agent.py over pipecat's SmallWebRTC, interrupted as a user's turn does."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench_barge_in.edges import Edges
from bench_barge_in.far_end import watch

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "pipecat_agent.py"
FAR_END = watch


async def run(pipe: Connection, interrupt: Callable[..., Awaitable[None]]) -> Edges:
    """Run it, with somebody at the other end of the pipe. `interrupt(edges, stop, again)` is called once."""
    from pipecat.frames.frames import TTSSpeakFrame
    from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
    from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

    example = runpy.run_path(str(EXAMPLE))
    made: dict[str, Any] = {}
    there = asyncio.Event()
    face_of, worker_of = example["FaceProcessor"], example["PipelineWorker"]

    def face(*given: Any, **options: Any) -> Any:
        one = face_of(*given, **options)
        made["edges"] = Edges(one._face)
        return one

    def worker(*given: Any, **options: Any) -> Any:
        made["worker"] = one = worker_of(*given, **options)
        there.set()
        return one

    example["run_bot"].__globals__.update(FaceProcessor=face, PipelineWorker=worker)
    connection = SmallWebRTCConnection()
    await connection.initialize(await asyncio.to_thread(pipe.recv), "offer")
    transport = SmallWebRTCTransport(connection, example["params"]())
    running = asyncio.create_task(example["run_bot"](transport))
    pipe.send(connection.get_answer()["sdp"])
    await there.wait()
    edges: Edges = made["edges"]
    edges.note_sent(transport.output(), "write_video_frame", lambda frame: int(frame.image[0]))
    await interrupt(
        edges,
        transport.input().broadcast_interruption,
        lambda: made["worker"].queue_frame(TTSSpeakFrame("once more")),
    )
    await made["worker"].cancel()
    await running
    return edges
