#!/usr/bin/env python3
"""The page of `mien serve --webrtc` in headless Chromium: intervals of pictures, mouth against sound.

Two characters talk without end; every second it is noted what the page has measured. Prints Markdown, for
docs/benchmarks/webrtc.md. Needs chromium, and mien[serve,webrtc].
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

import mien
from bench_compositor.machine import machine

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from serve import browser

_AHEAD = 4
"""Turns that wait."""


class Talk:
    """Keeps turns coming."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._files = sorted((mien.bundled("conversations", "hello") / "audio").glob("*.opus"))
        self._said = self._over = 0
        self._socket.send(json.dumps({"type": "hello"}))

    def go_on(self) -> None:
        """Read what was told, and queue what is missing."""
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
    given = parser.parse_args()
    command = [sys.executable, "-m", "mien.cli", "serve", "wren", "otto", "--webrtc", "--silent", "--json"]
    with subprocess.Popen(
        [*command, "--size", given.size, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())["port"]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                with (
                    connect(f"ws://127.0.0.1:{port}/", max_size=None) as socket,
                    browser.opened(f"http://127.0.0.1:{port}/", Path(folder)) as page,
                ):
                    watch(page, Talk(socket), given.minutes, given.size)
            finally:
                server.terminate()


def watch(page: browser.Page, talk: Talk, minutes: float, size: str) -> None:
    """The table."""
    page.wait("measured.state === 'live' && measured.intervals.length > 2")
    page.ask(
        "(window.all = [], measured.intervals.push = function (one) { window.all.push(one);"
        " return Array.prototype.push.call(this, one) }, 0)"
    )
    begun, skews, first = time.monotonic(), [], page.ask("measured.shown")
    while (passed := time.monotonic() - begun) < 60 * minutes:
        talk.go_on()
        skew = page.ask("measured.skews.at(-1) ?? null")
        if skew is not None:
            skews.append((passed, skew))
        time.sleep(1)
    intervals = sorted(page.ask("window.all"))
    count, freezes = page.ask("measured.shown") - first, page.ask("measured.freezes")
    parts = [[skew for at, skew in skews if low <= at / passed < low + 0.25] for low in (0, 0.25, 0.5, 0.75)]
    print(f"`{' '.join(['python', *sys.argv])}`; {machine()}; {subprocess.getoutput('chromium --version')}\n")
    print(
        "| frame | minutes | pictures a second | interval median, p99, most, ms | freezes "
        "| sound after picture, median of each quarter, ms |\n|---|---:|---:|---|---:|---|"
    )
    print(
        f"| {size} | {minutes:g} | {count / passed:.2f} | {statistics.median(intervals):.1f}, "
        f"{intervals[int(len(intervals) * 0.99)]:.1f}, {intervals[-1]:.1f} | {freezes} | "
        + ", ".join(f"{-statistics.median(part):.0f}" if part else "-" for part in parts)
        + " |"
    )


if __name__ == "__main__":
    main()
