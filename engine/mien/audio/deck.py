"""The session's timeline as it is played: paused, gone on with, replayed.

Two countings: *session* samples, which the script knows, and *played* ones, which whoever plays has been
handed. They go together but for pauses, in which the session stands still, and for replays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import numpy as np

from mien.audio.history import History
from mien.audio.sequencer import Sequencer
from mien.audio.tape import Tape
from mien.clock import SAMPLE_RATE
from mien.types import F32

_RAMP: Final = SAMPLE_RATE // 200
"""Samples (5 ms) of silence in which sound that is cut off fades, and that which goes on comes: no click.
They lie beside the session's own, of which none is changed."""
_HELD: Final = 2 * SAMPLE_RATE
"""Samples: no device holds more sound that is not heard yet."""


class Pulled(Protocol):
    """What is played: a deck, or a sequencer by itself."""

    @property
    def position(self) -> int:
        """Samples pulled since the start."""
        ...

    def pull(self, n: int) -> F32:
        """The next n samples, (n, 2) float32 in -1..1."""
        ...

    def ready(self, n: int) -> bool:
        """Whether they are here."""
        ...


class _Stretch(NamedTuple):
    """From when on played samples are which ones of the session."""

    played: int
    session: int
    runs: bool
    """The session goes on; else it stands still there."""
    jumps: bool
    """It was gone to: nobody waits for the sound before it to be heard."""


