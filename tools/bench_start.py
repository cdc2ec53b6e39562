#!/usr/bin/env python3
"""How soon `mien play` is on the screen: its window, its bar, the first picture of a character, and motion.

`python tools/bench_start.py [--starts 15] [--cold 3] [WHAT ...]` prints Markdown, for
docs/benchmarks/start.md. Each start is a process of its own, on an X display of the tool's own (Xvfb), and
watched from outside: what counts is what the screen shows. What Mien keeps for the next start is there but in
the `cold` ones, which find no shader of Mesa's compiled before either.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final, NamedTuple

import numpy as np

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "window"))
from desk import Desk  # noqa: E402

WIDTH, HEIGHT = 1280, 720
_EVERY_S: Final = 0.003
"""Between two looks at the screen: so much a figure may be too large."""
_COLOURS: Final = 24
"""A row of the screen with more of them is of a picture: a bar has three."""
_ROWS: Final = (HEIGHT // 4, HEIGHT * 3 // 8, HEIGHT * 3 // 4)
"""Where a picture is looked for, above and below the bar."""
_GIVES_UP_S: Final = 120.0
CACHE: Final = "MIEN_CACHE"
_MAP_NOTIFY: Final = 19
_SUBSTRUCTURE: Final = 1 << 19


class Start(NamedTuple):
    """Seconds from the start of the process."""

    window: float
    """The window is on the screen,"""
    bar: float
    """with a bar in it,"""
    picture: float
    """and with a picture of what is played."""
    moves: float
    """The first picture is followed by another."""
    stood: float
    """Longest that the window showed the same from its first moment to the picture."""


@contextmanager
def screen() -> Iterator[str]:
    """The name of a display of its own."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Watcher:
    """Looks at a display. Parameter: `desk`, a connection to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.x.XSelectInput(desk.display, desk.root, ctypes.c_long(_SUBSTRUCTURE))

    def is_mapped(self) -> bool:
        """Whether a window was put on the screen since this was asked last."""
        event, found = (ctypes.c_long * 24)(), False
        while self._desk.x.XPending(self._desk.display):
            self._desk.x.XNextEvent(self._desk.display, ctypes.byref(event))
            found |= ctypes.cast(event, ctypes.POINTER(ctypes.c_int))[0] == _MAP_NOTIFY
        return found

    def bar(self) -> bytes:
        """What is where the bar is."""
        return self._desk.picture(0, HEIGHT // 2, WIDTH, 1).tobytes()

    def rows(self) -> bytes:
        """What is where a picture is looked for."""
        return b"".join(self._desk.picture(0, row, WIDTH, 1).tobytes() for row in _ROWS)

    def has_picture(self) -> bool:
        """Whether more is shown than a bar."""
        return any(
            len(np.unique(self._desk.picture(0, row, WIDTH, 1)[0], axis=0)) > _COLOURS for row in _ROWS
        )


def started(display: str, what: str, environment: dict[str, str]) -> Start:
    """Start it once, and end it as Ctrl-C does. `environment`: what differs in that from this program's."""
    watcher = Watcher(Desk(display))
    empty = watcher.bar()
    begun = monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "mien.cli", "play", what, "--silent"],
        env={**_environment(), "DISPLAY": display, "WAYLAND_DISPLAY": "", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def now() -> float:
        took = monotonic() - begun
        if took > _GIVES_UP_S or process.poll() is not None:
            assert process.stderr is not None
            process.kill()
            raise SystemExit(f"mien play {what} shows nothing: {process.stderr.read().decode()}")
        return took

    try:
        while not watcher.is_mapped():
            sleep(_EVERY_S)
            now()
        window = changed = now()
        bar, stood, before = 0.0, 0.0, empty
        while not watcher.has_picture():
            sleep(_EVERY_S)
            shown = watcher.bar()
            if shown != before:
                bar = bar or now()
                stood, changed, before = max(stood, now() - changed), now(), shown
        picture, first = now(), watcher.rows()
        while watcher.rows() == first:
            sleep(_EVERY_S)
            now()
        return Start(window, bar or picture, picture, now(), max(stood, picture - changed))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def _environment() -> dict[str, str]:
    """As of somebody who has installed it: Python keeps what it has compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cold(display: str, what: str) -> Start:
    """The same where neither Mesa nor Mien has kept anything."""
    with tempfile.TemporaryDirectory() as folder:
        return started(display, what, {"MESA_SHADER_CACHE_DIR": folder, CACHE: folder})


def row(what: str, starts: list[Start]) -> str:
    """One of the table: median, and most in brackets."""
    columns = (f"{np.median(each):.2f} ({max(each):.2f})" for each in zip(*starts, strict=True))
    return f"| {what} | {len(starts)} | {' | '.join(columns)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["wren", "hello"], metavar="WHAT")
    parser.add_argument("--starts", type=int, default=15, metavar="N")
    parser.add_argument("--cold", type=int, default=3, metavar="N", help="starts without shaders kept")
    given = parser.parse_args()
    with (
        screen() as display,
        tempfile.TemporaryDirectory() as compiled,
        tempfile.TemporaryDirectory() as kept,
    ):
        os.environ["PYTHONPYCACHEPREFIX"], os.environ[CACHE] = compiled, kept
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n", flush=True)
        print("| `mien play` | starts | window | bar | picture | moves | longest stood still |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for what in given.what:
            started(display, what, {})  # files are read, shaders and pages kept
            print(row(what, [started(display, what, {}) for _ in range(given.starts)]), flush=True)
            if given.cold:
                without = [cold(display, what) for _ in range(given.cold)]
                print(row(f"{what}, nothing kept", without), flush=True)


if __name__ == "__main__":
    main()
