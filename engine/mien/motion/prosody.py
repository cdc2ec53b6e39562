"""What a turn's track says to a face: the jaw under the playhead, and stress in the voice ahead of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.lipsync.track import ALWAYS, TRACK_HOP, SpeechTrack
from mien.motion.ease import smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, TurnComing, TurnEnded, TurnStarted
from mien.types import F32, F64, VISEMES

_NO_EVENTS: Sequence[Event] = ()
_CLOSES = ms(60)

LEAD: Final = 19
"""Frames (190 ms) that faces look ahead of the sound, where they are known: before a stressed word brows rise
and heads turn."""

_PAST = 96
"""Frames of loudness that stress looks back on: 0.96 s."""
_SPAN = LEAD + _PAST
_LINGERS = ms(1000)
_RISES = ms(400)
_FALLS = ms(800)
_FADES = ms(200)
"""What was seen coming and does not come is forgotten in this time."""

_OPENS = ms(220)
"""Before a turn's first sound brows begin to rise."""

_PITCHED = 0.35
"""Share of what moves the brows that is up to the pitch: they rise with it more than heads do."""
_HIGH = 4.0
"""Semitones above a voice's mean at which that share is doubled, and below at which it is nothing."""


@dataclass(slots=True)
class Spoken:
    """A turn of the character that is coming, is going on or has just ended."""

    start: int
    end: int | None
    track: SpeechTrack
    origin: int
    """Where the track begins: earlier than `start` when the turn came to light late. The mouth follows the
    sound at once; what moves the body eases in from `start`."""
    known: int
    """From when on it may be looked ahead to: earlier than `start` where the turn was announced."""


def spoken(lanes: Mapping[str, Sequence[Event]], at: int) -> list[Spoken]:
    """The character's turns that still show at sample `at`, newest first; without one that is coming."""
    turns: list[Spoken] = []
    ends: dict[str, int] = {}
    end: int | None = None
    for event in recent(lanes.get("turn", _NO_EVENTS), at, _LINGERS, most=6, spare=-1):
        if isinstance(event, TurnStarted):
            # A turn that nobody ended is over when the next begins.
            stop = ends.get(event.turn, end)
            if stop is None or stop > at - _LINGERS:
                known = _announced(lanes, event)
                turns.append(Spoken(event.at, stop, event.track, event.origin, known))
            end = event.at
        elif isinstance(event, TurnEnded):
            ends[event.turn] = event.at
    return turns


def coming(lanes: Mapping[str, Sequence[Event]], at: int, turns: Sequence[Spoken]) -> Spoken | None:
    """The character's turn that is coming, or was to begin and is just being forgotten; None when none is.
    `turns`: those that have begun. One that began at another time is not what was coming."""
    announced = lanes.get("coming")
    if not announced:
        return None
    for event in recent(announced, at, _LINGERS, most=1, spare=-1):
        assert isinstance(event, TurnComing)
        begun = any(turn.known == event.at for turn in turns)
        if not begun and at < event.starts + _FADES:
            return Spoken(event.starts, None, event.track, event.starts, event.at)
    return None


def _announced(lanes: Mapping[str, Sequence[Event]], turn: TurnStarted) -> int:
    """When it became known that the turn would begin when it did; its beginning, if it did not."""
    announced = lanes.get("coming")
    if announced:
        for event in recent(announced, turn.at, _LINGERS, most=1, spare=-1):
            assert isinstance(event, TurnComing)
            if event.turn == turn.turn and event.starts == turn.at:
                return event.at
    return turn.at


def openings(lanes: Mapping[str, Sequence[Event]], at: int, turns: Sequence[Spoken]) -> list[int]:
    """When the face begins to open for the turns that begin around sample `at`: ahead of those announced."""
    announced = recent(lanes.get("coming", _NO_EVENTS), at, _LINGERS, most=3, spare=-1)
    found = [max(e.at, e.starts - _OPENS) for e in announced if isinstance(e, TurnComing)]
    return found + [turn.start for turn in turns if turn.known == turn.start]


def activity(turns: Sequence[Spoken], at: int) -> float:
    """0..1: rises as the character begins to speak, falls after."""
    level = 0.0
    for turn in turns:
        on = smooth((at - turn.start) / _RISES)
        level = max(level, on if turn.end is None else on * (1.0 - smooth((at - turn.end) / _FALLS)))
    return level


