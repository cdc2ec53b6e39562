"""A device, played by a stand-in for sounddevice: the thread, the clock, and what can go wrong."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mien.audio import AudioSession, DevicePlayout, NullPlayout, Sequencer, TurnAudio, open_playout
from mien.audio.turn import Chunk, End
from mien.clock import VirtualClock


class PortAudioError(Exception):
    pass


class Device:
    """Takes a block only when the test lets it, as a device whose buffer is full does."""

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.asked = threading.Semaphore(0)
        self.allowed = threading.Semaphore(0)
        self.underflow = False
        self.broken = False
        self.closed = False
        self.latency = 0.1
        self.device = 3
        self.settings: dict[str, object] = {}

    def start(self) -> None:
        pass

    def write(self, block: np.ndarray) -> bool:
        self.asked.release()
        self.allowed.acquire()
        if self.broken:
            raise PortAudioError("device unplugged")
        self.blocks.append(block.copy())
        return self.underflow

    def close(self, ignore_errors: bool = True) -> None:
        self.closed = True

    def take(self, blocks: int) -> None:
        """Let it take so many blocks, and return when the thread offers the one after."""
        for _ in range(blocks):
            self.allowed.release()
            assert self.asked.acquire(timeout=10)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    made = Device()
    module = types.ModuleType("sounddevice")

    def stream(**settings: object) -> Device:
        made.settings = settings
        return made

    module.OutputStream = stream  # type: ignore[attr-defined]
    module.PortAudioError = PortAudioError  # type: ignore[attr-defined]
    module.query_devices = lambda index: {"name": f"Speaker {index}"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return made


@pytest.fixture
def free(device: Device) -> Iterator[Callable[[], None]]:
    """Lets the thread end: blocks are taken without asking."""

    def let_go() -> None:
        for _ in range(10_000):
            device.allowed.release()

    yield let_go


def speaking() -> Sequencer:
    sequencer = Sequencer()
    turn = TurnAudio("a")
    ramp = np.arange(48_000, dtype=np.float32) / np.float32(65_536)
    turn.inbox.extend(
        (Chunk(0, ramp, 0, np.zeros((0, 15), np.float32), np.zeros(0, np.float32)), End(48_000))
    )
    sequencer.queue(turn, pan=-1)
    return sequencer


def test_the_device_gets_the_timeline_block_by_block(device: Device, free: Callable[[], None]) -> None:
    playout = DevicePlayout(speaking(), clock=VirtualClock())
    assert playout.name == "Speaker 3"
    assert device.settings["samplerate"] == 48_000 and device.settings["channels"] == 2
    assert float(str(device.settings["latency"])) >= 0.1
    playout.start()
    assert device.asked.acquire(timeout=10)
    device.take(20)
    free()
    playout.close()
    playout.close()
    assert device.closed
    sound = np.concatenate(device.blocks)[:9600, 0]
    np.testing.assert_array_equal(sound, np.arange(9600, dtype=np.float32) / 65_536)


def test_position_is_what_is_heard_and_runs_on_between_blocks(
    device: Device, free: Callable[[], None]
) -> None:
    clock = VirtualClock()
    playout = DevicePlayout(speaking(), clock=clock)
    assert playout.position() == 0
    playout.start()
    assert device.asked.acquire(timeout=10)
    device.take(10)
    assert playout.position() == 0  # 4800 samples are in the device's buffer of 0.1 s
    for block in range(1, 11):
        clock.advance_ns(10_000_000)
        device.take(1)
        assert abs(playout.position() - 480 * block) <= 480
    before = playout.position()
    clock.advance_ns(5_000_000)
    assert playout.position() == before + 240
    clock.advance_ns(10_000_000_000)
    assert playout.position() == 21 * 480  # never past what was handed over
    device.take(1)
    assert playout.position() == 21 * 480  # and never back
    free()
    playout.close()


def test_position_runs_evenly_though_blocks_are_taken_in_bursts(
    device: Device, free: Callable[[], None]
) -> None:
    clock = VirtualClock()
    playout = DevicePlayout(speaking(), clock=clock)
    playout.start()
    assert device.asked.acquire(timeout=10)
    device.take(10)
    seen = []
    for _ in range(20):
        device.take(3)
        for _ in range(3):
            clock.advance_ns(10_000_000)
            seen.append(playout.position())
    steps = np.diff(seen[6:])
    assert steps.min() > 400 and steps.max() < 600
    free()
    playout.close()


def test_the_devices_underflows_are_counted(device: Device, free: Callable[[], None]) -> None:
    device.underflow = True
    playout = DevicePlayout(speaking(), clock=VirtualClock())
    playout.start()
    assert device.asked.acquire(timeout=10)
    device.take(3)
    assert playout.underflows == 3
    free()
    playout.close()


def test_a_device_that_is_unplugged_leaves_the_timeline_running_and_says_so(
    device: Device, free: Callable[[], None]
) -> None:
    device.broken = True
    sequencer = speaking()
    playout = DevicePlayout(sequencer, clock=VirtualClock())
    playout.start()
    assert device.asked.acquire(timeout=10)
    free()
    playout.close()
    assert playout.failure is not None and "unplugged" in playout.failure
    assert not device.blocks and sequencer.position >= 480


def test_a_live_session_plays_on_the_device_and_closes_it(device: Device, free: Callable[[], None]) -> None:
    with AudioSession("live", clock=VirtualClock()) as session:
        assert (session.output, session.fallback) == ("Speaker 3", None)
        assert device.asked.acquire(timeout=10)
        device.take(2)
        free()
    assert device.closed


def test_without_a_device_there_is_silence_and_a_reason(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_device(**settings: object) -> Device:
        raise PortAudioError("Error querying device -1")

    monkeypatch.setattr(sys.modules["sounddevice"], "OutputStream", no_device)
    playout, reason = open_playout(Sequencer(), "device", VirtualClock())
    assert isinstance(playout, NullPlayout)
    assert reason is not None and "device -1" in reason
    playout.close()
