"""Which shape of a turn's track a mouth shows, from when, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mien.lipsync.shapes import HELD
from mien.lipsync.track import TRACK_HOP
from mien.motion.half_shapes import part_at
from mien.motion.prosody import Spoken
from mien.motion.timeline import ms

LEAST: Final = HELD * TRACK_HOP
"""Samples (70 ms) that a mouth is shown at least: two pictures at 30 a second, wherever they fall."""

_CLOSES = ms(30)
"""From a turn's end, or an interruption, to a closed mouth."""
_SCANNED = 2 * HELD + 1
NEVER: Final = -(1 << 60)
UNKNOWN: Final = 1 << 60


class Segment(NamedTuple):
    """A shape and the samples that it is shown at."""

    shape: int
    """Index of VISEMES; 0 in silence."""
    begins: int
    """Its first sample, or one 140 ms and more before the time that was asked for."""
    ends: int
    """The first sample of the next, where it is known and less than 140 ms away; UNKNOWN where not."""
    half: bool = False
    """It is the in-between of a wide shape, with times of its own."""


def shape_at(turns: Sequence[Spoken], at: int, halves: bool = False) -> tuple[int, bool]:
    """The viseme whose drawing shows at sample `at`, an index of VISEMES, 0 in silence; and whether it is its
    in-between, which only a mouth with `halves` has.

    It is that of the track's next frame, which the next 10 ms go towards. After the turn's end it is 0 from
    half of the closing on, but has been shown for LEAST by then; after an interruption at once.
    """
    shown = 0, False
    for turn in reversed(turns[:2]):
        if turn.end is None:
            shown = _own(turn, at, halves)
        else:
            shown = _own(turn, turn.end, halves) if at < _closes(turn, halves) else (0, False)
    return shown


def segment_at(
    turns: Sequence[Spoken], at: int, coming: Spoken | None = None, halves: bool = False
) -> Segment:
    """The same with its times, as far as they were known at `at`, which may be earlier than now.
    `coming`: a turn that is expected to begin."""
    found = Segment(0, NEVER, UNKNOWN)
    for turn in (*reversed(turns[:2]), *((coming,) if coming is not None else ())):
        if at < turn.start:
            opened = turn.track.opened
            if turn.known <= at and opened is not None and found.ends == UNKNOWN:
                found = found._replace(ends=turn.start + max(0, opened - 1) * TRACK_HOP)
        elif turn is not coming:
            closes = UNKNOWN if turn.end is None or turn.end > at else _closes(turn, halves)
            found = _segment(turn, at, halves) if at < closes else Segment(0, closes, UNKNOWN)
            found = found._replace(ends=min(found.ends, closes))
    return found


def _own(turn: Spoken, at: int, halves: bool) -> tuple[int, bool]:
    hop = (at - turn.origin) // TRACK_HOP
    shapes = turn.track.shapes
    n = len(shapes)
    if hop >= n:
        return 0, False
    frame = min(hop + 1, n - 1)
    return int(shapes[frame]), halves and part_at(turn.track, frame, _first_shown(turn)).half


def _first_shown(turn: Spoken) -> int:
    """The frame of the track that the turn's first sample shows: later ones where it came to light late."""
    return (turn.start - turn.origin) // TRACK_HOP + 1


def _closes(turn: Spoken, halves: bool) -> int:
    """When the mouth closes for the end of a turn; at once for an interruption: what is heard no more is not
    said."""
    assert turn.end is not None
    if turn.interrupted:
        return turn.end
    last = _segment(turn, turn.end, halves)
    return turn.end + _CLOSES if not last.shape else max(turn.end + _CLOSES, last.begins + LEAST)


def _segment(turn: Spoken, at: int, halves: bool) -> Segment:
    """Of a turn that goes on: a shape, or with `halves` one of its parts."""
    whole = _whole(turn, at)
    hop = (at - turn.origin) // TRACK_HOP
    if turn.end is not None:
        hop = min(hop, (turn.end - turn.origin) // TRACK_HOP)
    if not halves or hop >= turn.track.length:
        return whole
    part = part_at(turn.track, min(hop + 1, turn.track.length - 1), _first_shown(turn))
    begins, ends = whole.begins, whole.ends
    if part.begins is not None:
        begins = turn.origin + (part.begins - 1) * TRACK_HOP
    if part.ends is not None:
        ends = turn.origin + (part.ends - 1) * TRACK_HOP
    return Segment(whole.shape, begins, ends, part.half)


def _whole(turn: Spoken, at: int) -> Segment:
    """A shape of a turn that goes on."""
    shapes = turn.track.shapes
    n, hop = len(shapes), (at - turn.origin) // TRACK_HOP
    if turn.end is not None:
        hop = min(hop, (turn.end - turn.origin) // TRACK_HOP)
    if hop >= n:
        return Segment(0, turn.origin + n * TRACK_HOP, UNKNOWN)
    i = min(hop + 1, n - 1)
    near = shapes[max(0, i - _SCANNED) : i + _SCANNED + 1].tolist()
    place = min(i, _SCANNED)
    shape, first, last = near[place], place, place
    while first and near[first - 1] == shape:
        first -= 1
    while last + 1 < len(near) and near[last + 1] == shape:
        last += 1
    begun, ended = i - place + first, i - place + last + 1
    # A frame's shape shows from the one before it on, and that of the turn's first from its first sample on.
    begins = turn.origin + max(0, begun - 1) * TRACK_HOP
    over = ended == n
    if (last + 1 == len(near) and not over) or not turn.track.settled(ended, hop):
        return Segment(shape, begins, UNKNOWN)
    ends = turn.origin + (n * TRACK_HOP + _CLOSES if over else (ended - 1) * TRACK_HOP)
    return Segment(shape, begins, ends)
