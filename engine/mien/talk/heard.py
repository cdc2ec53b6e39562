"""Laughs that are heard in a turn's sound: the body takes part in them as in those of a cue.

When is decided by no more of the track than 0.4 s ahead, as of strokes: so it is the same sample at whatever
rate frames are drawn, and however much more is decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import SHOWN_AHEAD, TRACK_HOP
from mien.script import Script, TurnStarted, VocalBurst
from mien.talk.agenda import Agenda
from mien.talk.events import Events
from mien.talk.turns import Cue

_AHEAD: Final = 40
"""Frames (0.4 s) ahead of the sound that a laugh is known of, where they are decoded by then."""

_LATEST: Final = 50
"""Frames behind those by which it was heard: by then a laugh is over for all that is known."""

_SAID: Final = 2 * SAMPLE_RATE
"""Nearer than this to a burst that a cue or a host asks for none is added: the sound is of that one."""


@dataclass(slots=True, eq=False)
class _Listened:
    started: TurnStarted
    bursts: Sequence[int]
    """Samples of the turn's cues that are bursts."""
    heard: int = 0
    """How many of its laughs were looked at."""


class HeardBursts:
    """Parameters: the `script`; the `agenda` that laughs go to; `events`, which tell of them."""

    def __init__(self, script: Script, agenda: Agenda, events: Events) -> None:
        self._script = script
        self._agenda = agenda
        self._events = events
        self._turns: dict[str, _Listened] = {}
        self._last: dict[str, int] = {}
        """By character, the sample of the laugh that was added last: it may not be in the script yet."""

    def begin(self, started: TurnStarted, times: Sequence[int], cues: Sequence[tuple[float, Cue]]) -> None:
        """A turn begins, with its cues and their samples."""
        bursts = [at for at, (_, cue) in zip(times, cues, strict=True) if cue.kind == "burst"]
        self._turns[started.turn] = _Listened(started, bursts)

    def end(self, turn: str, at: int | None) -> None:
        """A turn was over at sample `at`, which may be between two frames; None: it was interrupted."""
        ended = self._turns.pop(turn, None)
        if ended is not None and at is not None:
            self._advance(ended, at)

    def advance(self, at: int) -> None:
        """Put what is heard by sample `at` on the agenda."""
        for turn in self._turns.values():
            self._advance(turn, at)

    def _advance(self, turn: _Listened, at: int) -> None:
        laughs = turn.started.track.laughs
        while turn.heard < len(laughs) and (when := _when(turn.started, *laughs[turn.heard])) <= at:
            late = when - turn.started.origin - laughs[turn.heard][0] * TRACK_HOP > _LATEST * TRACK_HOP
            turn.heard += 1
            if not late and not self._is_said(turn, when):
                self._laugh(turn.started, when)

    def _is_said(self, turn: _Listened, when: int) -> bool:
        who = turn.started.character
        told, last = self._script.latest(who, ("burst",)), self._last.get(who)
        near = [*turn.bursts, *(() if told is None else (told.at,)), *(() if last is None else (last,))]
        return any(abs(when - at) < _SAID for at in near)

    def _laugh(self, started: TurnStarted, when: int) -> None:
        self._last[started.character] = when
        self._agenda.add(VocalBurst(when, started.character, "laugh"), started.turn, derived=True)
        cue = Cue((when - started.origin) / SAMPLE_RATE, "burst", "laugh")
        self._events.hear(started.turn, when, cue)


def _when(started: TurnStarted, heard: int, known: int) -> int:
    """The sample at which a body laughs, of a laugh that was heard by a frame and `known` from another on."""
    return max(started.at + 1, started.origin + max(heard - _AHEAD, known + SHOWN_AHEAD) * TRACK_HOP)
