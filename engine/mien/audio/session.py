"""Sound of a whole session: sources in, samples and events out."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Literal

import numpy as np

from mien.audio.beeps import add_beeps
from mien.audio.commands import fade_samples
from mien.audio.counters import JitterCounters
from mien.audio.deck import Deck
from mien.audio.decode import DecodeWorker
from mien.audio.events import Coming, SequencerEvent
from mien.audio.gone_through import LONGEST_PULL, GoneThrough
from mien.audio.happened import Happened
from mien.audio.playout import NullPlayout, OfflinePull, Playout, open_playout
from mien.audio.progress import Heard
from mien.audio.resting import REST
from mien.audio.sequencer import Sequencer
from mien.audio.sources import AudioInput, Source
from mien.audio.turn import TurnAudio
from mien.audio.voice import Pan
from mien.clock import Clock, RealClock, s_to_samples
from mien.errors import Closed, MienError
from mien.lipsync.timed import TimedMouth, Timings
from mien.observe import Spans
from mien.observe.stops import Stops
from mien.types import F32


@dataclass(slots=True, kw_only=True)
class AudioCounters(JitterCounters):
    """Totals since the session was opened, its jitter buffers' and what follows. Samples at 48 kHz."""

    underruns: int
    """Times that sound which should have been there was not; the device's own flags included."""
    device_losses: int
    """Times that the sound device went away."""
    stops: int
    """Times that the process did not run, for a second or more."""
    added_gap_samples: int
    """Silence that the engine added between two queued turns."""
    turns_queued: int
    turns_ended: int
    jitter_held: int | None
    """Samples held for the turn that plays; None while none does."""
    jitter_target: int
    """Samples gathered before it starts, or starts again."""


_LONGEST_NS = 250_000_000
"""Longest that frames wait for a turn's beginning."""
_LOOK_NS = 2_000_000
"""Between two looks whether it is there."""

_BUFFERS = tuple(field.name for field in fields(JitterCounters))


