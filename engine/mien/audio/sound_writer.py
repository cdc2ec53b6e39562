"""The program of a process of its own that hands a ring of samples to a sound device.

A host may hold its interpreter's lock for as long as the ring lasts, and what was handed over can be taken
back until just before it is heard. Nothing of Mien but this and what `streams` needs is imported here: the
process is there in a tenth of a second, and takes little memory.

The memory begins with numbers of 64 bits, each written by one side alone; the ring lies behind them.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter_ns, sleep
from typing import Any, Final

from mien.audio.streams import BLOCK_S, LATENCIES_S, Stream, device_of

WRITTEN, MUTED, UNTIL = 0, 1, 2
"""The host's: frames that were put into the ring; those from `MUTED` to before `UNTIL` are not to be heard,
where the first is not below 0."""
CHANGES, READ, HEARD, AT_NS, DRY = 8, 9, 10, 11, 12
"""The writer's: a count that is odd while the others change; frames taken from the ring, and of these heard
by `AT_NS` of `perf_counter_ns`; times that the ring, or the device, ran empty."""
HEAD: Final = 4096
"""Bytes before the ring."""

FADE_S: Final = 0.008
"""In which sound falls to silence that is not to be heard any more."""
_OFTEN: Final = 2
_WITHIN_S: Final = 10.0
"""A device that ran empty so often within this time holds more from then on."""
_POLL_S: Final = 0.003
_LOW_S: Final = 0.015
"""A device that holds no more is given silence where there is nothing else."""
_REWRITES_S: Final = 0.008
"""What is heard sooner than this has left the server's hands."""


