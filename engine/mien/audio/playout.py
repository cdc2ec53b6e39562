"""Where the timeline's samples go, and what time that makes it.

`position()` counts samples heard, not samples handed over: the picture goes by what is heard.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Literal, Protocol

from mien.audio.deck import Pulled
from mien.audio.decode import DecodeWorker
from mien.audio.device import BLOCK, DEVICE_LATENCY_S
from mien.audio.device_playout import NO_DEVICE, DevicePlayout
from mien.audio.playback_clock import STOPPED
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.errors import MienError
from mien.interrupts import HeldBack
from mien.messages import quoted
from mien.observe.stops import Stops
from mien.threads import start_thread
from mien.types import F32

OFFLINE_WAIT_S = 30.0
"""Longest an offline pull waits without any progress of the worker."""

_FORGETS: Final = 100
"""A silent sink that holds more, since a pull came late, lets go of a sample in so many that are heard."""


class Playout(Protocol):
    """A place for the session's sound."""

    name: str
    """What to call it, for people."""
    failure: str | None
    """Why it does not play now, in one sentence; None while it does."""

    def start(self) -> None:
        """Begin to pull. Once."""
        ...

    def position(self) -> int:
        """Samples heard so far on the session's timeline; never decreases."""
        ...

    def take_back(self) -> int | None:
        """Have nothing be heard any more of what was pulled: from which sample on, of those that were. None
        where it is heard to its end. From any thread, and never waits; until `goes_on`."""
        ...

    def goes_on(self) -> None:
        """What is pulled from now on is heard. Called by who pulls."""
        ...

    def close(self) -> None:
        """Stop, and join the thread. Idempotent."""
        ...


SILENT: Final = "silent, as asked"
"""The name of what plays nothing because a host or a user wants it so."""


