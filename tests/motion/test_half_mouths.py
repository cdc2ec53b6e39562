"""In-betweens of the mouth: from shut to wide and back, each drawing for two pictures, by what was known."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from mien.character import Character, Mouth
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP, SpeechTrack
from mien.motion import Performer
from mien.script import ExpressionSet, Script, TurnEnded, TurnStarted
from mien.types import VISEMES
from motion.cast import MOUTH, blank, character, script_of, seconds, shown

AA, HALF = VISEMES.index("aa"), 2
"""The viseme, and the drawing (of smaller visemes) that stands in for an in-between."""


def with_halves() -> Character:
    made = character()
    halves = {
        mood: tuple(
            HALF if name in ("aa", "E", "O") else own for name, own in zip(VISEMES, shapes, strict=True)
        )
        for mood, shapes in made.mouth.moods.items()
    }
    return replace(made, mouth=Mouth(MOUTH, made.mouth.moods, halves))


def spoken(*runs: tuple[str, int], pieces: int | None = None) -> SpeechTrack:
    """A track of visemes, each for so many frames; told `pieces` frames at a time as it is heard."""
    rows = np.zeros((sum(n for _, n in runs), len(VISEMES)), np.float32)
    place = 0
    for viseme, n in runs:
        rows[place : place + n, VISEMES.index(viseme)] = 1.0
        place += n
    made, loud = SpeechTrack(), np.full(len(rows), 0.5, np.float32)
    for at in range(0, len(rows), pieces or len(rows)):
        end = at + (pieces or len(rows))
        made.append(rows[at:end], loud[at:end], shown=at if pieces else 0)
    made.finish()
    return made


def drawings(script: Script, until_s: float, one: Character | None = None) -> list[tuple[int, int]]:
    """(drawing, samples that it is shown), a quarter of a frame of a track apart."""
    performer, out, step = Performer(one or with_halves(), "a", 0), blank(), TRACK_HOP // 4
    found = [
        next(iter(shown(performer.pose(script, at, out), MOUTH))) for at in range(0, seconds(until_s), step)
    ]
    return [(drawing, step * len(list(run))) for drawing, run in groupby(found)]


def turn(*runs: tuple[str, int], pieces: int | None = None) -> TurnStarted:
    return TurnStarted(0, "a", "1", spoken(*runs, pieces=pieces))


def test_a_mouth_opens_wide_and_shuts_through_its_in_between() -> None:
    found = drawings(script_of(turn(("PP", 20), ("aa", 40), ("PP", 20))), 0.8)
    assert [drawing for drawing, _ in found] == [0, HALF, 1, HALF, 0]
    assert [length for _, length in found[1:4]] == [7 * TRACK_HOP, 26 * TRACK_HOP, 7 * TRACK_HOP]


@pytest.mark.parametrize(
    ("frames", "parts"), [(13, [1]), (14, [HALF, 1]), (20, [HALF, 1]), (21, [HALF, 1, HALF])]
)
def test_an_in_between_takes_only_time_that_the_wide_shape_has(frames: int, parts: list[int]) -> None:
    found = drawings(script_of(turn(("PP", 20), ("aa", frames), ("PP", 30))), 0.4 + frames / 100)
    assert [drawing for drawing, _ in found] == [0, *parts, 0]
    assert sum(length for _, length in found[1:-1]) == frames * TRACK_HOP


def test_between_two_open_shapes_and_without_in_betweens_nothing_changes() -> None:
    between = script_of(turn(("DD", 20), ("aa", 40), ("DD", 20)))
    assert HALF not in [drawing for drawing, _ in drawings(between, 0.2)][1:]
    shut = script_of(turn(("PP", 20), ("aa", 40), ("PP", 20)))
    assert [drawing for drawing, _ in drawings(shut, 0.8, character())] == [0, 1, 0]


def test_what_was_not_known_in_time_has_no_in_between() -> None:
    late = script_of(turn(("PP", 20), ("aa", 40), ("PP", 20), pieces=8))
    assert [drawing for drawing, _ in drawings(late, 0.7)] == [0, 1, 0]


@pytest.mark.parametrize("seed", range(4))
def test_no_mouth_is_shown_for_less_than_two_pictures_though_moods_change_and_turns_end(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["sil", "PP", "aa", "E", "O", "DD", "FF"]
    runs = [(names[rng.integers(len(names))], int(rng.integers(7, 40))) for _ in range(14)]
    moods = [
        ExpressionSet(at, "a", ("happy", "sad", "neutral")[int(rng.integers(3))])
        for at in sorted(rng.integers(0, seconds(2.5), 4).tolist())
    ]
    # One that is interrupted is shut at once, whatever was shown for how long.
    end = TurnEnded(int(rng.integers(seconds(1), seconds(2.5))), "a", "1")
    found = drawings(script_of(turn(*runs), *moods, end), 3.0)
    assert min(length for _, length in found[1:-1]) >= 0.07 * SAMPLE_RATE - TRACK_HOP // 4
    assert HALF in {drawing for drawing, _ in found}
