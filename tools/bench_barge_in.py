#!/usr/bin/env python3
"""From an interruption in pipecat or LiveKit to silence and a shut mouth, as the far end has them.

Runs a face over the framework's own WebRTC on this machine, interrupts it while its mouth is open, and notes
in another process when the packets of each picture and sound come; and beside that which pictures with an
open mouth Mien still gave, and which the framework still sent. Prints Markdown, for docs/agents.md. Needs
mien[pipecat,webrtc] or mien[livekit,webrtc].
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from bench_barge_in import in_livekit, in_pipecat
from bench_barge_in.edges import Edges
from bench_barge_in.far_end import Came
from bench_compositor.machine import machine

WAYS: dict[str, Any] = {"pipecat": in_pipecat, "livekit": in_livekit}
NAMES = {
    "silent_ms": "ms to the end of the last 20 ms in which speech is heard",
    "shut_ms": "ms to the first picture from which on the mouth is shut",
    "given": "pictures with an open mouth that Mien gave once it knew",
    "sent": "that {} sent after the call",
    "came": "that came after the call",
}


class Interruption(NamedTuple):
    """One: times from the call, at the far end; 1000 where the mouth was not shut in a second."""

    silent_ms: float
    shut_ms: float
    given: int
    sent: int
    came: int


async def interrupted(way: Any, times: int, pipe: Connection) -> list[Interruption]:
    """Interrupt a face so often, once somebody at the other end of the pipe sees and hears it."""
    chance, calls = random.Random(5), list[float]()
    came: list[list[Came]] = []
    noted: list[Edges] = []

    async def interrupt(
        edges: Edges, stop: Callable[[], Awaitable[None]], again: Callable[[], Awaitable[None]]
    ) -> None:
        noted.append(edges)
        while len(calls) < times:
            await edges.open_mouth(chance.uniform(0.5, 2.5), again)
            calls.append(time.monotonic())
            await stop()
            await asyncio.sleep(1.5)
            await again()
        await asyncio.sleep(1.0)
        pipe.send("enough")
        came.extend(await asyncio.to_thread(pipe.recv))

    try:
        async with asyncio.timeout(60 + 10 * times):
            edges = await way.run(pipe, interrupt)
    except TimeoutError:
        raise SystemExit(
            f"it was not done in time, {_stands(noted, len(calls), times)}: run it again."
        ) from None
    heard, seen = came
    return [judged(call, edges, heard, seen) for call in calls]


def _stands(noted: list[Edges], calls: int, times: int) -> str:
    """Where it stands, for whoever looks why."""
    if not noted:
        return "the face and the far end are not connected"
    (edges,) = noted
    speaks = "silent" if edges.face.last is None else "speaking"
    return (
        f"after {calls} of {times} interruptions, with a face that is {speaks}, {len(edges.given)} pictures "
        f"given and {len(edges.sent)} sent"
    )


def judged(call: float, edges: Edges, heard: list[Came], seen: list[Came]) -> Interruption:
    """What came in the second after a call, and what was given and sent then."""
    known = min((at for at in edges.cleared if at > call), default=call)
    after = [one for one in seen if call < one.at_s < call + 1]
    came = last_open(after)
    loud = [one.at_s for one in heard if call < one.at_s < call + 1 and one.speaks]
    shut = after[came].at_s if came < len(after) else call + 1
    return Interruption(
        1e3 * (max(loud, default=call) - call),
        1e3 * (shut - call),
        last_open([one for one in edges.given if known < one.at_s < call + 1]),
        last_open([one for one in edges.sent if call < one.at_s < call + 1]),
        came,
    )


def last_open(pictures: list[Came]) -> int:
    """How many there are up to the last one with an open mouth."""
    return max((n for n, one in enumerate(pictures, 1) if one.speaks), default=0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20, help="that it is interrupted (default: 20)")
    parser.add_argument("--in", choices=WAYS, default="pipecat", dest="way", help="(default: pipecat)")
    given = parser.parse_args()
    way = WAYS[given.way]
    ours, theirs = multiprocessing.Pipe()
    far = multiprocessing.get_context("spawn").Process(target=way.FAR_END, args=(theirs,))
    far.start()
    theirs.close()
    try:
        took = asyncio.run(interrupted(way, given.times, ours))
    finally:
        far.join(10)
        far.terminate()
    here, load = machine(), os.getloadavg()[0]
    print(
        f"`python {' '.join(sys.argv)}`; {here.processor}, {here.cores} cores; {here.renderer}; {here.date}; "
        f"load average {load:.1f}\n\n| {len(took)} interruptions | median | most |\n|---|---:|---:|"
    )
    for name in Interruption._fields:
        values = [getattr(one, name) for one in took]
        print(f"| {NAMES[name].format(given.way)} | {statistics.median(values):.0f} | {max(values):.0f} |")


if __name__ == "__main__":
    main()
