"""A page in headless Chromium that shows a talk without end, and what is noted of it each second."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import mien

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from serve import browser

_AHEAD = 4
"""Turns that wait."""
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
