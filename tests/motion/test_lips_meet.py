"""The channel `lips`: where one drawing of a mouth gives way to another it jumps by half of what it would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.audio import AudioSession
from mien.character import Character, Mouth
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import OPEN, TRACK_HOP
from mien.motion import Performer
from mien.motion.mouth import MEETS
from mien.script import ExpressionSet, Script
from mien.script_events import TurnEnded
from mien.stage.cast import cast_of
from mien.stage.show import Show
from mien.talk import load_conversation
from mien.types import CHANNEL_INDEX, F64, VISEMES, Size
from motion.cast import MOUTH, blank, character, script_of, seconds
from motion.test_half_mouths import turn, with_halves

LIPS = CHANNEL_INDEX["lips"]
STEP = TRACK_HOP // 4
CUT = 20 * TRACK_HOP - TRACK_HOP
"""Where a shape of the frame 20 begins to show."""


def with_own_drawings() -> Character:
    """With a drawing for each viseme."""
    made = character()
    return replace(made, mouth=Mouth(MOUTH, {mood: tuple(range(len(VISEMES))) for mood in made.mouth.moods}))


def lips(script: Script, until_s: float, one: Character | None = None) -> F64:
    """The channel, a quarter of a frame of a track apart."""
    performer, out = Performer(one or with_own_drawings(), "a", 0), blank()
    ats = range(0, seconds(until_s), STEP)
    return np.array([performer.pose(script, at, out).channels[LIPS] for at in ats])


def test_a_wide_mouth_opens_and_shuts_on_its_way() -> None:
    found = lips(script_of(turn(("PP", 20), ("aa", 12), ("PP", 20))), 0.6)
    first, last = CUT // STEP, CUT // STEP + 12 * 4
    assert found[first] == pytest.approx(-0.5)
    assert found[last - 1] == pytest.approx(-0.5, abs=0.01)
    assert found[first + MEETS // STEP] == pytest.approx(0.0, abs=0.01)
    assert (np.diff(found[first : last - MEETS // STEP]) >= 0).all()
    assert not found[:first].any()
    assert not found[last:].any()


def test_of_two_drawings_the_more_open_one_is_as_high_as_their_mean_at_the_cut() -> None:
    found = lips(script_of(turn(("aa", 20), ("E", 20), ("aa", 20))), 0.8)
    wide, narrow = OPEN[VISEMES.index("aa")], OPEN[VISEMES.index("E")]
    mean = 0.5 * (narrow / wide - 1.0)
    assert found[CUT // STEP - 1] == pytest.approx(mean, abs=0.01)
    assert not found[CUT // STEP : CUT // STEP + 4 * 20].any()
    assert found[CUT // STEP + 4 * 20] == pytest.approx(mean)


def test_an_in_between_is_half_of_its_shape() -> None:
    found = lips(script_of(turn(("PP", 20), ("aa", 40), ("PP", 20))), 0.9, with_halves())
    first, wide = CUT // STEP, CUT // STEP + 7 * 4
    assert found[first] == pytest.approx(-0.5)
    assert found[wide - 1] == pytest.approx(0.0)
    assert found[wide] == pytest.approx(-0.25)


def test_shapes_that_share_a_drawing_are_one_and_move_no_lips() -> None:
    mouth = character().mouth.moods["neutral"]
    assert mouth[VISEMES.index("PP")] == mouth[VISEMES.index("kk")]
    assert not lips(script_of(turn(("PP", 20), ("kk", 20), ("PP", 20))), 0.8, character()).any()


def test_a_turn_that_ends_just_before_a_cut_of_its_track_is_shown_to_its_end() -> None:
    """A shape that is held to the end of its closing goes on over the cut: into itself, not an in-between."""
    spoken = turn(("PP", 20), ("aa", 20), ("PP", 20))
    ended = TurnEnded(CUT + 19 * TRACK_HOP + 10, "a", "1")
    found = lips(script_of(spoken, ended), 0.6)
    assert found[CUT // STEP] == pytest.approx(-0.5)


def test_an_end_that_is_not_known_yet_squeezes_nothing() -> None:
    found = lips(script_of(turn(("PP", 20), ("aa", 30), ("PP", 20), pieces=1)), 0.8)
    assert found[CUT // STEP] == pytest.approx(-0.5)
    assert not found[CUT // STEP + MEETS // STEP :].any()


def test_a_mouth_that_was_open_without_a_sound_opens_no_second_time() -> None:
    gasps = ExpressionSet(0, "a", "surprised")
    assert character().expressions["surprised"].rest_viseme == VISEMES.index("O")
    found = lips(script_of(gasps, turn(("sil", 40), ("O", 20))), 0.5)
    assert not found.any()


def test_mouths_at_rest_open_and_shut_on_their_way_as_moods_change() -> None:
    gasps, calms = ExpressionSet(seconds(0.5), "a", "surprised"), ExpressionSet(seconds(1.5), "a", "neutral")
    performer, out = Performer(character(), "a", 0), blank()
    found = []
    for at in range(0, seconds(2.0), STEP):
        performer.pose(script_of(gasps, calms), at, out)
        found.append((int(out.picks[MOUTH, 0]), float(out.channels[LIPS])))
    is_open = np.array([drawing == 3 for drawing, _ in found])
    apart = np.array([value for _, value in found])
    first, last = np.flatnonzero(is_open)[[0, -1]]
    assert not apart[~is_open].any()
    assert apart[first] == pytest.approx(-0.5, abs=0.01)
    assert apart[last] == pytest.approx(-0.5, abs=0.01)
    assert not apart[first + MEETS // STEP : last - MEETS // STEP].any()


def test_the_bundled_mouths_jump_by_half_of_what_they_open_at_most() -> None:
    conversation = load_conversation(mien.bundled("conversations", "hello"))
    fps = 60
    with AudioSession("offline") as audio:
        show = Show(cast_of(conversation), Size(96, 54), audio, seed=conversation.seed)
        for one in conversation.turns:
            show.session.queue(one)
        high: dict[str, list[float]] = {actor.key: [] for actor in show.player.actors}
        for index in range(20 * fps):
            at, following = (k * SAMPLE_RATE // fps for k in (index, index + 1))
            audio.pull(following - at)
            show.tick(at)
            for actor in show.player.actors:
                mouth = show.characters[actor.key].mouth
                drawing = int(actor.pose.picks[mouth.slot, 0])
                opens = {
                    drawing: share * opening
                    for share, moods in ((0.5, mouth.halves), (1.0, mouth.moods))
                    for shapes in moods.values()
                    for drawing, opening in zip(shapes, OPEN, strict=True)
                }
                high[actor.key].append(opens[drawing] * (1.0 + float(actor.pose.channels[LIPS])))
    for key, heights in high.items():
        assert np.abs(np.diff(heights)).max() < 0.6, key
        assert max(heights) > 0.9, key
