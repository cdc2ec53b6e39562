"""Segments of an agent's sound: one turn of the stage for each, and exactly one end.

Pure: no thread, no clock, no framework. Times are nanoseconds of whatever clock the caller goes by.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from mien.audio import PcmFeed
from mien.errors import AudioRejected

I16 = npt.NDArray[np.int16]

MOST_S: Final = 3600.0
"""Seconds of a segment that are not spoken yet. Language models say less; what says more has run wild."""
_NS: Final = 1_000_000_000


def as_int16(samples: object) -> I16:
    """A copy of what a host pushes: (n,) int16, or float32 in -1..1 (more is cut). Raises AudioRejected."""
    try:
        given = np.asarray(samples)
    except ValueError:
        raise AudioRejected("a face was given rows of different lengths; push an array.") from None
    if given.dtype not in (np.int16, np.float32):
        raise AudioRejected(f"a face was given {given.dtype} samples; push an array of int16 or float32.")
    if given.ndim != 1:
        raise AudioRejected(f"a face was given samples of shape {given.shape}; push (n,), mono.")
    if given.dtype == np.int16:
        return np.array(given, np.int16)
    if not np.isfinite(given).all():
        raise AudioRejected("a face was given samples that are no numbers (NaN or infinite); push -1 to 1.")
    whole: I16 = np.rint(np.clip(given, -1, 1) * 32767).astype(np.int16)
    return whole


class Sound(NamedTuple):
    """A stretch of a segment that is to be heard now."""

    segment: Segment
    samples: I16
    """(n,) int16, mono, at the segment's rate: as it was pushed, to the bit."""


class Ended(NamedTuple):
    """A segment is over. There is exactly one for each."""

    segment: Segment
    position_s: float
    """How much of it was heard, in seconds."""
    interrupted: bool
    """It was cleared before its end was heard."""


