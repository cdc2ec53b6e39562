"""What the mouth is judged by: the spectrum's shape, freed of level, voice, channel and steady noise.

Streaming and pure; see `analyser` for what becomes of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.lipsync.breathing import BreathListener
from mien.lipsync.laughs import LaughListener
from mien.lipsync.spectrum import BANDS, FLOOR_DB, Hops, each_row
from mien.lipsync.track import HeardSound
from mien.types import F32

COEFFICIENTS: Final = 13
"""Cepstral coefficients of a frame; the 0th is its level."""

RISEN: Final = BANDS // 2
"""Pairs of bands of which a frame says how far they stand above the noise."""

OFFSETS: Final = (-2, 0, 2, 4)
"""Frames seen for each frame, in hops of 10 ms; what lies farther back, the network remembers."""

AHEAD: Final = OFFSETS[-1]

FRAME: Final = COEFFICIENTS + RISEN + 1

FEATURES: Final = FRAME * len(OFFSETS)

SPEECH_DB: Final = 9.0
"""A frame this far above the noise counts as speech, ..."""
_LEAST_SPEECH_DB: Final = 4.5
"""... and where the loudest stand out less, half as far as they do, but no less than this, if ..."""

_SPEECH_DEPTH_DB: Final = 30.0
"""... it is no farther than this below the loudest one so far."""

_DEPTH_DB: Final = -55.0
"""Everything below this, relative to the voice's loudest, is the same silence."""

_LOUDEST_FALL_DB: Final = 0.03
"""Each frame of speech; 3 dB a second: a voice that gets quieter is followed within a sentence."""

_LOUD_FOR: Final = 4
"""Frames that a voice is as loud as its loudest: what is shorter is a knock."""

_FIRST_PEAK_DB: Final = -30.0
"""Where a voice's loudest is expected before it is known: somewhat below common mastering."""

_PEAK_WEIGHT: Final = 15.0
"""Frames of speech that this counts for: how quiet a voice is, is known within its first words."""

_NOISE_RISE_DB: Final = 0.08
"""Each frame: 8 dB a second. Within speech every band falls silent several times a second."""

_FIRST_NOISE_RISE_DB: Final = 1.5
"""Of the first frame, of the nth an nth."""

_STEADY_DB: Final = 0.5
"""A level that changes by less than this, ..."""
_STEADY_SHAPE_DB: Final = 3.0
"""... with loud bands that are no farther, in the mean, from where they were: a voice that is overdriven to
a square wave is as even in level as a tone, ..."""
_STEADY_DEPTH_DB: Final = 20.0
"""(loud: no farther than this below the loudest band)"""
_STEADY_FRAMES: Final = 40
"""... for so long, is a tone's or a machine's, and ..."""
_STEADY_RISE: Final = 0.2
"""... counts as noise: of what is missing, so much is taken in each frame. The most even of vowels flutters
more."""

_STEADY_ABOVE_DB: Final = 3.0
"""What is steady and no farther above the noise than this is noise itself."""

_LEAST_NOISE_DB: Final = -100.0
"""Steps of 16-bit sound are as loud as this; a voice below it is none."""

_NOISE_SMOOTHING: Final = 0.5
_LEAST_NOISE: Final = np.float32(_LEAST_NOISE_DB)
_NONE_RISEN: Final = np.float32(0)
_MOST_RISEN: Final = np.float32(30)
"""dB."""

_MEAN_WEIGHT: Final = 100.0
"""Frames that the starting mean counts for, and ..."""
_MEAN_LONGEST: Final = 500.0
"""... most frames that the running mean remembers."""


def _dct() -> F32:
    band = np.arange(BANDS)[:, None] + 0.5
    basis = np.cos(np.pi * band * np.arange(COEFFICIENTS) / BANDS) / BANDS
    return basis.astype(np.float32)


class _Noise:
    """How loud what never stops is, in each band and altogether: their lowest level, which rises slowly."""

    def __init__(self) -> None:
        self.steady = 0
        """Frames since the level or the spectrum's shape last changed."""
        self._frames = 0
        self._smooth = np.zeros(BANDS + 1, np.float32)
        self._floor = np.zeros(BANDS + 1, np.float32)
        self._since = np.zeros(BANDS + 1, np.float32)  # where it has been steady since

    def next(self, now: F32, above: F32) -> float:
        """Take the next frame's bands and level, (BANDS + 1,) float32 in dB. Writes to `above`, of the same
        shape, how far each is above the noise, 0..30 dB; returns that of the level."""
        if self._frames == 0:
            self._smooth[:], self._floor[:], self._since[:] = now, now, now
        self._frames += 1
        change = now - self._smooth
        change *= np.float32(_NOISE_SMOOTHING)
        self._smooth += change
        if abs(float(change[-1])) < _NOISE_SMOOTHING * _STEADY_DB and self._keeps_its_shape():
            self.steady += 1
        else:
            self.steady = 0
            self._since[:] = self._smooth
        self._floor += np.float32(max(_NOISE_RISE_DB, _FIRST_NOISE_RISE_DB / self._frames))
        np.minimum(self._floor, self._smooth, out=self._floor)
        if self.steady > _STEADY_FRAMES:
            self._floor += np.float32(_STEADY_RISE) * (self._smooth - self._floor)
        np.maximum(self._floor, _LEAST_NOISE, out=above)
        np.subtract(now, above, out=above)
        np.maximum(above, _NONE_RISEN, out=above)
        np.minimum(above, _MOST_RISEN, out=above)
        return float(above[-1])

    def _keeps_its_shape(self) -> bool:
        """Whether the loud bands are where they were when it began to be steady."""
        bands = self._smooth[:-1]
        loud = bands > bands.max() - _STEADY_DEPTH_DB
        return float(np.abs(bands - self._since[:-1])[loud].mean()) < _STEADY_SHAPE_DB


