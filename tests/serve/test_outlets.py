"""Streams of a stage: what players, programs and a web server's folder get, and what a slow one costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import pytest

from backend.test_backend import wait_for_end
from mien.clock import FrameRate
from mien.errors import PackageMissing, ScriptError
from mien.serve import srt
from mien.serve.camera import check_camera
from mien.serve.frames import Frames, Shown
from mien.serve.outlets import Outlet, check, kind_of
from mien.serve.sinks import Linked, Raw, coded_as
from mien.types import Size

SIZE = Size(64, 48)
RATE = FrameRate.of(30)


class Told:
    """Sentences, and a wait for the first."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.came = threading.Event()

    def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self.came.set()


class Stage:
    """Shows frames to an outlet as a stage's thread does."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.number = 0
        self.right: Any = None
        """What the right half of each picture is; None: as the left one."""

    def show(self, count: int = 1) -> None:
        height, width = self.outlet._size.height, self.outlet._size.width
        for _ in range(count):
            self.number += 1
            picture = np.full((height, width, 4), 255, np.uint8)
            picture[..., 0] = self.number % 256
            if self.right is not None:
                picture[:, width // 2 :] = self.right
            sound = np.full((1600, 2), 0.25, np.float32)
            self.outlet.show(Shown(self.number, self.number / 30, picture, sound))

    def show_until(self, done: Any) -> None:
        """One after another, each when the outlet has written what it was shown."""
        while not done():
            before = self.outlet.pictures
            self.show()
            while self.outlet.pictures == before and self.outlet._open and not done():
                os.sched_yield()


def opened(address: str, size: Size = SIZE, **how: Any) -> tuple[Outlet, Stage, Told]:
    told = Told()
    outlet = Outlet(address, size, RATE, told, **how)
    frames = Frames()
    outlet.begin(frames)
    return outlet, Stage(outlet), told


def test_a_folder_for_a_web_server_has_the_last_seconds_with_their_sound(tmp_path: Path) -> None:
    outlet, stage, told = opened(str(tmp_path / "live.m3u8"))
    stage.show_until(lambda: outlet.pictures >= 200)
    outlet.end()
    assert told.sentences == []
    with av.open(str(tmp_path / "live.m3u8")) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.width, video.codec_context.height) == SIZE
        pictures, sound = 0, []
        for frame in file.decode(video, audio):
            if isinstance(frame, av.VideoFrame):
                pictures += 1
            else:
                sound.append(frame.to_ndarray())
    assert pictures == outlet.pictures
    heard = np.concatenate(sound, axis=1)
    assert abs(heard.shape[1] - 1600 * pictures) <= 3 * 1024
    assert abs(float(np.median(heard)) - 0.25) < 0.01


@pytest.mark.parametrize("name", ["live.m3u8", "live.webm", "frames.rgba"])
def test_a_folder_that_is_missing_is_made(name: str, tmp_path: Path) -> None:
    outlet, stage, told = opened(str(tmp_path / "new" / name))
    stage.show_until(lambda: outlet.pictures >= 5 or told.came.is_set())
    outlet.end()
    assert told.sentences == [] and (tmp_path / "new" / name).stat().st_size > 0


def test_a_player_that_connects_late_and_leaves_is_waited_for_and_told_of(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outlet, stage, told = opened(f"tcp://127.0.0.1:{port}")
    assert told.came.wait(60)  # nobody listens
    assert told.sentences[0].startswith(f"tcp://127.0.0.1:{port}: the stream broke off (")
    with socket.create_server(("127.0.0.1", port)) as listening:
        player, _ = listening.accept()
        with player:
            got = bytearray()
            reading = threading.Thread(target=lambda: _read(player, got, 20_000))
            reading.start()
            stage.show_until(lambda: not reading.is_alive())
            reading.join()
    assert got[0] == 0x47  # a packet of MPEG-TS
    assert got[188] == 0x47
    told.came.clear()
    stage.show_until(told.came.is_set)
    assert "again in" in told.sentences[-1]
    outlet.end()


def _read(player: socket.socket, got: bytearray, most: int) -> None:
    while len(got) < most:
        got += player.recv(4096)


def test_raw_pictures_come_whole_and_a_reader_who_stops_costs_nobody_anything(tmp_path: Path) -> None:
    pipe = tmp_path / "frames"
    os.mkfifo(pipe)
    outlet, stage, _ = opened(str(pipe))
    with pipe.open("rb") as reader:
        stage.show_until(lambda: outlet.pictures >= 1)
        size = SIZE.width * SIZE.height * 4
        first = np.frombuffer(reader.read(size), np.uint8).reshape(SIZE.height, SIZE.width, 4)
        assert (first[..., 1:] == 255).all()
        assert (first[..., 0] == first[0, 0, 0]).all()
        stage.show(100)  # and nobody reads: this returns all the same
        assert outlet.pictures_dropped >= 80
    outlet.end()


def test_a_file_that_breaks_off_keeps_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, write = tmp_path / "frames.rgba", Raw.picture

    def picture(self: Raw, at: int, pixels: Any) -> None:
        if file.stat().st_size >= 3 * pixels.nbytes:
            raise OSError(28, "No space left on device")
        write(self, at, pixels)

    monkeypatch.setattr(Raw, "picture", picture)
    monkeypatch.setattr("mien.serve.outlets._AGAIN_S", (0.0,))
    outlet, stage, told = opened(str(file))
    stage.show_until(told.came.is_set)
    dropped = outlet.pictures_dropped
    stage.show_until(lambda: outlet.pictures_dropped > dropped + 5)
    outlet.end()
    assert file.stat().st_size == 3 * SIZE.width * SIZE.height * 4 and outlet.pictures == 3
    assert told.sentences == [
        f"{file}: the stream broke off (No space left on device); what is written stays, and no more is."
    ]


@pytest.mark.parametrize("address", ["live.mp4", "ftp://somewhere/x", "", "rtmp:/x", "cam", "webm:x"])
def test_what_is_no_outlet_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(ScriptError, match="is no outlet: give"):
        kind_of(address)


def test_a_packaged_program_says_beforehand_what_it_cannot_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    with pytest.raises(ScriptError, match=r"rtmp://live\.example: this program is packaged .* tcp://"):
        check("rtmp://live.example/app/key")
    check("tcp://127.0.0.1:9")


def test_a_key_is_not_told() -> None:
    assert kind_of("rtmp://user:secret@live.example/app/key").told_as == "rtmp://live.example"
    with pytest.raises(ScriptError, match="even width"):
        Outlet("udp://127.0.0.1:9", Size(3, 4), RATE, print)


# -- WebM -------------------------------------------------------------------------------------------


def alpha_of(file: Path) -> tuple[list[Any], int]:
    """The alpha of each picture of a WebM, (h, w) uint8, and how many samples of sound it has."""
    with av.open(str(file)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.metadata.get("alpha_mode") == "1"
        decoder = av.CodecContext.create("libvpx-vp9", "r")  # FFmpeg's own leaves alpha out
        pictures, samples = [], 0
        for packet in container.demux(video, audio):
            if packet.stream is audio:
                samples += sum(frame.samples for frame in packet.decode())
            elif packet.size:
                pictures += [
                    frame.to_ndarray(format="rgba")[..., 3]
                    for frame in decoder.decode(packet)  # type: ignore[attr-defined]
                ]
    return pictures, samples


def test_a_webm_keeps_what_is_transparent(tmp_path: Path) -> None:
    outlet, stage, told = opened(str(tmp_path / "live.webm"), alpha=True)
    stage.right = 0
    stage.show_until(lambda: outlet.pictures >= 40)
    outlet.end()
    assert told.sentences == []
    pictures, samples = alpha_of(tmp_path / "live.webm")
    assert len(pictures) == outlet.pictures
    assert abs(samples - 1600 * len(pictures)) <= 3 * 960
    for alpha in pictures:
        assert alpha[:, :24].min() > 240 and alpha[:, 40:].max() < 16


def test_an_opaque_stage_sends_no_alpha(tmp_path: Path) -> None:
    outlet, stage, _ = opened(str(tmp_path / "live.webm"))
    stage.show_until(lambda: outlet.pictures >= 5)
    outlet.end()
    with av.open(str(tmp_path / "live.webm")) as container:
        assert "alpha_mode" not in container.streams.video[0].metadata


def test_a_webm_holds_no_picture_back(tmp_path: Path) -> None:
    file, copy = tmp_path / "live.webm", tmp_path / "so-far.webm"
    writing = Linked(str(file), coded_as("webm", alpha=True), SIZE, RATE)
    for number in range(30):
        writing.sound(1600 * number, np.zeros((1600, 2), np.int16))
        writing.picture(1600 * number, np.full((SIZE.height, SIZE.width, 4), number * 8, np.uint8))
    copy.write_bytes(file.read_bytes())
    writing.close()
    pictures, _ = alpha_of(copy)
    assert len(pictures) >= 27  # of an encoder that looks ahead, or of clusters of a second: 0


def test_a_webm_goes_down_a_pipe_as_it_is_made(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.webm"
    os.mkfifo(pipe)
    outlet, stage, _ = opened(str(pipe), alpha=True)
    with pipe.open("rb", buffering=0) as reader:
        got = bytearray()
        reading = threading.Thread(target=lambda: _read_file(reader, got, 4000))
        reading.start()
        stage.show_until(lambda: not reading.is_alive())
        reading.join()
    assert got.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in got[:64]
    outlet.end()


def _read_file(reader: Any, got: bytearray, most: int) -> None:
    while len(got) < most and (more := reader.read(4096)):
        got += more


class _Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server: Any = self.server
        server.kind = self.headers.get("Content-Type")
        while size := int(self.rfile.readline(), 16):
            server.got += self.rfile.read(size + 2)[:-2]
            server.enough.set() if len(server.got) > 4000 else None
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_webm_is_posted_to_a_web_server_in_pieces() -> None:
    with HTTPServer(("127.0.0.1", 0), _Takes) as server:
        server.got, server.enough = bytearray(), threading.Event()  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.handle_request)
        serving.start()
        outlet, stage, _ = opened(f"http://127.0.0.1:{server.server_port}/live.webm?key=secret", alpha=True)
        assert outlet.kind.told_as == f"http://127.0.0.1:{server.server_port}"
        stage.show_until(server.enough.is_set)  # type: ignore[attr-defined]
        outlet.end()
        serving.join()
        assert server.got.startswith(b"\x1a\x45\xdf\xa3")  # type: ignore[attr-defined]
        assert server.kind == "video/webm"  # type: ignore[attr-defined]


# -- a virtual camera -------------------------------------------------------------------------------


class Device:
    """What stands for pyvirtualcam: a camera whose pictures are kept. `fails`: what opening it says."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.seen: list[Any] = []
        self.opened_with: dict[str, Any] = {}
        self.takes = threading.Event()
        self.takes.set()

    def module(self) -> ModuleType:
        device, module = self, ModuleType("pyvirtualcam")

        class Camera:
            def __init__(self, width: int, height: int, fps: float, **how: Any) -> None:
                if device.fails:
                    raise RuntimeError(device.fails)
                device.opened_with = {"width": width, "height": height, "fps": fps, **how}

            def send(self, picture: Any) -> None:
                device.takes.wait()
                device.seen.append(picture.copy())

            def close(self) -> None:
                pass

        class PixelFormat:
            RGB = "rgb"

        module.Camera, module.PixelFormat = Camera, PixelFormat  # type: ignore[attr-defined]
        return module


