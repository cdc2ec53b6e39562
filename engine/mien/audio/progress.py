"""How far turns have been played, for whoever asks between their events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mien.audio.voice import Voice
from mien.clock import SAMPLE_RATE

_REMEMBERED: Final = 2 * SAMPLE_RATE
"""Samples for which a turn that has ended is remembered: no device holds more sound that is not heard yet."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn that is being heard."""

    key: str
    samples: int
    """How many of the turn's own samples have been heard; sound that was made up does not count."""


@dataclass(frozen=True, slots=True)
class _Mark:
    key: str
    began: int
    at: int
    """Sample of the session until which ..."""
    played: int
    """... so many of the turn's own were played."""
    ended: bool


class Progress:
    """Written by the thread that pulls, read by any: what it knows is one tuple, replaced as a whole."""

    def __init__(self) -> None:
        self._marks: tuple[_Mark, ...] = ()

    def pulled(self, now: int, playing: Iterable[Voice]) -> None:
        """Everything before sample `now` of the session has been pulled."""
        ended = [mark for mark in self._marks if mark.ended and mark.at > now - _REMEMBERED]
        going_on = [_Mark(voice.turn.key, voice.began, now, voice.position, False) for voice in playing]
        if ended or going_on or self._marks:
            self._marks = (*ended, *going_on)

    def cut(self, at: int) -> None:
        """Nothing from sample `at` on was heard."""
        self._marks = tuple(
            replace(mark, at=at, played=max(0, mark.played - (mark.at - at))) if mark.at > at else mark
            for mark in self._marks
            if mark.began < at
        )

    def ended(self, voice: Voice, at: int, position: int) -> None:
        """A turn's last sample was before sample `at`, and so many of its own were played."""
        mark = _Mark(voice.turn.key, voice.began, at, position, True)
        self._marks = (*(other for other in self._marks if other.key != mark.key), mark)

    def at(self, position: int) -> list[Heard]:
        """The turns that are heard at sample `position` of the session, the first to begin first."""
        marks = sorted(self._marks, key=lambda mark: mark.began)
        return [
            Heard(mark.key, max(0, mark.played - max(0, mark.at - position)))
            for mark in marks
            if mark.began <= position and not (mark.ended and position >= mark.at)
        ]
