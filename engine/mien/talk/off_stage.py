"""Warnings of what is asked of somebody off stage: one for each time that it is there."""

from __future__ import annotations

from collections.abc import Callable

from mien.messages import quoted
from mien.script import DrawingSet, Event, ExpressionSet, GazeSet, GestureSet, Nod, VocalBurst
from mien.talk.blocking import Blocking
from mien.talk.entrances import Entrances

_NAMES: dict[type[Event], str] = {
    ExpressionSet: "expression",
    GazeSet: "look",
    GestureSet: "gesture",
    DrawingSet: "drawing",
    Nod: "nod",
}


class OffStageWarnings:
    """Parameters: `entrances`, which knows who is on stage and who is to come; `warn` takes a sentence."""

    def __init__(self, entrances: Entrances, warn: Callable[[str], None]) -> None:
        self._entrances, self._append = entrances, warn
        self._asked: list[tuple[Event, str | None]] = []
        self._warned: dict[tuple[str, str, str], int] = {}
        """(of whom, what, who looks) was told: since when it was off stage then."""

    def note(self, event: Event, turn: str | None) -> None:
        """A host (`turn`: None) or a cue of a turn asks somebody of the cast for something."""
        whom = event.whom if isinstance(event, GazeSet) else ""
        if self._is_away(event.character) or (whom and self._is_away(whom)):
            self._asked.append((event, turn))

    def warn(self) -> None:
        """Warn of what was asked of those who are off stage still, and do not come with the next frame."""
        for event, turn in self._asked:
            self._warn_of(event, turn)
        self._asked.clear()

    def forget(self, key: str) -> None:
        """Somebody is not of the cast any more."""
        self._warned = {told: since for told, since in self._warned.items() if key not in (told[0], told[2])}

    def _warn_of(self, event: Event, turn: str | None) -> None:
        who, what = event.character, _NAMES.get(type(event), "")
        if isinstance(event, VocalBurst):
            what = event.kind
        if what and self._is_hidden(who):
            later = "" if isinstance(event, Nod | VocalBurst) else " until it enters"
            self._once((who, what, ""), f"{quoted(who)} is off stage: its {what} is not seen{later}.", turn)
        elif isinstance(event, GazeSet) and event.whom and self._is_hidden(event.whom):
            whom = quoted(event.whom)
            said = f"{quoted(who)} cannot look at {whom}, who is off stage, and looks at the viewer."
            self._once((event.whom, what, who), said, turn)

    def _once(self, what: tuple[str, str, str], said: str, turn: str | None) -> None:
        since = self._blocking.gone_since(what[0])
        if self._warned.get(what) != since:
            self._warned[what] = since
            self._append(said if turn is None else f"turn {quoted(turn)}: {said}")

    @property
    def _blocking(self) -> Blocking:
        return self._entrances.blocking

    def _is_away(self, key: str) -> bool:
        return self._blocking.knows(key) and not self._blocking.is_here(key)

    def _is_hidden(self, key: str) -> bool:
        return self._is_away(key) and key not in self._entrances.waiting
