"""One turn on the timeline: what is left of it to play, and its mouth in step with what is played."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.audio.jitter import TARGET_FEED, JitterBuffer, JitterCounters, JitterState
from mien.audio.turn import Chunk, TurnAudio
from mien.clock import SAMPLE_RATE
from mien.script import TRACK_HOP
from mien.types import F32, VISEMES

TARGET_FILE: Final = SAMPLE_RATE // 4
"""Samples (250 ms) of a file that must be decoded before it starts. They take some 5 ms to decode, and last
while a device fills its buffer and somebody holds the GIL for 80 ms; 50 ms did not."""


class Voice:
    """A turn on the timeline: its jitter buffer, and its track kept in step with what is played."""

    def __init__(
        self, turn: TurnAudio, gap: int, gains: tuple[float, float], counters: JitterCounters
    ) -> None:
        self.turn = turn
        self.gap = gap
        """Samples of silence still to come before it."""
        self.gains = np.array(gains, np.float32)
        self.started_at: int | None = None
        self.emitted = 0
        self.fade: int | None = None
        """Length of the fade that ends it, once it is interrupted; `fade_left` of it are to come."""
        self.fade_left = 0
        self.jitter = JitterBuffer(TARGET_FEED if self.turn.live else TARGET_FILE, counters=counters)

    def drain(self) -> None:
        """Take what the worker has handed over."""
        inbox, track = self.turn.inbox, self.turn.track
        while inbox:
            item = inbox.popleft()
            if isinstance(item, Chunk):
                if len(item.samples):
                    self.jitter.put(item.samples, item.at)
                # Concealment moved the rest of the turn; so it moves the mouth's frames.
                shift = round((self.emitted - self.jitter.position) / TRACK_HOP)
                self._silence_to(item.row + shift)
                known = track.length - (item.row + shift)
                if known < len(item.loudness):
                    track.append(item.visemes[known:], item.loudness[known:])
            else:
                self.jitter.finish(item.total)
                track.complete = True

    def pull(self, n: int) -> tuple[F32, int]:
        """The next samples, (m,) float32 with m <= n, and how many of them were made up."""
        samples, concealed = self.jitter.pull(n)
        self.emitted += len(samples)
        self.turn.samples_taken = self.jitter.position
        if concealed and self.jitter.state is not JitterState.FINISHED:
            self._silence_to(self.emitted // TRACK_HOP)
        return samples, concealed

    def _silence_to(self, row: int) -> None:
        missing = row - self.turn.track.length
        if missing > 0 and not self.turn.track.complete:
            closed = np.zeros((missing, len(VISEMES)), np.float32)
            closed[:, 0] = 1
            self.turn.track.append(closed, np.zeros(missing, np.float32))

    def fade_out(self, n: int) -> F32:
        """The next samples of a turn that is being interrupted."""
        assert self.fade is not None
        samples, _ = self.pull(min(n, self.fade_left))
        done = self.fade - self.fade_left
        ramp = 1 - (np.arange(done, done + len(samples), dtype=np.float32) + 1) / np.float32(self.fade)
        self.fade_left -= len(samples)
        faded: F32 = samples * ramp
        return faded
