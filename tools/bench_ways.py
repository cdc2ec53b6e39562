#!/usr/bin/env python3
"""From a message to `mien serve` to the first picture that shows it, by each way that its pictures go.

`leave` and `enter` are told as cuts; somebody at the other end decodes what comes and looks where `otto`
stands. Each way has a server of its own. Prints Markdown, for docs/embedding.md. Needs mien[serve,webrtc],
and chromium for the page.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from websockets.sync.client import ClientConnection, connect

import mien
from bench_compositor.machine import machine

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from serve import browser

SIZE: Final = (320, 180)
_BACK: Final = (0, 255, 0)
_CAMERA: Final = """
import os
class PixelFormat: RGB = 1
class Camera:
    def __init__(self, width, height, fps, **how): self.file = open(os.environ["CAMERA"], "wb", buffering=0)
    def send(self, picture): self.file.write(picture.tobytes())
    def close(self): self.file.close()
"""
"""What stands for pyvirtualcam, where there is no device: a pipe."""
_LOOK: Final = """
(async () => {
  const video = document.getElementById("stage"), canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const here = () => {
    pen.drawImage(video, 0, 0, 320, 180);
    const seen = pen.getImageData(230, 60, 20, 110).data;
    let others = 0;
    for (let k = 0; k < seen.length; k += 4)
      others += !(seen[k] < 60 && seen[k + 1] > 180 && seen[k + 2] < 60);
    return others > 200;
  };
  canvas.width = 320, canvas.height = 180;
  const next = () => new Promise((done) => video.requestVideoFrameCallback(done));
  const told = new WebSocket(`ws://${location.host}/`);
  await new Promise((done) => (told.onopen = done));
  told.send('{"type": "hello", "events": false}');
  const found = [];
  for (let k = 0; k < TIMES; ++k) {
    for (let n = 0; n < 7; ++n) await next();
    const was = here(), begun = performance.now();
    told.send(JSON.stringify({ type: was ? "leave" : "enter", who: "otto", seconds: 0 }));
    for (let n = 1; ; ++n) {
      await next();
      if (here() !== was) { found.push([n, performance.now() - begun]); break; }
    }
  }
  return found;
})()
"""
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


def raw(file: Any, channels: int) -> Iterator[Any]:
    size = SIZE[0] * SIZE[1] * channels
    while len(data := file.read(size)) == size:
        yield np.frombuffer(data, np.uint8).reshape(SIZE[1], SIZE[0], channels)


def decoded(place: Any, **options: str) -> Iterator[Any]:
    # As a player that does not wait: it would else look at seconds of it first.
    quick = {"probesize": "20000", "analyzeduration": "0"}
    with av.open(place, options=quick | options) as container:
        container.streams.video[0].thread_type = "SLICE"
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def by_stage(times: int) -> Found:
    """`mien.open_live`, in this process."""
    with mien.open_live(
        {"wren": "wren", "otto": "otto"}, size=SIZE, background="#00ff00", playout="null"
    ) as s:
        return found(_staged(s), s.frames(), times)


def by_backend(times: int) -> Found:
    """`mien.Backend`."""
    with mien.Backend(
        {"wren": "wren", "otto": "otto"}, size=SIZE, background="#00ff00", playout="null", spare=False
    ) as s:
        return found(_staged(s), s.frames(), times)


def _staged(stage: Any) -> Callable[[bool], object]:
    return lambda here: (stage.enter if here else stage.leave)("otto", seconds=0)


def by_socket(times: int) -> Found:
    """The WebSocket, raw pictures."""
    with serving() as where, talking(where["url"]) as told:
        told.send(json.dumps({"type": "frames", "format": "raw"}))

        def pictures() -> Iterator[Any]:
            while True:
                if isinstance(data := told.recv(), bytes):
                    yield np.frombuffer(data, np.uint8, offset=24).reshape(SIZE[1], SIZE[0], 4)

        return found(teller(told), pictures(), times)


def by_page(times: int) -> Found:
    """The page in Chromium, by WebRTC; a browser source is the same page."""
    with ExitStack() as stack:
        where = stack.enter_context(serving("--webrtc"))
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        address = f"http://127.0.0.1:{where['port']}/#plain"
        page = stack.enter_context(browser.opened(address, Path(folder)))
        page.wait("measured.state === 'live' && measured.shown > 60")
        return [(int(count), float(ms)) for count, ms in page.ask(_LOOK.replace("TIMES", str(times)))]


def by_pipe(times: int, name: str, channels: int) -> Found:
    """A pipe: raw pictures, or what a camera is given."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pipe = folder / name
        os.mkfifo(pipe)
        more: dict[str, str] = {}
        address = str(pipe)
        if name == "camera":
            (folder / "pyvirtualcam.py").write_text(_CAMERA)
            address, more = "camera", {"CAMERA": str(pipe)}
            more["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        where = stack.enter_context(serving("--stream", address, **more))
        told = stack.enter_context(talking(where["url"]))
        file = stack.enter_context(pipe.open("rb"))
        return found(teller(told), raw(file, channels), times)


def by_rtmp(times: int) -> Found:
    """RTMP, to FFmpeg as the server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"rtmp://127.0.0.1:{port}/live/x"
    with serving("--stream", address) as where, talking(where["url"]) as told:
        return found(teller(told), decoded(address, listen="1"), times)


def by_plugin(times: int) -> Found:
    """VTube Studio's API: a hotkey, by which the other comes in the model's place; seen by the WebSocket."""
    with ExitStack() as stack:
        where = stack.enter_context(serving("--vts", "0", "--vts-allow", "Bench"))
        told = stack.enter_context(talking(where["url"]))
        plugin = stack.enter_context(connect(where["vts"]))

        def ask(kind: str, **data: Any) -> Any:
            head = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": kind}
            plugin.send(json.dumps({**head, "data": data}))
            return json.loads(plugin.recv())["data"]

        who = {"pluginName": "Bench", "pluginDeveloper": "Mien"}
        token = ask("AuthenticationTokenRequest", **who)["authenticationToken"]
        ask("AuthenticationRequest", **who, authenticationToken=token)
        told.send('{"type": "leave", "who": "wren", "seconds": 0}')
        told.send(json.dumps({"type": "frames", "format": "raw"}))

        def pictures() -> Iterator[Any]:
            while True:
                if isinstance(data := told.recv(), bytes):
                    yield np.frombuffer(data, np.uint8, offset=24).reshape(SIZE[1], SIZE[0], 4)

        def move(here: bool) -> None:
            head = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "MoveModelRequest"}
            place = {"timeInSeconds": 0, "valuesAreRelativeToModel": False, "positionX": 0.5 if here else -1}
            plugin.send(json.dumps({**head, "data": place}))

        return found(move, pictures(), times)


WAYS: Final[dict[str, Callable[[int], Found]]] = {
    "open_live": by_stage,
    "Backend": by_backend,
    "mien serve, raw": by_socket,
    "page (WebRTC), Chromium": by_page,
    "plugin (VTS), seen by mien serve, raw": by_plugin,
    "raw pipe": lambda times: by_pipe(times, "frames", 4),
    "camera, to pyvirtualcam": lambda times: by_pipe(times, "camera", 3),
    "RTMP, FFmpeg": by_rtmp,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--only", choices=WAYS, nargs="*")
    given = parser.parse_args()
    here = machine()
    print(
        f"{here.renderer}; {here.processor}, {here.cores} cores; {SIZE[0]}x{SIZE[1]}, 30 a second, "
        f"{here.date}\n"
    )
    print("| by | picture that shows it, median, most | ms, median, most |\n|---|---|---|", flush=True)
    for name in given.only or WAYS:
        took = WAYS[name](given.times)
        counts, times = [count for count, _ in took], [ms for _, ms in took]
        print(
            f"| {name} | {statistics.median(counts):g}, {max(counts)} | "
            f"{statistics.median(times):.0f}, {max(times):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
