"""How many frames a conversation will have, and when the last is there: figures for a progress line.

Guessed at once from word times and texts, made exact turn by turn by the lengths that audio files state and
by what was heard. Pure but for reading those files' headers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from math import ceil, floor
from pathlib import Path

from mien.audio.path_source import PathSource
from mien.clock import SAMPLE_RATE, Clock
from mien.errors import MienError
from mien.talk import Turn
from mien.talk.events import TurnEvent

_CHARS_PER_S = 14.0
"""Reading speed assumed for a turn of which nothing but the text is known."""

_WINDOW_S = 10.0
"""How far back the pace is measured: calm, and yet quick to follow when the machine gets busy."""

_SETTLED_S = 1.0
"""Before this much was seen there is no pace: the first frames are not like the others."""


def guessed_s(turn: Turn) -> float:
    """A turn's length by its word times, its mouth shapes or its text, in seconds."""
    if turn.words:
        return turn.words[-1].end_s
    if turn.timings is not None and turn.timings.marks:
        return turn.timings.marks[-1][2]
    return len(turn.text) / _CHARS_PER_S


def stated_s(turn: Turn) -> float | None:
    """The length that a turn's audio file states, in seconds; None when it is no file or states none.

    Takes about 1.5 ms. A file that can't be decoded ends its turn where it starts: 0.
    """
    if not isinstance(turn.audio, Path):
        return None
    try:
        with closing(PathSource(turn.audio, turn.folder).open()) as decoder:
            return None if decoder.expected is None else decoder.expected / SAMPLE_RATE
    except MienError:
        return 0.0


class Outlook:
    """How many frames a run will have, better known with every call.

    Parameters: the `turns` in their order; `fps`, frames per second; `tail_s`, seconds shown after the last
    turn; `limit_s`, seconds after which the run ends anyhow; `stated`, how a turn's length is looked up.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        fps: float,
        tail_s: float,
        limit_s: float | None = None,
        stated: Callable[[Turn], float | None] = stated_s,
    ) -> None:
        self.frames = 0
        """Frames of the whole run, as far as can be told now."""
        self.exact = False
        """Whether that is more than an estimate."""
        self._turns = turns
        self._fps, self._tail_s = fps, tail_s
        self._limit = None if limit_s is None else round(limit_s * fps)
        self._stated = stated
        self._lengths = [guessed_s(turn) for turn in turns]
        self._starts: dict[str, float] = {}
        self._ends: dict[str, float] = {}
        self._looked_up = 0
        self._tell()

    def refine(self) -> None:
        """Look up the length of one more turn, the next that is still guessed. Nothing once all are."""
        if self._looked_up < len(self._turns):
            stated = self._stated(self._turns[self._looked_up])
            if stated is not None:
                self._lengths[self._looked_up] = stated
            self._looked_up += 1
            self._tell()

    def hear(self, events: Iterable[TurnEvent]) -> None:
        """Take what happened to turns: where they started and ended is then known."""
        heard = [event for event in events if event.kind in ("started", "finished") and event.at is not None]
        for event in heard:
            known = self._starts if event.kind == "started" else self._ends
            known[event.turn] = (event.at or 0) / SAMPLE_RATE
        if heard:
            self._tell()

    def _tell(self) -> None:
        start = end = 0.0
        for turn, length in zip(self._turns, self._lengths, strict=True):
            start = self._starts.get(turn.key, max(start, end + turn.gap_s))
            end = max(end, self._ends.get(turn.key, start + length))
        # A frame after the one in which the last turn ends, and then the tail.
        self.frames = floor(end * self._fps) + 1 + ceil(self._tail_s * self._fps)
        self.exact = len(self._ends) == len(self._turns)
        if self._limit is not None and self._limit <= self.frames:
            self.frames = self._limit
            self.exact = self.exact or self._looked_up == len(self._turns)


class Pace:
    """Frames a second, from when the latest were done.

    `at_once`: frames that come at about one time. Then the pace is that from the first of a burst to the
    first of a later one, and is not known before the second: within a burst it says nothing.
    """

    def __init__(self, clock: Clock, at_once: int = 1) -> None:
        self._clock, self._at_once = clock, at_once
        self._seen: deque[tuple[float, int]] = deque()
        if at_once == 1:
            self._seen.append((self._now_s(), 0))
        self.done = 0
        """Frames done so far."""

    def advance(self, done: int) -> None:
        """`done` frames are done by now."""
        now_s, self.done = self._now_s(), done
        if self._at_once > 1:
            done -= 1  # those before the burst took until now
            if done < (self._seen[-1][1] + self._at_once if self._seen else 0):
                return
        self._seen.append((now_s, done))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()

    def left_s(self, frames: int) -> float | None:
        """Seconds until `frames` are done; None while the pace is not known."""
        if len(self._seen) < 2:
            return None
        (since_s, before), (seen_s, done) = self._seen[0], self._seen[-1]
        if seen_s - since_s < _SETTLED_S or done <= before:
            return None
        each_s = (seen_s - since_s) / (done - before)
        left_s = max(0, frames - done) * each_s - (self._now_s() - seen_s)
        return max(left_s, max(0, frames - self.done) * each_s)

    def _now_s(self) -> float:
        return self._clock.now_ns() / 1e9


def spelled(seconds: float) -> str:
    """A length of time for people, rounded up: `12 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = ceil(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min"