def test_a_virtual_camera_shows_each_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device()
    monkeypatch.setitem(sys.modules, "pyvirtualcam", device.module())
    outlet, stage, told = opened("camera:/dev/video9")
    stage.right = 0
    stage.show_until(lambda: outlet.pictures >= 3)
    outlet.end()
    assert told.sentences == [] and len(device.seen) == outlet.pictures
    assert device.opened_with == {
        "width": 64, "height": 48, "fps": 30.0, "fmt": "rgb", "device": "/dev/video9"
    }  # fmt: skip
    assert device.seen[0].shape == (48, 64, 3) and device.seen[0].flags["C_CONTIGUOUS"]
    assert (device.seen[0][:, 40:] == 0).all() and (device.seen[0][:, :24, 1] == 255).all()


@pytest.mark.parametrize(("system", "what_to_do"), [("linux", "load v4l2loopback"), ("win32", "install OBS")])
def test_without_a_device_it_is_told_once_what_to_install(
    monkeypatch: pytest.MonkeyPatch, system: str, what_to_do: str
) -> None:
    device = Device("'v4l2loopback' backend: No devices\nfound.\n")
    monkeypatch.setitem(sys.modules, "pyvirtualcam", device.module())
    monkeypatch.setattr("mien.serve.camera.sys.platform", system)
    tries = threading.Semaphore(0)
    monkeypatch.setattr("mien.serve.outlets._AGAIN_S", (0.0,))
    monkeypatch.setattr("mien.serve.outlets.Camera", _counted(tries))
    outlet, _, told = opened("camera")
    for _ in range(4):
        assert tries.acquire(timeout=60)
    outlet.end()
    (sentence,) = told.sentences
    assert sentence.startswith("camera: the stream broke off (no virtual camera takes pictures: ")
    assert what_to_do in sentence and "\n" not in sentence and "No devices found" in sentence


