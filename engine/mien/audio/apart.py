"""A stream of a sound device that a process of its own feeds, out of memory that both share.

Who holds the interpreter's lock keeps nobody waiting for as long as the ring lasts; and as the device itself
holds next to nothing, what was handed over can be taken back until just before it is heard.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter_ns
from typing import Any, Final

from mien.audio import sound_writer
from mien.audio.device import DeviceStream
from mien.audio.device_samples import DeviceSamples
from mien.audio.portaudio import chosen, portaudio
from mien.audio.sound_writer import AT_NS, CHANGES, DRY, HEAD, HEARD, MUTED, READ, UNTIL, WRITTEN
from mien.clock import SAMPLE_RATE
from mien.processes import begin_python, end
from mien.shared_memory import SharedMemory, can_work_apart
from mien.types import F32

RING_S: Final = 0.17
"""What the ring holds for a device that itself holds next to nothing. Somebody may hold the GIL for 100
ms."""
SHORT_RING_S: Final = 0.12
"""The same for a sound server, which holds 0.1 s more. (With 0.03 s, and 0.18 s in the server, whoever held
the GIL 100 ms at a time was heard: in each pause no more is handed over than there is room for.)"""
_MOST_FRAME: Final = 8
_AHEAD_S: Final = 0.005
"""What the writer may be about to take is not taken back."""
_REWRITTEN_S: Final = 0.012
"""The same of what the device itself has, where it can be written anew: the writer looks every 3 ms."""
_MOST_PASSED_NS: Final = 200_000_000
_OPENS_S: Final = 10.0
"""Longest that opening a device may take."""
_LOOK_S: Final = 0.1
_LOOKS: Final = 1000
"""Most looks at numbers that change just now. They stay so where the writer was killed between."""
_NEVER: Final = 1 << 62
_CODE: Final = (
    "import json, sys, types\n"
    "audio = sys.modules['mien.audio'] = types.ModuleType('mien.audio'); audio.__path__ = [{folder!r}]\n"
    "from mien.audio.sound_writer import main\n"
    "main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))"
)
"""Without the rest of the package, which takes three times as long to load."""


class NoWriter(Exception):
    """No process can be started for it here: not the device's fault."""


class Missing(OSError):
    """PortAudio is not installed."""


class Gone(OSError):
    """The writer has ended, or the device has."""


