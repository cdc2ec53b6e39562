"""The pictures that come out at the other end, one after the other: (h, w, 3 or 4) uint8."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench_ways.seen import SIZE


def raw(file: Any, channels: int) -> Iterator[Any]:
    size = SIZE[0] * SIZE[1] * channels
    while len(data := file.read(size)) == size:
        yield np.frombuffer(data, np.uint8).reshape(SIZE[1], SIZE[0], channels)


def decoded(place: Any, format: str | None = None, **options: str) -> Iterator[Any]:
    # As a player that does not wait: it would else look at seconds of it first.
    quick = {"probesize": "20000", "analyzeduration": "0"}
    with av.open(place, format=format, options=quick | options) as container:
        container.streams.video[0].thread_type = "SLICE"
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def segments(listed: Path) -> Iterator[Any]:
    """The pictures of each segment, once it is in the list."""
    known: set[str] = set()
    while True:
        lines = listed.read_text().splitlines() if listed.exists() else []
        new = [line for line in lines if not line.startswith("#") and line not in known]
        known.update(new)
        for name in new:
            yield from decoded(str(listed.parent / name))
        time.sleep(0.005)


class Pipe:
    """What PyAV is given of a pipe or a socket: it must not be asked to seek."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, most: int) -> bytes:
        data: bytes = self._file.read1(most)
        return data