def _counted(tries: threading.Semaphore) -> Any:
    from mien.serve.camera import Camera

    def made(*given: Any) -> Any:
        tries.release()
        return Camera(*given)

    return made


def test_without_its_package_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.serve.camera.find_spec", lambda name: None)
    with pytest.raises(PackageMissing, match=r"pip install 'mien\[camera\]'"):
        check("camera")


def test_a_real_camera_takes_pictures() -> None:
    try:
        check_camera()
    except PackageMissing as missing:
        pytest.skip(str(missing))
    outlet, stage, told = opened("camera")
    while not outlet._open and not told.sentences:
        os.sched_yield()
    if told.sentences:
        outlet.end()
        assert "no virtual camera takes pictures: " in told.sentences[0]
        pytest.skip(told.sentences[0])
    stage.show_until(lambda: outlet.pictures >= 3)
    outlet.end()


# -- RTMP -------------------------------------------------------------------------------------------

SERVICE = """
import av, sys
with av.open(sys.argv[1], options={"listen": "1"}) as come:
    seen = {"video": 0, "audio": 0}
    for packet in come.demux():
        seen[packet.stream.type] += packet.size > 0
        if min(seen.values()) >= 20: break
    print([stream.codec_context.name for stream in come.streams])
"""


def test_a_service_gets_picture_and_sound_by_rtmp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"rtmp://127.0.0.1:{free.getsockname()[1]}/live/key"
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, address], stdout=subprocess.PIPE, text=True
    ) as service:
        outlet, stage, _ = opened(address)  # and again, where nobody listens yet
        stage.show_until(lambda: service.poll() is not None)
        outlet.end()
        assert service.stdout is not None
        assert service.stdout.read().strip() == "['h264', 'aac']"


