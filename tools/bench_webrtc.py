#!/usr/bin/env python3
"""The page of `mien serve --webrtc` in headless Chromium: intervals of pictures, mouth against sound.

Two characters talk without end; every second it is noted what the page has measured, and how busy the
machine was. Prints Markdown, for docs/benchmarks/webrtc.md. `--keep FILE` writes what was noted, a line of
JSON each, from which `--read FILE` makes the table again. Needs chromium, and mien[serve,webrtc].
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import mien
from bench_compositor.machine import machine

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from serve import browser

_AHEAD = 4
"""Turns that wait."""
_SETTLES_S = 60.0
"""Until the browser has brought sound and picture together: left out of the slope."""
_STOPPED_S = 5.0
"""Between two looks, of which one comes each second: longer, and the machine stood still."""


_ASKED = """(() => {
  const at = {};
  for (const one of peer.getReceivers()) {
    const source = one.getSynchronizationSources()[0];
    const rate = one.track.kind === "video" ? 90 : 48;
    at[one.track.kind] = source ? [source.rtpTimestamp / rate, source.timestamp] : null;
  }
  return [measured.skews.at(-1) ?? null, measured.shown, measured.freezes, measured.connections,
    at.video ?? null, at.audio ?? null];
})()"""
_TURNS_MS = {"picture": 2**32 / 90, "sound": 2**32 / 48}
"""After which a stream's clock begins at 0 again."""


class Note(NamedTuple):
    """What was found at a time."""

    at_s: float
    """Since the beginning."""
    skew_ms: float | None
    """Sound after picture, as the browser plays them; None: not known just then."""
    shown: int
    """Pictures that were shown so far."""
    freezes: int
    connections: int
    busy: float
    """Share of all cores that had work since the note before, 0 to 1."""
    load: float
    """Processes that want a core, mean of a minute."""
    picture: tuple[float, float] | None = None
    """The time on its own clock of the picture that is shown, and when it was, ms; None: it is not known."""
    sound: tuple[float, float] | None = None
    """The same of the sound. Both clocks count samples of the stage, from beginnings that are not known."""


class Talk:
    """Keeps turns coming, and comes back when its connection is lost. Parameter: the server's `port`."""

    def __init__(self, port: int) -> None:
        self._address = f"ws://127.0.0.1:{port}/"
        self._files = sorted((mien.bundled("conversations", "hello") / "audio").glob("*.opus"))
        self._opened = ExitStack()
        self._begin()

    def go_on(self) -> None:
        """Read what was told, and queue what is missing."""
        try:
            self._go_on()
        except ConnectionClosed:
            self._begin()

    def _begin(self) -> None:
        self._said = self._over = 0
        self._opened.close()
        self._socket = self._opened.enter_context(connect(self._address, max_size=None, ping_interval=None))
        self._socket.send(json.dumps({"type": "hello"}))

    def _go_on(self) -> None:
        while True:
            try:
                told = json.loads(self._socket.recv(timeout=0))
            except TimeoutError:
                break
            self._over += told.get("type") == "event" and told["kind"] in ("finished", "dropped")
        while self._said - self._over < _AHEAD:
            sound = self._files[self._said % len(self._files)].read_bytes()
            told = {"kind": "base64", "data": base64.b64encode(sound).decode()}
            turn = {"type": "turn", "speaker": ("wren", "otto")[self._said % 2], "audio": told}
            self._socket.send(json.dumps(turn))
            self._said += 1


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


def looks(page: browser.Page, talk: Talk, minutes: float) -> Iterator[Note]:
    """One each second."""
    page.ask(
        "(window.all = [], measured.intervals.push = function (one) { window.all.push(one);"
        " return Array.prototype.push.call(this, one) }, 0)"
    )
    begun, before = time.monotonic(), cores()
    while (passed := time.monotonic() - begun) < 60 * minutes:
        talk.go_on()
        found = None
        with suppress(TimeoutError):
            found = page.ask(_ASKED)
        now = cores()
        busy = 1 - (now[0] - before[0]) / max(1, now[1] - before[1])
        before = now
        if found is not None:
            skew, shown, freezes, connections, picture, sound = found
            skew, load = None if skew is None else -skew, os.getloadavg()[0]
            yield Note(passed, skew, shown, freezes, connections, busy, load, picture, sound)
        time.sleep(1)


