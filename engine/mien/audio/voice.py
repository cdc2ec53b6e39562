"""One turn on the timeline: what is left of it to play, and its mouth in step with what is played."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from math import cos, pi, sin
from typing import Final, TypeAlias

import numpy as np

from mien.audio.arrival import DelayHistogram
from mien.audio.catching_up import CatchingUp
from mien.audio.counters import JitterCounters
from mien.audio.drift import BEFORE, TAPS, DepthControl, Resampler
from mien.audio.jitter import JitterBuffer, JitterState
from mien.audio.turn import Chunk, TurnAudio
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import SHOWN_AHEAD, TRACK_HOP
from mien.types import F32, VISEMES

TARGET_FILE: Final = SAMPLE_RATE // 4
"""Samples (250 ms) of a file that must be decoded before it starts. They take some 5 ms to decode, and last
while a device fills its buffer and somebody holds the GIL for 80 ms; 50 ms did not."""

_STAYS: Final = TRACK_HOP * 5 // 8
"""Samples by which a mouth's frames may be off their sound before they are moved: more than half a frame, or
they would go to and fro."""


Pan: TypeAlias = float | Callable[[], float]
"""Where a voice comes from, -1 left .. 1 right, at equal power; or what says so when it begins."""


class Voice:
    """A turn on the timeline: its jitter buffer, and its track kept in step with what is played.

    Parameters: `turn`; `pan`, where it comes from; `counters` to count in; `delays` of live feeds so far.
    """

    def __init__(
        self,
        turn: TurnAudio,
        pan: Pan,
        counters: JitterCounters,
        delays: DelayHistogram,
    ) -> None:
        self.turn = turn
        self._pan = pan
        self.gains: F32 = np.ones(2, np.float32)
        """Of left and right, once it has begun."""
        self.began = 0
        """Sample of the session with which it began, once it has."""
        self.emitted = 0
        """Samples played, made up ones included."""
        self.jitter = JitterBuffer(delays if turn.live else TARGET_FILE, counters=counters)
        self._hurry = CatchingUp(self.jitter) if turn.catches_up else None
        self._shift = 0  # frames by which the mouth is behind the turn's own time, or, negative, ahead
        self._heard_rows: deque[tuple[int, F32]] = (
            deque()
        )  # what the sound says of frames that may be told of
        self._depth = DepthControl()
        self._resampler: Resampler | None = None

    def place(self) -> None:
        """It begins: from now on it comes from where it is now."""
        pan = self._pan() if callable(self._pan) else self._pan
        angle = (min(max(pan, -1.0), 1.0) + 1) * pi / 4
        self.gains[:] = cos(angle), sin(angle)

    @property
    def finished(self) -> bool:
        """Whether its last sample has been played."""
        return self.jitter.state is JitterState.FINISHED and not self._pending

    @property
    def position(self) -> int:
        """The turn's own samples that were played; those few that a resampler holds are counted too."""
        return self.jitter.position - (self._hurry.pending if self._hurry is not None else 0)

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped."""
        return self.jitter.interrupted

    @property
    def remaining(self) -> int | None:
        """Samples it still lasts; None while its end is not known."""
        left = self.jitter.remaining
        return None if left is None else left + self._pending

    def flush(self, fade: int) -> None:
        """Interrupt: `fade` samples more, falling to silence."""
        (self._hurry or self.jitter).flush(fade)

    def end(self) -> None:
        """Its last sample was played: no more of its mouth will come."""
        self.turn.track.finish(shown=self._shown())

    @property
    def _pending(self) -> int:
        resampled = self._resampler.pending if self._resampler is not None else 0
        return resampled + (self._hurry.pending if self._hurry is not None else 0)

    def drain(self, now: int, most: int | None = None) -> None:
        """Take what the worker has handed over by sample `now` of the session, or only so many chunks."""
        self._follow_told()
        inbox = self.turn.inbox
        mouth: list[Chunk] = []
        for _ in count() if most is None else range(most):
            if not inbox:
                break
            item = inbox.popleft()
            if isinstance(item, Chunk):
                if len(item.samples):
                    self.jitter.put(item.samples, item.at, now)
                    if self._hurry is not None:
                        self._hurry.came(item.samples, item.at)
                # One after the other they are one for the mouth, whose shapes are chosen once for all of
                # them: by twos, as a decoder gives them, each is chosen five times.
                if mouth and item.row != mouth[-1].row + len(mouth[-1].loudness):
                    self._move_mouth(mouth)
                    mouth.clear()
                mouth.append(item)
            else:
                self._move_mouth(mouth)
                mouth.clear()
                self.jitter.finish(item.total)
                self.turn.track.finish(shown=self._shown())
        self._move_mouth(mouth)

    def _move_mouth(self, chunks: Sequence[Chunk]) -> None:
        """Have the mouth do what came with some chunks, of which each follows the one before."""
        if not chunks:
            return
        track, shown = self.turn.track, self._shown()
        # Concealment and drift moved the rest of the turn; so they move the mouth's frames.
        shift = self._moved()
        row = chunks[0].row + shift
        self._silence_to(row)
        known = track.length - row
        loudness = np.concatenate([one.loudness for one in chunks])
        if known < len(loudness):
            visemes = self._as_told(chunks, shift)
            unknown = np.zeros(len(loudness), np.float32)
            pitch = np.concatenate(
                [unknown[: len(one.loudness)] if one.pitch is None else one.pitch for one in chunks]
            )
            made = [one.shapes for one in chunks if one.shapes is not None]
            # Of a mouth that is moved, or told, other shapes come.
            as_made = not shift and not known and len(made) == len(chunks) and self.turn.told is None
            shapes = np.concatenate(made) if as_made else None
            track.append(visemes[known:], loudness[known:], pitch[known:], shown=shown, shapes=shapes)
        for one in (one for chunk in chunks for one in chunk.heard):
            track.hear(one.kind, one.frame + shift, shown=shown)

    def pull(self, n: int, now: int) -> F32:
        """The next samples, (m,) float32 with m <= n; less than n only at the end of the turn."""
        ratio = self._ratio(n)
        if self._resampler is None and ratio != 1.0 and self.jitter.held >= n + TAPS:
            # From here on it reads a little ahead. A feed that keeps its depth leaves as it came.
            self._resampler = Resampler(self.jitter.tail[-BEFORE:])
        if self._resampler is None:
            samples, concealed = self._next(n, now)
        else:
            samples, concealed = self._resampled(self._resampler, n, ratio, now)
        self.emitted += len(samples)
        self.turn.samples_taken = self.jitter.position
        if concealed and self.jitter.state is not JitterState.FINISHED:
            self._silence_to(self.emitted // TRACK_HOP)
        if self._hurry is not None:
            self._hurry_mouth()
        return samples

    def _next(self, n: int, now: int) -> tuple[F32, int]:
        return self._hurry.pull(n, now) if self._hurry is not None else self.jitter.pull(n, now)

    def _moved(self) -> int:
        """Frames by which concealment, drift and hurry have moved the rest of the turn."""
        if self._hurry is not None:
            return self._shift
        return round((self.emitted - self.jitter.position) / TRACK_HOP)

    def _hurry_mouth(self) -> None:
        """Where sound was left out, the mouth leaves out as much."""
        given = self.emitted + self._pending
        moved = given - self.jitter.position
        if abs(moved - self._shift * TRACK_HOP) <= _STAYS:
            return
        shift = round(moved / TRACK_HOP)
        if shift < self._shift:
            self.turn.track.remove(-(-given // TRACK_HOP), self._shift - shift)
        self._shift = shift

    def _ratio(self, n: int) -> float:
        """How fast to play. A file has no clock of its own, and neither has what has ended."""
        jitter = self.jitter
        if not jitter.live or self.turn.steady or jitter.state is not JitterState.PLAYING:
            return 1.0
        return self._depth.ratio(jitter.held, jitter.target, n)

    def _resampled(self, resampler: Resampler, n: int, ratio: float, now: int) -> tuple[F32, int]:
        before = resampler.pending
        source, concealed = self._next(resampler.wanted(n, ratio), now)
        ended = self.jitter.state is JitterState.FINISHED and not (self._hurry and self._hurry.pending)
        samples = resampler.play(source, n, ratio, ended)
        gained = len(samples) - (before + len(source) - resampler.pending)
        self.jitter.counters.inserted_samples_for_deceleration += max(0, gained)
        self.jitter.counters.removed_samples_for_acceleration += max(0, -gained)
        return samples, concealed

    def _as_told(self, chunks: Sequence[Chunk], shift: int) -> F32:
        """(n, 15) float32: the mouth of chunks that follow each other, as it was told where it was."""
        visemes = np.concatenate([one.visemes for one in chunks])
        if self.turn.told is None:
            return visemes
        row = chunks[0].row
        self._heard_rows.append((row, visemes))
        shown = self._shown() - shift
        likely = [one.likely for one in chunks if one.likely is not None]
        if likely:
            self.turn.told.hear(np.concatenate(likely), max(0, shown))
        while self._heard_rows and self._heard_rows[0][0] + len(self._heard_rows[0][1]) < shown:
            self._heard_rows.popleft()
        return self.turn.told.rows(row, visemes)

    def _follow_told(self) -> None:
        """Have the mouth do what was told since, as far as it was not shown."""
        told = self.turn.told
        if told is None or not told.changes:
            return
        shift, shown = self._moved(), self._shown()
        told.passed(max(0, shown - shift))
        while told.changes:
            change = told.changes.popleft()
            told.late += sum(end <= shown - shift for end in change.ends) if shown else 0
            for row, heard in self._heard_rows:
                first, last = max(change.first, row), min(change.last, row + len(heard))
                if first < last:
                    rows = told.rows(first, heard[first - row : last - row])
                    self.turn.track.revise(first + shift, rows, shown=shown)

    def _silence_to(self, row: int) -> None:
        missing = row - self.turn.track.length
        if missing > 0 and not self.turn.track.complete:
            closed = np.zeros((missing, len(VISEMES)), np.float32)
            closed[:, 0] = 1
            self.turn.track.append(closed, np.zeros(missing, np.float32), shown=self._shown())

    def _shown(self) -> int:
        """Frames of the track that may have been shown: none of a turn that has not begun."""
        return self.emitted // TRACK_HOP + SHOWN_AHEAD if self.emitted else 0
