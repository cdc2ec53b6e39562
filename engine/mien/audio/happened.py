"""What happened on a timeline, for whom it is told to when it is heard: some of it may be taken back
before."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from mien.audio.events import Cut, Ended, SequencerEvent, Started


class Happened:
    """Parameter: `events` as they come, oldest first; whoever adds to them is another thread. For one
    thread."""

    def __init__(self, events: deque[SequencerEvent | Cut]) -> None:
        self._events = events
        self._known: list[SequencerEvent] = []
        self._unheard: set[str] = set()
        """Turns whose beginning was taken back, and whose end is still to come."""
        self._begun: dict[str, int] = {}
        """Turns whose beginning was told, and whose end was not: where they began."""

    def take(self, until: int | None) -> list[SequencerEvent]:
        """What happened up to sample `until`, None: all of it, that was not taken yet."""
        for _ in range(len(self._events)):
            event = self._events.popleft()
            if isinstance(event, Cut):
                self._cut(event.at)
            elif isinstance(event, Ended) and event.key in self._unheard:
                self._unheard.remove(event.key)
                self._known.append(Ended(-1, event.key, 0, interrupted=True))
            else:
                self._known.append(event)
        taken = [event for event in self._known if until is None or event.at <= until]
        self._known = [event for event in self._known if until is not None and event.at > until]
        for event in taken:
            if isinstance(event, Started):
                self._begun[event.key] = event.at
            else:
                self._begun.pop(event.key, None)
        return taken

    def _cut(self, at: int) -> None:
        """What was known to happen after sample `at` does not."""
        known, self._known = self._known, []
        for event in known:
            if event.at < at or (isinstance(event, Ended) and event.at == at):
                self._known.append(event)
            elif isinstance(event, Started):
                self._unheard.add(event.key)
            elif event.key in self._unheard:
                self._unheard.remove(event.key)
                self._known.append(Ended(-1, event.key, 0, interrupted=True))
            else:
                # A beginning is told when a frame shows it, which may be a frame before it is heard.
                end = max(at, self._begun.get(event.key, at))
                heard = max(0, event.position - (event.at - end))
                self._known.append(replace(event, at=end, position=heard, interrupted=True))
