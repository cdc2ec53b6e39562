"""How a pushed turn ends is known to a mouth from when it came to light, in whatever order it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from mien.lipsync.track import ALWAYS, TRACK_HOP, SpeechTrack
from mien.motion import Performer
from mien.script import ExpressionSet, Script, TurnStarted
from mien.types import F32, VISEMES
from motion.cast import MOUTH, blank, character, script_of, shown

BEGAN = 48_000
AHEAD = 6
"""Frames that are known ahead of those that are heard."""


def rows_of(*runs: tuple[str, int]) -> F32:
    rows = np.zeros((sum(n for _, n in runs), len(VISEMES)), np.float32)
    place = 0
    for viseme, n in runs:
        rows[place : place + n, VISEMES.index(viseme)] = 1.0
        place += n
    return rows


def drawn(script: Script, performer: Performer, at: int) -> set[int]:
    return set(shown(performer.pose(script, at, blank()), MOUTH))


@pytest.mark.parametrize(("last", "late"), [(4, 0), (8, 5), (13, 5)])
def test_a_mood_near_the_end_of_pushed_speech_is_the_same_when_it_is_drawn_again(
    last: int, late: int
) -> None:
    rows = rows_of(("sil", 4), ("aa", 30), ("O", last))
    frames = len(rows)
    for mood in range(frames - 24, frames, 4):
        track = SpeechTrack()
        set_at = BEGAN + mood * TRACK_HOP + 100
        script = script_of(TurnStarted(BEGAN, "a", "1", track), ExpressionSet(set_at, "a", "happy"))
        live = Performer(character(), "a", 0)
        seen: dict[int, set[int]] = {}
        for at in range(BEGAN, BEGAN + (frames + 12) * TRACK_HOP, TRACK_HOP):
            heard = (at - BEGAN) // TRACK_HOP
            new = slice(track.length, min(frames, heard + AHEAD))
            if new.start < new.stop:
                loud = np.full(new.stop - new.start, 0.5, np.float32)
                track.append(rows[new], loud, shown=heard + 2 if heard else 0)
            if heard >= frames - AHEAD + late:
                track.finish(shown=heard + 2)
            seen[at] = drawn(script, live, at)
        again = Performer(character(), "a", 0)
        for at in np.random.default_rng(mood).permutation(list(seen)).tolist():
            assert drawn(script, again, at) == seen[at], (mood, (at - BEGAN) / TRACK_HOP)


def test_an_end_counts_from_when_it_came_to_light() -> None:
    track = SpeechTrack()
    track.append(rows_of(("aa", 40)), np.full(40, 0.5, np.float32))
    assert not track.settled(40, 39)
    track.finish(shown=30)
    track.finish()  # once more, as of a turn that was stopped behind its end
    assert track.complete
    assert track.settled(40, 28)
    assert not track.settled(40, 27)
    assert track.settled(20, ALWAYS), "what was there before the turn began stays known from there on"
