"""Laughs, sighs and breaths that are heard in a turn's sound: the body takes part as in those of a cue.

When is decided by little more of the track than has been played (0.4 s of laughs, a breath or a sigh and what
follows it): so it is the same sample at whatever rate frames are drawn, and however much more is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import SHOWN_AHEAD, TRACK_HOP, HeardSound
from mien.script import BurstKind, Script, TurnStarted, VocalBurst
from mien.talk.agenda import NEVER, Agenda
from mien.talk.events import Events
from mien.talk.turns import Cue

_AHEAD: Final[Mapping[BurstKind, int]] = {"laugh": 40, "sigh": 50, "breath": 0}
"""Frames ahead of a `HeardSound`'s that the body begins, where they are decoded by then: within a laugh, with
the breath that is let out in a sigh, and with one that is drawn in."""

_LATEST: Final[Mapping[BurstKind, int]] = {"laugh": 50, "sigh": 10, "breath": 15}
"""Frames behind it at which it is too late: a laugh is over by then for all that is known, a sigh is heard as
one goes out, and most of a breath is in."""

_SAID: Final = 2 * SAMPLE_RATE
"""Nearer than this to a burst that a cue or a host asks for none is added: the sound is of that one."""

_KEPT: Final = 4
"""Bursts of a character that are looked at: none is added within 2 s of another of its kind."""


@dataclass(slots=True, eq=False)
class _Listened:
    started: TurnStarted
    bursts: Sequence[int]
    """Samples of the turn's cues that are bursts."""
    heard: int = 0
    """How many of its sounds were looked at."""
    waiting: set[int] = field(default_factory=set)
    """The numbers of those that are not due yet."""


class HeardBursts:
    """Parameters: the `script`; the `agenda` that bursts go to; `events`, which tell of them."""

    def __init__(self, script: Script, agenda: Agenda, events: Events) -> None:
        self._script = script
        self._agenda = agenda
        self._events = events
        self._turns: dict[str, _Listened] = {}
        self._last: dict[str, list[VocalBurst]] = {}
        """By character, the bursts that were added last: they may not be in the script yet."""

    def begin(self, started: TurnStarted, times: Sequence[int], cues: Sequence[tuple[float, Cue]]) -> None:
        """A turn begins, with its cues and their samples."""
        bursts = [at for at, (_, cue) in zip(times, cues, strict=True) if cue.kind == "burst"]
        self._turns[started.turn] = _Listened(started, bursts)

    def end(self, turn: str, at: int | None) -> None:
        """A turn was over at sample `at`, which may be between two frames; None: it was interrupted."""
        ended = self._turns.pop(turn, None)
        if ended is not None and at is not None:
            self._advance(ended, at)

    @property
    def due(self) -> int:
        """The sample at which the next that was heard of by the last call is to be put on the agenda; NEVER
        when none waits."""
        turns = self._turns.values()
        times = (_when(one.started, one.started.track.heard[i]) for one in turns for i in one.waiting)
        return min(times, default=NEVER)

    def advance(self, at: int) -> None:
        """Put what is heard by sample `at` on the agenda."""
        for turn in self._turns.values():
            self._advance(turn, at)

    def _advance(self, turn: _Listened, at: int) -> None:
        heard = turn.started.track.heard
        turn.waiting.update(range(turn.heard, len(heard)))
        turn.heard = len(heard)
        # What came to light later may be due sooner.
        for when, number in sorted((_when(turn.started, heard[number]), number) for number in turn.waiting):
            if when > at:
                break
            turn.waiting.remove(number)
            sound = heard[number]
            late = when - turn.started.origin - sound.frame * TRACK_HOP > _LATEST[sound.kind] * TRACK_HOP
            if not late and not self._is_said(turn, when, sound.kind):
                self._follow(turn.started, when, sound.kind)

    def _is_said(self, turn: _Listened, when: int, kind: BurstKind) -> bool:
        who = turn.started.character
        own = self._last.get(who, [])
        said = [event for event in self._script.lanes(who).get("burst", ()) if event not in own]
        # A breath that was heard is no reason not to laugh.
        heard = [event.at for event in own if kind == "breath" or event.kind != "breath"]
        near = [*turn.bursts, *(event.at for event in said[-_KEPT:]), *heard]
        return any(abs(when - at) < _SAID for at in near)

    def _follow(self, started: TurnStarted, when: int, kind: BurstKind) -> None:
        burst = VocalBurst(when, started.character, kind)
        self._last[started.character] = [*self._last.get(started.character, [])[1 - _KEPT :], burst]
        self._agenda.add(burst, started.turn, derived=True)
        cue = Cue((when - started.origin) / SAMPLE_RATE, "burst", kind)
        self._events.hear(started.turn, when, cue)


def _when(started: TurnStarted, sound: HeardSound) -> int:
    """The sample at which a body follows what was heard."""
    frame = max(sound.frame - _AHEAD[sound.kind], sound.known + SHOWN_AHEAD)
    return max(started.at + 1, started.origin + frame * TRACK_HOP)