class MouthFeatures:
    """Sound in; features and levels of the frames that are known, out. Frame i is at i * 10 ms."""

    def __init__(self) -> None:
        self.heard: list[HeardSound] = []
        """Laughs, sighs and breaths, as they came to light."""
        self._laughs = LaughListener()
        self._breaths = BreathListener()
        self._hops = Hops()
        self._dct = _dct()
        self._noise = _Noise()
        self._loudest_db = FLOOR_DB
        self._last_levels = [FLOOR_DB] * _LOUD_FOR
        self._range_db = 2 * SPEECH_DB  # how far the loudest stand above the noise
        self._heard = 0  # frames of speech
        self._mean = np.zeros(COEFFICIENTS, np.float32)
        self._mean[1:4] = (5.0, 0.5, 1.0)
        self._weight = _MEAN_WEIGHT
        self._rows = np.zeros((-OFFSETS[0], FRAME), np.float32)  # frames still needed, oldest first
        self._rows[:, 0] = _DEPTH_DB / 10
        self._levels = np.zeros(0, np.float32)  # of the frames not given yet

    def push(self, samples: F32) -> tuple[F32, F32]:
        """Add (n,) float32 at 48 kHz.

        Returns (k, FEATURES) float32 and levels (k,) float32 in dB relative to the voice's loudest, <= 0.
        """
        return self._hear(*self._hops.push(samples))

    def finish(self) -> tuple[F32, F32]:
        """The frames that are left, as if silence followed."""
        first = self._hear(*self._hops.finish())
        self.heard += self._breaths.finish()
        quiet = np.full((AHEAD, BANDS), FLOOR_DB, np.float32)
        last = self._take(quiet, np.full(AHEAD, FLOOR_DB, np.float32))
        self._levels = np.zeros(0, np.float32)
        return np.concatenate((first[0], last[0])), np.concatenate((first[1], last[1]))

    def _hear(self, bands: F32, levels: F32) -> tuple[F32, F32]:
        self.heard += (HeardSound("laugh", frame) for frame in self._laughs.push(bands))
        self.heard += self._breaths.push(bands, levels)
        return self._take(bands, levels)

    def _take(self, bands: F32, levels: F32) -> tuple[F32, F32]:
        rows, relative = self._frames(np.column_stack((bands, levels)))
        self._rows = np.concatenate((self._rows, rows))
        self._levels = np.concatenate((self._levels, relative))
        k = len(self._rows) - (OFFSETS[-1] - OFFSETS[0])
        if k <= 0:
            return np.zeros((0, FEATURES), np.float32), np.zeros(0, np.float32)
        out = np.concatenate([self._rows[o - OFFSETS[0] : o - OFFSETS[0] + k] for o in OFFSETS], axis=1)
        given, self._levels = self._levels[:k], self._levels[k:]
        self._rows = self._rows[k:]
        return out, given

    def _frames(self, now: F32) -> tuple[F32, F32]:
        """Of (k, BANDS + 1) float32 bands and levels: (k, FRAME) float32, and (k,) float32, their levels
        relative to the voice's loudest in dB.

        What has been steady for so long that it counts as noise has no level.
        """
        count = len(now)
        rows, risen = np.empty((count, FRAME), np.float32), np.empty_like(now)
        peaks, levels = np.empty(count, np.float32), np.empty(count, np.float32)
        speech = []
        for i, (one, above) in enumerate(zip(now, risen, strict=True)):
            spoken, peaks[i] = self._loudness(float(one[-1]), self._noise.next(one, above))
            speech.append(spoken)
            steady = self._noise.steady > _STEADY_FRAMES and above[-1] < _STEADY_ABOVE_DB
            levels[i] = FLOOR_DB if steady else one[-1] - peaks[i]
        shapes = each_row(np.maximum(now[:, :-1] - peaks[:, None], np.float32(_DEPTH_DB - 10)), self._dct)
        for spoken, shape, row in zip(speech, shapes, rows[:, :COEFFICIENTS], strict=True):
            np.subtract(shape, self._mean, out=row)
            if spoken:
                self._weight = min(self._weight + 1, _MEAN_LONGEST)
                self._mean[1:] += row[1:] / np.float32(self._weight)
        rows[:, 0] = np.maximum(now[:, -1] - peaks, np.float32(_DEPTH_DB)) / np.float32(10)
        rows[:, COEFFICIENTS:-1] = (risen[:, :-1:2] + risen[:, 1:-1:2]) * np.float32(0.05)
        rows[:, -1] = risen[:, -1] * np.float32(0.1)
        return rows, levels

    def _loudness(self, level: float, above: float) -> tuple[bool, float]:
        """Of a frame of this level in dB, so far above the noise: whether it is speech, and the loudest that
        the voice has been, in dB."""
        self._last_levels = [*self._last_levels[1:], level]
        lasting = min(self._last_levels)
        self._range_db = max(lasting - (level - above), self._range_db - _LOUDEST_FALL_DB)
        least = min(SPEECH_DB, max(_LEAST_SPEECH_DB, 0.5 * self._range_db))
        speech = above > least and level > self._loudest_db - _SPEECH_DEPTH_DB
        if speech:
            self._heard += 1
            self._loudest_db = max(lasting, self._loudest_db - _LOUDEST_FALL_DB)
        known = self._heard / (self._heard + _PEAK_WEIGHT)
        return speech, max(self._loudest_db, _FIRST_PEAK_DB + known * (self._loudest_db - _FIRST_PEAK_DB))
