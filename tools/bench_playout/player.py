"""A program that says a conversation on the default sound device, and tells of it in JSON.

It is one of its own because PortAudio reads the environment when it is imported.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from bench_playout.conversation import conversation
from mien.audio import AudioSession, DevicePlayout
from mien.clock import SAMPLE_RATE

SILENT_FIRST = SAMPLE_RATE // 2
"""Samples heard before the first turn: a stream's first samples may be lost in a sink that was idle."""

Told = dict[str, object]


class Holder:
    """Holds the interpreter's lock for so long, again and again, with 10 ms in between for all others.

    PyDLL calls keep the lock, so that this is as exact as the kernel's sleep, and costs no core.
    """

    def __init__(self, ms: float) -> None:
        self.times = 0
        self._us = round(1000 * ms)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="holder", daemon=True)

    def __enter__(self) -> Holder:
        if self._us:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._us:
            self._thread.join()

    def _run(self) -> None:
        usleep = ctypes.PyDLL(None).usleep
        while not self._stop.wait(0.01):
            usleep(self._us)
            self.times += 1


def waits() -> dict[str, int]:
    """How long each thread of this program, and of those that it has started, has stood in the queue for a
    core, in nanoseconds; empty where the system does not say."""
    found: dict[str, int] = {}
    programs = ["self"]
    for program in programs:
        for thread in Path("/proc", program, "task").glob("*"):
            with suppress(OSError, ValueError, IndexError):
                found[thread.name] = int((thread / "schedstat").read_text("ascii").split()[1])
                programs += (thread / "children").read_text("ascii").split()
    return found


def play(turns: int, seconds: float, hold_ms: float, interrupt_s: float) -> Told:
    """Say it, and watch the position every 5 ms until the last turn has been heard; or interrupt it after so
    many seconds, unless that is 0."""
    interrupted: dict[str, int] = {}
    positions: list[tuple[int, int]] = []
    losses: list[str] = []
    no_core_ns = 0
    with AudioSession("live") as session:
        playout = session.playout
        if not isinstance(playout, DevicePlayout):
            raise SystemExit(f"no sound device: {session.fallback}")

        def watch(until: int) -> None:
            nonlocal no_core_ns
            while session.position() < until:
                before = waits()
                if playout.failure and (not losses or losses[-1] != playout.failure):
                    losses.append(playout.failure)
                positions.append((session.position(), time.perf_counter_ns()))
                time.sleep(0.005)
                waited = (ns - before.get(thread, ns) for thread, ns in waits().items())
                no_core_ns = max(no_core_ns, *waited)

        watch(SILENT_FIRST)
        said = conversation(turns, seconds)
        with Holder(hold_ms) as holder:
            for number, turn in enumerate(said):
                session.say(f"turn {number}", turn.wav(), gap_s=turn.gap / SAMPLE_RATE, pan=turn.pan)
            print("speaking", file=sys.stderr, flush=True)
            if interrupt_s:
                watch(session.position() + round(interrupt_s * SAMPLE_RATE))
                at = session.position()
                interrupted = {"position": at, "handed_over": session.known - at}
                interrupted["at_ns"] = time.perf_counter_ns()
                session.interrupt()
            while not session.idle:
                watch(session.position() + SAMPLE_RATE // 20)
            watch(session.known + SAMPLE_RATE // 4)
        return {
            "device": playout.name,
            "counters": asdict(session.counters()),
            "underflows": playout.underflows,
            "losses": playout.losses,
            "failures": losses,
            "holds": holder.times,
            "no_core_ms": no_core_ns / 1e6,
            "events": [(type(event).__name__, event.at, event.key) for event in session.drain_events()],
            "interrupted": interrupted,
            "positions": positions,
        }


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.5, help="of a turn (default: 0.5)")
    parser.add_argument("--hold-ms", type=float, default=0, help="hold the interpreter's lock so long, often")
    parser.add_argument("--interrupt-s", type=float, default=0, help="interrupt it after so long")
    options = parser.parse_args()
    json.dump(play(options.turns, options.seconds, options.hold_ms, options.interrupt_s), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
