"""The cues of turns that play: each is read and put on the agenda when its time comes, not before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mien.script import STAGINGS
from mien.talk.agenda import NEVER, Agenda
from mien.talk.cues import MOST_COMPLAINTS, CueReader
from mien.talk.timed import Timed
from mien.talk.turns import Cue

_MOST_NODS: Final = 6
"""Nods of one moment that add up."""


class Outcomes:
    """Which cues of a turn were followed, decided when the time of each comes: who could follow one then may
    not be of the cast any more when a host asks. Parameter: `can_follow`, for those whose time is to come."""

    def __init__(self, can_follow: Callable[[Cue], bool]) -> None:
        self._can_follow = can_follow
        self._decided: dict[int, bool] = {}

    def decide(self, number: int, followed: bool) -> None:
        """Of the cue of this number, in order of time."""
        self._decided[number] = followed

    def followed(self, number: int, cue: Cue) -> bool:
        """Whether it was. From any thread."""
        known = self._decided.get(number)
        return self._can_follow(cue) if known is None else known


@dataclass(slots=True, eq=False)
class _Turn:
    key: str
    speaker: str
    cues: Timed[tuple[float, Cue]]
    order: int
    """Of its first cue, in the agenda."""
    outcomes: Outcomes
    complaints: int = 0
    """How many cues could not be followed."""


class RunningCues:
    """Parameters: the `reader` of cues; the `agenda` that they go to; `warn` takes the key of a turn and a
    sentence on what cannot be followed, which does not stop a conversation."""

    def __init__(self, reader: CueReader, agenda: Agenda, warn: Callable[[str, str], None]) -> None:
        self._reader = reader
        self._agenda = agenda
        self._warn = warn
        self._turns: list[_Turn] = []

    def __len__(self) -> int:
        """How many cues wait."""
        return sum(len(turn.cues) for turn in self._turns)

    def begin(self, turn: str, speaker: str, cues: Timed[tuple[float, Cue]]) -> Outcomes:
        """A turn begins. Its cues come before what is put on the agenda later for the same sample."""
        outcomes = Outcomes(lambda cue: self._reader.can_follow(cue, speaker))
        self._turns.append(_Turn(turn, speaker, cues, self._agenda.reserve(len(cues)), outcomes))
        return outcomes

    def cut(self, turn: str, end: int | None) -> None:
        """Forget the cues of a turn that would come after its `end`; all of them when that is None."""
        for running in self._turns:
            if running.key == turn:
                running.cues.cut(-1 if end is None else end, at_end=True)

    @property
    def due(self) -> int:
        """The sample at which the next is to be put on the agenda; NEVER when none waits."""
        return min((NEVER if turn.cues.due is None else turn.cues.due for turn in self._turns), default=NEVER)

    def advance(self, at: int) -> None:
        """Put the cues up to sample `at` on the agenda."""
        for turn in self._turns:
            if coming := list(turn.cues.take(at + 1)):
                self._put(turn, coming)
        self._turns = [turn for turn in self._turns if turn.cues]

    def _put(self, turn: _Turn, coming: Sequence[tuple[int, int, tuple[float, Cue]]]) -> None:
        """Of those that ask for one thing in one moment the last that can be followed counts."""
        asked: Counter[tuple[int, str, str]] = Counter()
        failed: list[Cue] = []
        for i, when, (_, cue) in reversed(coming):
            # Bursts add up, and of who comes and goes each is asked for itself.
            each = cue.kind == "burst" or cue.kind in STAGINGS
            what = (when, cue.kind, str(cue.value) if each else cue.slot)
            if asked[what] >= (_MOST_NODS if cue.kind == "nod" else 1):
                turn.outcomes.decide(i, self._reader.can_follow(cue, turn.speaker))
                continue
            event = self._reader.find(cue, turn.speaker, when)
            turn.outcomes.decide(i, event is not None)
            if event is None:
                failed.append(cue)
            else:
                asked[what] += 1
                self._agenda.add(event, turn.key, derived=False, order=turn.order + i)
        for cue in list(reversed(failed))[: MOST_COMPLAINTS - turn.complaints]:
            turn.complaints += 1
            self._warn(turn.key, self._reader.complaint(cue, turn.speaker))
