"""The script: what happened when. Pictures are a pure function of it and time.

Times are integer samples at `clock.SAMPLE_RATE` on the session timeline. Events are only ever added; what no
picture from now on can depend on is dropped, so that a script is bounded however long a session lasts.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import attrgetter, itemgetter

from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError
from mien.lipsync.track import SpeechTrack
from mien.messages import quoted
from mien.script_events import (
    BURSTS,
    FOLLOWED,
    FULL_WEIGHT,
    HOLD,
    SIDES,
    STAGINGS,
    ChannelHeld,
    DrawingSet,
    Entered,
    Event,
    Exited,
    ExpressionSet,
    GazeMoved,
    GazeSet,
    GestureSet,
    Nod,
    PartnerSet,
    Placed,
    Side,
    Staged,
    StagingKind,
    TurnComing,
    TurnEnded,
    TurnStarted,
    VisemeShown,
    VocalBurst,
    lane_of,
    same,
)
from mien.types import BurstKind

__all__ = [
    "BURSTS",
    "FOLLOWED",
    "FULL_WEIGHT",
    "HOLD",
    "KEPT",
    "KEPT_EVENTS",
    "SIDES",
    "STAGINGS",
    "BurstKind",
    "ChannelHeld",
    "DrawingSet",
    "Entered",
    "Event",
    "Exited",
    "ExpressionSet",
    "GazeMoved",
    "GazeSet",
    "GestureSet",
    "Nod",
    "PartnerSet",
    "Placed",
    "Script",
    "Side",
    "SpeechTrack",
    "Staged",
    "StagingKind",
    "TurnComing",
    "TurnEnded",
    "TurnStarted",
    "VisemeShown",
    "VocalBurst",
    "lane_of",
    "same",
]

_AT = attrgetter("at")

KEPT = 10 * SAMPLE_RATE
"""Span before `sealed` of which every event is kept: motion looks back 6.5 s at most, and from there ..."""

KEPT_EVENTS = 8
"""... at so many events more of a kind, which are kept however old they are."""

_LOOKED_AT = 128
"""Events added between two looks at what can be dropped."""

_NO_LANES: Mapping[str, Sequence[Event]] = {}


@dataclass(slots=True)
class Script:
    """Events per character, kept in order of time; equal times keep the order of appending.

    Owned by one thread. Poses are asked for at `sealed` or later; what only earlier ones need is dropped.
    """

    seed: int = 0
    """Seeds every random choice of motion and direction."""
    sealed: int = -1
    """The last time that was shown: nothing may be added at or before it, or a picture already shown would
    have been wrong. Moved by `seal`."""
    kept: int = KEPT
    """Span before `sealed` of which every event is kept; more than KEPT where it is gone back to."""
    _versions: dict[str, dict[str, int]] = field(default_factory=dict)
    """By character and lane: how many events were added."""
    _shared: int = 0
    """How many turns have begun and ended, and how often events were dropped."""
    _coming: dict[str, list[tuple[int, int, bool]]] = field(default_factory=dict)
    """By turn that was coming: (sample shown, frames of its track by then, whether these were all)."""
    _lanes: dict[str, dict[str, list[Event]]] = field(default_factory=dict)
    _floor: list[Event] = field(default_factory=list)
    _added: int = 0
    """Events since the last look at what can be dropped."""

    def append(self, event: Event) -> None:
        """Add an event. Raises ScriptError when its time has been shown already."""
        if event.at <= self.sealed:
            raise ScriptError(
                f"{type(event).__name__} for {quoted(event.character)} is at {event.at / SAMPLE_RATE:.3f} s, "
                f"but {self.sealed / SAMPLE_RATE:.3f} s has been shown; give a later time."
            )
        self.insert(event)

    def insert(self, event: Event) -> None:
        """The same, also of a time that has been shown and is to be shown again, with it."""
        if isinstance(event, TurnStarted | TurnEnded):
            insort(self._floor, event, key=_AT)
            self._shared += 1
        lane = lane_of(event)
        insort(self._lanes.setdefault(event.character, {}).setdefault(lane, []), event, key=_AT)
        versions = self._versions.setdefault(event.character, {})
        versions[lane] = versions.get(lane, 0) + 1
        self._added += 1

    def version(self, character: str, lanes: Iterable[str]) -> int:
        """Another whenever an event is added to any of these lanes of a character, somebody begins or ends a
        turn, or events are dropped: what was worked out from them is out of date then."""
        versions = self._versions.get(character, {})
        return self._shared + sum([versions.get(lane, 0) for lane in lanes])

    def seal(self, at: int) -> None:
        """Say that sample `at` has been shown."""
        if at > self.sealed and self.kept > KEPT:
            self._note_coming(at)
        self.sealed = max(self.sealed, at)
        if self._added >= _LOOKED_AT:
            self._added = 0
            self._drop(self.sealed - self.kept)

    def forget(self, character: str) -> None:
        """Somebody is not of the cast any more: another may go by that key."""
        if self._lanes.pop(character, None) is not None:
            self._floor[:] = [event for event in self._floor if event.character != character]
            self._shared += 1 + sum(self._versions.pop(character, {}).values())

    def of(self, character: str) -> Sequence[Event]:
        """The character's events in order of time."""
        return sorted(chain.from_iterable(self.lanes(character).values()), key=_AT)

    def lanes(self, character: str) -> Mapping[str, Sequence[Event]]:
        """The character's events by lane (see `lane_of`), each in order of time (live views)."""
        return self._lanes.get(character, _NO_LANES)

    def latest(self, character: str, lanes: Iterable[str]) -> Event | None:
        """The character's last event in any of some lanes; None when there is none."""
        own = self.lanes(character)
        return max((own[lane][-1] for lane in lanes if own.get(lane)), key=_AT, default=None)

    def view(
        self, until: int, without: Collection[str] = (), speaking: Callable[[str], bool] | None = None
    ) -> Script:
        """What was known by sample `until`, as another script: nothing later, and not these lanes.
        `speaking`: of whose turns it tells who listens; None: of all."""
        view = Script(self.seed, until)
        for character, lanes in self._lanes.items():
            view._lanes[character] = {
                lane: events[: bisect_right(events, until, key=_AT)]
                for lane, events in lanes.items()
                if lane not in without
            }
            if comings := view._lanes[character].get("coming"):
                comings[-1] = self._as_known(comings[-1], until)
        if "turn" not in without:
            floor = self._floor[: bisect_right(self._floor, until, key=_AT)]
            view._floor = floor if speaking is None else [one for one in floor if speaking(one.character)]
        return view

    def _note_coming(self, at: int) -> None:
        """Remember how much was known of turns that are coming, of which no frame says when it came."""
        for lanes in self._lanes.values():
            event = lanes["coming"][-1] if lanes.get("coming") else None
            if isinstance(event, TurnComing) and at < event.starts + SAMPLE_RATE:
                known = (at, event.track.length, event.track.complete)
                self._coming.setdefault(event.turn, []).append(known)
        first = next(iter(self._coming), None)
        if first is not None and self._coming[first][-1][0] < at - self.kept:
            del self._coming[first]

    def _as_known(self, event: Event, at: int) -> Event:
        """A turn that was coming, with as much of it as was known when sample `at` was shown."""
        noted = self._coming.get(event.turn, ()) if isinstance(event, TurnComing) else ()
        i = bisect_right(noted, at, key=itemgetter(0))
        if not i or not isinstance(event, TurnComing):
            return event
        _, length, complete = noted[i - 1]
        return replace(event, track=event.track.as_of(length, complete=complete))

    @property
    def floor(self) -> Sequence[Event]:
        """TurnStarted and TurnEnded of everybody, in order of time (a live view)."""
        return self._floor

    def last_turns(self, character: str, at: int) -> Sequence[Event]:
        """The character's last two TurnStarted or TurnEnded at or before sample `at`, oldest first."""
        turns = self.lanes(character).get("turn")
        if not turns:
            return ()
        end = bisect_right(turns, at, key=_AT)
        return turns[max(0, end - 2) : end]

    def _drop(self, before: int) -> None:
        """Drop what no pose at `sealed` or later can depend on: events before `before`, but for the last few
        of each lane."""
        self._shared += 1
        floor = self._floor
        kept_from = max(0, bisect_right(floor, before, key=_AT) - KEPT_EVENTS)
        needed: set[int] = set()
        for lanes in self._lanes.values():
            for events in lanes.values():
                del events[: max(0, bisect_right(events, before, key=_AT) - KEPT_EVENTS)]
            # Whether a look has come to rest depends on the turns around its beginning, however long ago.
            gazes = lanes.get("gaze", [])
            if last := bisect_right(gazes, before, key=_AT):
                trail = lanes.get("trail", [])
                moved = bisect_right(trail, before, key=_AT)
                since = max(gazes[last - 1].at, trail[moved - 1].at if moved else 0)
                first = bisect_right(floor, since, key=_AT)
                needed.update(range(max(0, first - KEPT_EVENTS), min(first + KEPT_EVENTS, kept_from)))
        floor[:kept_from] = [floor[i] for i in sorted(needed)]