class AudioSession(GoneThrough):
    """Speaks turns one behind the other. A context manager.

    Parameters: `mode`: `offline` gives samples through `pull` as fast as they are decoded, `live` plays
    them; `playout`: `auto` is a device, or silence in time while there is none, with the reason in
    `fallback`; `clock` for playing and measuring; `spans` are told of decoding;
    `history`: samples of sound that can be gone back to.
    """

    def __init__(
        self,
        mode: Literal["offline", "live"] = "offline",
        playout: Literal["auto", "device", "null"] = "auto",
        clock: Clock | None = None,
        spans: Spans | None = None,
        history: int = 0,
    ) -> None:
        self._fallback: str | None = None
        self.playout: Playout | None = None
        # A clock of the host's or a test's own says itself what time is.
        real = mode == "live" and (clock is None or isinstance(clock, RealClock))
        self.stops = Stops() if real else None
        """When the process did not run, of a live session on the machine's clock."""
        self._open, self._process = True, os.getpid()
        live = mode == "live"
        rest = REST if live else 0.0
        self._clock = clock or RealClock()
        self._worker = DecodeWorker(clock, rest=rest, spans=spans, quick=live, early=False)
        self._sequencer = Sequencer(self._worker.nudge, self._worker.taken)
        self._sequencer.prepares = live
        self._happened = Happened(self._sequencer.events)
        self._deck = Deck(self._sequencer, history, live=live)
        self._offline = OfflinePull(self._deck, self._worker)
        if mode == "live":
            try:
                self.playout, self._fallback = open_playout(self._deck, playout, clock, self.stops)
                self.playout.start()
            except BaseException:
                self.close()
                raise

    @property
    def fallback(self) -> str | None:
        """Why there is no sound now although a device was wanted; None while there is."""
        return self.failure or (self._fallback if isinstance(self.playout, NullPlayout) else None)

    @property
    def output(self) -> str:
        """Where the sound goes, for people."""
        return self.playout.name if self.playout is not None else "offline"

    @property
    def failure(self) -> str | None:
        """Why a live session no longer plays, in one sentence; None while it does."""
        return self.playout.failure if self.playout is not None else None

    def get_ready(self) -> None:
        """Have here what the first turn would wait for otherwise: for a live session, before frames begin.

        Takes what importing FFmpeg takes, once."""
        self._worker.first_use.ask()

    def let_begin(self) -> None:
        """Let the beginning of the next turn be decoded, where that goes on now, before frames begin: beside
        them it takes several times as long, and they wait for the GIL. 0.25 s at most."""
        until_ns = self._clock.now_ns() + _LONGEST_NS
        while self._worker.begins and (now := self._clock.now_ns()) < until_ns:
            self._clock.sleep_until_ns(now + _LOOK_NS)

    def say(
        self,
        key: str,
        source: AudioInput | Source,
        *,
        gap_s: float = 0.0,
        pan: Pan = 0.0,
        timings: Timings | None = None,
    ) -> TurnAudio:
        """Queue a turn and begin to decode it; returns at once.

        `gap_s`: silence before it, in seconds, or, negative, for how long it speaks over those before it;
        `pan`: -1 left .. 1 right, or what says so when the turn begins; `timings`: mouth shapes that win over
        what the sound says. Sound that cannot be decoded is found in `error` and `damaged` of what is
        returned, and its turn ends where it started. Raises Closed, FormatError (an unknown viseme),
        AudioRejected (a feed used twice).
        """
        self._check()
        mouth = TimedMouth.of(timings) if timings is not None else None
        turn = self._worker.submit(source, TurnAudio(key), mouth)
        self._sequencer.queue(turn, s_to_samples(gap_s), pan)
        return turn

    def beep(self) -> None:
        """From what is pulled next on a beep is heard at each full second of the timeline."""
        self._deck.over = add_beeps

    def _check(self) -> None:
        if not self._open:
            raise Closed("this audio session is closed; open another.")
        if self._process != os.getpid():  # its threads are not here: nothing would ever come of it
            raise Closed("this audio session is of the process that this one was forked off; open another.")

    def interrupt(self, fade_ms: float = 8.0, clear: bool = True) -> None:
        """Stop who speaks, with a short fade; `clear` also drops the turns that are queued.

        Live, what was handed over and is not heard yet is taken back: the turn ends where it was heard to.
        From any thread, and never waits.
        """
        fade, playout = fade_samples(fade_ms), self.playout
        first = playout.take_back() if playout is not None else None
        if playout is None or first is None:
            self._sequencer.interrupt(fade, clear)
            return

        def taken_back() -> int:
            playout.goes_on()
            return self._deck.taken_back(first, fade)

        self._sequencer.interrupt(fade, clear, taken_back)

    def pull(self, n: int) -> F32:
        """Offline: the next n samples, (n, 2) float32 in -1..1. Raises MienError in a live session."""
        self._check()
        if self.playout is not None:
            raise MienError("a live session plays by itself; open it with mode='offline' to pull samples.")
        if n <= LONGEST_PULL:
            return self._offline.pull(n)
        out = np.empty((n, 2), np.float32)
        for at in range(0, n, LONGEST_PULL):
            out[at : at + LONGEST_PULL] = self._offline.pull(min(LONGEST_PULL, n - at))
        return out

    def wait(self, n: int) -> None:
        """Offline: until `pull` of n samples, a second at most, waits no more. Raises as that does."""
        self._check()
        self._offline.wait(min(n, LONGEST_PULL))

    def between(self, start: int, end: int) -> F32:
        """Live: what was heard from the `start`-th to before the `end`-th sample that was played (see
        `played`), (n, 2) float32 in -1..1: silence where the session stood still.

        Of the last 10 s, and not of what is still to be played: what is older or newer is left out.
        """
        return self._deck.tape.between(start, end)

    def played(self) -> int:
        """Live: samples heard since the start, pauses and replays included. From any thread."""
        return self.playout.position() if self.playout is not None else self._deck.position

    def undisturbed(self, *, room: bool = False) -> AbstractContextManager[None]:
        """While this lasts, as for a frame's work, nothing is decoded that has time. `room`: frames leave
        time, in which more may be decoded ahead than is played."""
        self._worker.rest.room = room
        return self._worker.way.wanted()

    def catch_up(self) -> None:
        """Play what is due, where a thread of ours is to and waits for a core. Before a frame asks for the
        position: else the picture would stand still with the sound that nobody hears."""
        if isinstance(self.playout, NullPlayout):
            self.playout.pump()

    def position(self) -> int:
        """Now on the session's timeline: the sample that is heard (live) or pulled next (offline). From any
        thread."""
        return self._deck.session if self.playout is None else self._deck.at(self.playout.position())

    def heard(self) -> list[Heard]:
        """The turns that are heard now, and how much of each has been; from any thread, at any time."""
        return self._sequencer.progress.at(self.position())

    @property
    def known(self) -> int:
        """Samples of the timeline that have been emitted: every event before this one can be drained."""
        return self._sequencer.position

    def drain_events(self, until: int | None = None) -> list[SequencerEvent]:
        """What happened since the last call, oldest first; live, `until` a sample of the timeline, or as soon
        as it is known, a device's buffer before it is heard. What is taken back before then has not
        happened."""
        return self._happened.take(until if self.playout is not None else None)

    def drain_coming(self) -> list[Coming]:
        """Turns that are expected to begin, in the order in which that became known since the last call."""
        coming = self._sequencer.coming
        return [coming.popleft() for _ in range(len(coming))]

    @property
    def idle(self) -> bool:
        """Every turn said so far has ended."""
        return self._sequencer.idle

    def counters(self) -> AudioCounters:
        """The totals so far; cheap enough for every frame."""
        sequencer = self._sequencer
        return AudioCounters(
            **{name: getattr(sequencer.jitter, name) for name in _BUFFERS},
            underruns=sequencer.underruns + getattr(self.playout, "underflows", 0),
            device_losses=getattr(self.playout, "losses", 0),
            stops=self.stops.times if self.stops is not None else 0,
            added_gap_samples=sequencer.added_gap,
            turns_queued=sequencer.turns_queued,
            turns_ended=sequencer.turns_ended,
            jitter_held=sequencer.held,
            jitter_target=sequencer.target,
        )

    def close(self) -> None:
        """Stop playing and decoding, and join the threads; a step that fails keeps no other from being done.
        Idempotent."""
        self._open = False
        with ExitStack() as steps:
            steps.callback(self._worker.close)
            if self.playout is not None:
                steps.callback(self.playout.close)  # the last one added is the first one done

    def __enter__(self) -> AudioSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
