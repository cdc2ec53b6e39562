"""The queue of turns as it was and is: for whoever wants to see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from mien.audio import TurnAudio
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.talk.turns import Turn

KEPT: Final = 100
"""Turns that are over and still known."""

_State = Literal["queued", "playing", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class TurnStatus:
    """A turn in the queue, or one that is over."""

    key: str
    speaker: str
    text: str
    """What is said, without tags."""
    state: Literal["queued", "playing", "done", "dropped"]
    """`done`: it has been heard as far as it will be; `dropped`: it was stopped before it began."""
    starts_s: float | None
    """Session time of its first sample; of one that is queued the one expected, None while nobody knows."""
    length_s: float | None
    """How long it is: of one that is done how much was played, else what its file says; None while it does
    not say, as of a feed that goes on."""
    heard_s: float
    """How much of it has been heard."""
    interrupted: bool
    """It was stopped before its end."""


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    key: str
    speaker: str
    text: str
    gap: int
    audio: TurnAudio | None
    """None: it is over."""
    start: int | None = None
    end: int | None = None
    position: int = 0
    """Samples of its own that were played, of one that is over."""
    state: _State = "queued"
    interrupted: bool = False

    @property
    def length(self) -> int | None:
        """Samples, as far as known."""
        if self.audio is None:
            return self.position
        return self.audio.samples_decoded if self.audio.done else self.audio.samples_expected


class TurnLog:
    """One thread writes, any asks: each entry is a value that is replaced."""

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[str, _Entry] = {}
        self._over: deque[_Entry] = deque(maxlen=KEPT)

    def queued(self, turn: Turn, audio: TurnAudio) -> None:
        """A turn waits behind the others."""
        self._count += 1
        gap = s_to_samples(turn.gap_s)
        self._open[turn.key] = _Entry(self._count, turn.key, turn.speaker, turn.text, gap, audio)

    def started(self, key: str, at: int) -> None:
        """Its first sample is that of the session."""
        self._open[key] = replace(self._open[key], start=at, state="playing")

    def began(self, key: str) -> int | None:
        """The session's sample that is its first; None where it has not begun."""
        return self._open[key].start

    def ended(self, key: str, at: int, position: int, *, interrupted: bool) -> None:
        """It has ended before sample `at`, having played so much; negative: it never began."""
        entry = self._open[key]
        state: _State = "done" if at >= 0 else "dropped"
        self._over.append(
            replace(entry, audio=None, end=at, position=position, state=state, interrupted=interrupted)
        )
        del self._open[key]  # last: whoever asks meanwhile finds it in both, and never in none

    def forget(self, speaker: str) -> None:
        """Somebody is not of the cast any more."""
        for entry in [entry for entry in self._over if entry.speaker == speaker]:
            self._over.remove(entry)

    def end(self, newest: int) -> int | None:
        """The sample by which all that is queued is over; None: nothing is; as far as lengths are known.

        `newest`: the sample up to which the session has come.
        """
        times = [end for _, end in self._expected(newest).values() if end is not None]
        return max(times, default=None)

    def at(self, shown: int, newest: int, heard: Iterable[tuple[str, int]] | None) -> tuple[TurnStatus, ...]:
        """All, in the order in which they were queued, when sample `shown` is heard.

        `heard`: (key, samples) of those that play, None: what is shown was played before, and goes by times.
        """
        expected = self._expected(newest)
        playing = None if heard is None else dict(heard)
        known = {entry.number: entry for entry in self._open.copy().values()}
        known.update((entry.number, entry) for entry in self._over.copy())  # after it, as `ended` has it
        return tuple(
            _status(entry, shown, expected.get(entry.key, (None, None)), playing)
            for _, entry in sorted(known.items())
        )

    def _expected(self, newest: int) -> dict[str, tuple[int | None, int | None]]:
        """When each that is not over begins and ends."""
        found: dict[str, tuple[int | None, int | None]] = {}
        ends: int | None = newest
        for entry in self._open.copy().values():
            start, length = entry.start, entry.length
            if start is None and ends is not None:
                start = max(newest, ends + entry.gap)
            end = None if start is None or length is None else max(newest, start + length)
            found[entry.key] = (start, end)
            ends = None if ends is None or end is None else max(ends, end)
        return found


def _status(
    entry: _Entry, shown: int, expected: tuple[int | None, int | None], playing: dict[str, int] | None
) -> TurnStatus:
    start = entry.start if entry.start is not None else expected[0]
    state, heard, interrupted = entry.state, entry.position, entry.interrupted
    if entry.state == "playing" or (entry.state == "done" and entry.end is not None and shown < entry.end):
        # What was pulled is not all heard, and what was heard may be shown again.
        assert start is not None
        gone = max(0, shown - start)
        heard = gone if playing is None else playing.get(entry.key, 0 if gone == 0 else gone)
        state = "queued" if shown < start else "playing"
        interrupted = False
    elif entry.state == "queued":
        heard = 0
    length = entry.length
    return TurnStatus(
        entry.key,
        entry.speaker,
        entry.text,
        state,
        None if start is None or entry.state == "dropped" else start / SAMPLE_RATE,
        None if length is None or entry.state == "dropped" else length / SAMPLE_RATE,
        (heard if length is None else min(heard, length)) / SAMPLE_RATE,
        interrupted,
    )
