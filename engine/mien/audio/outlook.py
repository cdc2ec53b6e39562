"""What the next samples of a timeline will bring, as far as it is known: asked before they are pulled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from mien.audio.commands import Queued
from mien.audio.voice import Voice
from mien.clock import SAMPLE_RATE

SETTLED: Final = SAMPLE_RATE // 2
"""Offline, a file's turn is pulled only when this much more of it than asked for is decoded: faces may look
ahead of the sound by up to 0.4 s and will find the same frames on every machine."""

ANNOUNCED: Final = SETTLED
"""Samples before a turn begins at which it is announced, where its beginning is known by then. Offline that
is at the same sample on every machine: nothing ends that much behind what is pulled and is not known to."""


def end_of(playing: Iterable[Voice]) -> int | None:
    """Samples until all that play have ended; None while that is not known."""
    ends = [voice.remaining for voice in playing]
    return None if None in ends else max((end for end in ends if end is not None), default=0)


def overlap_of(waiting: Iterable[Queued]) -> int:
    """Most samples by which one that waits begins before those before it end."""
    return max((-queued.gap for queued in waiting if queued.gap < 0), default=0)


def are_here(
    playing: Sequence[Voice], waiting: Iterable[Queued], n: int, voice_of: Callable[[Queued], Voice]
) -> bool:
    """Whether the next n samples can be pulled, and their faces seen, as on every other machine. `voice_of`
    gives the voice of one that waits, with all that was decoded of it."""
    overlap = overlap_of(waiting)
    if not all(_settled(voice, n + overlap) for voice in playing):
        return False
    end = end_of(playing)
    for queued in waiting:
        start = None if end is None else max(0, end + queued.gap)
        if start is None or start >= n:
            return True
        voice = voice_of(queued)
        if not _settled(voice, n - start + overlap):
            return False
        end = None if voice.remaining is None else max(end or 0, start + voice.remaining)
    return True


def uneventful(playing: Iterable[Voice], waiting: Sequence[Queued], most: int) -> int:
    """How many of the next samples, up to `most`, tell of nothing when they are pulled at once: within them
    no turn begins, ends or is announced. Fewer than that where it is not known yet."""
    overlap = overlap_of(waiting)
    for voice in playing:
        # Up to its end without it; or what is held, of which nothing is as near to its end.
        left = voice.remaining
        here = voice.jitter.held - SETTLED - overlap if left is None else left - 1
        most = min(most, 0 if voice.turn.live else here)
    if waiting and (end := end_of(playing)) is not None:
        starts = max(0, end + waiting[0].gap)
        most = min(most, starts if waiting[0].announced else starts - ANNOUNCED)
    return max(0, most)


def _settled(voice: Voice, n: int) -> bool:
    return voice.remaining is not None or voice.jitter.held >= n + SETTLED or voice.turn.caught_up()
