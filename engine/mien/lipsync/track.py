"""The speech track: what a turn's sound says to the face, from the decoder to the motion."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mien.lipsync.shapes import LOOK_AHEAD, PAUSE, QUIET, hold
from mien.types import F32, I32, VISEMES, BurstKind, Bytes

TRACK_HOP = 480
"""Samples between two frames of a speech track: 10 ms."""

SHOWN_AHEAD = 2
"""Frames after the one that is heard that may have been shown: a picture shows the one that is next."""

ALWAYS = -(1 << 20)
"""In `SpeechTrack.known`: before the turn began."""

OPEN = (0.0, 0.0, 0.08, 0.16, 0.2, 0.24, 0.2, 0.1, 0.16, 0.2, 0.95, 0.55, 0.3, 0.65, 0.35)
"""How far the jaw drops for each viseme, in the order of VISEMES."""

WIDE = tuple(viseme for viseme, drop in zip(VISEMES, OPEN, strict=True) if drop >= 0.5)
"""Visemes that a shut mouth does not reach without an in-between."""

SHUT = tuple(viseme for viseme, drop in zip(VISEMES, OPEN, strict=True) if drop <= 0.1)
"""Visemes whose lips, or teeth, are together."""

_OPEN = np.array(OPEN, np.float32)
_PITCHED = np.float32(0.35)
"""Share of an accent that is up to the pitch."""
_HIGH = np.float32(4.0)
"""Semitones above a voice's mean at which an accent is larger by that share, and below at which smaller."""


@dataclass(frozen=True, slots=True)
class HeardSound:
    """A sound that is no word."""

    kind: BurstKind
    frame: int
    """Of a laugh, by which it was heard; of a breath, at which it began; of a sigh, at which air goes out."""
    known: int = ALWAYS
    """The frame that was played when that came to light."""


class _Columns:
    """What is known of the frames, with room for more."""

    __slots__ = ("accent", "jaw", "known", "loudness", "pitch", "shapes", "visemes")

    def __init__(self, capacity: int) -> None:
        self.visemes = np.zeros((capacity, len(VISEMES)), np.float32)
        self.loudness = np.zeros(capacity, np.float32)
        self.pitch = np.zeros(capacity, np.float32)
        self.accent = np.zeros(capacity, np.float32)
        self.jaw = np.zeros(capacity, np.float32)
        self.shapes = np.zeros(capacity, np.uint8)
        self.known = np.zeros(capacity, np.int32)

    def grown(self, capacity: int, length: int) -> _Columns:
        """The same first `length` frames, with room for so many."""
        larger = _Columns(capacity)
        for name in self.__slots__:
            getattr(larger, name)[:length] = getattr(self, name)[:length]
        return larger


