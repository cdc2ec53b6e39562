"""What a turn's track says at a time: the viseme row under the playhead, and stress in the voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.lipsync.track import TRACK_HOP, SpeechTrack
from mien.motion.ease import smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, TurnEnded, TurnStarted
from mien.types import F32, F64, VISEMES

_NO_EVENTS: Sequence[Event] = ()
_CLOSES = ms(60)
_SPAN = 96
"""Frames of loudness that stress looks back on: 0.96 s."""
_LINGERS = ms(1000)
_RISES = ms(400)
_FALLS = ms(800)


@dataclass(slots=True)
class Spoken:
    """A turn of the character that is going on or has just ended."""

    start: int
    end: int | None
    track: SpeechTrack
    origin: int
    """Where the track begins: earlier than `start` when the turn came to light late. The mouth follows the
    sound at once; what moves the body eases in from `start`."""

    def frames_by(self, at: int) -> int:
        """How many frames of the track may be read at sample `at`: what was cut off is silence."""
        length = self.track.length
        if self.end is not None:
            length = min(length, (self.end - self.origin + TRACK_HOP - 1) // TRACK_HOP)
        # One frame past the playhead is the neighbour that the present one is interpolated with.
        return min(length, (at - self.origin) // TRACK_HOP + 2)


def spoken(lanes: Mapping[str, Sequence[Event]], at: int) -> list[Spoken]:
    """The character's turns that still show at sample `at`, newest first."""
    turns: list[Spoken] = []
    ends: dict[str, int] = {}
    end: int | None = None
    for event in recent(lanes.get("turn", _NO_EVENTS), at, _LINGERS, most=6, spare=-1):
        if isinstance(event, TurnStarted):
            # A turn that nobody ended is over when the next begins.
            stop = ends.get(event.turn, end)
            if stop is None or stop > at - _LINGERS:
                turns.append(Spoken(event.at, stop, event.track, event.origin))
            end = event.at
        elif isinstance(event, TurnEnded):
            ends[event.turn] = event.at
    return turns


def activity(turns: Sequence[Spoken], at: int) -> float:
    """0..1: rises as the character begins to speak, falls after."""
    level = 0.0
    for turn in turns:
        on = smooth((at - turn.start) / _RISES)
        level = max(level, on if turn.end is None else on * (1.0 - smooth((at - turn.end) / _FALLS)))
    return level


class Prosody:
    """Reads tracks. `stress` looks only at frames already played (and their next neighbour)."""

    def __init__(self) -> None:
        ago = np.asarray((np.arange(_SPAN)[::-1] + 0.5) * 0.01, np.float64)
        # Three views of the last second of loudness, each a weighted sum over frames:
        head = _hump(ago, 0.03, 0.26) - _hump(ago, 0.15, 0.95)
        brow = _hump(ago, 0.0, 0.34) - 0.8 * _hump(ago, 0.2, 0.95)
        # ... and a damped cosine without a mean, which makes loose things bounce at 1.8 Hz.
        ring = np.exp(-ago * 4.5) * np.sin(ago * 2 * np.pi * 1.8) * _window(ago)
        ring -= ring.mean() * _window(ago) / _window(ago).mean()
        self._kernel = np.stack((head, brow, 1.6 * ring / np.abs(ring).sum()))
        self._heard = np.zeros(_SPAN + 1)

    def stress(self, turns: Sequence[Spoken], at: int) -> tuple[float, float, float]:
        """(head, brow, ring): how far loudness rose above its recent mean, about -1..1, for each use."""
        if not turns:
            return (0.0, 0.0, 0.0)
        head = brow = ring = 0.0
        for turn in turns:
            hop, part = divmod(at - turn.origin, TRACK_HOP)
            last = hop + 2
            first = last - (_SPAN + 1)
            low, high = max(0, first), min(last, turn.frames_by(at))
            if high <= low:
                continue
            heard = self._heard
            heard.fill(0.0)
            heard[low - first : high - first] = turn.track.loudness[low:high]
            now = self._kernel @ heard[:-1]
            then = self._kernel @ heard[1:]
            f = part / TRACK_HOP
            eased = 1.0 if turn.origin == turn.start else smooth((at - turn.start) / _RISES)
            mixed = (eased * ((1.0 - f) * now + f * then)).tolist()
            head, brow, ring = head + mixed[0], brow + mixed[1], ring + mixed[2]
        return (head, brow, ring)


def visemes(turns: Sequence[Spoken], at: int) -> list[float] | None:
    """(15,) weights summing to 1 under the playhead; None in silence.

    Interpolated between the track's frames. Where the track has no frame there is silence. After the
    turn's end, or an interruption, what was open closes within 60 ms.
    """
    row: F32 | None = None
    for turn in reversed(turns[:2]):
        own = _row(turn, at if turn.end is None else min(at, turn.end))
        if turn.end is not None and at >= turn.end:
            shut = smooth((at - turn.end) / _CLOSES)
            own = None if own is None or shut >= 1.0 else own * (1.0 - shut) + _SILENT * shut
        row = own if own is not None or turn.end is None else row
    return None if row is None else row.tolist()


def shape(turns: Sequence[Spoken], at: int) -> int:
    """The viseme whose drawing shows, an index of VISEMES; 0 in silence.

    It is that of the track's next frame, which the next 10 ms go towards. After the turn's end, or an
    interruption, it is 0 from half of the closing on.
    """
    shown: int | None = None
    for turn in reversed(turns[:2]):
        hop = ((at if turn.end is None else min(at, turn.end)) - turn.origin) // TRACK_HOP
        known = turn.track.shapes
        own = int(known[min(hop + 1, len(known) - 1)]) if hop < len(known) else None
        if turn.end is not None and at >= turn.end + _CLOSES // 2:
            own = None
        shown = own if own is not None or turn.end is None else shown
    return shown or 0


_SILENT = np.zeros(len(VISEMES), np.float32)
_SILENT[0] = 1.0


def _row(turn: Spoken, at: int) -> F32 | None:
    hop, part = divmod(at - turn.origin, TRACK_HOP)
    length = turn.track.length
    if hop >= length:
        return None
    rows = turn.track.visemes
    following = rows[hop + 1] if hop + 1 < length else _SILENT
    f = part / TRACK_HOP
    return np.asarray(rows[hop] * (1.0 - f) + following * f, np.float32)


def _hump(ago: F64, near: float, far: float) -> F64:
    """A mean over `near`..`far` seconds ago, with soft ends."""
    x = np.clip((ago - near) / (far - near), 0.0, 1.0)
    weight = x * x * (1 - x) ** 2
    return np.asarray(weight / weight.sum(), np.float64)


def _window(ago: F64) -> F64:
    """Falls softly to 0 at the far end of the span."""
    return np.asarray(np.clip(1.0 - (ago / 0.96) ** 2, 0.0, 1.0) ** 2, np.float64)
