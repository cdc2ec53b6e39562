"""Where eyes look, how often they blink."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench_life.runs import FPS, Run, Seen, Turned
from mien.clock import SAMPLE_RATE
from mien.types import Bools

NEAR = 0.3
"""Gaze within so much of a direction looks at what is there: a neighbour is 0.8 away from the viewer."""
_BLINK_S = 0.5
"""Eyes that are shut for longer do not blink."""


def towards_partner(seen: Seen) -> Bools:
    """(frames,) whether its eyes are turned to the other, also where they blink."""
    x, y = (seen.gaze - seen.partner).T
    return np.asarray(np.hypot(x, 0.7 * y) < NEAR, np.bool_)


def at_partner(seen: Seen) -> Bools:
    """(frames,) whether it looks at the other."""
    return towards_partner(seen) & ~seen.shut


def looks_at_partner(run: Run, state: str) -> float:
    """Share of the frames in which someone of that state looks at the other."""
    found = [at_partner(seen)[seen.when(state)] for seen in run.seen]
    return float(np.concatenate(found).mean())


def mutual(run: Run) -> float:
    """Share of the frames of speech in which two look at each other."""
    one, other = run.seen[0], run.seen[1]
    speech = one.when("speaking") | other.when("speaking")
    return float((at_partner(one) & at_partner(other))[speech].mean())


def ends_on_partner(run: Run) -> float:
    """Share of turns whose speaker looks at the other when they end; who blinks then has not looked away."""
    looks = {seen.key: towards_partner(seen) for seen in run.seen}
    ends = [(turn, min(turn.end * FPS // SAMPLE_RATE, run.frames - 1)) for turn in run.turns]
    return float(np.mean([looks[turn.speaker][end] for turn, end in ends]))


def constant(run: Run) -> tuple[float, float]:
    """(share of frames, longest in seconds) of eyes that are open and exactly where they were."""
    shares, longest = [], 0.0
    for seen in run.seen:
        eyes = np.stack((seen.channel("gaze_x"), seen.channel("gaze_y")))
        still = (np.diff(eyes, axis=1) == 0).all(axis=0) & ~seen.shut[1:]
        shares.append(still.mean())
        longest = max(longest, *(length / FPS for _, length in runs_of(still)), 0.0)
    return float(np.mean(shares)), longest


def blinks(run: Run, state: str) -> float:
    """Blinks a minute of those who do that, from frames in which the eyes are shut for a moment."""
    count, frames = 0, 0
    for seen in run.seen:
        when = seen.when(state)
        frames += int(when.sum())
        count += sum(1 for first, n in runs_of(seen.shut) if n <= _BLINK_S * FPS and when[first])
    return 60 * FPS * count / max(1, frames)


def shut_while_speaking(run: Run) -> float:
    """Share of the frames of speech in which the speaker's eyes are shut; the worst character."""
    spoken = [(seen.shut, seen.when("speaking")) for seen in run.seen]
    return max(float(shut[when].mean()) for shut, when in spoken if when.any())


def runs_of(flags: Bools) -> Iterator[tuple[int, int]]:
    """(first, length) of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield first, stop - first


def frames_of(turn: Turned) -> tuple[int, int]:
    """(first, one more than the last) frame of a turn."""
    return -(-turn.start * FPS // SAMPLE_RATE), turn.end * FPS // SAMPLE_RATE