def test_what_a_service_is_sent_by_says_why_it_cannot() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outlet, stage, told = opened(f"rtmp://127.0.0.1:{port}/live/key")
    stage.show_until(told.came.is_set)
    outlet.end()
    assert told.sentences[0].startswith(f"rtmp://127.0.0.1:{port}: the stream broke off (Connection refused")


# -- SRT --------------------------------------------------------------------------------------------


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs, empty; FFmpeg's libraries speak no SRT."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("mien.serve.srt.is_built_in", lambda: False)
    monkeypatch.setattr("mien.serve.outlets.is_built_in", lambda: False)
    srt._knows_srt.cache_clear()
    return folder


def program(folder: Path, name: str, body: str) -> None:
    """Have there be a program that does that."""
    file = folder / name
    file.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
    file.chmod(0o755)


def test_the_wheels_of_pyav_have_no_srt_or_send_it() -> None:
    assert srt.is_built_in() in (True, False)  # and asking neither raises nor waits


def test_without_srt_anywhere_it_is_said_before_anything_is_loaded(programs: Path) -> None:
    with pytest.raises(ScriptError) as raised:
        check("srt://live.example:9000?passphrase=secret")
    told = str(raised.value)
    assert (
        told.startswith("srt://live.example:9000: this PyAV has no SRT") and "apt install srt-tools" in told
    )
    assert "secret" not in told
    program(programs, "ffmpeg", "echo 'Output:  rtmp udp'")
    with pytest.raises(ScriptError):
        check("srt://live.example:9000")


@pytest.mark.parametrize("name", ["srt-live-transmit", "ffmpeg"])
def test_srt_is_sent_by_a_program_that_speaks_it(programs: Path, tmp_path: Path, name: str) -> None:
    got, asked = tmp_path / "got.ts", tmp_path / "asked"
    program(
        programs, name,
        f'case "$*" in *-protocols*) echo "Output:  rtmp srt udp"; exit;; esac\n'
        f'echo "$@" > {asked}; exec cat > {got}',
    )  # fmt: skip
    address = "srt://live.example:9000?streamid=publish"
    check(address)
    outlet, stage, told = opened(address)
    stage.show_until(lambda: outlet.pictures >= 30)
    outlet.end()
    assert told.sentences == [] and asked.read_text().split()[-1] == address
    data = got.read_bytes()
    assert data[0] == data[188] == 0x47 and len(data) % 188 == 0
    with av.open(str(got)) as container:
        assert sum(1 for _ in container.decode(video=0)) == outlet.pictures