class NullPlayout:
    """Plays to nobody, in time: pulls what the clock says is due.

    Parameters: `sequencer`, `clock`; `lead` is how many samples are pulled before they are "heard", as a
    device's buffer would, and `most` how many at most: where pulls come late, since the thread waits for a
    core, more are held for a while, so that the picture need not wait for it; with `threaded=False` nothing
    runs by itself. Whoever shows the sound may `pump` as well, before it asks for the position; `stops` say
    when the process did not run; `name`: what it is called. The timeline stands still meanwhile, as the
    schedule of frames does, and where nobody pulled for STOPPED: what it would have pulled then, nobody has
    heard.
    """

    def __init__(
        self,
        sequencer: Pulled,
        clock: Clock | None = None,
        *,
        lead: int = 4 * BLOCK,
        most: int = round(DEVICE_LATENCY_S * SAMPLE_RATE),
        threaded: bool = True,
        stops: Stops | None = None,
        name: str = SILENT,
    ) -> None:
        self.name = name
        self.failure: str | None = None
        self._sequencer = sequencer
        self._clock = clock or RealClock()
        self._least, self._most = lead, max(lead, most)
        self._lead = lead  # now
        self._threaded = threaded
        self._stops = stops
        self._origin_ns: int | None = None
        self._heard = 0
        self._pumped = 0  # what was due when it was pulled last
        self._pumped_ns = 0  # and when that was
        self._pulling = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin now, by the clock."""
        if self._origin_ns is not None:
            return
        self._origin_ns = self._pumped_ns = self._clock.now_ns()
        if self._threaded:
            thread = threading.Thread(target=self._run, name="mien-null-playout", daemon=True)
            start_thread(thread)
            self._thread = thread  # one that could not be started is not waited for

    def pump(self) -> None:
        """Pull every block that is due, unless another thread does: nobody waits. Ctrl-C comes after it."""
        with HeldBack():
            if not self._pulling.acquire(blocking=False):
                return
            try:
                self._pull()
            finally:
                self._pulling.release()

    def position(self) -> int:
        """Samples heard: what is due by the clock, but no more than was pulled."""
        due = self._due(self._clock.now_ns())
        self._heard = max(self._heard, min(due, self._sequencer.position))
        return self._heard

    def take_back(self) -> int:
        """As of `Playout`: nobody hears what is not due."""
        return self.position()

    def goes_on(self) -> None:
        """It does."""

    def close(self) -> None:
        """Stop pulling. Idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _pull(self) -> None:
        # One time for all: a stop that comes in between belongs to the next.
        now_ns = self._clock.now_ns()
        lost_ns = self._stops.within(self._pumped_ns, now_ns) if self._stops is not None else 0
        missed = self._due(now_ns) - self._pumped
        if not lost_ns and missed > STOPPED:
            lost_ns = missed * 1_000_000_000 // SAMPLE_RATE
        if self._origin_ns is not None:
            self._origin_ns += lost_ns
        due = self._due(now_ns)
        late = due - self._pumped
        self._lead = max(self._least, min(self._most, late + late // 2), self._lead - late // _FORGETS)
        self._pumped, self._pumped_ns = due, now_ns
        while self._sequencer.position < due + self._lead and not self._stop.is_set():
            self._sequencer.pull(BLOCK)

    def _due(self, now_ns: int) -> int:
        if self._origin_ns is None:
            return 0
        return (now_ns - self._origin_ns) * SAMPLE_RATE // 1_000_000_000

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.pump()
            except Exception as error:  # a defect: told, not lost with the thread
                self.failure = f"playing stopped: {quoted(error)}"
                return
            ahead = self._sequencer.position - self._lead - self._due(self._clock.now_ns())
            # Waiting on the event, not on the clock: close() ends it, and a clock that stands still is
            # looked at again after a block's time instead of being run away with.
            self._stop.wait(min(max(ahead, BLOCK // 4), BLOCK) / SAMPLE_RATE)


class OfflinePull:
    """Pulls as fast as turns are decoded, waiting for them: what is rendered never depends on speed.

    Parameters: `sequencer`, `worker`. Only file and byte sources are waited for; a feed gives what the
    host has pushed by now.
    """

    def __init__(self, sequencer: Pulled, worker: DecodeWorker, wait_s: float = OFFLINE_WAIT_S) -> None:
        self._sequencer = sequencer
        self._worker = worker
        self._wait_s = wait_s

    def pull(self, n: int) -> F32:
        """The next n samples, (n, 2) float32. Raises as `wait`."""
        self.wait(n)
        with HeldBack():
            return self._sequencer.pull(n)

    def wait(self, n: int, ready: Callable[[int], bool] | None = None) -> None:
        """Until the next n samples can be pulled at once, or what `ready` says. Raises MienError when the
        decoding stands still."""
        ready = ready or self._sequencer.ready
        while True:
            self._worker.progress.clear()
            with HeldBack():
                if ready(n):
                    return
            if not self._worker.alive:
                cause = self._worker.failure
                raise MienError(
                    f"the decode worker ended ({quoted(cause)}); close the session and open another."
                )
            if not self._worker.progress.wait(self._wait_s):
                raise MienError(
                    f"no sound was decoded for {self._wait_s:g} s; is a file on a disk that does not answer?"
                )


def open_playout(
    sequencer: Pulled,
    prefer: Literal["auto", "device", "null"] = "auto",
    clock: Clock | None = None,
    stops: Stops | None = None,
) -> tuple[Playout, str | None]:
    """A playout, and why it is silent (None when it is not, or when that was asked for)."""
    if prefer == "null":
        return NullPlayout(sequencer, clock, stops=stops), None  # as was asked
    try:
        playout = DevicePlayout(sequencer, clock=clock, stops=stops, apart=True)
        return playout, playout.failure
    except OSError as error:
        reason = f"PortAudio could not be loaded ({error}); on Debian: apt-get install libportaudio2"
    except Exception as error:  # PortAudioError cannot be named where the library is missing
        reason = f"PortAudio could not be started ({error}); connect a sound device or choose another output"
    return NullPlayout(sequencer, clock, stops=stops, name=NO_DEVICE), reason
