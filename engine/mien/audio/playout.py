"""Where the timeline's samples go, and what time that makes it.

`position()` counts samples heard, not samples handed over: the picture follows the ear.
"""

from __future__ import annotations

import threading
from typing import Any, Literal, Protocol

from mien.audio.decode import DecodeWorker
from mien.audio.sequencer import Sequencer
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.errors import MienError
from mien.types import F32

BLOCK = 480
"""Samples of one pull: 10 ms, so that an interruption is obeyed within that."""

DEVICE_LATENCY_S = 0.15
"""Asked of the device. Somebody may hold the GIL for 100 ms, and writes return in bursts of up to 30 ms:
with 0.12 s, a thread that held it 80 ms at a time was heard; with 0.15 s it was not."""

_FOLLOW = 0.05
"""Share of the difference by which the position follows a block's report. Writes return in bursts, up to
30 ms apart through PulseAudio; a straight line through them is what is heard."""

_JUMP = SAMPLE_RATE // 10
"""A report further off than this is no burst: the device has started, stood still or lost sound."""

OFFLINE_WAIT_S = 30.0
"""Longest an offline pull waits without any progress of the worker."""


class Playout(Protocol):
    """A place for the session's sound."""

    name: str
    """What to call it, for people."""
    failure: str | None
    """Why it no longer plays, in one sentence; None while it does."""

    def start(self) -> None:
        """Begin to pull. Once."""
        ...

    def position(self) -> int:
        """Samples heard so far on the session's timeline; never decreases."""
        ...

    def close(self) -> None:
        """Stop, and join the thread. Idempotent."""
        ...


