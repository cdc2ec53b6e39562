"""What hands a ring of samples to a device, and takes back what is not to be heard: by the test's clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest

from backend.test_backend import wait_for_end
from mien.audio import DevicePlayout, Sequencer, apart, device_playout
from mien.audio.apart import ApartStream, Gone, open_stream
from mien.audio.device import DeviceStream
from mien.audio.sound_writer import (
    AT_NS,
    CHANGES,
    DRY,
    FADE_S,
    HEAD,
    HEARD,
    MUTED,
    READ,
    UNTIL,
    WRITTEN,
    Writer,
)
from mien.audio.streams import LATENCIES_S, PortStream

RATE = 48_000
BLOCK = 240
FADE = round(FADE_S * RATE)
FRAMES = 4800
NEVER = 1 << 62


class Server:
    """Holds 1920 frames, plays them when the test says so, and can be written anew."""

    can_rewrite = True

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self.handed: list[np.ndarray] = []
        self.played = 0
        self.empty = self.closed = False
        self.rewritten = 0

    @property
    def frames(self) -> np.ndarray:
        return np.concatenate(self.handed) if self.handed else np.zeros((0, 2), np.float32)

    def room(self) -> int:
        return 1920 - self.held()

    def write(self, data: bytes) -> None:
        self.handed.append(np.frombuffer(data, np.float32).reshape(-1, 2))

    def rewrite(self, data: bytes) -> None:
        new = np.frombuffer(data, np.float32).reshape(-1, 2)
        whole = self.frames
        assert len(whole) - len(new) >= self.played  # what was heard stays
        self.handed = [np.concatenate((whole[: len(whole) - len(new)], new))]
        self.rewritten += len(new)

    def held(self) -> int:
        return sum(map(len, self.handed)) - self.played

    def ran_empty(self) -> bool:
        empty, self.empty = self.empty, False
        return empty

    def close(self) -> None:
        self.closed = True


class Device(Server):
    """Of which nothing can be taken back; its `write` waits, so that it has room for any."""

    can_rewrite = False

    def room(self) -> int:
        return 1 << 30


class Rig:
    """A ring with its writer."""

    def __init__(self, kind: type[Server] = Server) -> None:
        memory = memoryview(bytearray(HEAD + FRAMES * 8))
        self.numbers = memory[:HEAD].cast("q")
        self.ring = np.frombuffer(memory[HEAD:], np.float32).reshape(-1, 2)
        self.opened: list[Server] = []
        self.now_ns = 0

        def opened(latency_s: float) -> Server:
            self.opened.append(kind(latency_s))
            return self.opened[-1]

        self.writer = Writer(memory, 8, "f", RATE, opened, lambda: self.now_ns, self._passes)

    @property
    def server(self) -> Server:
        return self.opened[-1]

    def put(self, n: int) -> None:
        """Frames that count up, in both channels."""
        for k in range(n):
            at = self.numbers[WRITTEN] + k
            self.ring[at % FRAMES] = (at + 1) / 65536
        self.numbers[WRITTEN] += n

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.writer.step()

    def mute(self, first: int) -> None:
        self.numbers[MUTED] = first
        self.numbers[UNTIL] = NEVER

    def _passes(self, seconds: float) -> None:
        assert self.numbers[WRITTEN] > self.numbers[READ], "it waits for what does not come"
        self.now_ns += round(seconds * 1e9)
        self.server.played += 48


def counting(n: int, first: int = 0) -> np.ndarray:
    return np.repeat((np.arange(first, first + n) + 1)[:, None] / 65536, 2, axis=1).astype(np.float32)


def test_frames_go_to_the_device_as_they_are_and_silence_where_there_are_none() -> None:
    rig = Rig(Device)
    rig.step(2)
    assert not rig.server.frames.any() and rig.numbers[DRY] == 0  # nothing has come yet
    rig.put(600)
    rig.step(3)
    rig.server.played = len(rig.server.frames)
    rig.step(2)
    frames = rig.server.frames[480:]
    np.testing.assert_array_equal(frames[:600], counting(600))
    assert not frames[600:].any() and rig.numbers[READ] == 600
    assert rig.numbers[DRY] == 1
    rig.put(240)
    rig.step()
    np.testing.assert_array_equal(rig.server.frames[-240:], counting(240, 600))


def test_what_is_heard_is_said_without_the_silence_between() -> None:
    rig = Rig(Device)
    rig.put(240)
    rig.step()
    rig.server.played = 200
    rig.step()
    rig.put(240)
    rig.step()
    heard = []
    for played in (220, 240, 400, 480, 600, 720):
        rig.server.played = played
        rig.writer._publish()
        heard.append(rig.numbers[HEARD])
    assert heard == [220, 240, 240, 240, 360, 480]
    assert rig.numbers[AT_NS] == rig.now_ns


def test_a_server_that_is_full_is_waited_for_and_its_frames_are_written_anew() -> None:
    rig = Rig()
    rig.put(2400)
    rig.step(8)
    assert rig.server.held() == 1920
    rig.server.played = 480
    rig.mute(1200)
    rig.step()
    whole = rig.server.frames
    np.testing.assert_array_equal(whole[:1200], counting(1200))
    left = 1.0 - (np.arange(FADE) + 1) / FADE
    np.testing.assert_allclose(whole[1200 : 1200 + FADE, 0], counting(FADE, 1200)[:, 0] * left, atol=1e-6)
    assert not whole[1200 + FADE :].any()
    assert rig.server.rewritten == 1920 - 1200


def test_what_has_left_the_servers_hands_is_not_written_anew() -> None:
    rig = Rig()
    rig.put(2400)
    rig.step(8)
    rig.server.played = 1400
    rig.mute(1200)
    rig.step()
    whole = rig.server.frames
    np.testing.assert_array_equal(whole[:1400], counting(1400))
    begins = 1400 + round(0.008 * RATE)
    np.testing.assert_array_equal(whole[1400:begins], counting(begins - 1400, 1400))
    assert not whole[begins + FADE :].any()


def test_a_server_is_given_no_silence_while_nothing_comes() -> None:
    rig = Rig()
    rig.put(240)
    rig.step()
    waits = iter(range(20))

    def sleep(seconds: float) -> None:
        if next(waits, None) is None:
            rig.put(240)

    rig.writer._sleep = sleep
    rig.step()
    np.testing.assert_array_equal(rig.server.frames, counting(480))
    assert rig.numbers[DRY] == 0


def test_what_comes_after_it_goes_on_is_heard_whole() -> None:
    rig = Rig()
    rig.put(1200)
    rig.step(2)
    rig.mute(600)
    rig.step()
    rig.numbers[UNTIL] = 1200
    rig.put(480)
    rig.step(4)
    frames = rig.server.frames
    np.testing.assert_array_equal(frames[:600], counting(600))
    assert not frames[600 + FADE : 1200].any()
    np.testing.assert_array_equal(frames[1200:1680], counting(480, 1200))


def test_of_a_device_that_keeps_what_it_has_the_ring_is_taken_back() -> None:
    rig = Rig(Device)
    rig.put(2400)
    rig.step(3)
    rig.mute(960)
    rig.step(6)
    frames = rig.server.frames
    np.testing.assert_array_equal(frames[:960], counting(960))
    assert not frames[960 + FADE :].any() and rig.server.rewritten == 0


def test_a_device_that_runs_empty_often_holds_more_and_loses_nothing() -> None:
    rig = Rig(Device)
    rig.put(4000)
    rig.step(4)
    for _ in range(2):
        rig.server.played = rig.numbers[READ] - 100
        rig.server.empty = True
        rig.step()
    assert [one.latency_s for one in rig.opened] == list(LATENCIES_S[:2])
    heard = rig.numbers[HEARD]
    rig.step(3)
    assert rig.opened[0].closed and rig.numbers[DRY] == 2
    np.testing.assert_array_equal(rig.server.frames, counting(720, heard))
    rig.now_ns += 60_000_000_000
    rig.server.empty = True
    rig.step()
    rig.now_ns += 60_000_000_000
    rig.server.empty = True
    rig.step()
    assert len(rig.opened) == 2  # once a minute is not often


def test_a_portaudio_stream_that_holds_no_more_than_it_was_given_had_run_empty() -> None:
    class Stream:
        latency, write_available = 0.05, 1920

        def write(self, data: bytes) -> None:
            self.write_available -= len(data) // 8

    stream = Stream()
    port = PortStream(stream, 8, RATE)
    for _ in range(8):
        port.write(bytes(240 * 8))
        assert not port.ran_empty()
    assert port.held() == 1920 + 480  # 10 ms beyond its buffer
    stream.write_available = 1920
    port.write(bytes(240 * 8))
    assert port.ran_empty() and not port.ran_empty()


PROGRAM = """
import os, sys, json, mmap
def say(**told): os.write(1, b"\\n" + json.dumps(told).encode() + b"\\n")
memory = memoryview(mmap.mmap(int(sys.argv[1]), int(sys.argv[2])))
numbers = memory[:4096].cast("q")
say(name="Speaker 1.5", rate=48000, channels=2, dtype="float32", frames=9600, rewrites={rewrites})
while numbers[0] < {most}: pass
numbers[9] = numbers[10] = numbers[0]
os.write(1, b"\\0")
{then}
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    told: dict[str, object] = {"rewrites": True, "most": 480, "then": "os.read(0, 1)"}

    def written(self: ApartStream, device: object, size: int) -> tuple[str, ...]:
        return PROGRAM.format(**told), str(size), json.dumps(device)

    monkeypatch.setattr(ApartStream, "_program", written)
    yield told


