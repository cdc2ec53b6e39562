"""The session's timeline: turns one behind the other, to the sample.

Pulled by exactly one thread. Everything that others ask for crosses over in one deque and takes effect
at the next pull; what happened crosses back in another. Nothing here locks or waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final, TypeAlias

import numpy as np

from mien.audio.jitter import JitterCounters, JitterState
from mien.audio.turn import TurnAudio
from mien.audio.voice import Voice
from mien.clock import SAMPLE_RATE
from mien.types import F32

SETTLED: Final = SAMPLE_RATE // 2
"""Offline, a file's turn is pulled only when this much more of it than asked for is decoded: faces may look
ahead of the sound by up to 0.4 s and will find the same frames on every machine."""


@dataclass(frozen=True, slots=True)
class Started:
    """The turn's first sample is the session's sample `at`."""

    at: int
    key: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn's last sample was before `at`; `at` is -1 for a turn dropped before it started."""

    at: int
    key: str
    position: int
    """How many of the turn's own samples were played."""
    interrupted: bool


SequencerEvent: TypeAlias = Started | Ended


@dataclass(frozen=True, slots=True)
class _Queue:
    turn: TurnAudio
    gap: int
    gains: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Interrupt:
    fade: int
    clear: bool


class Sequencer:
    """Turns in, stereo samples out.

    Parameters: `nudge` is called when a turn was dropped, `taken` when samples were played; the decode
    worker's. `queue` and `interrupt` belong to one thread, `pull` and `ready` to one (the same or another).
    """

    def __init__(
        self, nudge: Callable[[], object] | None = None, taken: Callable[[], object] | None = None
    ) -> None:
        self.events: deque[SequencerEvent] = deque()
        """What happened, oldest first. One thread takes from its left."""
        self.position = 0
        """Samples pulled since the start."""
        self.jitter = JitterCounters()
        self.underruns = 0
        """Times that playing went on without sound that should have been there: a turn that ran dry, or
        one that was not ready when its predecessor ended."""
        self.added_gap = 0
        """Samples of silence that the engine added between two queued turns."""
        self.held: int | None = None
        """Samples held for the turn that played last time; None when none did."""
        self.target = 0
        """Samples gathered before that turn starts, or starts again."""
        self.turns_queued = 0
        self.turns_ended = 0
        self._commands: deque[_Queue | _Interrupt] = deque()
        self._voices: deque[Voice] = deque()
        self._joining = False  # the turn before ended in this session without the queue running empty
        self._late = False
        self._nudge = nudge or _nothing
        self._taken = taken or _nothing

    @property
    def idle(self) -> bool:
        """Every queued turn has ended."""
        return self.turns_ended >= self.turns_queued

    def queue(self, turn: TurnAudio, gap_samples: int = 0, pan: float = 0.0) -> None:
        """Play `turn` behind the others, after `gap_samples` of silence.

        `pan`: -1 left .. 1 right, at equal power. It begins with the sample after its predecessor's last.
        """
        angle = (min(max(pan, -1.0), 1.0) + 1) * pi / 4
        self.turns_queued += 1
        self._commands.append(_Queue(turn, max(0, gap_samples), (cos(angle), sin(angle))))

    def interrupt(self, fade_ms: float = 8.0, clear: bool = True) -> None:
        """From the next pull on, fade the turn that plays to silence and end it.

        `clear`: also drop the turns queued so far, at once; otherwise the next one follows the fade.
        """
        self._commands.append(_Interrupt(max(1, round(fade_ms * SAMPLE_RATE / 1000)), clear))

    def ready(self, n: int) -> bool:
        """Whether the next n samples are here: nothing of them would have to be waited for or made up.

        A feed is as ready as what the host has pushed; only files are waited for.
        """
        self._take_commands()
        need = n
        for voice in self._voices:
            if need <= 0:
                return True
            need -= voice.gap
            if voice.fade is not None:
                need -= voice.fade_left
                continue
            voice.drain()
            jitter, turn = voice.jitter, voice.turn
            if need > 0 and jitter.total is None:
                return jitter.held >= need + SETTLED or turn.caught_up()
            need -= (jitter.total or 0) - jitter.position
        return True

    def pull(self, n: int) -> F32:
        """The next n samples: (n, 2) float32, silence where nothing plays. Never waits."""
        self._take_commands()
        out = np.zeros((n, 2), np.float32)
        done = 0
        while done < n and self._voices:
            voice = self._voices[0]
            if voice.gap:
                k = min(voice.gap, n - done)
                voice.gap -= k
                done += k
                continue
            voice.drain()
            if voice.started_at is None:
                if not voice.jitter.startable:
                    self._wait(n - done)
                    break
                voice.started_at = self.position + done
                self._late = False
                self.events.append(Started(voice.started_at, voice.turn.key))
            events = self.jitter.concealment_events
            samples = voice.pull(n - done)[0] if voice.fade is None else voice.fade_out(n - done)
            self.underruns += self.jitter.concealment_events - events
            np.multiply(samples[:, None], voice.gains, out=out[done : done + len(samples)])
            done += len(samples)
            if voice.jitter.state is JitterState.FINISHED or (voice.fade is not None and not voice.fade_left):
                self._end(voice, self.position + done)
        self.position += n
        playing = self._voices[0].jitter if self._voices and self._voices[0].started_at is not None else None
        self.held = playing.held if playing is not None else None
        self.target = playing.target if playing is not None else self.target
        self._taken()
        return out

    def _wait(self, n: int) -> None:
        """The next turn is not decoded far enough. Not an underrun when there was silence before it."""
        if self._joining:
            self.underruns += not self._late
            self._late = True
            self.added_gap += n

    def _take_commands(self) -> None:
        while self._commands:
            command = self._commands.popleft()
            if isinstance(command, _Queue):
                self._joining = self._joining and bool(self._voices)
                self._voices.append(Voice(command.turn, command.gap, command.gains, self.jitter))
            else:
                self._stop(command)

    def _stop(self, command: _Interrupt) -> None:
        speaking = bool(self._voices) and self._voices[0].started_at is not None
        if speaking and self._voices[0].fade is None:
            self._voices[0].fade = self._voices[0].fade_left = command.fade
        while command.clear and len(self._voices) > speaking:
            voice = self._voices.pop()
            self._finish(voice, -1, interrupted=True)

    def _end(self, voice: Voice, at: int) -> None:
        self._voices.popleft()
        interrupted = voice.fade is not None
        self._joining = bool(self._voices) and not interrupted
        self._finish(voice, at, interrupted=interrupted)

    def _finish(self, voice: Voice, at: int, *, interrupted: bool) -> None:
        self.events.append(Ended(at, voice.turn.key, voice.jitter.position, interrupted))
        self.turns_ended += 1
        if interrupted:
            voice.turn.dropped = True
            voice.turn.track.complete = True
            self._nudge()


def _nothing() -> None:
    return None
