"""Streams of a stage: what players, programs and a web server's folder get, and what a slow one costs."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from mien.clock import FrameRate
from mien.errors import ScriptError
from mien.serve.frames import Frames, Shown
from mien.serve.outlets import Outlet, kind_of
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

    def show(self, count: int = 1) -> None:
        for _ in range(count):
            self.number += 1
            picture = np.full((SIZE.height, SIZE.width, 4), 255, np.uint8)
            picture[..., 0] = self.number % 256
            sound = np.full((1600, 2), 0.25, np.float32)
            self.outlet.show(Shown(self.number, self.number / 30, picture, sound))

    def show_until(self, done: Any) -> None:
        """One after another, each when the outlet has written what it was shown."""
        while not done():
            before = self.outlet.pictures
            self.show()
            while self.outlet.pictures == before and self.outlet._open and not done():
                os.sched_yield()


def opened(address: str) -> tuple[Outlet, Stage, Told]:
    told = Told()
    outlet = Outlet(address, SIZE, RATE, told)
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


@pytest.mark.parametrize("address", ["live.mp4", "http://somewhere/x", "", "rtmp:/x"])
def test_what_is_no_outlet_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(ScriptError, match="is no outlet: give"):
        kind_of(address)


def test_a_key_is_not_told() -> None:
    assert kind_of("rtmp://user:secret@live.example/app/key").told_as == "rtmp://live.example"
    with pytest.raises(ScriptError, match="even width"):
        Outlet("udp://127.0.0.1:9", Size(3, 4), RATE, print)
