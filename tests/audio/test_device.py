"""A device, played by a stand-in for sounddevice: the thread, the clock, and what can go wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from mien.audio import (
    AudioSession,
    DevicePlayout,
    Sequencer,
    TurnAudio,
    device_playout,
    portaudio,
)
from mien.audio.device import DeviceStream
from mien.audio.playback_clock import PlaybackClock
from mien.audio.portaudio import PortAudio
from mien.audio.turn import Chunk, End
from mien.clock import VirtualClock
from mien.observe.stops import Stops

WAIT_S = 30
"""Longest that a test waits for a thread; reached only by a test that fails."""


class PortAudioError(Exception):
    pass


class Device:
    """Holds 0.2 s, plays them when the test says so, and lets nobody write more: as a device does."""

    capacity = 9600

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.blocks: list[np.ndarray] = []
        self.written = 0
        self.played = 0
        self.waiting = False
        self.underflow = False
        self.broken = False
        self.frozen = False
        self.closed = True
        self.startable = True
        self.latency = 0.2
        self.device = 3
        self.settings: dict[str, object] = {}

    @property
    def write_available(self) -> int:
        if self.broken:
            raise PortAudioError("device unplugged", -9985)
        return self.capacity - (self.written - self.played)

    def start(self) -> None:
        if not self.startable:
            raise PortAudioError("Unanticipated host error", -9999)

    def write(self, block: np.ndarray) -> bool:
        with self.changed:
            while not self.broken and (self.frozen or self.write_available < len(block)):
                self.waiting = True
                self.changed.notify_all()
                self.changed.wait()
            self.waiting = False
            if self.broken:
                raise PortAudioError("device unplugged", -9985)
            self.blocks.append(block.copy())
            self.written += len(block)
            self.changed.notify_all()
            return self.underflow

    def close(self, ignore_errors: bool = True) -> None:
        self.closed = True

    def full(self) -> None:
        """Return when the thread waits for room."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.waiting, WAIT_S)

    def play(self, blocks: int) -> None:
        """Play so many blocks, each when the buffer is full, and return when it is full again."""
        for _ in range(blocks):
            self.full()
            with self.changed:
                self.played += 480
                self.waiting = False
                self.changed.notify_all()
        self.full()

    def unplug(self) -> None:
        with self.changed:
            self.broken = True
            self.changed.notify_all()

    def samples(self) -> np.ndarray:
        return np.concatenate(self.blocks)