def test_what_the_program_says_is_told_when_it_ends(programs: Path) -> None:
    program(programs, "srt-live-transmit", "echo 'ERROR: connection refused' >&2; exit 1")
    outlet, stage, told = opened("srt://127.0.0.1:9")
    stage.show_until(told.came.is_set)
    outlet.end()
    assert "the stream broke off (ERROR: connection refused); again in" in told.sentences[0]


def test_what_the_program_says_is_told_without_the_key(programs: Path) -> None:
    program(programs, "srt-live-transmit", 'echo "cannot open $3: /live?passphrase=secret" >&2; exit 1')
    outlet, stage, told = opened("srt://me:pass@127.0.0.1:9/live?passphrase=secret")
    stage.show_until(told.came.is_set)
    outlet.end()
    assert "broke off (cannot open the address: ); again" in told.sentences[0]


SENDS_AND_LEAVES = """
import sys
from mien.clock import FrameRate
from mien.serve.sent import Sent
from mien.types import Size
command = [sys.executable, "-c", "import time; time.sleep(600)"]
sent = Sent(command, "rtmp://x", "mpegts", Size(16, 16), FrameRate.of(30))
print(sent._program.pid)
"""


def test_a_program_that_does_not_end_ends_with_a_server_that_waits_for_it_no_more() -> None:
    """As where a service does not answer: its input ends, and it does not look."""
    left = subprocess.run(
        [sys.executable, "-c", SENDS_AND_LEAVES], capture_output=True, text=True, check=True
    )
    wait_for_end(int(left.stdout))


# -- a slow one -------------------------------------------------------------------------------------


@contextmanager
def _pipe(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    os.mkfifo(tmp_path / name)
    descriptor = os.open(tmp_path / name, os.O_RDONLY | os.O_NONBLOCK)  # and reads nothing
    try:
        yield str(tmp_path / name)
    finally:
        os.close(descriptor)


@contextmanager
def _peer(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Somebody who lets connect, and reads nothing."""
    with closing(socket.socket()) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/live"


@contextmanager
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    program(tmp_path, "srt-live-transmit", "exec sleep 600")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("mien.serve.outlets.is_built_in", lambda: False)
    yield "srt://127.0.0.1:9"


@contextmanager
def _device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    device = Device()
    device.takes.clear()
    monkeypatch.setitem(sys.modules, "pyvirtualcam", device.module())
    yield "camera"
    device.takes.set()


SLOW = {
    "raw": lambda *given: _pipe("frames", *given),
    "webm": lambda *given: _pipe("live.webm", *given),
    "http": lambda *given: _peer("http", *given),
    "tcp": lambda *given: _peer("tcp", *given),
    "rtmp": lambda *given: _peer("rtmp", *given),
    "srt": _program,
    "camera": _device,
}


@pytest.mark.parametrize("way", SLOW)
def test_a_slow_one_misses_pictures_which_are_counted_and_slows_no_other(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = Size(192, 144)
    noise = np.random.default_rng(1).integers(0, 255, (144, 96, 4), np.uint8)
    with ExitStack() as stack:
        address = stack.enter_context(SLOW[way](tmp_path, monkeypatch))
        quick, stage, _ = opened(str(tmp_path / "quick.rgba"), size)
        slow, beside, told = opened(address, size)
        stage.right = beside.right = noise
        while not slow.is_open:
            os.sched_yield()
        stage.show_until(lambda: quick.pictures >= 1)
        dropped = quick.pictures_dropped
        while slow.pictures_dropped < 20:
            beside.show()
            before = quick.pictures
            stage.show()
            while quick.pictures == before:  # each is written, whatever the other does
                os.sched_yield()
            stage.right = beside.right = np.roll(noise, stage.number)
        assert quick.pictures_dropped == dropped
        in_hand = beside.number - slow.pictures_dropped - slow.pictures - len(slow._pictures)
        assert in_hand in (0, 1)  # none, where its thread has not come to it yet
        assert told.sentences == []
        quick.end()
        slow._over = True  # what is under way ends with its peer
