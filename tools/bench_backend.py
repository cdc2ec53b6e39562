#!/usr/bin/env python3
"""A host that stalls, with its stage in its own process and in a `mien.Backend`, in turns, in one run.

A thread of the host keeps the GIL for so many ms at a time, half of the time, while frames are taken: what
became of them. Then the whole host is stopped for 5 s, and engines are killed while a turn is spoken. With
`--rings` instead: how long pictures take from one process to the other as a Backend gives them, and by
iceoryx2, where that is installed. Prints Markdown, for docs/benchmarks/backend.md.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mien
from bench_backend.rings import RATE, WAYS, measured
from bench_compositor.machine import machine
from mien.observe import totals_of

CAST = {"wren": "wren", "otto": "otto"}
STOPPED_S = 5.0


@contextmanager
def stalling(hold_ms: int) -> Iterator[None]:
    """A thread that keeps the GIL so long, and leaves it as long."""
    over = threading.Event()
    keep = ctypes.PyDLL(None).usleep  # which does not let go of it

    def stall() -> None:
        while not over.wait(hold_ms / 1000):
            keep(hold_ms * 1000)

    thread = threading.Thread(target=stall)
    if hold_ms:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if hold_ms:
            thread.join()


def files() -> list[Path]:
    return sorted((mien.bundled("conversations", "hello") / "audio").glob("*.opus"))


def talk(stage: Any, seconds: float) -> None:
    """Queue turns for about so long."""
    for number in range(max(1, round(seconds / 4))):
        stage.say(("wren", "otto")[number % 2], files()[number % len(files())], "[happy] So [nod] it is.")


def run(way: str, size: tuple[int, int], seconds: float, hold_ms: int) -> dict[str, int]:
    """What became of the frames of one run; in a process of its own, which is the host."""
    opened: Any = (
        mien.open_live(CAST, size=size, playout="null", quality="fixed")
        if way == "live"
        else mien.Backend(CAST, size=size, playout="null", quality="fixed", spare=False)
    )
    with opened as stage:
        talk(stage, seconds)
        seen = 0
        with stalling(hold_ms):
            for _ in stage.frames(seconds=seconds):
                seen += 1
        totals = totals_of(stage.ledger) if way == "live" else stage.metrics()
        expected = int(totals["frames_expected_total"])
        return {
            "expected": expected,
            "late": int(totals["frames_late_total"]),
            "left out": int(totals["frames_dropped_total"]),
            "seen": seen,
            "restarts": 0 if way == "live" else stage.restarts,
        }


def stopped(size: tuple[int, int]) -> dict[str, int]:
    """The host is stopped as a whole while frames are taken."""
    with mien.Backend(CAST, size=size, playout="null", quality="fixed", spare=False) as stage:
        talk(stage, 12)
        for _ in range(60):
            stage.frame()
        before = stage.metrics()
        subprocess.Popen(
            ["/bin/sh", "-c", f"kill -STOP {os.getpid()}; sleep {STOPPED_S}; kill -CONT {os.getpid()}"]
        )
        begun = time.monotonic()
        while time.monotonic() - begun < STOPPED_S + 2:
            stage.frame()
        after = stage.metrics()
        names = {
            "expected": "frames_expected_total",
            "late": "frames_late_total",
            "left out": "frames_dropped_total",
        }
        return {name: int(after[key]) - int(before[key]) for name, key in names.items()}


def killed(size: tuple[int, int], times: int) -> dict[str, list[float]]:
    """Engines are killed while somebody speaks: ms until the next frame is there."""
    took: list[float] = []
    with mien.Backend(CAST, size=size, playout="null", quality="fixed") as stage:
        ended = 0
        for number in range(times):
            stage.say("wren", files()[0], key=f"turn {number}")
            while stage._keeper.spare is None or not any(one.position_s >= 1 for one in stage.playing()):
                stage.frame()
                if stage.idle:
                    stage.say("wren", files()[0])
            os.kill(stage.engine_pid, signal.SIGKILL)
            begun = time.perf_counter()
            stage.frame()
            while stage.restarts == number:  # a frame of before may have been waiting
                stage.frame()
            stage.frame()
            took.append(1000 * (time.perf_counter() - begun))
            while not stage.idle:
                stage.frame()
        events = stage.events()
        ended = sum(event.kind in ("finished", "dropped") for event in events)
        started = sum(event.kind == "started" for event in events)
        return {"took": took, "ended": [started, ended]}


def in_a_host(*arguments: str) -> Any:
    """A part of this file run by a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True, timeout=600
    )
    return json.loads(ran.stdout.splitlines()[-1])