class Prosody:
    """Reads tracks `LEAD` frames ahead of the sound, as far as they were known by then.

    What comes to light later than that (pushed sound, of which little is known ahead, or a turn that nobody
    announced) counts from then on, as if it had been said later by as much: faces answer later, and do not
    jump.
    """

    def __init__(self) -> None:
        since = np.asarray((np.arange(_SPAN) + 0.5) * 0.01 - 0.01 * LEAD, np.float64)  # since it was heard
        # Three views of loudness around the present, each a weighted sum over frames:
        head = _hump(since, -0.10, 0.13) - _hump(since, 0.02, 0.82)
        brow = _hump(since, -0.19, 0.11) - 0.8 * _hump(since, -0.02, 0.73)
        # ... and a damped cosine without a mean, which makes loose things bounce at 1.8 Hz.
        ago = since.clip(0.0)
        window = np.clip(1.0 - (ago / 0.96) ** 2, 0.0, 1.0) ** 2 * np.clip(since / 0.03, 0.0, 1.0)
        ring = np.exp(-ago * 4.5) * np.sin(ago * 2 * np.pi * 1.8) * window
        ring -= ring.mean() * window / window.mean()
        kernel = np.zeros((3, _SPAN + 2))
        kernel[:, 1:-1] = (head, 1.6 * ring / np.abs(ring).sum(), brow)
        self._kernel = kernel
        """(3, _SPAN + 2): by for how long a frame has been looked at, from -1 on; 0 at either end."""
        self._backwards = np.ascontiguousarray(kernel[:, ::-1])

    def stress(
        self, turns: Sequence[Spoken], at: int, coming: Spoken | None = None
    ) -> tuple[float, float, float]:
        """(head, brow, ring): how far loudness, and for the brows pitch, rise above their mean around now,
        about -1..1, for each use."""
        head = brow = ring = 0.0
        for turn in (*turns, coming) if coming is not None else turns:
            hop, part = divmod(at - turn.origin, TRACK_HOP)
            low = max(0, hop + LEAD + 2 - _SPAN)
            high = min(turn.track.length, hop + LEAD + 2)
            if turn.end is not None:
                high = min(high, (turn.end - turn.origin) // TRACK_HOP + LEAD)
            # In the order in which they came: those that were known before now.
            high = low + int(turn.track.known[low:high].searchsorted(hop)) if high > low else low
            if high <= low:
                continue
            loud, accented = _heard(turn, at, low, high, comes=turn is coming)
            now, then = self._weights(turn, hop, low, high)
            f = part / TRACK_HOP
            weights = (1.0 - f) * now + f * then
            moved = (weights[:2] @ loud).tolist()
            head, ring = head + moved[0], ring + moved[1]
            brow += float(weights[2] @ accented)
        return (head, brow, ring)

    def _weights(self, turn: Spoken, hop: int, low: int, high: int) -> tuple[F64, F64]:
        """(3, high - low) each: of the frames `low` to `high` at frame `hop`, and at the next."""
        first = ALWAYS if turn.origin != turn.start else (turn.known - turn.origin) // TRACK_HOP
        known = turn.track.known[low:high]
        if max(first, int(known[-1])) + 2 <= low - LEAD:
            i, n = _SPAN - hop - LEAD + low, high - low
            return self._backwards[:, i : i + n], self._backwards[:, i - 1 : i - 1 + n]
        # What came within a frame counts from the next on.
        since = hop + 1 - np.maximum(np.maximum(known, first) + 2, np.arange(low - LEAD, high - LEAD))
        now, then = since.clip(0, _SPAN + 1), (since + 1).clip(0, _SPAN + 1)
        return self._kernel.take(now, 1), self._kernel.take(then, 1)


def _heard(turn: Spoken, at: int, low: int, high: int, *, comes: bool) -> tuple[F32, F32]:
    """Loudness of the frames `low` to `high`, and the same where a high voice counts for more."""
    loud = turn.track.loudness[low:high]
    if turn.origin != turn.start:
        loud = loud * np.float32(smooth((at - turn.start) / _RISES))
    if comes and at > turn.start:
        loud = loud * np.float32(1.0 - smooth((at - turn.start) / _FADES))
    elif turn.end is not None and (cut := (turn.end - turn.origin) // TRACK_HOP) < high:
        # It was cut off, and what had been seen coming is not heard.
        loud = loud.copy()
        loud[max(0, cut - low) :] *= np.float32(1.0 - smooth((at - turn.end) / _FADES))
    high_voice = (turn.track.pitch[low:high] * np.float32(1.0 / _HIGH)).clip(-1.0, 1.0)
    return loud, loud * (1.0 + np.float32(_PITCHED) * high_voice)


def visemes(turns: Sequence[Spoken], at: int) -> list[float] | None:
    """(15,) weights summing to 1 under the playhead, of the last 50 ms and the next 10; None in silence.

    Where the track has no frame there is silence. After the turn's end, or an interruption, what was open
    closes within 60 ms.
    """
    row: F32 | None = None
    for turn in reversed(turns[:2]):
        own = _row(turn, at if turn.end is None else min(at, turn.end))
        shut = 0.0 if turn.end is None else smooth((at - turn.end) / _CLOSES)
        if shut >= 1.0:
            own = None
        elif shut > 0.0 and own is not None:
            own = own * (1.0 - shut) + _SILENT * shut
        if row is not None and (opens := smooth((at - turn.start) / _CLOSES)) < 1.0:
            # The turn before it is just closing.
            own = row * (1.0 - opens) + (_SILENT if own is None else own) * opens
        row = own if own is not None or turn.end is None else row
    return None if row is None else row.tolist()


_SILENT = np.zeros(len(VISEMES), np.float32)
_SILENT[0] = 1.0
_JAW = np.array((0.06, 0.15, 0.24, 0.27, 0.20, 0.08), np.float32)
"""Weights of six frames, the next one last: a jaw has mass."""


def _row(turn: Spoken, at: int) -> F32 | None:
    hop, part = divmod(at - turn.origin, TRACK_HOP)
    n = len(_JAW)
    if hop >= turn.track.length + n - 1:
        return None
    rows = turn.track.visemes[max(0, hop + 1 - n) : hop + 2]
    f = np.float32(part / TRACK_HOP)
    weights = np.zeros(n + 1, np.float32)
    weights[:-1] = _JAW * (1 - f)
    weights[1:] += _JAW * f
    # Silence came before, and comes after.
    before = max(0, n - 1 - hop)
    row = np.asarray(weights[before : before + len(rows)] @ rows, np.float32)
    row[0] += weights[:before].sum() + weights[before + len(rows) :].sum()
    return row


def _hump(since: F64, near: float, far: float) -> F64:
    """A mean over `near`..`far` seconds since, with soft ends."""
    x = np.clip((since - near) / (far - near), 0.0, 1.0)
    weight = x * x * (1 - x) ** 2
    return np.asarray(weight / weight.sum(), np.float64)
