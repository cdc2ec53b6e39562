#!/usr/bin/env python3
"""How many live conversations one machine holds, and what a render gains by more processes.

Sessions: 1, 2, 3... processes at a time, each a live stage on which two characters talk; how many of their
frames were late or left out, until one in a hundred was. Renders: the bundled conversation as a video by one
process and by several, in turns. Prints Markdown, for docs/benchmarks/scaling.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import mien
from bench_compositor.machine import machine
from mien.drawing_threads import VARIABLE, cores, threads_for
from mien.observe import totals_of

CAST = {"wren": "wren", "otto": "otto"}
SIZES = ((640, 360), (1280, 720))
MOST_SHARE = 0.01
"""Of late and left out frames: with more of them no further sessions are tried."""


def session(size: tuple[int, int], seconds: float) -> None:
    """One of the processes: ready is said on standard output, and waited for a line on standard input."""
    files = sorted((mien.bundled("conversations", "hello") / "audio").glob("*.opus"))
    with mien.open_live(CAST, size=size, playout="null", quality="fixed") as stage:
        for number in range(max(1, round(seconds / 3))):
            speaker = ("wren", "otto")[number % 2]
            stage.say(speaker, files[number % len(files)], "[happy] So [nod] it is.")
        print(json.dumps({"renderer": stage.renderer}), flush=True)
        sys.stdin.readline()
        for _ in stage.frames(seconds=seconds):
            pass
        totals = totals_of(stage.ledger)
        names = ("frames_expected_total", "frames_late_total", "frames_dropped_total")
        print(json.dumps({name: totals[name] for name in names}), flush=True)


def together(number: int, size: tuple[int, int], seconds: float) -> dict[str, Any]:
    """So many sessions at a time: their frames, all together."""
    told = {**os.environ, VARIABLE: str(threads_for(cores() / number))}
    command = [sys.executable, __file__, "--session", "x".join(map(str, size)), "--seconds", str(seconds)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=told)
        for _ in range(number)
    ]
    sums: dict[str, Any] = {}
    for one in running:
        assert one.stdout is not None
        sums |= json.loads(one.stdout.readline())
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in running:
        said, _ = one.communicate()
        for name, value in json.loads(said).items():
            sums[name] = sums.get(name, 0) + value
    return sums


def sessions(seconds: float, most: int, rounds: int) -> None:
    """The table of sessions."""
    print("| frame | sessions | frames | late | left out |\n|---|---:|---:|---:|---:|")
    for size in SIZES:
        for number in range(1, most + 1):
            runs = [together(number, size, seconds) for _ in range(rounds)]
            expected, late, out = (
                [int(run[f"frames_{name}_total"]) for run in runs] for name in ("expected", "late", "dropped")
            )
            print(
                f"| {size[0]}x{size[1]} | {number} | {sum(expected)} | {', '.join(map(str, late))} "
                f"| {', '.join(map(str, out))} |",
                flush=True,
            )
            if sum(late) + sum(out) > MOST_SHARE * sum(expected):
                break


def renders(workers: list[int], size: str, rounds: int) -> None:
    """The table of renders."""
    took: dict[int, list[float]] = {number: [] for number in workers}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for number in workers:
                command = [sys.executable, "-m", "mien.cli", "render", "hello", "--size", size, "--json"]
                command += ["-o", str(Path(folder) / f"{number}.mp4"), "--workers", str(number)]
                begun = time.monotonic()
                subprocess.run(command, check=True, capture_output=True)
                took[number].append(time.monotonic() - begun)
        files = {(Path(folder) / f"{number}.mp4").read_bytes() for number in workers}
    first = statistics.median(took[workers[0]])
    print("| workers | seconds, median (of) | by one process / by these |\n|---:|---:|---:|")
    for number in workers:
        median = statistics.median(took[number])
        print(
            f"| {number} | {median:.1f} ({', '.join(f'{one:.1f}' for one in took[number])}) "
            f"| {first / median:.2f} |"
        )
    print(f"\nThe files are {'the same to the byte' if len(files) == 1 else 'NOT the same'}.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="of each session")
    parser.add_argument("--most", type=int, default=8, help="sessions at a time")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--size", default="1280x720", help="of the renders")
    parser.add_argument("--only", choices=("sessions", "renders"))
    parser.add_argument("--session", metavar="WxH", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.session:
        width, height = map(int, given.session.split("x"))
        session((width, height), given.seconds)
        return
    here = machine()
    command = " ".join(["python", *sys.argv])
    print(f"`{command}`; {here.processor}, {cores():g} cores; {here.renderer}; {here.date}:\n")
    if given.only != "renders":
        sessions(given.seconds, given.most, given.rounds)
        print()
    if given.only != "sessions":
        renders(given.workers, given.size, given.rounds)


if __name__ == "__main__":
    main()