def test_a_stream_hands_over_and_says_what_is_held_and_heard(program: dict[str, object]) -> None:
    stream = ApartStream()
    assert (stream.name, stream.rate) == ("Speaker 1.5", 48_000)
    assert not stream.write(np.ones((240, 2), np.float32))
    held, room, _ = stream.levels()
    assert held == 240 and stream.written == 240 and room > 4800
    stream.close()
    stream.close()


def test_of_what_was_written_the_rest_is_taken_back_until_it_goes_on(program: dict[str, object]) -> None:
    program["rewrites"], program["most"] = False, 1 << 40
    stream = ApartStream()
    stream.write(np.ones((2400, 2), np.float32))
    assert stream.take_back() == 240  # but for what the writer may be about to take
    numbers = stream._numbers
    assert numbers[MUTED] == 240 and numbers[UNTIL] > 1 << 60
    assert stream.take_back() == 240  # twice, before it went on
    stream.goes_on()
    assert numbers[UNTIL] > 1 << 60  # for the second is still to be obeyed
    stream.goes_on()
    assert numbers[UNTIL] == 2400
    stream.close()


def test_a_writer_that_ends_or_says_why_is_told_in_one_sentence(program: dict[str, object]) -> None:
    program["then"] = "say(failure='unplugged')"
    stream = ApartStream()
    with pytest.raises(Gone, match="unplugged"):
        for _ in range(100):
            stream.write(np.ones((2400, 2), np.float32))
    stream.close()
    program["then"] = ""
    stream = ApartStream()
    with pytest.raises(Gone, match="the process that plays has ended"):
        for _ in range(100):
            stream.write(np.ones((2400, 2), np.float32))
    stream.close()


