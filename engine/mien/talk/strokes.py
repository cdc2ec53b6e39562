"""When a gesture begins that waits for a stressed syllable: so that its stroke meets it, as people's do.

Decided every 10 ms, by no more of the turn's track than 0.4 s ahead: at whatever rate frames are drawn, and
however much more is decoded, it begins at the same sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from mien.lipsync.track import TRACK_HOP, SpeechTrack
from mien.script import Event, Script, TurnStarted
from mien.talk.calming import Calming

_AHEAD: Final = 40
"""Frames (0.4 s): as much as is decoded ahead of a file's sound for certain. A stroke that takes longer falls
that much later into its syllable."""

_LOUD, _RISE, _WITHIN = 0.7, 0.3, 10
"""A stressed syllable begins where the accent passes the first, having risen by the second in so many frames:
2.6 times a second in the bundled voices."""


class Wait(NamedTuple):
    """A gesture may begin later than planned, so that its stroke meets a stressed syllable."""

    by: int
    """The latest sample at which it begins."""
    strikes: int
    """Samples from its beginning to its stroke."""


class Planned(NamedTuple):
    """An event that is to come."""

    event: Event
    wait: Wait | Calming | None = None
    """For what it waits before that, or whether it comes at all."""


def begins(event: Event, wait: Wait, turn: str | None, script: Script) -> int | None:
    """When a gesture that waits begins: at its `at`, or later, when it is to be asked again; None where
    something else was told of the hands since: that stays.

    What is not known that far ahead (pushed sound) is not waited for: an answer to what has been heard would
    come a whole gesture late.
    """
    lanes = script.lanes(event.character)
    latest = script.latest(event.character, ("gesture",))
    if latest is not None and latest.at >= event.at - TRACK_HOP:
        return None
    started = _turn(lanes, turn)
    if started is not None and event.at < wait.by:
        now = (event.at - started.origin) // TRACK_HOP
        ahead = now + min(wait.strikes // TRACK_HOP, _AHEAD)
        if _known(started.track, ahead, now) and not stressed(started.track, ahead):
            return min(event.at + TRACK_HOP, wait.by)
    return event.at


def stressed(track: SpeechTrack, frame: int) -> bool:
    """Whether a stressed syllable begins in a frame of a track."""
    accent = track.accent[max(0, frame - _WITHIN) : frame + 1]
    if len(accent) < 2 or accent[-1] < _LOUD or accent[-2] >= _LOUD:
        return False
    return bool(accent[-1] - accent.min() >= _RISE)


def _known(track: SpeechTrack, frame: int, now: int) -> bool:
    return frame < track.length and int(track.known[frame]) <= now


def _turn(lanes: Mapping[str, Sequence[Event]], turn: str | None) -> TurnStarted | None:
    for event in reversed(lanes.get("turn", ())):
        if isinstance(event, TurnStarted) and event.turn == turn:
            return event
    return None
