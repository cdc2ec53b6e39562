"""Which one shape a mouth shows, and for how long: as much of what is said as shapes can show that are seen.

Weights that change every 10 ms flicker when they are drawn: a dip of one frame shows another mouth for one
picture, and half of one drawn mouth over half of another is a ghost. So shapes last, and which ones do is
chosen by what comes in the next 0.1 s: a short one that matters (lips that meet) is given time, one that does
not is passed over, and the next begins when its sound does.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.types import F32, VISEMES, Bools, Bytes

HELD: Final = 7
"""Frames of a track (70 ms) that a shape lasts at least: two pictures at 30 a second, wherever they fall."""

LOOK_AHEAD: Final = 10
"""Frames that a shape is chosen by, its own included: 100 ms, so that more than the shortest is foreseen."""

PAUSE: Final = 12
"""Quiet frames (120 ms) that make a pause, in which the mouth is closed. A t or k is closed for less."""

QUIET: Final = 0.14
"""Loudness below this is quiet: 24 dB below the voice's loudest."""

_SILENCE: Final = VISEMES.index("sil")
_CLOSED: Final = VISEMES.index("PP")

_MEETING: Final = 3.0
"""How much lips that meet on p, b and m count: speech in which they do not looks dubbed."""

_PRICE: Final = 1.5
"""Frames by which another shape must do better before it is worth a change."""

_HUSH: Final = 0.5
"""Share of a quiet frame that counts as silence, whatever was heard in it."""

_TIE: Final = 1e-6
"""Of two changes that do equally well the earlier is made: lips are early rather than late."""


class ShapesAhead:
    """The shapes of a track, chosen by who makes it, each once: when all that it depends on is known. For a
    track that is shown as it was made they are the same as its own."""

    def __init__(self) -> None:
        self._visemes: F32 = np.zeros((0, len(VISEMES)), np.float32)  # of PAUSE frames before, and the others
        self._quiet = np.zeros(0, np.bool_)
        self._shapes = np.zeros(0, np.uint8)
        self._chosen = 0  # of those held
        self._is_loud = False  # a voice was heard

    def push(self, visemes: F32, loudness: F32) -> Bytes:
        """Add (n, 15) and (n,) float32. Returns (k,) uint8 of the frames that became settled: up to
        LOOK_AHEAD - 1 before the last."""
        quiet = loudness < QUIET
        if not self._is_loud:
            loud = np.flatnonzero(~quiet)
            self._is_loud = bool(loud.size)
            quiet[: loud[0] if loud.size else len(quiet)] = False
        self._visemes = np.concatenate((self._visemes, visemes))
        self._quiet = np.concatenate((self._quiet, quiet))
        self._shapes = np.concatenate((self._shapes, np.zeros(len(quiet), np.uint8)))
        first, end = self._chosen, max(self._chosen, len(self._quiet) - LOOK_AHEAD + 1)
        hold(self._visemes, self._quiet, self._shapes, first, end)
        settled = self._shapes[first:end].copy()
        old = max(0, end - PAUSE)
        self._visemes, self._quiet, self._shapes = (
            self._visemes[old:],
            self._quiet[old:],
            self._shapes[old:],
        )
        self._chosen = end - old
        return settled


def hold(visemes: F32, quiet: Bools, shapes: Bytes, first: int, end: int | None = None) -> None:
    """Write `shapes` (n,), an index of VISEMES a frame, from `first` to before `end`, or to the last, by
    `visemes` (n, 15), `quiet` (n,).

    Those before `first` stand. A shape depends on those before it, and on its own frame and the next ones up
    to LOOK_AHEAD in all, as far as they are known: so that a track that grows in any pieces, and whose last
    LOOK_AHEAD - 1 frames are written anew each time, has the same shapes.
    """
    worth = _worth(visemes[first:], quiet[first:])
    strongest = worth[: None if end is None else end - first].argmax(axis=1).tolist()
    hushed = quiet[first:].tolist()
    shown, age = _last(shapes, first)
    run = _run_before(quiet, first)
    for i, best in enumerate(strongest):
        run = run + 1 if hushed[i] else 0
        if age >= HELD and best != shown:
            ahead = worth[i : i + LOOK_AHEAD]
            if hushed[i] and run + _run_after(hushed, i) >= PAUSE:
                chosen = _SILENCE
            else:
                chosen = _choose(ahead, shown)
            if chosen != shown:
                shown, age = chosen, 0
        shapes[first + i] = shown
        age += 1


def _worth(visemes: F32, quiet: Bools) -> F32:
    """(n, 15): what each shape shows of a frame."""
    worth = visemes.copy()
    worth[:, _CLOSED] *= _MEETING
    worth[quiet] *= 1.0 - _HUSH
    worth[quiet, _SILENCE] += _HUSH
    return worth


def _last(shapes: Bytes, first: int) -> tuple[int, int]:
    """The shape before `first`, and for how long it has been shown, up to HELD. Silence came before all."""
    if first == 0:
        return _SILENCE, HELD
    last = shapes[max(0, first - HELD) : first][::-1]
    other = np.flatnonzero(last != last[0])
    if other.size:
        return int(last[0]), int(other[0])
    return int(last[0]), HELD if first >= HELD or last[0] == _SILENCE else first


def _run_before(quiet: Bools, first: int) -> int:
    """How many frames before `first` are quiet without a break, up to PAUSE."""
    last = quiet[max(0, first - PAUSE) : first][::-1]
    loud = np.flatnonzero(~last)
    return int(loud[0]) if loud.size else len(last)


def _run_after(hushed: list[bool], i: int) -> int:
    """How many of the frames after `i` that may be looked at are quiet without a break."""
    n = 0
    for one in hushed[i + 1 : i + LOOK_AHEAD]:
        if not one:
            break
        n += 1
    return n


def _choose(worth: F32, shown: int) -> int:
    """The shape for the first frame of `worth` (k, 15): that which is shown, or one that does better from now
    on, and not still better later.

    Either lasts for HELD frames at least; what follows is the best of all.
    """
    k = len(worth)
    price = _PRICE * k / LOOK_AHEAD
    sums = np.zeros((k + 1, worth.shape[1]))
    np.cumsum(worth, axis=0, out=sums[1:])
    rest = sums[k] - sums  # (k + 1, 15): from a frame to the last
    after = np.maximum(rest, rest.max(axis=1, keepdims=True) - price)
    ends = np.minimum(np.arange(k) + HELD, k)
    # From frame j on another shape; until then the one that is shown.
    then = sums[:k, shown, None] + (sums[ends] - sums[:k]) + after[ends] - price
    then[:, shown] = -np.inf
    best = int(then[0].argmax())
    now, stays = float(then[0, best]), float(sums[k, shown])
    later = float(then[1:].max()) if k > 1 else now
    return best if now > stays + _TIE and now > later - _TIE else shown