def test_who_waits_for_a_writer_that_takes_nothing_is_let_go(program: dict[str, object]) -> None:
    program["most"] = 1 << 40
    stream = ApartStream()
    stream.give_up()
    with pytest.raises(Gone, match="takes no more sound"):
        stream.write(np.ones((48_000, 2), np.float32))
    stream.close()


def test_where_no_process_can_be_started_the_device_is_fed_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(subprocess, "Popen", refused)
    monkeypatch.setattr(apart, "DeviceStream", lambda device: made.append(device))
    open_stream(7, apart=True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", None)
    open_stream(8, apart=True)
    assert made == [7, 8] and DeviceStream is not None


def test_what_a_writer_that_was_killed_left_half_said_keeps_nobody(program: dict[str, object]) -> None:
    stream = ApartStream()
    stream._numbers[CHANGES] = 7
    assert stream.levels()[0] == 0
    stream.close()


@pytest.mark.parametrize("first", [True, False], ids=["from the start", "once it is back"])
def test_a_playout_that_is_closed_leaves_no_writer_whose_device_takes_nothing(
    program: dict[str, object], monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """As a sink that is suspended."""
    program["most"] = 0
    opened: list[ApartStream] = []
    waits = threading.Event()

    def open_one(*_: object, **__: object) -> ApartStream:
        opened.append(ApartStream())
        monkeypatch.setattr(opened[-1], "_wait", partial(wait, opened[-1]._wait))
        return opened[-1]

    def wait(really: Callable[[], None]) -> None:
        waits.set()
        really()

    def none_yet(*_: object, **__: object) -> ApartStream:
        raise OSError("it is not there")

    monkeypatch.setattr(device_playout, "open_stream", open_one if first else none_yet)
    monkeypatch.setattr(device_playout, "open_again", open_one)
    playout = DevicePlayout(Sequencer(), apart=True, search_s=0.01)
    playout.start()
    assert waits.wait(60)
    playout.close()
    (stream,) = opened
    wait_for_end(stream._process.pid)
