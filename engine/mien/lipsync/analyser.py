"""What speech does to the mouth, from the sound alone.

Small recurrent networks, fitted to speech with known phones, give each frame's likely visemes; they are
smoothed a little, or, where the words are known, followed through these (`aligned`), and two are kept: a
blend of many always looks like the same half-open mouth. The first is the likeliest. Lips that meet, meet;
else the second leads the jaw to where it is on average, given all that may have been said, and a little
beyond: where much is in doubt, as in a room, the likeliest shape alone is a bold guess.
Streaming and pure: the same sound gives the same frames however it was chunked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.aligned import AlignedWords
from mien.lipsync.features import AHEAD, MouthFeatures
from mien.lipsync.network import MouthNetwork
from mien.lipsync.shapes import PAUSE
from mien.lipsync.spectrum import WINDOW
from mien.lipsync.track import OPEN, TRACK_HOP, HeardSound
from mien.types import F32, VISEMES, Bools

_KERNEL: Final = (0.15, 0.45, 0.4)
"""What is left of the networks' haste; they were fitted to shapes that last. Rooms make them late: the next
frame counts for more than the last."""

_LOUDNESS_KERNEL: Final = (1 / 4, 2 / 4, 1 / 4)

_REACH: Final = len(_KERNEL) // 2

LOOK_AHEAD_MS: Final = 10 * (_REACH + AHEAD) + 1000 * (WINDOW - TRACK_HOP) / 2 / SAMPLE_RATE
"""Sound that must follow a frame before it is known: 57.5 ms, within the 60 that are allowed."""

SILENCE_DB: Final = -36.0
"""Below this, relative to the voice's loudest, the mouth closes: at once, or, within words that were told,
where that lasts for longer than PAUSE. A t, an f or a clean voice between two sounds is as quiet."""

_LOUDEST_DB: Final = -3.0
"""Everything from here on counts as fully loud: 10 ms of the one loudest vowel is no measure."""

_GROWTH: Final = 0.03
"""Loudness is a power of ten of this times dB: amplitude to the 0.6th, about as loudness is heard."""

_SHARPEN: Final = 2.0
"""Power to which the smoothed likelihoods are raised, so that shapes are reached and not only hinted at."""

_OPEN: Final = np.array(OPEN, np.float32)
_MEETING: Final = 0.11
"""Two likeliest shapes that open the jaw less than this are lips that meet."""
_MATTERS: Final = np.where(np.array(VISEMES) == "PP", 1.15, 1.0).astype(np.float32)
"""What the shapes count where it is decided whether lips meet: a missed p is seen more than one too many,
and the mean of networks is less sure of it than each alone."""
_SECOND: Final = 0.49
"""What the second shape weighs at most, so that the likeliest is also the strongest."""
_STRETCH: Final = 1.15
"""An average is less wide than what it averages; so much wider it varies as much as the mouths of people.
Where words were told little is in doubt, and the average is wide as it is."""
_CLOSED: Final = [VISEMES.index("sil"), VISEMES.index("PP")]
_NARROW: Final = VISEMES.index("SS")
_WIDE: Final = VISEMES.index("aa")


class MouthAnalyser:
    """Speech in, visemes and loudness every 10 ms out. Frame i is the sound from i * 10 ms on.

    `words`: what is said, and about when, from the first frame on; None: that is not known.
    """

    def __init__(self, words: AlignedWords | None = None) -> None:
        self._words = words
        self._seen: list[F32] | None = None
        self._silent = PAUSE  # frames in a row that are; silence came before
        self._features = MouthFeatures()
        self._network = MouthNetwork()
        # Frames that the smoothing still needs, oldest first; silence came before.
        self._likely = np.zeros((_REACH, len(VISEMES)), np.float32)
        self._likely[:, 0] = 1
        self._levels = np.full(_REACH, 2 * SILENCE_DB, np.float32)

    def take_heard(self) -> tuple[HeardSound, ...]:
        """The laughs, sighs and breaths that came to light since the last call."""
        heard = tuple(self._features.heard)
        self._features.heard.clear()
        return heard

    def take_likely(self) -> F32:
        """(n, 15) float32: the networks' likelihoods since the last call, of the frames that became known and
        of one more; where silence lasts, it alone is likely. Kept from the first call on."""
        seen, self._seen = self._seen or [], []
        return np.concatenate(seen) if seen else np.zeros((0, len(VISEMES)), np.float32)

    def push(self, samples: F32) -> tuple[F32, F32]:
        """Add (n,) float32 mono at 48 kHz.

        Returns the frames that became known: visemes (k, 15) float32, rows sum to 1 and name at most two
        shapes; loudness (k,) float32 in 0..1, relative to the voice.
        """
        return self._take(*self._features.push(samples))

    def finish(self) -> tuple[F32, F32]:
        """The frames that are left at the end of the turn, as if silence followed."""
        features, levels = self._features.finish()
        first = self._take(features, levels)
        closed = np.zeros((_REACH, len(VISEMES)), np.float32)
        closed[:, 0] = 1
        said = None if self._words is None else self._words.finish()
        last = self._smooth(closed, np.full(_REACH, 2 * SILENCE_DB, np.float32), said)
        return np.concatenate((first[0], last[0])), np.concatenate((first[1], last[1]))

    def _take(self, features: F32, levels: F32) -> tuple[F32, F32]:
        likely = self._network.frames(features)
        if self._seen is None and self._words is None:
            return self._smooth(likely, levels, None)
        followed = self._in_silence(likely, levels)
        if self._seen is not None:
            self._seen.append(followed)
        return self._smooth(likely, levels, None if self._words is None else self._words.push(followed))

    def _in_silence(self, likely: F32, levels: F32) -> F32:
        """The likelihoods (k, 15) by which words are followed: where silence lasts, of nothing else."""
        followed = likely.copy()
        for row, level in zip(followed, levels, strict=True):
            self._silent = self._silent + 1 if level < SILENCE_DB else 0
            if self._silent > PAUSE:
                row[:] = 0
                row[0] = 1
        return followed

    def _smooth(self, likely: F32, levels: F32, said: F32 | None) -> tuple[F32, F32]:
        """`said`: (k, 15) of the k frames that become known, by the words."""
        self._likely = np.concatenate((self._likely, likely))
        self._levels = np.concatenate((self._levels, levels))
        k = max(0, len(self._levels) - 2 * _REACH)
        visemes = np.zeros((k, len(VISEMES)), np.float32)
        level = np.zeros(k, np.float32)
        least = 10 ** (_GROWTH * (SILENCE_DB - _LOUDEST_DB))
        heard = 10 ** (_GROWTH * np.clip(self._levels - _LOUDEST_DB, -90, 0))
        clipped = np.clip((heard - least) / (1 - least), 0, 1)
        for offset, (weight, loud) in enumerate(zip(_KERNEL, _LOUDNESS_KERNEL, strict=True)):
            visemes += np.float32(weight) * self._likely[offset : offset + k]
            level += np.float32(loud) * clipped[offset : offset + k].astype(np.float32)
        silent = self._levels[_REACH : _REACH + k] < SILENCE_DB
        self._likely, self._levels = self._likely[k:], self._levels[k:]
        level[silent] = 0
        return told_shapes(said) if said is not None else two_shapes(visemes, silent), level


def told_shapes(said: F32) -> F32:
    """As `two_shapes`, from the likelihoods (k, 15) that follow from words."""
    return two_shapes(said, np.zeros(len(said), np.bool_), 1.0)


def two_shapes(likely: F32, silent: Bools, stretch: float = _STRETCH) -> F32:
    """(k, 15) rows summing to 1, of two shapes at most, from likelihoods (k, 15); `silent` ones closed."""
    rows = _top_two(likely * _MATTERS, silent)
    open_ = np.flatnonzero((rows * _OPEN).sum(axis=1) >= _MEETING)
    rows[open_] = _on_average(likely[open_], stretch)
    return rows


def _on_average(likely: F32, stretch: float) -> F32:
    """(k, 15) rows of the likeliest shape and of that which leads the jaw to where it is on average.

    That is the likeliest of those which can, of the open ones: whether lips meet is decided elsewhere, and
    the shape that is drawn, chosen by the weights of many frames, shall not be closed by these.
    """
    every = np.arange(len(likely))
    first = likely.argmax(axis=1)
    wanted = np.minimum((likely * _OPEN).sum(axis=1) * np.float32(stretch), _OPEN[_WIDE])
    away = wanted - _OPEN[first]
    far = _OPEN - _OPEN[first, None]
    share = np.divide(away[:, None], far, out=np.full_like(likely, np.inf), where=np.abs(far) > 1e-3)
    reaches = (share >= 0) & (share <= _SECOND)
    reaches[:, _CLOSED] = False
    second = np.where(reaches, likely, -1).argmax(axis=1)
    none = ~reaches.any(axis=1)
    second[none] = np.where(away[none] > 0, _WIDE, _NARROW)
    weight = np.where(none, np.float32(_SECOND), share[every, second])
    weight[first == second] = 0
    rows = np.zeros_like(likely)
    rows[every, first] = 1 - weight
    rows[every, second] += weight
    return rows


def _top_two(likely: F32, silent: Bools) -> F32:
    """(k, 15) rows summing to 1 with at most two shapes; `silent` rows are closed."""
    sharp = likely**_SHARPEN
    third = np.sort(sharp, axis=1)[:, -3:-2]
    # What remains of the third is taken off the others, so that a change of rank makes no jump.
    kept = np.maximum(sharp - third, 0)
    total = kept.sum(axis=1, keepdims=True)
    rows: F32 = np.where(total > 1e-9, kept / np.maximum(total, 1e-9), 0).astype(np.float32)
    closed = silent | (total[:, 0] <= 1e-9)
    rows[closed] = 0
    rows[closed, 0] = 1
    return rows
