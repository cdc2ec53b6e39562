"""In-betweens: the ends of a shape during which a mouth that opens wide, or shuts, is half open.

A drawn mouth that is shut in one picture and wide in the next jumps. The in-between takes its time from
the wide shape: lips part when its sound begins and meet when it ends, as without one, and a shape that is too
short for two drawings of 70 ms has none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mien.lipsync.shapes import HELD
from mien.lipsync.track import SHUT, WIDE, SpeechTrack
from mien.types import VISEMES

_WIDE: Final = frozenset(map(VISEMES.index, WIDE))
_SHUT: Final = frozenset(map(VISEMES.index, SHUT))
_NEAR: Final = 3 * HELD
"""Frames to each side that decide: the longest shape of which the length matters."""


class Part(NamedTuple):
    """Of a shape, one of up to three parts: it opens, is wide, closes."""

    half: bool
    begins: int | None
    """Its first frame; None: that of the shape."""
    ends: int | None
    """The frame behind its last; None: that of the shape."""


WHOLE: Final = Part(False, None, None)


def part_at(track: SpeechTrack, frame: int, shown_from: int) -> Part:
    """The part in which a frame is. `shown_from`: the first frame that the turn shows.

    A mood turns over anywhere but within 70 ms of a change of drawing, and looks 140 ms
    ahead for the next: so whether it closes is decided that long before, by what was known then; whether it
    opens, when it begins.
    """
    shapes = track.shapes
    shape = int(shapes[frame])
    if shape not in _WIDE:
        return WHOLE
    first = max(0, frame - _NEAR)
    near = shapes[first : frame + _NEAR + 1].tolist()
    begun = ended = frame - first
    while begun and near[begun - 1] == shape:
        begun -= 1
    while ended < len(near) and near[ended] == shape:
        ended += 1
    begins = first + begun if begun or not first else None  # None: more than 210 ms ago
    ends = first + ended if ended < len(near) else None
    opens = begins is not None and _opens(track, begins, shown_from)
    length = _NEAR if begins is None or ends is None else ends - begins
    closes = ends is not None and length >= (3 if opens else 2) * HELD and _closes(track, ends, shown_from)
    lasting = begins + HELD if opens and begins is not None else None
    closing = ends - HELD if closes and ends is not None else None
    if lasting is not None and frame < lasting:
        return Part(True, None, lasting)
    if closing is not None and frame >= closing:
        return Part(True, closing, None)
    return Part(False, lasting, closing)


def _opens(track: SpeechTrack, begins: int, shown_from: int) -> bool:
    """Whether the shape that begins there follows a shut mouth, and is known to last for two drawings."""
    shapes, last = track.shapes, begins + 2 * HELD - 1
    if begins <= shown_from or last >= len(shapes) or int(shapes[begins - 1]) not in _SHUT:
        return False
    same = bool((shapes[begins : last + 1] == shapes[begins]).all())
    return same and track.settled(last, begins - 1)


def _closes(track: SpeechTrack, ends: int, shown_from: int) -> bool:
    """Whether the shape that ends there leads into a shut mouth, and that is known in time."""
    early = ends - 3 * HELD - 1
    return early >= shown_from and int(track.shapes[ends]) in _SHUT and track.settled(ends, early)