class Writer:
    """Hands the ring to a stream, block by block.

    Parameters: `memory`, all that is shared; `frame`, bytes of one frame, of `code` ("f" or "h") samples;
    `rate` in Hz; `open_stream(latency_s)` gives a stream that plays; `now_ns` and `sleep` are the clock.
    """

    def __init__(
        self,
        memory: memoryview,
        frame: int,
        code: str,
        rate: int,
        open_stream: Callable[[float], Stream],
        now_ns: Callable[[], int] = perf_counter_ns,
        sleep: Callable[[float], object] = sleep,
    ) -> None:
        self._numbers = memory[:HEAD].cast("q")
        self._ring = memory[HEAD:]
        self._frame, self._code, self._rate = frame, code, rate
        self._block = round(BLOCK_S * rate)
        self._fade = round(FADE_S * rate)
        self._frames = len(self._ring) // frame
        self._open, self._now_ns, self._sleep = open_stream, now_ns, sleep
        self._level = 0
        self._muted, self._fades_from = self._numbers[MUTED], 0
        self._read = self._dry = 0
        self._given = 0
        """Frames that this stream was given."""
        self._runs: deque[tuple[int, int, int]] = deque()
        """What they were: from which of the stream's on, from which of the ring's, and how many of it."""
        self._is_dry = True  # nothing has come yet, which is no fault
        self._empty: deque[int] = deque()  # when the device was, in ns
        self._begin()

    def step(self) -> None:
        """Hand over what is next when it is there and there is room; silence where nothing came in time."""
        while not self._is_time():
            self._publish()
            self._sleep(_POLL_S)
        n = min(self._block, self._numbers[WRITTEN] - self._read)
        if n > 0:
            self._is_dry = False
            self._runs.append((self._given, self._read, n))
            block = self._hushed(self._read, n)
            self._read += n
        else:
            self._dry += not self._is_dry
            self._is_dry = True
            n = self._block
            block = bytes(n * self._frame)
            self._runs.append((self._given, self._read, 0))
        self._given += n
        self._stream.write(block)
        self._publish()
        if self._stream.ran_empty():
            self._ran_empty(self._now_ns())

    def _is_time(self) -> bool:
        """Something can be handed over, or must be."""
        self._look()
        if self._numbers[WRITTEN] > self._read:
            return self._stream.room() >= self._block
        # A server plays silence by itself, and goes on when more comes.
        return not self._stream.can_rewrite and self._stream.held() <= round(_LOW_S * self._rate)

    def _begin(self) -> None:
        self._stream = self._open(LATENCIES_S[self._level])
        self._given = 0
        self._runs.clear()
        self._runs.append((0, self._read, 0))

    def _look(self) -> None:
        """See whether something is not to be heard any more, and replace what the device has of that."""
        muted = self._numbers[MUTED]
        if muted == self._muted:
            return
        self._muted, self._fades_from = muted, max(muted, self._read)
        if self._stream.can_rewrite and 0 <= muted < self._read:
            first = max(muted, self._publish() + round(_REWRITES_S * self._rate))
            if first < self._read:
                self._fades_from = first
                self._stream.rewrite(self._hushed(first, self._read - first))

    def _hushed(self, at: int, n: int) -> bytes:
        """The ring's n frames from `at` on, faded where they are not to be heard."""
        start, size = at % self._frames, self._frame
        first = min(n, self._frames - start)
        block = bytearray(self._ring[start * size : (start + first) * size])
        block += self._ring[: (n - first) * size]
        begin, end = max(0, self._fades_from - at), min(n, self._numbers[UNTIL] - at)
        if self._muted >= 0 and begin < end:
            faded = min(end, max(begin, self._fades_from + self._fade - at))
            samples: Any = memoryview(block).cast(self._code)  # type: ignore[call-overload]
            each = len(samples) // n
            for k in range(begin * each, faded * each):
                left = 1.0 - (at + k // each - self._fades_from + 1) / self._fade
                samples[k] = int(samples[k] * left) if self._code == "h" else samples[k] * left
            samples.release()
            block[faded * size : end * size] = bytes((end - faded) * size)
        return bytes(block)

    def _publish(self) -> int:
        """Say how much of the ring was heard."""
        now_ns = self._now_ns()
        played, runs = self._given - self._stream.held(), self._runs
        while len(runs) > 1 and runs[1][0] <= played:
            runs.popleft()
        given, read, n = runs[0]
        numbers = self._numbers
        heard: int = max(read + min(n, max(0, played - given)), numbers[HEARD])
        numbers[CHANGES] += 1
        numbers[READ], numbers[DRY] = self._read, self._dry
        numbers[HEARD], numbers[AT_NS] = heard, now_ns
        numbers[CHANGES] += 1
        return heard

    def _ran_empty(self, now_ns: int) -> None:
        """The device took all that it had before it was given more: one that cannot be written anew holds
        more from now on, if that is often so."""
        self._dry += 1
        self._empty.append(now_ns)
        while self._empty[0] < now_ns - _WITHIN_S * 1e9:
            self._empty.popleft()
        more = self._level + 1 < len(LATENCIES_S) and not self._stream.can_rewrite
        if len(self._empty) >= _OFTEN and more:
            self._level += 1
            self._empty.clear()
            self._stream.close()
            self._read = self._numbers[HEARD]  # what it held is played by the next: the ring has it still
            self._begin()


def _ends_with_its_host() -> None:
    """When nobody holds the other end of stdin."""
    while os.read(0, 64):
        pass
    os._exit(0)


def _hurry() -> None:
    """Be before others, where the system grants that: 5 ms of work now and then."""
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        return
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)


def _say(told: dict[str, Any]) -> None:
    os.write(1, b"\n" + json.dumps(told).encode() + b"\n")


def main(shared: int, size: int, device: int | str | None) -> None:
    """Tell what device it is, in a line of JSON on stdout; then a zero for each block that was taken."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host
    threading.Thread(target=_ends_with_its_host, daemon=True).start()
    try:
        found = device_of(device)
        first = [found.open(LATENCIES_S[0])]
        ring = (size - HEAD) // found.frame
        told = {"name": found.name, "rate": found.rate, "channels": found.channels, "dtype": found.dtype}
        _say({**told, "frames": ring, "rewrites": first[0].can_rewrite})
        memory = memoryview(mmap.mmap(shared, size))[: HEAD + ring * found.frame]
        code = "f" if found.dtype == "float32" else "h"
        _hurry()
        writer = Writer(
            memory, found.frame, code, found.rate, lambda s: first.pop() if first else found.open(s)
        )
        os.set_blocking(1, False)
        while True:
            writer.step()
            with suppress(BlockingIOError):  # the host is elsewhere: it looks when it comes back
                os.write(1, b"\0")
    except Exception as error:  # whatever a driver says
        os.set_blocking(1, True)
        with suppress(OSError):
            _say({"failure": str(error.args[0]) if error.args else repr(error)})
