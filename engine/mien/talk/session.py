"""A session: what the host says and what was heard, turned into the script.

Sample positions come from the audio (a turn starts where its first sample was emitted). Cues, and what
the director makes of them, wait here until their time is near, so that an interruption can drop those
that will never happen; the script itself is append-only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from math import inf
from numbers import Real
from typing import Any, Literal

from mien.audio import AudioSession, Ended, Started, TurnAudio
from mien.character import Character
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.errors import ScriptError
from mien.motion import resolve_expression
from mien.observe import TurnRecord
from mien.script import (
    DrawingSet,
    Event,
    ExpressionSet,
    GazeSet,
    GestureSet,
    Nod,
    Script,
    SpeechTrack,
    TurnEnded,
    TurnStarted,
)
from mien.talk.director import Director
from mien.talk.tags import cues_of
from mien.talk.turns import Cue, CueValue, Turn

_MOST_NEWS = 10_000
"""Turn events kept for a host that never asks for them; the oldest are forgotten first."""

_MOST_REMARKS = 1000
"""Remarks kept; the oldest are forgotten first."""

_REMEMBERED = 10 * SAMPLE_RATE
"""Samples after a turn's end for which its speech track is kept. Faces look back on it for 1 s."""

_CHARS_PER_S = 14.0
"""Reading speed assumed for a turn whose length is not known when it starts (a live feed)."""


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """Something that happened to a turn, counted from samples played."""

    kind: Literal["started", "finished", "dropped"]
    """`dropped`: an interruption came before the turn's first sample was heard."""
    turn: str
    speaker: str
    at: int | None
    """Sample of the session; None for a dropped turn."""
    position_s: float = 0.0
    """How much of the turn was played."""
    interrupted: bool = False
    damaged: str | None = None
    """Why the audio was not whole, in one sentence; None when it was."""


@dataclass(order=True, slots=True)
class _Waiting:
    at: int
    order: int
    event: Event = field(compare=False)
    turn: str | None = field(compare=False)
    derived: bool = field(compare=False)