class ApartStream:
    """As `DeviceStream`, which says what is asked of a device.

    Parameters: `device` as sounddevice names it, None for the default. Raises NoWriter; OSError without a
    usable device, or without PortAudio; ImportError without sounddevice.
    """

    settles: Final = SAMPLE_RATE // 10
    """As of `DeviceStream`: an idle server says of some milliseconds that they are heard, and begins 2 s
    later."""

    def __init__(self, device: int | str | None = None) -> None:
        self._lines = b""
        self._is_given_up = False
        self.underflows = 0
        size = HEAD + _MOST_FRAME * round(RING_S * 192_000)
        program = self._program(device, size)
        try:
            self._memory = SharedMemory.make(size)
        except OSError as error:
            raise NoWriter(str(error)) from error
        try:
            self._process = self._begun(program)
        except OSError as error:
            self._memory.close()
            raise NoWriter(str(error)) from error
        try:
            told = self._opened()
            self.name = str(told["name"])
            self.rate: int = told["rate"]
            """Of the device, in Hz."""
            self._convert = DeviceSamples(self.rate, told["channels"], told["dtype"])
            self._frame, self._rewrites = self._convert.frame, bool(told["rewrites"])
        except BaseException:
            self.close()
            raise
        self._numbers = self._memory.view[:HEAD].cast("q")
        # More is kept than that: what a device has not played that is opened anew is taken from the ring.
        self._frames = int(told["frames"])
        self._most = min(self._frames, round((SHORT_RING_S if self._rewrites else RING_S) * self.rate))
        self._ring = self._memory.view[HEAD : HEAD + self._frames * self._frame]
        self._written = 0
        self._mutes = self._unmutes = 0

    def start(self) -> None:
        """It has begun already, with silence."""

    def write(self, block: F32) -> bool:
        """Hand over (n, 2) float32 at 48 kHz, waiting without the GIL while the ring is full; whether the
        ring or the device had run empty since. Raises Gone."""
        for piece in self._convert(block):
            self._put(memoryview(piece.tobytes()))
        dry = self._numbers[DRY]
        before, self.underflows = self.underflows, dry
        return bool(dry > before)

    def levels(self) -> tuple[int, int, int]:
        """Samples at 48 kHz that were written and are not heard yet, how many it would take at once, and when
        that was so, in ns of `perf_counter_ns`; 0: now."""
        numbers = self._numbers
        for _ in range(_LOOKS):
            before = numbers[CHANGES]
            read, heard, at_ns = numbers[READ], numbers[HEARD], numbers[AT_NS]
            if not before % 2 and numbers[CHANGES] == before:
                break
        room = self._most - (self._written - read)
        return self._at_48k(self._written - heard), self._at_48k(room), at_ns

    @property
    def written(self) -> int:
        """Samples at 48 kHz that were written."""
        return self._at_48k(self._written)

    def take_back(self) -> int:
        """Have nothing be heard any more of what was written, from a few milliseconds on, with a fade, and of
        what is until `goes_on`: of the samples written, counted at 48 kHz, from which one on. From any
        thread, and never waits."""
        numbers = self._numbers
        first = min(self._next(), self._written)
        self._mutes += 1
        active = numbers[MUTED] >= 0 and numbers[UNTIL] > numbers[READ]
        if not active:
            numbers[MUTED] = first
        numbers[UNTIL] = _NEVER
        return self._at_48k(first)

    def _next(self) -> int:
        """The frame from which on what was written can be taken back now."""
        numbers = self._numbers
        if not self._rewrites:
            return int(numbers[READ]) + round(_AHEAD_S * self.rate)
        passed_ns = max(0, min(_MOST_PASSED_NS, perf_counter_ns() - numbers[AT_NS]))
        heard = numbers[HEARD] + passed_ns * self.rate // 1_000_000_000
        return int(min(heard, numbers[READ])) + round(_REWRITTEN_S * self.rate)

    def goes_on(self) -> None:
        """What is written from now on is heard."""
        self._unmutes += 1
        if self._unmutes >= self._mutes:
            self._numbers[UNTIL] = self._written

    def give_up(self) -> None:
        """Whoever waits for room waits no more."""
        self._is_given_up = True

    def close(self) -> None:
        """Drop what it holds and give the device back. Idempotent."""
        end(self._process)
        self._memory.close()

    def _program(self, device: int | str | None, size: int) -> tuple[str, ...]:
        """What is run, and what it is told, but for the memory."""
        try:
            found = importlib.util.find_spec("sounddevice")
        except OSError as error:
            raise Missing(str(error)) from error
        if found is None:
            raise ModuleNotFoundError("No module named 'sounddevice'")
        named = json.dumps(device if device is not None else chosen())
        folder = str(Path(sound_writer.__file__).parent)
        return _CODE.format(folder=folder), str(size), named

    def _begun(self, program: tuple[str, ...]) -> subprocess.Popen[bytes]:
        code, *told = program
        memory = self._memory.descriptor
        return begin_python(code, str(memory), *told, handed=(memory,), session=True)

    def _opened(self) -> dict[str, Any]:
        """What it said of its device. Raises as the constructor."""
        until = monotonic() + _OPENS_S
        while True:
            for told in self._told(max(0.0, until - monotonic())):
                return told
            if monotonic() > until:
                raise Gone(f"it does not answer within {_OPENS_S:.0f} s")

    def _put(self, data: memoryview) -> None:
        size, numbers = self._frame, self._numbers
        while data:
            room = self._most - (self._written - numbers[READ])
            start = self._written % self._frames
            n = min(room, len(data) // size, self._frames - start)
            if n <= 0:
                self._wait()
                continue
            self._ring[start * size : (start + n) * size] = data[: n * size]
            self._written += n
            numbers[WRITTEN] = self._written
            data = data[n * size :]

    def _wait(self) -> None:
        """Until more was taken. Raises Gone."""
        if self._is_given_up:
            raise Gone("it takes no more sound")
        for _ in self._told(_LOOK_S):
            pass

    def _told(self, wait_s: float) -> list[dict[str, Any]]:
        """What it has said but for zeros, which say that a block was taken. Raises Gone."""
        assert self._process.stdout is not None
        end = self._process.stdout.fileno()
        if not select.select([end], [], [], wait_s)[0]:
            return []
        data = os.read(end, 4096)
        if not data:
            raise Gone("the process that plays has ended")
        *lines, self._lines = (self._lines + data.replace(b"\0", b"")).split(b"\n")
        told = []
        for line in lines:
            with suppress(ValueError):
                told.append(json.loads(line))
        if any("failure" in one for one in told):
            raise Gone(str(next(one["failure"] for one in told if "failure" in one)))
        return told

    def _at_48k(self, frames: int) -> int:
        return frames * SAMPLE_RATE // self.rate


def open_stream(device: int | str | None, *, apart: bool) -> ApartStream | DeviceStream:
    """A stream of a device: one that is fed by a process of its own where that is wanted and can be. Raises
    as they do."""
    if apart and can_work_apart():
        with suppress(NoWriter):
            return ApartStream(device)
    return DeviceStream(device)


def open_again(device: int | str | None, *, apart: bool) -> ApartStream | DeviceStream:
    """The same of one that may have come since PortAudio was started here."""
    with suppress(Exception):
        return open_stream(device, apart=apart)
    if not apart:  # another process has another list
        portaudio().rescan()  # when the error is gone, and with it the stream that it holds
    return open_stream(device, apart=apart)
