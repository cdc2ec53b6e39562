#!/usr/bin/env python3
"""The page of `mien serve --webrtc` in headless Chromium: intervals of pictures, mouth against sound.

Two characters talk without end; every second it is noted what the page has measured, and how busy the
machine was. Prints Markdown, for docs/benchmarks/webrtc.md. `--keep FILE` writes what was noted, a line of
JSON each, from which `--read FILE` makes the table again. Needs chromium, and mien[serve,webrtc].
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench_compositor.machine import machine
from bench_webrtc.drift import SETTLES_S, media_skews, quarters, slope_told, verdict
from bench_webrtc.noted import Note, Talk, browser, looks

_STOPPED_S = 5.0
"""Between two looks, of which one comes each second: longer, and the machine stood still."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--fps", default="30")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write all notes there")
    parser.add_argument("--read", type=Path, metavar="FILE", help="measure nothing: read them from there")
    given = parser.parse_args()
    if given.read is not None:
        lines = [json.loads(line) for line in given.read.read_text().splitlines()]
        notes = [Note(*line) for line in lines if isinstance(line, list)]
        head: dict[str, Any] = {}
        for line in lines:
            head |= line if isinstance(line, dict) else {}
        tell(head, notes)
        return
    command = [sys.executable, "-m", "mien.cli", "serve", "wren", "otto", "--webrtc", "--silent", "--json"]
    with (
        subprocess.Popen(
            [*command, "--size", given.size, "--fps", given.fps, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        Path(given.keep or os.devnull).open("w", buffering=1) as kept,
    ):
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())["port"]
        try:
            with browser.opened(f"http://127.0.0.1:{port}/", Path(folder)) as page:
                measure(page, port, given, kept)
        finally:
            server.terminate()


def measure(page: browser.Page, port: int, given: argparse.Namespace, kept: Any) -> None:
    """Note what there is, and tell it."""
    page.wait("measured.state === 'live' && measured.intervals.length > 2")
    here = machine()
    head = {
        "command": " ".join(["python", *sys.argv]),
        "machine": f"{here.processor}, {here.cores} cores; {here.renderer}; {here.date}",
        "browser": subprocess.getoutput("chromium --version").strip().splitlines()[-1],
        "size": f"{given.size}, {given.fps} a second",
    }
    kept.write(json.dumps(head) + "\n")
    notes = []
    for note in looks(page, Talk(port), given.minutes):
        notes.append(note)
        kept.write(json.dumps(note) + "\n")
    head["intervals"] = page.ask("window.all")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as told:
        head["counted"] = told.read().decode()
    kept.write(json.dumps({name: head[name] for name in ("intervals", "counted")}) + "\n")
    tell(head, notes)


def tell(head: dict[str, Any], notes: list[Note]) -> None:
    """The tables."""
    last = notes[-1].at_s
    heard = [(note.at_s, note.skew_ms) for note in notes if note.skew_ms is not None]
    settled = [(at, skew) for at, skew in heard if at >= SETTLES_S]
    intervals = sorted(head.get("intervals") or [math.nan])
    stops = [b.at_s - a.at_s for a, b in pairwise(notes) if b.at_s - a.at_s > _STOPPED_S]
    shown = sum(max(0, b.shown - a.shown) for a, b in pairwise(notes))
    print(f"`{head['command']}`; {head['machine']}; {head['browser']}\n")
    print(
        "| frame | minutes | pictures a second | interval median, p99, most, ms | freezes |"
        "\n|---|---:|---:|---|---:|"
    )
    print(
        f"| {head['size']} | {last / 60:.1f} | {shown / (last - sum(stops)):.2f} | "
        f"{statistics.median(intervals):.1f}, {intervals[int(len(intervals) * 0.99)]:.1f}, "
        f"{intervals[-1]:.1f} | {notes[-1].freezes} |\n"
    )
    print(
        "| sound after picture | median of each quarter, ms | grows, ms a minute (95 %) |\n|---|---|---|\n"
        f"| as the browser plays them | {quarters(heard)} | {slope_told(settled)} |"
    )
    if media := media_skews(notes):
        print(f"| by their own clocks, from the second minute on | {quarters(media)} | {slope_told(media)} |")
    print(f"\n{verdict(settled)}")
    busy, load = [note.busy for note in notes[1:]], [note.load for note in notes]
    print(
        f"\nOf both cores' time {100 * statistics.fmean(busy):.0f} % was used; {statistics.median(load):.1f} "
        f"processes wanted a core (median; {max(load):.1f} at most). The page connected "
        f"{notes[-1].connections} times. It all stood still {len(stops)} times, {sum(stops):.0f} s together."
    )


if __name__ == "__main__":
    main()
