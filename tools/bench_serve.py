#!/usr/bin/env python3
"""`mien serve`: from a message to the first pixel that shows it, and what a client that takes frames costs.

A server in a process of its own, as the command opens it; clients in this one, over real sockets. Prints
Markdown, for docs/benchmarks/serve.md.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import ClientConnection, connect

import mien
from bench_compositor.machine import machine

HEAD: Final = struct.Struct("<BBHHHIId")
WAYS: Final = (
    ("nobody takes frames", None),
    ("jpeg, whole", {"format": "jpeg"}),
    ("jpeg, half the size", {"format": "jpeg", "share": 2}),
    ("jpeg, whole, 10 a second", {"format": "jpeg", "fps": 10}),
    ("webp, whole", {"format": "webp"}),
    ("png, whole", {"format": "png"}),
    ("raw, whole", {"format": "raw"}),
)


@contextmanager
def serving(size: tuple[int, int]) -> Iterator[tuple[str, int]]:
    """The address of a server, and its process."""
    command = [sys.executable, "-m", "mien.cli", "serve", "wren", "otto", "--silent", "--no-spare", "--json"]
    more = ["--port", "0", "--size", f"{size[0]}x{size[1]}", "--background", "#0000"]
    with subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"], process.pid
        finally:
            process.terminate()


@contextmanager
def talking(url: str) -> Iterator[ClientConnection]:
    with connect(url, compression=None, max_size=None) as socket:
        socket.send('{"type": "hello"}')
        socket.recv()
        yield socket


def ask(socket: ClientConnection, type: str, **fields: Any) -> Any:
    socket.send(json.dumps({"type": type, "id": "x", **fields}))
    while True:
        told = socket.recv()
        if isinstance(told, str) and json.loads(told).get("id") == "x":
            return json.loads(told)["value"]


def frames(socket: ClientConnection) -> Iterator[tuple[int, int, bytes]]:
    """Number, pictures dropped so far, and data of each."""
    while True:
        told = socket.recv()
        if isinstance(told, bytes):
            head = HEAD.unpack_from(told)
            yield head[5], head[6], told[HEAD.size :]


def latencies(url: str, times: int) -> tuple[list[int], list[float]]:
    """Frames and ms from a message (`leave`, `enter`, as cuts) to the first picture that shows it.

    Frames: by how much the number of that picture is beyond the newest that had come when it was sent.
    """
    counted, took = [], []
    with talking(url) as socket:
        ask(socket, "frames", format="raw", width=64, height=36)
        pictures = frames(socket)
        here = True
        for _ in range(times):
            for _ in range(7):
                number, _, _ = next(pictures)
            begun = time.perf_counter()
            socket.send(json.dumps({"type": "leave" if here else "enter", "who": "otto", "seconds": 0}))
            here = not here
            for shown, _, data in pictures:
                side = [data[4 * (64 * y + x) + 3] for y in range(36) for x in range(50, 60)]
                if (sum(side) > 255 * 20) == here:
                    took.append(1000 * (time.perf_counter() - begun))
                    counted.append(shown - number)
                    break
    return counted, took


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def engine_of(pid: int) -> int:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return next(int(one) for task in tasks for one in (task / "children").read_text().split())


def watching(
    url: str, pid: int, wanted: dict[str, Any] | None, clients: int, seconds: float
) -> dict[str, float]:
    """Clients take frames for so long, while two speak: what the server and the engine took."""
    over = threading.Event()
    got: list[tuple[int, int, int]] = []
    size: dict[str, int] = {}

    def take() -> None:
        with talking(url) as socket:
            ask(
                socket,
                "frames",
                **{key: value for key, value in (wanted or {}).items() if key != "share"},
                **size,
            )
            number = dropped = data = 0
            for _, missed, picture in frames(socket):
                dropped = missed
                number, data = number + 1, data + len(picture)
                if over.is_set():
                    break
            got.append((number, dropped, data))

    engine = engine_of(pid)
    with talking(url) as socket:
        socket.send(json.dumps({"type": "state", "id": "y"}))
        if wanted and "share" in wanted:
            size["width"] = SIZE[0] // wanted["share"]
        file = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
        data = base64.b64encode(file.read_bytes()).decode()
        for n in range(round(seconds / 4) + 2):
            ask(socket, "turn", speaker=("wren", "otto")[n % 2], audio={"kind": "base64", "data": data})
        threads = [threading.Thread(target=take) for _ in range(clients if wanted else 0)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        before, begun = (cpu_s(pid), cpu_s(engine)), time.monotonic()
        totals = ask(socket, "metrics")["stage"]
        time.sleep(seconds)
        lasted = time.monotonic() - begun
        after, ended = (cpu_s(pid), cpu_s(engine)), ask(socket, "metrics")["stage"]
        over.set()
        for thread in threads:
            thread.join()
        ask(socket, "interrupt")
    late = ended["frames_late_total"] - totals["frames_late_total"]
    left_out = ended["frames_dropped_total"] - totals["frames_dropped_total"]
    return {
        "server": 100 * (after[0] - before[0]) / lasted,
        "engine": 100 * (after[1] - before[1]) / lasted,
        "due": ended["frames_expected_total"] - totals["frames_expected_total"],
        "late": late + left_out,
        "rate": sum(one[0] for one in got) / max(1, len(got)) / (lasted + 1.5),
        "dropped": sum(one[1] for one in got),
        "kB": sum(one[2] for one in got) / max(1, sum(one[0] for one in got)) / 1000,
    }


SIZE: Final = (1280, 720)
_TITLE: Final = """\
| frames | clients | server | engine | a second | dropped | kB each | due | late, left out |
|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run")
    parser.add_argument("--times", type=int, default=60, help="messages whose way to a pixel is measured")
    parser.add_argument("--only", choices=("latency", "cost"), help="one of the two")
    parser.add_argument("--ways", default="0-6", metavar="N-M", help="which formats: 0 is none")
    given = parser.parse_args()
    here = machine()
    first, _, last = given.ways.partition("-")
    with ExitStack() as stack:
        url, pid = stack.enter_context(serving(SIZE))
        with talking(url):
            pass  # it is there
        what = f"{here.renderer}; {here.processor}, {here.cores} cores"
        print(f"{what}; {SIZE[0]}x{SIZE[1]}, 30 a second, {here.date}\n")
        if given.only != "cost":
            counted, took = latencies(url, given.times)
            print(
                f"Of {len(counted)} messages the first picture that shows it was, counted from the newest "
                f"that had come, number {statistics.median(counted):g} (median; {min(counted)} to "
                f"{max(counted)}), "
                f"{statistics.median(took):.0f} ms later (median; {max(took):.0f} at most).\n"
            )
        if given.only != "latency":
            print(
                "| frames | clients | server | engine | a second | dropped | kB each | due | late, left out |"
            )
            print("|---|---|---|---|---|---|---|---|---|")
            for name, wanted in WAYS[int(first) : int(last) + 1]:
                for clients in (1, 4) if wanted else (0,):
                    one = watching(url, pid, wanted, clients, given.seconds)
                    print(
                        f"| {name} | {clients} | {one['server']:.0f} % | {one['engine']:.0f} % "
                        f"| {one['rate']:.1f} | {one['dropped']:.0f} | {one['kB']:.0f} | {one['due']:.0f} "
                        f"| {one['late']:.0f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
