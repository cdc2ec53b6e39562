"""Playing on a device that may come and go, while the timeline runs on.

Two threads. One feeds the device and waits in C while it is full; when the device fails, it looks for it
again. The other one looks on: while nothing is fed, it pulls in time, so that the session goes on silently.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final, TypeAlias

import numpy as np

from mien.audio.apart import ApartStream, Missing, open_again, open_stream
from mien.audio.deck import Pulled
from mien.audio.device import BLOCK, DEVICE_LATENCY_S, DeviceStream
from mien.audio.playback_clock import STOPPED, PlaybackClock
from mien.audio.portaudio import portaudio
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.messages import quoted
from mien.observe.stops import Stops
from mien.shared_memory import can_work_apart
from mien.threads import start_thread
from mien.types import F32

NO_DEVICE: Final = "no sound device (silent)"
"""What to call nothing, for people."""

SEARCH_S: Final = 1.0
"""How long after a loss the device is looked for; twice that after every failure, up to LONGEST_SEARCH_S."""
LONGEST_SEARCH_S: Final = 4.0
LONGEST_FIRST_S: Final = 10.0
"""The same where there has been none yet: on a machine without any, nobody waits for it."""

_BLOCK_S = BLOCK / SAMPLE_RATE
_LOOK_S = 0.05
_STUCK = 10
"""Looks in a row at a device that took nothing: it is lost. Looks are counted, not time: a machine that slept
has had one look."""
_STUCK_AT_START = 60
"""While it has not begun: an idle null sink of PulseAudio takes up to 2 s, as may Bluetooth."""
_NEAR: Final = 2 * BLOCK
"""Samples that a device may be off the timeline when it takes it over: the playback clock follows them."""
_CLOSE_S = 1.0
"""Longest that closing waits for a device that answers nothing."""

_Stream: TypeAlias = DeviceStream | ApartStream


class DevicePlayout:
    """Plays on a sound device through PortAudio, and in time without it while it is away.

    Parameters: `sequencer`; `device` as sounddevice names it, None for the default; `clock`; `search_s` is
    how long after a loss the device is looked for; `stops` are looked at while it runs. One that is not there
    at the start, or does not start, is looked for as one that was lost. `apart`: a process of its own feeds
    the device where that can be started, so that what was handed over can be taken back. Raises OSError
    without the PortAudio library, ImportError without sounddevice.
    """

    def __init__(
        self,
        sequencer: Pulled,
        device: int | str | None = None,
        clock: Clock | None = None,
        *,
        search_s: float = SEARCH_S,
        stops: Stops | None = None,
        apart: bool = False,
    ) -> None:
        self._sequencer = sequencer
        self._clock = clock or RealClock()
        self._device = device
        self._search_s = search_s
        self._stops = stops
        self._apart = apart and can_work_apart()
        self._stream: _Stream | None = None
        self.name = NO_DEVICE
        self.underflows = 0
        """Times that the device ran dry, by its own flag."""
        self.losses = 0
        """Times that the device was lost."""
        self.failure: str | None = None
        """Why it does not play now, in one sentence; the timeline goes on silently. None while it plays."""
        self._heard = self._fed = 0
        self._line = PlaybackClock()
        self._carried = self._pulled_ns = 0  # what was heard by the clock alone at the last pull, and when
        self._lead = 0  # samples pulled before they are heard
        self._begun = False
        self._pulls = threading.Lock()  # whoever holds it may pull, and say who does
        self._live = True  # the device is fed; otherwise the clock has the timeline
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._written_to: _Stream | None = None  # it is fed, or woken: somebody may wait for it
        self._fed_to: _Stream | None = None
        self._before = 0  # samples that were pulled for others before the first that this one was written
        if not self._apart:
            portaudio()  # without it there is nothing to look for
        try:
            self._stream = open_stream(device, apart=self._apart)
            self.name = self._stream.name
        except (ImportError, Missing):
            raise
        except Exception as error:
            self._go_without(f"no sound device could be opened ({_said(error)})")

    def start(self) -> None:
        """Open the device's tap, if there is one."""
        if not self._threads and not self._stop.is_set():
            if self._stream is not None:
                self._stream = self._started(self._stream)
            if self._stream is None:
                self._pulled_ns = self._clock.now_ns()
                self._line.carry(self._pulled_ns)
            for run, name in ((self._play, "mien-playout"), (self._look_on, "mien-playout-watch")):
                thread = threading.Thread(target=run, name=name, daemon=True)
                start_thread(thread)
                self._threads.append(thread)

    def position(self) -> int:
        """Samples heard: what was written, less what the device holds, carried on by the clock."""
        now = self._line.at(self._clock.now_ns())
        self._heard = max(self._heard, min(now, self._sequencer.position))
        return self._heard

    def take_back(self) -> int | None:
        """Have nothing be heard any more of what was pulled: from which sample on, of those that were. None
        where it is heard to its end. From any thread, and never waits; until `goes_on`."""
        if not self._live:
            return self.position()
        first = self._fed_to.take_back() if self._fed_to is not None else None
        return None if first is None else self._before + first

    def goes_on(self) -> None:
        """What is pulled from now on is heard. Called by who pulls."""
        if self._fed_to is not None:
            self._fed_to.goes_on()

    def close(self) -> None:
        """Stop and close the device. Returns also when it answers nothing: who waits for one that is fed from
        here ends when it does. Idempotent."""
        self._stop.set()
        if (stream := self._written_to) is not None:
            stream.give_up()
        for thread in self._threads:
            thread.join(_CLOSE_S)
        if not self._threads and self._stream is not None:
            self._stream.close()

    def _play(self) -> None:
        stream = self._stream or self._find()
        while stream is not None:
            self._feed(stream)
            stream.close()
            stream = self._find()

    def _feed(self, stream: _Stream) -> None:
        """Until the device fails, or the playout is closed."""
        self._written_to = stream
        try:
            room = 0
            # All that there is room for at once: whenever the GIL is released, others may keep it for long.
            while (samples := self._take(max(BLOCK, room))) is not None:
                written = self._sequencer.position
                self._before = written - len(samples) - stream.written
                self._fed_to = stream
                self.underflows += stream.write(samples)
                room = self._report(stream, written)
                self._fed += 1
        except Exception as error:  # whatever a driver says: the thread looks for the device again
            self._lose(f"sound device {quoted(self.name)} stopped ({_said(error)})")

    def _take(self, n: int) -> F32 | None:
        """The next n samples, while they are for the device."""
        with self._pulls:
            return self._pull(n) if self._live and not self._stop.is_set() else None

    def _pull(self, n: int) -> F32 | None:
        try:
            return self._sequencer.pull(n)
        except Exception as error:  # a defect: told, not lost with the thread
            self.failure = f"playing stopped: {quoted(error)}"
            self._stop.set()
            return None

    def _report(self, stream: _Stream, written: int) -> int:
        """Note what is heard of all that is written; how many samples there is room for."""
        # The time is taken first: asking releases the GIL, and who gets it then may keep it for long.
        now_ns = self._clock.now_ns()
        held, room, at_ns = stream.levels()
        self._lead = max(self._lead, held)
        if written > held and self._live:
            self._begun = True
            self._line.report(written - held, at_ns or now_ns)
        return room

    def _lose(self, why: str) -> None:
        with self._pulls:
            if self._live and not self._stop.is_set():
                self._live = False
                self.losses += 1
                self.failure = f"{why}; the session goes on silently, and the device is looked for again."
                now_ns = self._clock.now_ns()
                self._line.carry(now_ns)
                self._carried, self._pulled_ns = self._line.at(now_ns), now_ns
                if self._fed_to is not None:
                    self._fed_to.give_up()

    def _started(self, stream: _Stream) -> _Stream | None:
        try:
            stream.start()
        except Exception as error:
            stream.close()
            self._go_without(f"sound device {quoted(self.name)} could not be started ({_said(error)})")
            return None
        return stream

    def _go_without(self, why: str) -> None:
        """There is no device to begin with."""
        self.name, self._live = NO_DEVICE, False
        self.failure = f"{why}; the session goes on silently, and a device is looked for."
        self._lead = round(DEVICE_LATENCY_S * SAMPLE_RATE)

    def _find(self) -> _Stream | None:
        """The device, when it is there again and takes samples; None when the playout is closed."""
        wait = self._search_s
        while not self._stop.wait(wait):
            wait = min(2 * wait, LONGEST_SEARCH_S if self._begun else LONGEST_FIRST_S)
            try:
                stream = open_again(self._device, apart=self._apart)
            except Exception:  # not there yet, and `failure` says so
                continue
            with suppress(Exception):  # gone again before it played, and `failure` says so still
                if self._wake(stream):
                    return stream
            stream.close()
        return None

    def _wake(self, stream: _Stream) -> bool:
        """Fill the device with silence until it plays, so that the timeline need not wait for it."""
        self._written_to = stream
        stream.start()
        silence = np.zeros((BLOCK, 2), np.float32)
        written = 0
        while not self._stop.is_set():
            stream.write(silence)
            written += BLOCK
            held, *_ = stream.levels()
            if written - held > stream.settles and self._takes_over(stream, held):
                return True
        return False

    def _takes_over(self, stream: _Stream, held: int) -> bool:
        """Let a device that plays and holds so much silence have the timeline, when the next sample is heard
        in its time there: some play what they get at once, and some hold less than the one before."""
        with self._pulls:
            # What it holds more than the one before is pulled to nobody, and the position runs on.
            self._lead = held
            self._pull_due()
            if self._sequencer.position > self._carried + held + _NEAR:
                return False
            self.name, self.failure, self._live = stream.name, None, True
            return True

    def _look_on(self) -> None:
        fed, looks = -1, 0
        while not self._stop.wait(_LOOK_S if self._live else _BLOCK_S):
            if self._stops is not None:
                self._stops.look()
            if not self._live:
                self._go_on()
                looks = 0
                continue
            looks = looks + 1 if fed == self._fed else 0
            fed = self._fed
            if looks >= (_STUCK if self._begun else _STUCK_AT_START):
                self._lose(f"sound device {quoted(self.name)} takes no more sound")

    def _go_on(self) -> None:
        """Pull what is due by the clock, to nobody."""
        with self._pulls:
            self._pull_due()

    def _pull_due(self) -> None:
        now_ns = self._clock.now_ns()
        heard = self._line.at(now_ns)
        lost_ns = self._stops.within(self._pulled_ns, now_ns) if self._stops is not None else 0
        lost = lost_ns * SAMPLE_RATE // 1_000_000_000
        if not lost and (missed := heard - self._carried) > STOPPED:
            lost = missed
        if lost:
            heard = max(self._carried, heard - lost)
            self._line.stand(heard, now_ns)
        self._carried, self._pulled_ns, due = heard, now_ns, heard + self._lead
        while not self._live and self._sequencer.position < due and not self._stop.is_set():
            self._pull(BLOCK)


def _said(error: Exception) -> str:
    return str(error.args[0]) if error.args else repr(error)  # the rest are codes