def rings(pictures: int) -> None:
    """Both ways by turns, twice."""
    here = machine()
    print(
        f"`python {' '.join(sys.argv)}`; {here.processor}, {here.cores} cores; {here.date}; load average "
        f"{os.getloadavg()[0]:.1f}; {pictures} pictures of 1280x720 each, {RATE} a second\n\n"
        "| from a finished picture to its first pixel in the host, us | median | 99th percentile |\n"
        "|---|---:|---:|"
    )
    for way in [*WAYS] * 2:
        if way == "iceoryx2" and importlib.util.find_spec("iceoryx2") is None:
            print("| iceoryx2 | not installed: `pip install iceoryx2` | |")
            continue
        took = sorted(measured(way, pictures))
        print(f"| {way} | {statistics.median(took):.0f} | {took[len(took) * 99 // 100]:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="640x360", help="of the frames (default: 640x360)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each run (default: 30)")
    parser.add_argument(
        "--holds", default="0,10,50,300", help="ms that the GIL is kept (default: 0,10,50,300)"
    )
    parser.add_argument("--kills", type=int, default=5, help="engines that are killed (default: 5)")
    parser.add_argument("--rings", action="store_true", help="compare ways of giving pictures instead")
    parser.add_argument("--pictures", type=int, default=1400, help="of each run of --rings (default: 1400)")
    parser.add_argument("--part", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rings:
        rings(given.pictures)
        return
    width, height = map(int, given.size.split("x"))
    size = width, height
    if given.part:
        what, *more = given.part
        found: Any
        if what == "run":
            found = run(more[0], size, given.seconds, int(more[1]))
        elif what == "stopped":
            found = stopped(size)
        else:
            found = killed(size, given.kills)
        print(json.dumps(found))
        return
    common = ["--size", given.size, "--seconds", str(given.seconds), "--kills", str(given.kills), "--part"]
    here = machine()
    print(f"{here.renderer}; {here.processor}, {here.cores} cores; {given.size}, 30 a second, {here.date}\n")
    print("| the GIL kept | stage | due | late | left out | the host had |\n|---|---|---|---|---|---|")
    for hold in given.holds.split(","):
        for way, name in (("live", "`open_live`"), ("backend", "`Backend`")):
            found = in_a_host(*common, "run", way, hold)
            at = "never" if hold == "0" else f"{hold} ms at a time"
            counts = " | ".join(str(found[key]) for key in ("expected", "late", "left out", "seen"))
            print(f"| {at} | {name} | {counts} |" + " (an engine ended)" * bool(found["restarts"]))
            sys.stdout.flush()
    found = in_a_host(*common, "stopped")
    print(
        f"\nThe host stopped for {STOPPED_S:g} s: of {found['expected']} frames that were due in the engine "
        f"meanwhile, and 2 s later, {found['late']} were late and {found['left out']} left out."
    )
    found = in_a_host(*common, "killed")
    took = found["took"]
    print(
        f"\n{len(took)} engines killed while somebody spoke: the next frame was there after "
        f"{statistics.median(took):.0f} ms (median), {max(took):.0f} at most; of {found['ended'][0]} turns "
        f"that began {found['ended'][1]} were told to be over."
    )


if __name__ == "__main__":
    main()
