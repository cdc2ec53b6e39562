"""What a turn's track says to a face: the jaw under the playhead, and stress in the voice ahead of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.lipsync.track import ALWAYS, TRACK_HOP, SpeechTrack
from mien.motion.ease import smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, TurnComing, TurnEnded, TurnStarted
from mien.types import F32, F64

_NO_EVENTS: Sequence[Event] = ()
_CLOSES = ms(60)
_CUT = ms(30)
"""The same of who is interrupted: by the next picture the mouth is shut."""

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
    interrupted: bool = False
    """It was stopped: there is silence from its end on, which nobody saw coming."""


def spoken(lanes: Mapping[str, Sequence[Event]], at: int) -> list[Spoken]:
    """The character's turns that still show at sample `at`, newest first; without one that is coming."""
    turns: list[Spoken] = []
    ends: dict[str, TurnEnded] = {}
    end: int | None = None
    for event in recent(lanes.get("turn", _NO_EVENTS), at, _LINGERS, most=6, spare=-1):
        if isinstance(event, TurnStarted):
            # A turn that nobody ended is over when the next begins.
            ended = ends.get(event.turn)
            stop = end if ended is None else ended.at
            if stop is None or stop > at - _LINGERS:
                known = _announced(lanes, event)
                cut = ended is not None and ended.interrupted
                turns.append(Spoken(event.at, stop, event.track, event.origin, known, cut))
            end = event.at
        elif isinstance(event, TurnEnded):
            ends[event.turn] = event
    return turns


def coming(lanes: Mapping[str, Sequence[Event]], at: int, turns: Sequence[Spoken]) -> Spoken | None:
    """The character's turn that is coming, or was to begin and is just being forgotten; None when none is.
    `turns`: those that have begun. One that began at another time is not what was coming."""
    announced = lanes.get("coming")
    if not announced:
        return None
    for event in recent(announced, at, _LINGERS, most=1, spare=-1):
        assert isinstance(event, TurnComing)
        begun = any(turn.start == event.starts for turn in turns)
        if not begun and at < event.starts + _FADES:
            return Spoken(event.starts, None, event.track, event.starts, event.at)
    return None


def _announced(lanes: Mapping[str, Sequence[Event]], turn: TurnStarted) -> int:
    """When it became known that the turn would begin when it did; its beginning, if it did not."""
    announced = lanes.get("coming")
    if announced:
        for event in recent(announced, turn.at, _LINGERS, most=3, spare=-1):
            assert isinstance(event, TurnComing)
            if event.turn == turn.turn and event.starts == turn.at:
                return event.at
    return turn.at


def openings(lanes: Mapping[str, Sequence[Event]], at: int, turns: Sequence[Spoken]) -> list[int]:
    """When the face begins to open for the turns that begin around sample `at`: ahead of those announced."""
    found: list[int] = []
    if announced := lanes.get("coming"):
        near = recent(announced, at, _LINGERS, most=3, spare=-1)
        found = [max(e.at, e.starts - _OPENS) for e in near if isinstance(e, TurnComing)]
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
        kernel = np.zeros((3, _SPAN + 2), np.float32)
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
            high = bisect_left(turn.track.known, hop, low, high) if high > low else low
            if high <= low:
                continue
            loud, accented = _heard(turn, at, low, high, comes=turn is coming)
            f = part / TRACK_HOP
            for weights, share in zip(self._weights(turn, hop, low, high), (1.0 - f, f), strict=True):
                # `dot`, to the same bits: `@` warns by the processor's flags, which libraries of algebra may
                # set by what lies beside the numbers.
                to_head, to_ring = weights[:2].dot(loud).tolist()
                head, ring = head + share * to_head, ring + share * to_ring
                brow += share * float(weights[2].dot(accented))
        return (head, brow, ring)

    def _weights(self, turn: Spoken, hop: int, low: int, high: int) -> tuple[F32, F32]:
        """(3, high - low) each: of the frames `low` to `high` at frame `hop`, and at the next."""
        first = ALWAYS if turn.origin != turn.start else (turn.known - turn.origin) // TRACK_HOP
        known = turn.track.known[low:high]
        if max(first, int(known[-1])) + 2 <= low - LEAD:
            i, n = _SPAN - hop - LEAD + low, high - low
            # Copied, to be summed up in the same order as below: to the last bit the same however it came.
            return self._backwards[:, i : i + n].copy(), self._backwards[:, i - 1 : i - 1 + n].copy()
        # What came within a frame counts from the next on.
        since = hop + 1 - np.maximum(np.maximum(known, first) + 2, np.arange(low - LEAD, high - LEAD))
        now, then = since.clip(0, _SPAN + 1), (since + 1).clip(0, _SPAN + 1)
        return self._kernel.take(now, 1), self._kernel.take(then, 1)