class NullPlayout:
    """Plays to nobody, in time: pulls what the clock says is due.

    Parameters: `sequencer`, `clock`; `lead` is how many samples are pulled before they are "heard", as a
    device's buffer would; with `threaded=False` nothing runs by itself and `pump` is called instead.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        clock: Clock | None = None,
        *,
        lead: int = 4 * BLOCK,
        threaded: bool = True,
    ) -> None:
        self.name = "no sound device (silent)"
        self.failure: str | None = None
        self._sequencer = sequencer
        self._clock = clock or RealClock()
        self._lead = lead
        self._threaded = threaded
        self._origin_ns: int | None = None
        self._heard = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin now, by the clock."""
        if self._origin_ns is not None:
            return
        self._origin_ns = self._clock.now_ns()
        if self._threaded:
            self._thread = threading.Thread(target=self._run, name="mien-null-playout", daemon=True)
            self._thread.start()

    def pump(self) -> None:
        """Pull every block that is due. Called by the thread, or by a test that has none."""
        while self._sequencer.position < self._due() + self._lead and not self._stop.is_set():
            self._sequencer.pull(BLOCK)

    def position(self) -> int:
        """Samples heard: what is due by the clock, but no more than was pulled."""
        self._heard = max(self._heard, min(self._due(), self._sequencer.position))
        return self._heard

    def close(self) -> None:
        """Stop pulling. Idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _due(self) -> int:
        if self._origin_ns is None:
            return 0
        return (self._clock.now_ns() - self._origin_ns) * SAMPLE_RATE // 1_000_000_000

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.pump()
            except Exception as error:  # a defect: told, not lost with the thread
                self.failure = f"playing stopped: {error!r}"
                return
            ahead = self._sequencer.position - self._lead - self._due()
            # Waiting on the event, not on the clock: close() ends it, and a clock that stands still is
            # looked at again after a block's time instead of being run away with.
            self._stop.wait(min(max(ahead, BLOCK // 4), BLOCK) / SAMPLE_RATE)


class DevicePlayout:
    """Plays on a sound device through PortAudio, from a thread that blocks in C while it is full.

    Parameters: `sequencer`; `device` as sounddevice names it, None for the default; `clock`.
    Raises OSError without the PortAudio library, and sounddevice's error without a usable device.
    """

    def __init__(
        self, sequencer: Sequencer, device: int | str | None = None, clock: Clock | None = None
    ) -> None:
        import sounddevice  # importing it fails where PortAudio is missing

        self._sequencer = sequencer
        self._clock = clock or RealClock()
        self._stream: Any = sounddevice.OutputStream(
            samplerate=SAMPLE_RATE,
            channels=2,
            dtype="float32",
            blocksize=BLOCK,
            latency=DEVICE_LATENCY_S,
            device=device,
        )
        self._error_class: type[Exception] = sounddevice.PortAudioError
        self.name = str(sounddevice.query_devices(self._stream.device)["name"])
        self.underflows = 0
        """Times that the device ran dry, by its own flag."""
        self.failure: str | None = None
        """Why it no longer plays. When it is the device that stopped, the timeline goes on silently."""
        self._latency = round(float(self._stream.latency) * SAMPLE_RATE)
        self._mark: tuple[int, int] | None = None  # (samples heard, ns) when the last write returned
        self._heard = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the device's tap."""
        if self._thread is None and not self._stop.is_set():
            self._stream.start()
            self._thread = threading.Thread(target=self._run, name="mien-playout", daemon=True)
            self._thread.start()

    def position(self) -> int:
        """Samples heard: what was written, less the device's buffer, carried on by the clock."""
        mark = self._mark
        if mark is not None:
            self._heard = max(self._heard, min(self._carried(mark), self._sequencer.position))
        return self._heard

    def _carried(self, mark: tuple[int, int]) -> int:
        return mark[0] + (self._clock.now_ns() - mark[1]) * SAMPLE_RATE // 1_000_000_000

    def close(self) -> None:
        """Stop and close the device. Idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._stream.close(ignore_errors=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                block = self._sequencer.pull(BLOCK)
            except Exception as error:  # a defect: told, not lost with the thread
                self.failure = f"playing stopped: {error!r}"
                return
            if self.failure is None:
                try:
                    self.underflows += bool(self._stream.write(block))
                except self._error_class as error:
                    self.failure = f"sound device {self.name!r} stopped: {error}"
            if self.failure is not None:
                self._stop.wait(BLOCK / SAMPLE_RATE)
            self._report(max(0, self._sequencer.position - self._latency))

    def _report(self, heard: int) -> None:
        """A block was taken: `heard` is what has been written less what the device holds."""
        carried = self._carried(self._mark) if self._mark is not None else 0
        if abs(heard - carried) < _JUMP and heard:
            heard = carried + round(_FOLLOW * (heard - carried))
        self._mark = (heard, self._clock.now_ns())


class OfflinePull:
    """Pulls as fast as turns are decoded, waiting for them: what is rendered never depends on speed.

    Parameters: `sequencer`, `worker`. Only file and byte sources are waited for; a feed gives what the
    host has pushed by now.
    """

    def __init__(self, sequencer: Sequencer, worker: DecodeWorker, wait_s: float = OFFLINE_WAIT_S) -> None:
        self._sequencer = sequencer
        self._worker = worker
        self._wait_s = wait_s

    def pull(self, n: int) -> F32:
        """The next n samples, (n, 2) float32. Raises MienError when the decoding stands still."""
        while True:
            self._worker.progress.clear()
            if self._sequencer.ready(n):
                return self._sequencer.pull(n)
            if not self._worker.alive:
                cause = self._worker.failure
                raise MienError(f"the decode worker ended ({cause!r}); close the session and open another.")
            if not self._worker.progress.wait(self._wait_s):
                raise MienError(
                    f"no sound was decoded for {self._wait_s:g} s; is a file on a disk that does not answer?"
                )


def open_playout(
    sequencer: Sequencer, prefer: Literal["auto", "device", "null"] = "auto", clock: Clock | None = None
) -> tuple[Playout, str | None]:
    """A playout, and why it is not a device (None when it is one, or when none was asked for)."""
    if prefer == "null":
        return NullPlayout(sequencer, clock), None
    try:
        return DevicePlayout(sequencer, clock=clock), None
    except OSError as error:
        reason = f"PortAudio could not be loaded ({error}); on Debian: apt-get install libportaudio2"
    except Exception as error:  # PortAudioError cannot be named where the library is missing
        reason = f"no sound device could be opened ({error}); connect one or choose another output"
    return NullPlayout(sequencer, clock), reason
