"""The ways: each plays the same, and gives what was found."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
from websockets.sync.client import connect

import mien
from bench_ways.pictures import Pipe, decoded, raw, segments
from bench_ways.seen import SIZE, Found, found, serving, talking, teller

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from serve import browser

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


def by_webm(times: int) -> Found:
    """WebM in a pipe, as a player reads it."""
    with ExitStack() as stack:
        pipe = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "live.webm"
        os.mkfifo(pipe)
        where = stack.enter_context(serving("--stream", str(pipe)))
        told = stack.enter_context(talking(where["url"]))
        return found(teller(told), decoded(str(pipe)), times)


def by_tcp(times: int) -> Found:
    """MPEG-TS over TCP."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listening.getsockname()[1]
        where = stack.enter_context(serving("--stream", f"tcp://127.0.0.1:{port}"))
        told = stack.enter_context(talking(where["url"]))
        connection, _ = listening.accept()
        file = stack.enter_context(connection.makefile("rb"))
        return found(teller(told), decoded(Pipe(file), format="mpegts"), times)


def by_srt(times: int) -> Found:
    """SRT, to srt-live-transmit as the receiver, with the delay that it has unless told."""
    with ExitStack() as stack:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = ["srt-live-transmit", "-quiet", f"srt://127.0.0.1:{port}?mode=listener", "file://con"]
        receiver = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
        stack.callback(receiver.terminate)
        where = stack.enter_context(serving("--stream", f"srt://127.0.0.1:{port}"))
        told = stack.enter_context(talking(where["url"]))
        return found(teller(told), decoded(Pipe(receiver.stdout), format="mpegts"), times)


def by_hls(times: int) -> Found:
    """HLS, by a player that takes each segment as soon as the list has it and shows it without delay."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        where = stack.enter_context(serving("--stream", str(folder / "live.m3u8")))
        told = stack.enter_context(talking(where["url"]))
        return found(teller(told), segments(folder / "live.m3u8"), times)


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
    "WebM, in a pipe": by_webm,
    "MPEG-TS over TCP": by_tcp,
    "SRT, srt-live-transmit": by_srt,
    "HLS, each segment as it is listed": by_hls,
}