class Session:
    """Turns in, script out. Owned by the thread that draws.

    Parameters: `audio` plays or pulls the turns; `cast` the characters by key; `director` derives
    events; `script` receives everything.
    """

    def __init__(
        self, audio: AudioSession, cast: Mapping[str, Character], director: Director, script: Script
    ) -> None:
        self.script = script
        self.late_events = 0
        """Events that came to light after their time had been shown, and were moved to the next frame."""
        self.ended: deque[TurnRecord] = deque(maxlen=_MOST_NEWS)
        """What is known of turns that have ended, for the ledger; taken from its left."""
        self.remarks: deque[str] = deque(maxlen=_MOST_REMARKS)
        """Cues that could not be followed and audio that was not whole, one sentence each; the latest."""
        self._audio = audio
        self._cast = cast
        self._director = director
        self._turns: dict[str, tuple[Turn, TurnAudio]] = {}
        self._waiting: list[_Waiting] = []
        self._news: deque[TurnEvent] = deque(maxlen=_MOST_NEWS)
        self._spoken: deque[tuple[int, SpeechTrack]] = deque()
        self._order = 0
        self._interrupted_at = 0

    @property
    def idle(self) -> bool:
        """Nothing queued, nothing playing. (Live, up to a device's buffer before the last word is heard.)"""
        return not self._turns

    def queue(self, turn: Turn, pan: float) -> TurnAudio:
        """Queue a turn behind the others; it is decoded while they play. Raises ScriptError."""
        if turn.speaker not in self._cast:
            raise ScriptError(
                f"turn {turn.key!r} is spoken by {turn.speaker!r}, but on stage is: {_listed(self._cast)}."
            )
        if turn.key in self._turns:
            raise ScriptError(f"a turn called {turn.key!r} is already queued; give each turn its own key.")
        if turn.audio is None:
            raise ScriptError(
                f"turn {turn.key!r} has no audio; name a file, bytes, a file object or a PcmFeed."
            )
        audio = self._audio.say(turn.key, turn.audio, gap_s=turn.gap_s, pan=pan, timings=turn.timings)
        self._turns[turn.key] = (turn, audio)
        return audio

    @property
    def upcoming(self) -> list[Turn]:
        """The turn that plays, if one does, and those queued behind it, in their order."""
        return [turn for turn, _ in self._turns.values()]

    def interrupt(self) -> None:
        """Stop the speaker at once (a fade of a few ms) and forget the turns still queued."""
        self._interrupted_at = self._audio.position()
        self._audio.interrupt()

    def take_events(self, heard: int) -> list[TurnEvent]:
        """What has happened to turns since the last call, as far as it has been heard: before `heard`."""
        taken = []
        # Live, playout emits ahead of what is heard: the host is told when it is.
        while self._news and (self._news[0].at is None or self._news[0].at < heard):
            taken.append(self._news.popleft())
        return taken

    def post(self, cue: Cue, character: str, at: int, turn: str | None = None) -> None:
        """Let a cue happen to a character at sample `at`. Raises ScriptError when it cannot."""
        self._wait(self._event_of(cue, character, at), turn, derived=False)

    def advance(self, at: int) -> None:
        """Bring the script up to date for a frame that shows sample `at`."""
        for heard in self._audio.drain_events():
            if isinstance(heard, Started):
                self._started(heard)
            else:
                self._ended(heard)
        while self._waiting and self._waiting[0].at <= at:
            waiting = heappop(self._waiting)
            self._append(waiting.event, waiting.turn, waiting.derived)
        while self._spoken and self._spoken[0][0] < at - _REMEMBERED:
            self._spoken.popleft()[1].forget()

    def _started(self, heard: Started) -> None:
        turn, audio = self._turns[heard.key]
        self._news.append(TurnEvent("started", turn.key, turn.speaker, heard.at))
        self._append(TurnStarted(heard.at, turn.speaker, turn.key, audio.track), turn.key, derived=False)
        duration_s = (audio.samples_expected or 0) / SAMPLE_RATE or len(turn.text) / _CHARS_PER_S
        for at_s, cue in cues_of(turn, duration_s):
            try:
                self.post(cue, turn.speaker, heard.at + s_to_samples(at_s), turn.key)
            except ScriptError as error:  # one cue that cannot be followed does not stop a conversation
                self.remarks.append(f"turn {turn.key!r}: {error}")

    def _ended(self, heard: Ended) -> None:
        turn, audio = self._turns.pop(heard.key)
        cut_short = audio.live or audio.damaged is not None or audio.error is not None
        if heard.interrupted or cut_short:
            self._forget_waiting(turn.key, None if heard.interrupted else heard.at)
        reason = str(audio.error) if audio.error else audio.damaged
        if reason:
            self.remarks.append(f"turn {turn.key!r}: {reason}")
        self.ended.append(self._record_of(turn, audio, heard))
        if heard.at < 0:
            self._news.append(TurnEvent("dropped", turn.key, turn.speaker, None, 0.0, True, reason))
            return
        self._spoken.append((heard.at, audio.track))
        played_s = heard.position / SAMPLE_RATE
        self._news.append(
            TurnEvent("finished", turn.key, turn.speaker, heard.at, played_s, heard.interrupted, reason)
        )
        self._append(TurnEnded(heard.at, turn.speaker, turn.key, heard.interrupted), None, derived=False)

    def _forget_waiting(self, turn: str, end: int | None) -> None:
        """Drop what waits of a turn: all of it, or the cues that were expected after its `end`."""
        self._waiting = [
            waiting
            for waiting in self._waiting
            if waiting.turn != turn or (end is not None and (waiting.derived or waiting.at <= end))
        ]
        heapify(self._waiting)

    def _record_of(self, turn: Turn, audio: TurnAudio, heard: Ended) -> TurnRecord:
        spoken = heard.at >= 0
        silent_ms = max(0, heard.at - self._interrupted_at) * 1000 / SAMPLE_RATE
        return TurnRecord(
            turn.key,
            turn.speaker,
            heard.at if spoken else None,
            heard.position,
            audio.samples_decoded,
            audio.samples_expected,
            audio.decode_ms,
            audio.first_pcm_ms,
            heard.interrupted,
            audio.error is not None or audio.damaged is not None,
            silent_ms if spoken and heard.interrupted else None,
        )

    def _wait(self, event: Event, turn: str | None, *, derived: bool) -> None:
        self._order += 1
        heappush(self._waiting, _Waiting(event.at, self._order, event, turn, derived))

    def _append(self, event: Event, turn: str | None, derived: bool) -> None:
        if event.at <= self.script.sealed:
            # Live, after a stall: what should have been shown by now is shown next.
            if isinstance(event, TurnStarted):
                event = replace(event, heard_from=event.at)
            event = replace(event, at=self.script.sealed + 1)
            self.late_events += 1
        self.script.append(event)
        if not derived:
            for follow_up in self._director.direct(event, self.script):
                self._wait(follow_up, turn, derived=True)

    def _event_of(self, cue: Cue, who: str, at: int) -> Event:
        """The script's event for a cue. Raises ScriptError when the character cannot follow it."""
        character = self._cast.get(who)
        if character is None:
            raise ScriptError(f"{who!r} is not on stage; there: {_listed(self._cast)}.")
        value = cue.value
        match cue.kind:
            case "expression":
                found = resolve_expression(character, str(value))
                if found is None:
                    raise ScriptError(
                        f"{who!r} has no expression like {value!r}; "
                        f"there are: {_listed(character.expressions)}."
                    )
                return ExpressionSet(at, who, found)
            case "gaze":
                return GazeSet(at, who, *self._direction(who, value))
            case "gesture":
                if value and value not in character.gestures:
                    raise ScriptError(
                        f"{who!r} has no gesture {value!r}; there are: {_listed(character.gestures)}."
                    )
                return GestureSet(at, who, str(value or ""))
            case "nod":
                depth = value if isinstance(value, int | float) else 1.0
                return Nod(at, who, min(1.0, max(-1.0, float(depth))))
            case "drawing":
                drawing = None if value is None else str(value)
                try:
                    slot = character.slots[character.slot_index(cue.slot)]
                    slot.find(drawing or "")
                except KeyError as error:
                    raise ScriptError(
                        f"{who!r} has no slot or drawing {error.args[0]!r} (slot {cue.slot!r}); "
                        "`mien inspect` lists them."
                    ) from None
                return DrawingSet(at, who, cue.slot, drawing)

    def _direction(self, who: str, target: CueValue) -> tuple[float, float]:
        if isinstance(target, str) and target == "viewer":
            return (0.0, 0.0)
        if isinstance(target, str) and target in self._cast:
            return self._director.direction(who, target)
        pair = _pair(target)
        if pair is None:
            raise ScriptError(
                f"{who!r} cannot look at {target!r}; say viewer, (x, y) with two finite numbers, or one of: "
                f"{_listed(self._cast)}."
            )
        return pair


def _pair(value: object) -> tuple[float, float] | None:
    """Two finite numbers, in whatever holds them, brought into -1..1; None when it is something else."""
    parts: list[Any] = list(value) if isinstance(value, Iterable) else []
    if len(parts) != 2 or not all(isinstance(part, Real) for part in parts):
        return None
    if not all(abs(part) < inf for part in parts):
        return None
    x, y = (float(min(1.0, max(-1.0, part))) for part in parts)
    return (x, y)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