class Deck:
    """Stands between the sequencer and what plays it, for which it is one itself: `pull` and `position`.

    Parameters: `sequencer`; `history`, samples of sound that can be replayed; `live`: cuts are ramped, and
    what was played lately is on a tape. One thread pulls; all else may be asked of from any.
    """

    def __init__(self, sequencer: Sequencer, history: int = 0, *, live: bool = False) -> None:
        self.position = 0
        """Samples that were handed over since the start."""
        self.tape = Tape()
        """What was handed over lately, live."""
        self.paused = False
        """Whether it is to stand still from the next pull on."""
        self.passed_over = False
        """Whether it is to stand still whatever `paused` says, until it is gone to the newest."""
        self.history = History(history)
        self.over: Callable[[int, F32], object] | None = None
        """Adds to (n, 2) samples of the session from a sample on, in place; None: nothing is added."""
        self._sequencer = sequencer
        self._live = live
        self._stretches: tuple[_Stretch, ...] = (_Stretch(0, 0, True, False),)
        self._replay: int | None = None
        self._stands = False
        self._last: F32 = np.zeros(2, np.float32)
        # Held for as long as samples are pulled; a seek alone waits for it.
        self._lock = threading.Lock()

    @property
    def session(self) -> int:
        """The session's sample that is handed over next."""
        replay = self._replay
        return self._sequencer.position if replay is None else replay

    @property
    def replays(self) -> bool:
        """Whether that was handed over before."""
        return self._replay is not None

    def at(self, played: int) -> int:
        """The session's sample that is heard when `played` samples have been."""
        stretches = self._stretches
        found = stretches[0]
        for one in stretches:
            if one.played <= played:
                found = one
            elif one.jumps:
                return max((s for s in stretches if s.jumps), key=lambda s: s.played).session
        return found.session + (played - found.played if found.runs else 0)

    def pull(self, n: int) -> F32:
        """The next n samples: (n, 2) float32 in -1..1. Never waits, but for a seek."""
        with self._lock:
            out = self._pull(n)
            if self._live:
                self.tape.add(self.position, out)
            self.position += n
            return out

    def taken_back(self, played: int, fade: int) -> int:
        """Nothing is heard of what was handed over from the `played`-th sample on, but `fade` samples falling
        to silence: from which sample of the session on that is. For the sequencer, while samples are
        pulled."""
        first = max(0, min(played, self.position))
        self.tape.hush(first, fade)
        if self._replay is not None:
            return self._sequencer.position
        at = min(self.at(first), self._sequencer.position)
        self.history.hush(at, fade)
        return at

    def seek(self, at: int | None) -> int:
        """Go to a sample of the session that was handed over before; None: to the newest. Which that is."""
        with self._lock:
            self.passed_over = False
            stands = self.paused  # once: another thread may set it meanwhile
            at = self._sequencer.position if at is None else at
            self._replay = at if at < self._sequencer.position else None
            self._begin(at, self.position, runs=not stands, jumps=True)
            self._stands = stands
            return at

    def stand_aside(self) -> int:
        """Stand still from here on whatever `paused` says, until it is gone to somewhere. Returns the newest
        sample of the session: nothing is pulled meanwhile, not by a pull that has begun either."""
        with self._lock:
            self.passed_over = True
            return self._sequencer.position

    def pass_over(self, n: int) -> None:
        """Let the session be n samples further, of which nobody hears anything."""
        with self._lock:
            start = self._sequencer.position
            self.history.add_unheard(start, self._sequencer.pass_over(n))

    def ready(self, n: int) -> bool:
        """Whether the next n samples can be pulled, as of `Sequencer.ready`: what is replayed always can."""
        with self._lock:
            new = 0 if self.paused else n - (self._sequencer.position - self.session)
            return new <= 0 or self._sequencer.ready(new)

    def ready_to_pass(self, n: int) -> bool:
        """The same of n samples that are passed over."""
        with self._lock:
            return self._sequencer.ready(n)

    def uneventful(self, most: int) -> int:
        """How many of those, up to `most`, may be passed over at once, as of `Sequencer.uneventful`."""
        with self._lock:
            return self._sequencer.uneventful(most)

    def _pull(self, n: int) -> F32:
        ramp = 0
        if (
            stands := self.paused or self.passed_over
        ) != self._stands:  # asked once: another thread may set it meanwhile
            self._stands = stands
            ramp = min(_RAMP, n // 2) if self._live else 0
            # What goes on begins behind the ramp; what stops has ended before it.
            self._begin(self.session, self.position + (0 if self._stands else ramp), runs=not self._stands)
        out = np.zeros((n, 2), np.float32)
        if self._stands:
            self._sequencer.stand()
            out[:ramp] = _ramp(self._last, ramp)
            self._last = np.zeros(2, np.float32)
        else:
            out[ramp:] = self._next(n - ramp)
            out[:ramp] = _ramp(out[ramp], ramp)[::-1] if ramp else 0.0
            self._last = out[-1].copy() if n else self._last
        return out

    def _next(self, n: int) -> F32:
        """The session's next n samples."""
        if self._replay is None:
            return self._new(n)
        old = min(n, self._sequencer.position - self._replay)
        again = self.history.read(self._replay, old)
        self._replay += old
        if self._replay < self._sequencer.position:
            return again
        self._replay = None
        return again if old == n else np.concatenate((again, self._new(n - old)))

    def _new(self, n: int) -> F32:
        start = self._sequencer.position
        out = self._sequencer.pull(n)
        if self.over is not None:
            self.over(start, out)
        self.history.add(start, out)
        return out

    def _begin(self, session: int, played: int, *, runs: bool, jumps: bool = False) -> None:
        """A stretch begins; what can be heard no more is forgotten."""
        known = [one for one in self._stretches if one.played < played]
        # One that was gone to and stopped, or gone on with, before anything of it was handed over.
        jumps = jumps or any(one.jumps for one in self._stretches[len(known) :])
        old = sum(one.played <= self.position - _HELD for one in known)
        self._stretches = (*known[max(0, old - 1) :], _Stretch(played, session, runs, jumps))


def _ramp(value: F32, n: int) -> F32:
    """(n, 2) from beside a sample (2,) to beside nothing."""
    falls = np.linspace(1.0, 0.0, n + 2, dtype=np.float32)[1:-1]
    return falls[:, None] * value
