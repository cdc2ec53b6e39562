"""A server that is told things, and where in its pictures they are seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from websockets.sync.client import ClientConnection, connect

SIZE: Final = (320, 180)
_BACK: Final = (0, 255, 0)
Found = list[tuple[int, float]]
"""Of each message: how many pictures came until one showed it, that one counted; and ms."""


@contextmanager
def serving(*more: str, **environment: str) -> Iterator[dict[str, Any]]:
    """What a server says of where it is."""
    command = [sys.executable, "-m", "mien.cli", "serve", "wren", "otto", "--silent", "--no-spare", "--json"]
    sized = ["--port", "0", "--size", f"{SIZE[0]}x{SIZE[1]}", "--background", "#00ff00"]
    with subprocess.Popen(
        [*command, *sized, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    ) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@contextmanager
def talking(url: str) -> Iterator[ClientConnection]:
    with connect(url, compression=None, max_size=None) as told:
        told.send('{"type": "hello", "events": false}')
        told.recv()
        yield told


def is_here(picture: Any) -> bool:
    """Whether somebody stands at the right: (h, w, 3 or 4) uint8."""
    seen = picture[60:170, 230:250, :3].astype(int)
    return bool((np.abs(seen - _BACK).max(axis=2) > 75).sum() > 200)


def found(told: Callable[[bool], object], pictures: Iterator[Any], times: int) -> Found:
    """`told(here)`: have `otto` be there, or not."""
    took = []
    for _ in range(times):
        for _ in range(7):
            was = is_here(next(pictures))
        begun = time.perf_counter()
        told(not was)
        for count, picture in enumerate(pictures, 1):
            if is_here(picture) != was:
                took.append((count, 1000 * (time.perf_counter() - begun)))
                break
    return took


def teller(socket: ClientConnection) -> Callable[[bool], object]:
    def tell(here: bool) -> None:
        kind = "enter" if here else "leave"
        socket.send(json.dumps({"type": kind, "who": "otto", "seconds": 0}))

    return tell