class Machine:
    """PortAudio as sounddevice shows it: which devices there are, and what was opened."""

    def __init__(self) -> None:
        self.next: list[Device] = [Device()]
        self.opened: list[Device] = []
        self.scans = 0
        self.changed = threading.Condition()
        self.refuse: Callable[[dict[str, object]], PortAudioError | None] = lambda settings: None

    def open(self, **settings: object) -> Device:
        refused = self.refuse(settings)
        if refused is not None:
            raise refused
        if not self.next:
            raise PortAudioError("Error querying device -1")
        device = self.next.pop(0)
        device.settings = settings
        device.closed = False
        with self.changed:
            self.opened.append(device)
            self.changed.notify_all()
        return device

    def scan(self) -> None:
        with self.changed:
            self.scans += 1
            self.changed.notify_all()

    def until(self, happened: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(happened, WAIT_S)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    module = types.ModuleType("sounddevice")
    names = {
        "OutputStream": made.open,
        "PortAudioError": PortAudioError,
        "query_devices": lambda index, kind=None: {
            "name": f"Speaker {index}",
            "default_samplerate": 44_100.0,
        },
        "_terminate": lambda: None,
        "_initialize": made.scan,
    }
    for name, value in names.items():
        setattr(module, name, value)
    monkeypatch.setattr(portaudio, "_own_sounddevice", lambda: module)
    monkeypatch.setattr(portaudio, "_started", cache(PortAudio))
    # Another process would find the devices of this machine.
    monkeypatch.setattr(device_playout, "can_work_apart", lambda: False)
    patient(monkeypatch)
    return made


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that gives a thread no core for half a second loses no device, and none is left to itself."""
    monkeypatch.setattr(device_playout, "_STUCK", 10**9)
    monkeypatch.setattr(device_playout, "_STUCK_AT_START", 10**9)
    monkeypatch.setattr(device_playout, "_CLOSE_S", WAIT_S)


@pytest.fixture
def device(machine: Machine) -> Iterator[Device]:
    """The one that is there. Unplugged in the end, so that no thread waits for it."""
    first = machine.next[0]
    yield first
    first.unplug()


def until(happened: Callable[[], bool]) -> None:
    """Wait for what a thread does that tells nobody."""
    look = threading.Event()
    for _ in range(WAIT_S * 200):
        if happened():
            return
        look.wait(0.005)
    raise AssertionError("it did not happen")


def speaking(seconds: int = 1) -> Sequencer:
    sequencer = Sequencer()
    turn = TurnAudio("a")
    n = seconds * 48_000
    ramp = np.arange(n, dtype=np.float32) / np.float32(2**20)
    turn.inbox.extend((Chunk(0, ramp, 0, np.zeros((0, 15), np.float32), np.zeros(0, np.float32)), End(n)))
    sequencer.queue(turn, pan=-1)
    return sequencer


def playing(sequencer: Sequencer, clock: VirtualClock) -> DevicePlayout:
    playout = DevicePlayout(sequencer, clock=clock, search_s=0.001)
    playout.start()
    return playout


def test_the_device_gets_the_timeline_block_by_block(device: Device) -> None:
    playout = playing(speaking(), VirtualClock())
    assert playout.name == "Speaker 3"
    assert device.settings["samplerate"] == 48_000 and device.settings["channels"] == 2
    assert float(str(device.settings["latency"])) >= 0.1
    device.play(5)
    device.unplug()
    playout.close()
    playout.close()
    assert device.closed
    np.testing.assert_array_equal(device.samples()[:12_000, 0], np.arange(12_000, dtype=np.float32) / 2**20)


def test_position_is_what_is_heard_and_runs_on_between_blocks(device: Device) -> None:
    device.latency = 0.25  # of which 50 ms lie beyond the buffer
    clock = VirtualClock()
    playout = playing(speaking(), clock)
    device.full()
    assert playout.position() == 0  # all that was written is in the device
    device.play(5)
    assert playout.position() == 0  # and 2400 samples beyond its buffer
    for block in range(1, 11):
        clock.advance_ns(10_000_000)
        device.play(1)
        assert playout.position() == 480 * block
    clock.advance_ns(5_000_000)
    assert playout.position() == 4800 + 240
    clock.advance_ns(90_000_000)
    assert playout.position() == 4800 + 4560
    clock.advance_ns(10_000_000_000)
    handed_over = playout.position()
    assert handed_over == 9600 + 16 * 480  # never past what was pulled
    device.play(1)
    assert playout.position() == handed_over  # and never back
    device.unplug()
    playout.close()


def test_position_runs_evenly_though_the_device_reads_in_bursts(device: Device) -> None:
    clock = VirtualClock()
    playout = playing(speaking(2), clock)
    seen = []
    for _ in range(40):
        device.play(4)
        for _ in range(4):
            clock.advance_ns(10_000_000)
            seen.append(playout.position())
    steps = np.diff(seen[80:])
    assert steps.min() >= 475 and steps.max() <= 485
    device.unplug()
    playout.close()


@pytest.mark.parametrize("off", [0.0003, -0.0003])
def test_a_line_of_what_is_heard_follows_a_device_whose_clock_is_off(off: float) -> None:
    line = PlaybackClock()
    assert line.at(5) == 0
    for block in range(1, 3001):
        line.report(round(480 * block * (1 + off)), 10_000_000 * block)
    assert abs(line.at(30_000_000_000) - 1_440_000 * (1 + off)) < 12


def test_a_line_of_what_is_heard_goes_by_the_reports_that_are_least_late() -> None:
    rng = np.random.default_rng(1)
    line = PlaybackClock()
    for at_ms in range(7, 5000, 11):
        late = int(rng.integers(0, 1920))
        line.report(48 * at_ms - late, 1_000_000 * at_ms)
        if at_ms > 1000:
            assert -480 < line.at(1_000_000 * at_ms) - 48 * at_ms <= 0
    for at_ms in range(5000, 6000, 10):  # it stands still
        line.report(48 * 5000, 1_000_000 * at_ms)
    assert line.at(5_990_000_000) < 48 * 5000 + 24_000 + 4800
    for at_ms in range(6000, 9000, 10):
        line.report(48 * (at_ms - 1000), 1_000_000 * at_ms)
    assert abs(line.at(8_990_000_000) - 48 * 7990) <= 1


def test_the_devices_underflows_are_counted(device: Device) -> None:
    device.underflow = True
    playout = playing(speaking(), VirtualClock())
    device.full()
    assert playout.underflows == 2  # one write, and one of all that there was room for after it
    device.unplug()
    playout.close()


def test_an_unplugged_device_is_told_and_the_session_goes_on_in_time(
    machine: Machine, device: Device
) -> None:
    clock = VirtualClock()
    sequencer = speaking()
    playout = playing(sequencer, clock)
    for _ in range(10):
        clock.advance_ns(10_000_000)
        device.play(1)
    heard = playout.position()
    device.unplug()
    until(lambda: playout.failure is not None)
    assert "Speaker 3" in str(playout.failure) and "unplugged" in str(playout.failure)
    assert playout.losses == 1
    for step in range(1, 101):
        clock.advance_ns(10_000_000)
        # Still 0.2 s ahead of what would be heard, so that nothing jumps when the device is back.
        until(lambda: sequencer.position >= heard + 480 * step + device.capacity)  # noqa: B023
        assert playout.position() == heard + 480 * step
    assert sequencer.position < heard + 48_000 + device.capacity + 480
    assert sequencer.idle
    machine.until(lambda: machine.scans > 0)
    playout.close()
    assert device.closed


def test_without_a_device_the_session_stands_still_while_the_process_is_stopped(machine: Machine) -> None:
    machine.next.clear()
    clock = VirtualClock()
    sequencer = speaking(4)
    playout = DevicePlayout(sequencer, clock=clock)
    playout._line.carry(clock.now_ns())
    playout._go_on()  # as the thread does that looks on
    clock.advance_ns(500_000_000)
    playout._go_on()
    heard, pulled = playout.position(), sequencer.position
    assert heard == 24_000 and pulled >= heard + 7200
    clock.advance_ns(30_000_000_000)
    playout._go_on()
    assert sequencer.position == pulled and playout.position() - heard <= 7200 + 480
    clock.advance_ns(1_000_000_000)
    playout._go_on()
    assert playout.position() == pytest.approx(heard + 48_000, abs=480)
    playout.close()


def test_without_a_device_a_stop_that_a_busy_machine_could_catch_up_with_is_time_of_nobody_too(
    machine: Machine,
) -> None:
    machine.next.clear()
    clock = VirtualClock()
    stops = Stops(clock.now_ns, lambda: 0, lambda: 0)
    playout = DevicePlayout(speaking(4), clock=clock, stops=stops)
    playout._line.carry(clock.now_ns())
    for ms in (500, 1200, 900, 100):
        clock.advance_ns(ms * 1_000_000)
        playout._go_on()
    assert (stops.lost_ns, playout.position()) == (1_200_000_000, 48 * 1500)
    playout.close()


def test_a_device_that_comes_back_plays_from_where_the_session_is(machine: Machine, device: Device) -> None:
    clock = VirtualClock()
    sequencer = speaking(3)
    playout = playing(sequencer, clock)
    for _ in range(10):
        clock.advance_ns(10_000_000)
        device.play(1)
    device.unplug()
    until(lambda: playout.failure is not None)
    heard = playout.position() + 48_000
    clock.advance_ns(1_000_000_000)
    until(lambda: sequencer.position >= heard + device.capacity)
    pulled = sequencer.position

    again = Device()
    machine.next.append(again)
    again.full()  # with silence: it has not begun to play
    assert playout.failure is not None and not again.samples().any()
    again.play(1)
    until(lambda: playout.failure is None)
    for _ in range(25):
        clock.advance_ns(10_000_000)
        again.play(1)
    assert (playout.name, playout.losses) == ("Speaker 3", 1)
    sound = again.samples()[:, 0]
    silent = int(sound.argmax() == 0) or int(np.flatnonzero(sound)[0])
    assert again.capacity <= silent <= again.capacity + 960
    np.testing.assert_array_equal(
        sound[silent:], np.arange(pulled, pulled + len(sound) - silent, dtype=np.float32) / 2**20
    )
    # What the device has played of the timeline is what the position says, to the block.
    assert abs(playout.position() - (pulled + again.played - silent)) <= 960
    again.unplug()
    playout.close()


def test_a_device_that_takes_nothing_more_is_lost_and_closing_does_not_wait_for_it(
    device: Device, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    sequencer = speaking()
    playout = playing(sequencer, clock)
    device.play(10)
    device.frozen = True
    monkeypatch.setattr(device_playout, "_STUCK", 10)
    monkeypatch.setattr(device_playout, "_CLOSE_S", 0.05)
    until(lambda: playout.failure is not None)
    assert "takes no more sound" in str(playout.failure)
    clock.advance_ns(1_000_000_000)
    until(lambda: sequencer.idle)
    playout.close()
    assert not device.closed
    device.unplug()
    until(lambda: device.closed)
    until(lambda: not any(thread.name == "mien-playout" for thread in threading.enumerate()))


def test_a_defect_behind_the_timeline_is_told(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    sequencer = speaking()

    def broken(n: int) -> np.ndarray:
        raise RuntimeError("a bug")

    monkeypatch.setattr(sequencer, "pull", broken)
    playout = playing(sequencer, VirtualClock())
    until(lambda: device.closed)
    assert "a bug" in str(playout.failure)
    playout.close()


def test_closing_before_the_start_gives_the_device_back(device: Device) -> None:
    playout = DevicePlayout(speaking(), clock=VirtualClock())
    playout.close()
    playout.start()
    assert device.closed and not device.blocks


@pytest.mark.parametrize(
    ("refused", "code", "agreed"),
    [
        ({"dtype": "float32"}, -9994, {"dtype": "int16"}),
        ({"channels": 2}, -9998, {"channels": 1}),
        ({"samplerate": 48_000}, -9997, {"samplerate": 44_100}),
    ],
)
def test_a_device_that_wants_it_otherwise_gets_it(
    machine: Machine, device: Device, refused: dict[str, object], code: int, agreed: dict[str, object]
) -> None:
    machine.refuse = lambda settings: (
        PortAudioError("not so", code) if refused.items() <= settings.items() else None
    )
    stream = DeviceStream()
    assert agreed.items() <= device.settings.items()
    stream.start()
    rng = np.random.default_rng(1)
    block = rng.uniform(-1, 1, (480, 2)).astype(np.float32)
    stream.write(block)
    if stream.dtype == "int16":
        assert device.blocks[0].dtype == np.int16
        np.testing.assert_allclose(device.blocks[0] / 32_767, block, atol=0.5001 / 32_767)
    if stream.channels == 1:
        np.testing.assert_allclose(device.blocks[0], block.mean(axis=1, keepdims=True), atol=1e-7)
    if stream.rate == 44_100:
        for _ in range(99):
            stream.write(block)
            device.played = device.written
        assert 44_000 <= len(device.samples()) <= 44_100
        device.played -= 441
        assert stream.levels() == (480, 9600 * 480 // 441 - 480, 0)
    stream.close()


def test_int16_is_clipped_not_wrapped(machine: Machine, device: Device) -> None:
    machine.refuse = lambda settings: PortAudioError("", -9994) if settings["dtype"] == "float32" else None
    stream = DeviceStream()
    stream.write(np.array(((1.5, -1.5), (0.0, 1.0)), np.float32))
    np.testing.assert_array_equal(device.blocks[0], ((32_767, -32_767), (0, 32_767)))
    stream.close()


def test_a_device_that_refuses_all_is_refused(machine: Machine) -> None:
    machine.refuse = lambda settings: PortAudioError("no sample format will do", -9994)
    with pytest.raises(PortAudioError, match="no sample format"):
        DeviceStream()


def test_devices_are_not_looked_for_anew_while_another_session_plays(machine: Machine) -> None:
    theirs = DeviceStream()
    portaudio.portaudio().rescan()
    assert machine.scans == 0
    theirs.close()
    portaudio.portaudio().rescan()
    assert machine.scans == 1


def test_a_host_s_streams_are_its_own() -> None:
    """PortAudio counts who has started it. Whoever ends it for a scan must be one of its own."""
    code = (
        "import gc, sounddevice\n"
        "from mien.audio.portaudio import portaudio\n"
        "ours = portaudio()\n"
        "assert ours.sounddevice is not sounddevice and portaudio() is ours\n"
        "gc.freeze()\n"
        "ours.rescan()\n"
        "assert (sounddevice._initialized, ours.sounddevice._initialized) == (1, 1)\n"
        "ours.sounddevice._terminate()\n"
        "sounddevice.query_hostapis()\n"  # raises where PortAudio has ended
        "sounddevice._terminate()\n"
        "try: sounddevice.query_hostapis()\n"
        "except sounddevice.PortAudioError: print('ended with the last')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout == "ended with the last\n", run.stderr


def test_the_device_that_a_host_has_chosen_is_the_default(
    machine: Machine, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = types.ModuleType("sounddevice")
    monkeypatch.setattr(theirs, "default", types.SimpleNamespace(device={"output": 7}), raising=False)
    monkeypatch.setitem(sys.modules, "sounddevice", theirs)
    stream = DeviceStream()
    assert device.settings["device"] == 7
    stream.close()


def test_a_live_session_plays_on_the_device_and_closes_it(device: Device) -> None:
    with AudioSession("live", clock=VirtualClock()) as session:
        assert (session.output, session.fallback) == ("Speaker 3", None)
        device.play(2)
        device.unplug()
    assert device.closed


def came_late(machine: Machine, clock: VirtualClock, playout: DevicePlayout) -> None:
    """A device is plugged in after a second of silence, and plays from where the session is."""
    until(lambda: playout.position() == 0)
    for step in range(1, 101):
        clock.advance_ns(10_000_000)
        until(lambda: playout.position() == 480 * step)  # noqa: B023
    machine.until(lambda: machine.scans > 0)
    late = Device()
    machine.next.append(late)
    late.full()
    late.play(1)
    until(lambda: playout.failure is None)
    assert (playout.name, playout.losses) == ("Speaker 3", 0)
    for _ in range(25):
        clock.advance_ns(10_000_000)
        late.play(1)
    sound = late.samples()[:, 0]
    silent = int(np.flatnonzero(sound)[0])
    # The next sample of the session is the one that is heard when the silence in the device is over.
    assert sound[silent] * 2**20 == pytest.approx(48_000 + late.capacity, abs=960)
    assert abs(playout.position() - 73 * 480 - 27 * 480 - 25 * 480) <= 960
    late.unplug()
    playout.close()


def test_a_session_that_starts_without_a_device_gets_one_as_soon_as_there_is_one(machine: Machine) -> None:
    machine.next.clear()
    clock = VirtualClock()
    playout = playing(speaking(4), clock)
    assert playout.name == "no sound device (silent)"
    assert "device -1" in str(playout.failure) and "is looked for" in str(playout.failure)
    came_late(machine, clock, playout)


def test_a_device_that_opens_and_does_not_start_is_as_none(machine: Machine, device: Device) -> None:
    device.startable = False
    clock = VirtualClock()
    playout = playing(speaking(4), clock)
    assert device.closed and not device.blocks
    assert "'Speaker 3' could not be started (Unanticipated host error)" in str(playout.failure)
    came_late(machine, clock, playout)


class Prompt(Device):
    """Plays by the clock, and the first block at once; holds `capacity` samples."""

    def __init__(self, clock: VirtualClock, capacity: int) -> None:
        super().__init__()
        self.capacity, self.latency = capacity, capacity / 48_000
        self.began_ns: int | None = None
        self._clock = clock

    @property
    def write_available(self) -> int:
        if self.began_ns is not None:
            self.played = min(self.written, 480 + (self._clock.now_ns() - self.began_ns) * 48 // 1_000_000)
        return super().write_available

    def start(self) -> None:
        self.began_ns = self._clock.now_ns()

    def pass_ms(self, ms: int) -> None:
        """Let time pass, and return when it is full again."""
        self.full()
        self._clock.advance_ns(ms * 1_000_000)
        with self.changed:
            self.waiting = False
            self.changed.notify_all()
        self.full()


@pytest.mark.parametrize(("plays_first", "capacity"), [(False, 9600), (True, 9600), (True, 2400)])
def test_a_device_that_plays_at_once_or_holds_less_takes_over_without_a_jump(
    machine: Machine, device: Device, plays_first: bool, capacity: int
) -> None:
    clock = VirtualClock()
    if not plays_first:
        machine.next.clear()
    playout = playing(speaking(4), clock)
    if plays_first:
        for _ in range(10):
            clock.advance_ns(10_000_000)
            device.play(1)
        device.unplug()
        until(lambda: playout.failure is not None)
    at, since_ns = playout.position(), clock.now_ns()

    def due(now_ns: int) -> int:
        return at + (now_ns - since_ns) * 48 // 1_000_000

    clock.advance_ns(300_000_000)
    until(lambda: playout.position() == due(clock.now_ns()))
    late = Prompt(clock, capacity)
    machine.next.append(late)
    seen = []
    for _ in range(100):
        late.pass_ms(5)
        seen.append(playout.position() - due(clock.now_ns()))
    assert playout.failure is None and late.began_ns is not None
    # What is heard is what the session is at, and so is what the picture goes by: to 20 ms and a block.
    sound = late.samples()[:, 0] * 2**20
    silent = int(np.flatnonzero(sound)[0])
    assert abs(sound[silent] - (due(late.began_ns) + silent - 480)) <= 960 + 480
    assert np.array_equal(sound[silent:], sound[silent] + np.arange(len(sound) - silent))
    assert np.abs(seen).max() <= 960 + 480 and np.abs(np.diff(seen)).max() <= 96
    late.unplug()
    playout.close()


def test_without_a_device_a_session_is_silent_for_now_and_says_why(machine: Machine) -> None:
    machine.next.clear()
    with AudioSession("live", clock=VirtualClock()) as session:
        assert session.output == "no sound device (silent)"
        assert "device -1" in str(session.fallback) and session.fallback == session.failure