def _heard(turn: Spoken, at: int, low: int, high: int, *, comes: bool) -> tuple[F32, F32]:
    """(high - low,) each: loudness and accent of the frames `low` to `high`, as far as they are heard."""
    heard = turn.track.loudness[low:high], turn.track.accent[low:high]
    if turn.origin != turn.start:
        faint = smooth((at - turn.start) / _RISES)
    elif comes and at > turn.start:
        faint = 1.0 - smooth((at - turn.start) / _FADES)
    else:
        faint = 1.0
    if faint != 1.0:
        heard = heard[0] * np.float32(faint), heard[1] * np.float32(faint)
    if turn.end is not None and (cut := (turn.end - turn.origin) // TRACK_HOP) < high:
        # It was cut off, and what had been seen coming is not heard.
        fades = np.ones(high - low, np.float32)
        fades[max(0, cut - low) :] = 1.0 - smooth((at - turn.end) / _FADES)
        heard = heard[0] * fades, heard[1] * fades
    return heard


def jaw(turns: Sequence[Spoken], at: int) -> tuple[float, float] | None:
    """(how far what is said opens the jaw, how much of it is silence), 0..1 both, under the playhead: of the
    last 50 ms and the next 10. None in silence.

    Where the track has no frame there is silence. After the turn's end, or an interruption, what was open
    closes within 60 ms.
    """
    found: tuple[float, float] | None = None
    for turn in reversed(turns[:2]):
        own = _said(turn, at if turn.end is None else min(at, turn.end))
        shut = 0.0 if turn.end is None else smooth((at - turn.end) / (_CUT if turn.interrupted else _CLOSES))
        if shut >= 1.0:
            own = None
        elif shut > 0.0 and own is not None:
            own = _between(own, _SILENT, shut)
        if found is not None and (opens := smooth((at - turn.start) / _CLOSES)) < 1.0:
            # The turn before it is just closing.
            own = _between(found, own or _SILENT, opens)
        found = own if own is not None or turn.end is None else found
    return found


_SILENT = (0.0, 1.0)
_JAW = (0.06, 0.15, 0.24, 0.27, 0.20, 0.08)
"""Weights of six frames, the next one last: a jaw has mass."""


def _between(one: tuple[float, float], other: tuple[float, float], share: float) -> tuple[float, float]:
    return (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))


def _said(turn: Spoken, at: int) -> tuple[float, float] | None:
    hop, part = divmod(at - turn.origin, TRACK_HOP)
    n = len(_JAW)
    if hop >= turn.track.length + n - 1:
        return None
    first = hop + 1 - n
    low = max(0, first)
    opens = turn.track.jaw[low : hop + 2].tolist()
    silence = turn.track.visemes[low : hop + 2, 0].tolist()
    f = part / TRACK_HOP
    wide, silent = 0.0, 1.0  # before it began and behind its end there is silence
    for i, (frame, hush) in enumerate(zip(opens, silence, strict=False), low - first):
        weight = (_JAW[i] * (1.0 - f) if i < n else 0.0) + (_JAW[i - 1] * f if i else 0.0)
        wide += weight * frame
        silent -= weight * (1.0 - hush)
    return (wide, silent)


def _hump(since: F64, near: float, far: float) -> F64:
    """A mean over `near`..`far` seconds since, with soft ends."""
    x = np.clip((since - near) / (far - near), 0.0, 1.0)
    weight = x * x * (1 - x) ** 2
    return np.asarray(weight / weight.sum(), np.float64)