@dataclass(slots=True, eq=False)
class Segment:
    """One utterance: what was pushed between two ends."""

    number: int
    """From 1; `key` is its turn's on the stage."""
    rate: int
    """Hz, of the samples pushed and given."""
    feed: PcmFeed
    mark: Hashable = None
    """The host's own word for it."""
    pushed_ns: int = 0
    """When its last sample was pushed, or its first one while there is no other."""
    first_pushed_ns: int = 0
    begun_ns: int | None = None
    """From when its first sample was heard; None while none was given out."""
    complete: bool = False
    """No more will be pushed."""
    played: bool = False
    """Its turn has come to its end on the stage, which tells so once."""
    over: bool = False
    """It has ended, and whoever pushed it was told."""
    cleared: bool = False
    """It was interrupted: what was given out and not taken is to be dropped."""
    given: int = 0
    """Samples given out."""
    pushed: int = 0
    _pieces: deque[I16] = field(default_factory=deque)
    _stretches: deque[tuple[int, int]] = field(default_factory=deque)
    """(from when, how many) of what was given and may not have been heard."""
    _heard: int = 0
    """Samples of the stretches before those."""

    @property
    def key(self) -> str:
        """Its turn's on the stage."""
        return f"segment-{self.number}"

    @property
    def heard_until_ns(self) -> int:
        """When all that was given has been heard; 0 where nothing was."""
        if not self._stretches:
            return 0
        start, n = self._stretches[-1]
        return start + n * _NS // self.rate

    def heard(self, now_ns: int) -> int:
        """Samples heard by now."""
        while len(self._stretches) > 1 and self._end_of(0) <= now_ns:
            self._heard += self._stretches.popleft()[1]
        return self._heard + sum(
            min(n, max(0, now_ns - start) * self.rate // _NS) for start, n in self._stretches
        )

    def heard_at_ns(self, sample: int) -> int:
        """When a sample that was given is heard; of one behind those, when they have been. 0 where nothing
        was given."""
        before = self._heard
        for start, n in self._stretches:
            if sample < before + n:
                return start + max(0, sample - before) * _NS // self.rate
            before += n
        return self.heard_until_ns

    def add(self, samples: I16, now_ns: int) -> None:
        """More of it. `samples` (n,) int16; kept, not copied."""
        self.feed.push(samples)
        self._pieces.append(samples)
        self.pushed += len(samples)
        self.pushed_ns = now_ns

    def give(self, up_to: int, start_ns: int) -> I16 | None:
        """What comes up to sample `up_to` of it, to be heard from `start_ns` on; None where that is nothing.

        What follows a stretch without a pause follows it to the sample.
        """
        n = min(up_to, self.pushed) - self.given
        if n <= 0:
            return None
        taken = []
        while n > 0:
            piece = self._pieces.popleft()
            if len(piece) > n:
                self._pieces.appendleft(piece[n:])
                piece = piece[:n]
            taken.append(piece)
            n -= len(piece)
        out = taken[0] if len(taken) == 1 else np.concatenate(taken)
        self.given += len(out)
        if self._stretches and start_ns <= self.heard_until_ns:
            start_ns, before = self._stretches.pop()
            self._stretches.append((start_ns, before + len(out)))
        else:
            self._stretches.append((start_ns, len(out)))
        if self.begun_ns is None:
            self.begun_ns = start_ns
        return out

    def _end_of(self, index: int) -> int:
        start, n = self._stretches[index]
        return start + n * _NS // self.rate


class Segments:
    """Segments that are not over, the oldest first. Parameter: `patience_ns`: a segment to which nothing
    more comes for so long, after all of it was heard, is taken to be complete: its end was lost."""

    def __init__(self, patience_ns: int) -> None:
        self._patience_ns = patience_ns
        self._count = 0
        self.until_ns = 0
        """When all that was given has been heard."""
        self.waiting: deque[Segment] = deque()
        self.open: Segment | None = None
        """The one that is being pushed."""

    @property
    def last(self) -> Segment | None:
        """The one that was begun last, while it is not over."""
        return self.waiting[-1] if self.waiting else None

    @property
    def keys(self) -> frozenset[str]:
        """Of their turns."""
        return frozenset(segment.key for segment in self.waiting)

    def push(self, samples: I16, rate: int, now_ns: int, mark: Hashable = None) -> Segment | None:
        """More sound, (n,) int16 mono; the segment where this begins one, which is to be said.

        Raises AudioRejected for another rate than the segment's, FeedFull for an hour that was not spoken.
        """
        if not len(samples):
            return None
        if (segment := self.open) is not None:
            if rate != segment.rate:
                raise AudioRejected(
                    f"a segment of {segment.rate} Hz was given sound of {rate} Hz: end it first, or resample."
                )
            segment.add(samples, now_ns)
            return None
        feed = PcmFeed(rate, most_s=MOST_S)
        feed.queue.steady = True  # or the pictures would go faster or slower than the sound that is given
        segment = Segment(self._count + 1, rate, feed, mark, now_ns, first_pushed_ns=now_ns)
        segment.add(samples, now_ns)
        self._count += 1
        self.open = segment
        self.waiting.append(segment)
        return segment

    def end(self) -> Segment | None:
        """The segment that is being pushed is complete. None where none is: an end may come twice."""
        segment, self.open = self.open, None
        if segment is not None:
            segment.complete = True
            segment.feed.end()
        return segment

    def clear(self, now_ns: int, *, kept: bool = False) -> list[Ended]:
        """All of them are over now, heard or not. `kept`: what was given out will be heard to its end."""
        self.end()
        ended = [
            self._over(one, one.given if kept else one.heard(now_ns), interrupted=True)
            for one in self.waiting
        ]
        self.waiting.clear()
        if not kept:
            self.until_ns = now_ns
        return ended

    def advance(self, heard_s: Mapping[str, float], done: frozenset[str], now_ns: int) -> list[Sound]:
        """What is to be given to the player, now that the stage has come so far: heard at once, or behind
        what the player holds.

        `heard_s`: seconds of each turn that plays; `done`: turns that have come to their end.
        """
        sounds = []
        self.note_played(done)
        for segment in self.waiting:
            if segment.played:
                up_to = segment.pushed
            elif (position_s := heard_s.get(segment.key)) is not None:
                up_to = round(position_s * segment.rate)
            else:
                break
            samples = segment.give(up_to, max(now_ns, self.until_ns))
            if samples is not None:
                sounds.append(Sound(segment, samples))
                self.until_ns = segment.heard_until_ns
        return sounds

    def note_played(self, done: frozenset[str]) -> None:
        """Remember turns that have come to their end, also where nothing is given then."""
        for segment in self.waiting:
            segment.played = segment.played or segment.key in done

    def due_ns(self) -> int | None:
        """When the end of the oldest will have been heard; None while that is not known."""
        if not self.waiting:
            return None
        first = self.waiting[0]
        if first.complete and first.given == first.pushed:
            return first.heard_until_ns
        return None

    def take_ended(self, now_ns: int) -> list[Ended]:
        """Those whose end has been heard by now."""
        self._lose_patience(now_ns)
        ended = []
        while (due := self.due_ns()) is not None and due <= now_ns:
            segment = self.waiting.popleft()
            ended.append(self._over(segment, segment.pushed, interrupted=False))
        return ended

    def _lose_patience(self, now_ns: int) -> None:
        if (last := self.open) is None or last.given < last.pushed:
            return
        if now_ns - max(last.pushed_ns, last.heard_until_ns) > self._patience_ns:
            self.end()

    @staticmethod
    def _over(segment: Segment, samples: int, *, interrupted: bool) -> Ended:
        segment.over, segment.cleared = True, interrupted
        return Ended(segment, samples / segment.rate, interrupted)