class SpeechTrack:
    """What a turn's audio says to the face, every 10 ms from its start: viseme weights, loudness and pitch.

    One thread appends (the decode worker), any thread reads: rows are written before `length` moves.
    """

    def __init__(self) -> None:
        self._columns = _Columns(256)
        self._loud: int | None = None  # the first frame that is not quiet
        self.length = 0
        """Frames that can be read."""
        self.ended: int | None = None
        """The frame that was played when it came to light that no more will come, ALWAYS where that was
        before the turn began; None while more may."""
        self.heard: list[HeardSound] = []
        """Laughs, sighs and breaths, as they came to light."""
        self.opened: int | None = None
        """The first frame in which the mouth is open; None while there is none."""
        self._as_made = True
        """All shapes are those that were chosen ahead, but for the last, which are not settled."""

    def append(
        self,
        visemes: F32,
        loudness: F32,
        pitch: F32 | None = None,
        *,
        shown: int = 0,
        shapes: Bytes | None = None,
    ) -> None:
        """Add n frames: visemes (n, 15) float32, rows summing to 1; loudness (n,) float32 in 0..1; pitch (n,)
        float32, semitones above the voice's mean, 0 where there is none.

        `shown`: frames of the turn that may have been shown by now. Their shapes stand, and what comes now is
        known to faces only from there on; 0: it came before the turn began. `shapes`: what `ShapesAhead` gave
        for these frames, where these and all before them are those that it was given.
        """
        old, end = self.length, self.length + len(loudness)
        if end > (capacity := len(self._columns.loudness)):
            self._columns = self._columns.grown(max(end, 2 * capacity), old)
        columns = self._columns
        columns.visemes[old:end] = visemes
        columns.loudness[old:end] = loudness
        columns.pitch[old:end] = 0.0 if pitch is None else pitch
        high = np.clip(columns.pitch[old:end] / _HIGH, -1.0, 1.0)
        columns.accent[old:end] = columns.loudness[old:end] * (1.0 + _PITCHED * high)
        columns.jaw[old:end] = (columns.visemes[old:end] * _OPEN).sum(axis=1)
        columns.known[old:end] = shown - SHOWN_AHEAD if shown else ALWAYS
        # The last ones were chosen by less than there is now.
        open_from = max(0, old - LOOK_AHEAD + 1)
        self._as_made = self._as_made and shapes is not None and (not old or shown <= open_from)
        if shapes is not None and self._as_made:
            columns.shapes[open_from : open_from + len(shapes)] = shapes
            self._hold(open_from, end, len(shapes))
        else:
            self._hold(max(open_from, min(old, shown)), end)
        self.length = end

    def revise(self, row: int, visemes: F32, *, shown: int = 0) -> None:
        """Have frames from `row` on be others, as far as there are some that were not shown: visemes (n, 15)
        float32. `shown`: as of `append`."""
        end, first = min(row + len(visemes), self.length), max(row, shown)
        if first >= end:
            return
        columns, self._as_made = self._columns, False
        columns.visemes[first:end] = visemes[first - row : end - row]
        columns.jaw[first:end] = (columns.visemes[first:end] * _OPEN).sum(axis=1)
        if shown:
            columns.known[first:end] = shown - SHOWN_AHEAD
        # Shapes are chosen by what follows; far behind they stand, or a long track would take long.
        last = min(self.length, end + 2 * LOOK_AHEAD)
        stands = slice(max(end, last - LOOK_AHEAD + 1), last) if last < self.length else slice(0, 0)
        kept = columns.shapes[stands].copy()
        self._hold(max(0, shown, first - LOOK_AHEAD + 1), last)
        columns.shapes[stands] = kept

    def hear(self, kind: BurstKind, frame: int, *, shown: int = 0) -> None:
        """A laugh, a sigh or a breath was heard; `frame`: as of `HeardSound`, `shown`: as of `append`."""
        self.heard.append(HeardSound(kind, frame, shown - SHOWN_AHEAD if shown else ALWAYS))

    def finish(self, *, shown: int = 0) -> None:
        """No more frames will come. `shown`: as of `append`."""
        if self.ended is None:
            self.ended = shown - SHOWN_AHEAD if shown else ALWAYS

    def settled(self, frame: int, heard: int) -> bool:
        """Whether the shape of `frame`, or that the track ends there, was known and could not become another
        when the frame `heard` was played."""
        last = frame + LOOK_AHEAD - 1
        known = int(self.known[last]) if last < self.length else self.ended
        return known is not None and known <= heard

    def remove(self, row: int, n: int) -> None:
        """Take n frames out from `row` on, as far as there are: those behind them come that much sooner.

        For the thread that appends. Who reads at this very moment may find a frame twice.
        """
        end, row = self.length, min(row, self.length)
        n = min(n, end - row)
        for name in ("visemes", "loudness", "pitch", "accent", "jaw", "known"):
            column = getattr(self._columns, name)
            column[row : end - n] = column[row + n : end].copy()
        self.heard[:] = [
            one if one.frame < row else replace(one, frame=max(row, one.frame - n)) for one in self.heard
        ]
        self._as_made = False
        self._hold(row, end - n)
        self.length = end - n

    def as_of(self, length: int, *, complete: bool) -> SpeechTrack:
        """What it was when it had so many frames, and was `complete` or not. It shares what it holds."""
        track = SpeechTrack.__new__(SpeechTrack)
        track._columns, track._loud = self._columns, self._loud
        track.length = min(length, self.length)
        track.ended = self.ended if complete else None
        track.heard = self.heard
        track.opened = self.opened if self.opened is not None and self.opened < length else None
        return track

    def forget(self) -> None:
        """Free the frames: the turn is long over, and no picture needs them any more."""
        self.length = 0
        self._columns = _Columns(0)

    def _hold(self, first: int, end: int, chosen: int = 0) -> None:
        """Choose the shapes from `first` to `end`, of which the first so many are `chosen`."""
        loudness = self._columns.loudness
        if self._loud is None or self._loud >= first:
            loud = np.flatnonzero(loudness[first:end] >= QUIET)
            self._loud = first + int(loud[0]) if loud.size else None
        # Where no voice was heard it does not tell when there is a pause: a host may give shapes alone.
        begin = max(0, first + chosen - PAUSE)
        quiet = loudness[begin:end] < QUIET
        quiet[: max(0, (end if self._loud is None else self._loud) - begin)] = False
        shapes = self._columns.shapes
        hold(self._columns.visemes[begin:end], quiet, shapes[begin:end], first + chosen - begin)
        if self.opened is None or self.opened >= first:
            opened = np.flatnonzero(shapes[first:end])
            self.opened = first + int(opened[0]) if opened.size else None

    @property
    def complete(self) -> bool:
        """No more frames will come."""
        return self.ended is not None

    @property
    def visemes(self) -> F32:
        """(length, 15) float32, each row sums to 1."""
        return self._columns.visemes[: self.length]

    @property
    def shapes(self) -> Bytes:
        """(length,) uint8: the one shape to draw, an index of VISEMES, each held long enough to be seen."""
        return self._columns.shapes[: self.length]

    @property
    def loudness(self) -> F32:
        """(length,) float32 in 0..1, normalized to the voice."""
        return self._columns.loudness[: self.length]

    @property
    def pitch(self) -> F32:
        """(length,) float32, semitones above the voice's mean so far; 0 where there is none."""
        return self._columns.pitch[: self.length]

    @property
    def accent(self) -> F32:
        """(length,) float32 in 0..1.35: loudness, of which a high voice has more than a low one as loud."""
        return self._columns.accent[: self.length]

    @property
    def jaw(self) -> F32:
        """(length,) float32 in 0..1: how far the weights open the jaw."""
        return self._columns.jaw[: self.length]

    @property
    def known(self) -> I32:
        """(length,) int32: the frame that was played when each came, ALWAYS for those before the turn began.

        Faces look ahead of the sound, and to a frame only from then on: so that a picture depends on what was
        there when it was shown, and is the same when it is drawn again.
        """
        return self._columns.known[: self.length]
