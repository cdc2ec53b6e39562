"""Sound as the old program had it: a whole clip is decoded, on the frame thread, when its turn comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np

from mien.audio import Coming, Ended, SequencerEvent, Started, TimedMouth, Timings, TurnAudio
from mien.audio.decode import DecodeWorker
from mien.audio.path_source import PathSource
from mien.audio.sources import AudioInput, Source
from mien.audio.turn import Chunk
from mien.clock import SAMPLE_RATE, Clock, s_to_samples
from mien.errors import AudioRejected
from mien.types import F32

_NO_BOUND = 1 << 40


def decode_whole(source: str) -> F32:
    """All of a file's first audio stream: (n,) float32 mono at 48 kHz. Returns when it is done."""
    pieces: list[F32] = []
    with av.open(source) as container:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        for frame in container.decode(audio=0):
            pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class TurnSound:
    """How one turn's sound came."""

    turn: str
    first_audio_ms: float
    """From the start of its decoding to its first sample ready to play."""
    gap_ms: float | None
    """Silence added before it, beyond what the conversation asks for; None for the first turn."""


class WholeClipSound:
    """In the place of Mien's AudioSession. Plays into nothing: a turn lasts as long as its samples.

    The mouth's movements are worked out by `prepare`, before the clock starts: the old program is not
    charged for them.
    """

    failure: str | None = None
    """It has no device that could go away."""
    stops = None
    """Nor does it look whether the process ran."""
    history = 0
    """What was heard is not kept."""

    def __init__(self) -> None:
        self.turns: list[TurnSound] = []
        self._events: deque[SequencerEvent] = deque()
        self._queue: deque[tuple[TurnAudio, str, int]] = deque()
        self._playing: tuple[TurnAudio, int, int] | None = None
        self._ended: int | None = None
        self._prepare = DecodeWorker(max_outstanding=_NO_BOUND)

    def say(
        self,
        key: str,
        source: AudioInput | Source,
        *,
        gap_s: float = 0.0,
        pan: float = 0.0,
        timings: Timings | None = None,
    ) -> TurnAudio:
        """Queue a turn, which must be a file."""
        if isinstance(source, PathSource):
            source = source.path
        if not isinstance(source, str) and not hasattr(source, "__fspath__"):
            raise AudioRejected(f"turn {key!r}: the old program plays files only; name one.")
        turn = TurnAudio(key)
        self._prepare.submit(source, turn, TimedMouth.of(timings) if timings else None)
        self._queue.append((turn, str(source), s_to_samples(gap_s)))
        return turn

    def prepare(self) -> None:
        """Wait until the mouth of every turn is known. Raises MienError for sound that cannot be decoded."""
        for turn, _, _ in self._queue:
            while not turn.done:
                self._prepare.progress.wait(0.05)
                self._prepare.progress.clear()
            if turn.error is not None:
                raise turn.error
            for chunk in turn.inbox:
                if isinstance(chunk, Chunk):
                    turn.track.append(chunk.visemes, chunk.loudness)
            turn.inbox.clear()
            turn.track.finish()

    def step(self, clock: Clock, start_ns: int, decode: Callable[[str], F32] = decode_whole) -> None:
        """Once a frame: end the turn whose samples are over; decode and start the next, if it is time."""

        def now() -> int:
            return (clock.now_ns() - start_ns) * SAMPLE_RATE // 1_000_000_000

        if self._playing is not None:
            turn, at, length = self._playing
            if now() < at + length:
                return
            self._playing, self._ended = None, at + length
            self._events.append(Ended(at + length, turn.key, length, False))
        if not self._queue:
            return
        turn, path, gap = self._queue[0]
        asked = 0 if self._ended is None else self._ended + gap
        if now() < asked:
            return
        self._queue.popleft()
        begun = clock.now_ns()
        length = len(decode(path))
        first_audio_ms = (clock.now_ns() - begun) / 1e6
        at = now()
        gap_ms = None if self._ended is None else (at - asked) * 1000 / SAMPLE_RATE
        self.turns.append(TurnSound(turn.key, first_audio_ms, gap_ms))
        turn.samples_expected = length
        self._playing = (turn, at, length)
        self._events.append(Started(at, turn.key))

    @property
    def idle(self) -> bool:
        """Nothing plays and nothing is queued."""
        return self._playing is None and not self._queue

    def drain_coming(self) -> list[Coming]:
        """None: what is measured is who speaks, not what comes."""
        return []

    def drain_events(self, until: int | None = None) -> list[SequencerEvent]:
        """What happened since the last call."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._prepare.close()