def cores() -> tuple[int, int]:
    """Of the time of all cores so far: idle, all."""
    times = [int(one) for one in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return times[3] + times[4], sum(times)


class Slope(NamedTuple):
    """How something grows, and between which two it lies with 95 %."""

    value: float
    low: float
    high: float


def slope_of(points: list[tuple[float, float]]) -> Slope | None:
    """The median of the slopes of all pairs (Theil and Sen), with Sen's interval: a few that are far off
    change little. None of fewer than five points."""
    n = len(points)
    if n < 5:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2))
    half = 1.96 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18) / 2
    low, high = round(len(slopes) / 2 - half), round(len(slopes) / 2 + half)
    return Slope(statistics.median(slopes), slopes[max(0, low)], slopes[min(len(slopes) - 1, high)])


def media_skews(notes: list[Note]) -> list[tuple[float, float]]:
    """When, and how far the sound is behind the picture by the clocks that both are sent with, ms, against
    the median of the first minute after a beginning. Of the longest time without a new connection."""
    runs: dict[int, list[tuple[float, float]]] = {}
    firsts: dict[int, tuple[float, float]] = {}
    for note in notes:
        if note.picture is None or note.sound is None:
            continue
        # What is played now, of each: when it was played may differ.
        picture, sound = note.picture[0] - note.picture[1], note.sound[0] - note.sound[1]
        first = firsts.setdefault(note.connections, (picture, sound))
        apart = _least(picture - first[0], _TURNS_MS["picture"]) - _least(
            sound - first[1], _TURNS_MS["sound"]
        )
        runs.setdefault(note.connections, []).append((note.at_s, apart))
    longest = max(runs.values(), key=lambda run: run[-1][0] - run[0][0], default=[])
    settled = [apart for at, apart in longest if _SETTLES_S <= at - longest[0][0] < 2 * _SETTLES_S]
    zero = statistics.median(settled) if settled else 0.0
    return [(at, apart - zero) for at, apart in longest if at - longest[0][0] >= _SETTLES_S]


def _least(difference: float, turn: float) -> float:
    """On a clock that begins anew after a turn."""
    return (difference + turn / 2) % turn - turn / 2


def quarters(points: list[tuple[float, float]]) -> str:
    """The median of each."""
    if not points:
        return "-"
    first, last = points[0][0], points[-1][0]
    parts: list[list[float]] = [[], [], [], []]
    for at, value in points:
        parts[min(3, int(4 * (at - first) / max(1e-9, last - first)))].append(value)
    return ", ".join(f"{statistics.median(part):.0f}" if part else "-" for part in parts)


def slope_told(points: list[tuple[float, float]]) -> str:
    """By the medians of minutes."""
    minutes: dict[int, list[float]] = {}
    for at, value in points:
        minutes.setdefault(int(at // 60), []).append(value)
    slope = slope_of([(minute, statistics.median(part)) for minute, part in minutes.items()])
    return "-" if slope is None else f"{slope.value:+.2f} ({slope.low:+.2f} to {slope.high:+.2f})"


def tell(head: dict[str, Any], notes: list[Note]) -> None:
    """The tables."""
    last = notes[-1].at_s
    heard = [(note.at_s, note.skew_ms) for note in notes if note.skew_ms is not None]
    settled = [(at, skew) for at, skew in heard if at >= _SETTLES_S]
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
    busy, load = [note.busy for note in notes[1:]], [note.load for note in notes]
    print(
        f"\nOf both cores' time {100 * statistics.fmean(busy):.0f} % was used; {statistics.median(load):.1f} "
        f"processes wanted a core (median; {max(load):.1f} at most). The page connected "
        f"{notes[-1].connections} times. It all stood still {len(stops)} times, {sum(stops):.0f} s together."
    )


if __name__ == "__main__":
    main()
