#!/usr/bin/env python3
"""From an interruption in pipecat to silence and a shut mouth, as somebody at the far end has them.

Runs docs/examples/pipecat_agent.py over pipecat's SmallWebRTC on this machine, interrupts it while its mouth
is open, as a user's turn does, and notes in another process when the packets of each picture and sound come.
Prints Markdown, for docs/agents.md. Needs mien[pipecat,webrtc].
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import runpy
import statistics
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from bench_barge_in.far_end import MARK, Came, watch
from bench_compositor.machine import machine
from mien.agents.drawing import WHO, Drawing

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "pipecat_agent.py"
SHUT = "neutral_sil"


class Marked(Drawing):
    """Draws whether the mouth is open into a corner of each picture."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__(drawing._cast, drawing._options)
        self.speaks = False

    def _draw(self, stage: Any, picture: Any, beginning: Any) -> Any:
        drawn = super()._draw(stage, picture, beginning)
        if picture is not None:
            (mouth,) = [slot for slot in stage.slots(WHO) if slot.name == "mouth"]
            self.speaks = mouth.shown[0][0] != SHUT
            picture[:MARK, :MARK, :3] = 255 if self.speaks else 0
        return drawn


class Interruption(NamedTuple):
    """One, at the far end."""

    silent_ms: float
    """From the call to the end of the last 20 ms in which speech is heard."""
    shut_ms: float
    """To the first picture from which on the mouth is shut; 1000 where that did not come."""
    open_pictures: int
    """That came after the call and show it open."""


async def interrupted(times: int, pipe: Connection) -> list[Interruption]:
    """Interrupt the example so often, once somebody at the other end of the pipe sees and hears it."""
    from pipecat.frames.frames import TTSSpeakFrame
    from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
    from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

    example = runpy.run_path(str(EXAMPLE))
    made: dict[str, Any] = {}
    face_of, worker_of = example["FaceProcessor"], example["PipelineWorker"]

    def face(*given: Any, **options: Any) -> Any:
        made["face"] = one = face_of(*given, **options)
        one._face._drawing = Marked(one._face._drawing)
        return one

    def worker(*given: Any, **options: Any) -> Any:
        made["worker"] = one = worker_of(*given, **options)
        return one

    example["run_bot"].__globals__.update(FaceProcessor=face, PipelineWorker=worker)
    connection = SmallWebRTCConnection()
    await connection.initialize(await asyncio.to_thread(pipe.recv), "offer")
    transport = SmallWebRTCTransport(connection, example["params"]())
    running = asyncio.create_task(example["run_bot"](transport))
    pipe.send(connection.get_answer()["sdp"])
    chance, calls = random.Random(5), list[float]()
    while len(calls) < times:
        await _open_mouth(made, chance.uniform(0.5, 2.5))
        calls.append(time.monotonic())
        await transport.input().broadcast_interruption()
        await asyncio.sleep(1.5)
        await made["worker"].queue_frame(TTSSpeakFrame("once more"))
    await asyncio.sleep(1.0)
    pipe.send("enough")
    heard, seen = await asyncio.to_thread(pipe.recv)
    await made["worker"].cancel()
    await running
    return [judged(call, heard, seen) for call in calls]


async def _open_mouth(made: dict[str, Any], after_s: float) -> None:
    """Until it has spoken so long, and its mouth is open."""
    while "face" not in made or made["face"]._face.last is None:
        await asyncio.sleep(0.002)
    await asyncio.sleep(after_s)
    while not made["face"]._face._drawing.speaks:
        await asyncio.sleep(0.002)


def judged(call: float, heard: list[Came], seen: list[Came]) -> Interruption:
    """What came in the second after a call."""
    after = [one for one in seen if call < one.at_s < call + 1]
    open_pictures = max((n for n, one in enumerate(after, 1) if one.speaks), default=0)
    loud = [one.at_s for one in heard if call < one.at_s < call + 1 and one.speaks]
    shut = after[open_pictures].at_s if open_pictures < len(after) else call + 1
    return Interruption(1e3 * (max(loud, default=call) - call), 1e3 * (shut - call), open_pictures)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20, help="that it is interrupted")
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    far = multiprocessing.get_context("spawn").Process(target=watch, args=(theirs,))
    far.start()
    took = asyncio.run(interrupted(given.times, ours))
    far.join(10)
    here, load = machine(), os.getloadavg()[0]
    print(
        f"`python {' '.join(sys.argv)}`; {here.processor}, {here.cores} cores; {here.renderer}; {here.date}; "
        f"load average {load:.1f}\n\n| {len(took)} interruptions | median | most |\n|---|---:|---:|"
    )
    for name in Interruption._fields:
        values = [getattr(one, name) for one in took]
        print(f"| {name} | {statistics.median(values):.0f} | {max(values):.0f} |")


if __name__ == "__main__":
    main()
