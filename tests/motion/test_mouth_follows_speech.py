"""The mouth: one shape in one mood, held until it is seen, at rest in silence, closed at once."""

from __future__ import annotations

import numpy as np
import pytest

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import SpeechTrack
from mien.motion import Performer
from mien.script import ExpressionSet, Script, TurnEnded, TurnStarted
from mien.types import CHANNEL_INDEX, VISEMES
from motion.cast import MOUTH, blank, character, script_of, seconds, shown, track


def held(viseme: str, duration_s: float = 2.0) -> SpeechTrack:
    n = round(duration_s * 100)
    rows = np.zeros((n, len(VISEMES)), np.float32)
    rows[:, VISEMES.index(viseme)] = 1.0
    made = SpeechTrack()
    made.append(rows, np.full(n, 0.5, np.float32))
    return made


def tracked(frames: list[dict[str, float]]) -> SpeechTrack:
    rows = np.zeros((len(frames), len(VISEMES)), np.float32)
    for row, weights in zip(rows, frames, strict=True):
        for viseme, weight in weights.items():
            row[VISEMES.index(viseme)] = weight
    made = SpeechTrack()
    made.append(rows, np.full(len(rows), 0.5, np.float32))
    return made


def test_a_silent_mouth_never_changes() -> None:
    script = script_of(TurnStarted(seconds(2), "b", "1", track(20)))
    performer, out = Performer(character(), "a", 0), blank()
    for frame in range(600):
        assert shown(performer.pose(script, seconds(frame / 30), out), MOUTH) == {0: 1.0}


def test_a_viseme_shows_its_drawing_and_opens_the_jaw() -> None:
    script = script_of(TurnStarted(seconds(1), "a", "1", held("aa")))
    performer, out = Performer(character(), "a", 0), blank()
    performer.pose(script, seconds(2), out)
    assert shown(out, MOUTH) == {1: 1.0}
    assert out.channels[CHANNEL_INDEX["jaw"]] > 0.8


def test_speech_is_drawn_in_the_mood_of_the_face() -> None:
    script = script_of(
        ExpressionSet(0, "a", "happy"),
        TurnStarted(seconds(1), "a", "1", held("O")),
        ExpressionSet(72000, "a", "sad"),
    )
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(1.4), out), MOUTH) == {7: 1.0}
    assert shown(performer.pose(script, seconds(1.54), out), MOUTH) == {7: 1.0}
    assert shown(performer.pose(script, seconds(1.56), out), MOUTH) == {3: 1.0}
    assert shown(performer.pose(script, seconds(1.7), out), MOUTH) == {3: 1.0}


def test_one_drawing_is_shown_of_a_blend_of_visemes() -> None:
    mixed = tracked([{"aa": 0.3, "E": 0.2, "I": 0.15, "O": 0.25, "sil": 0.1}] * 100)
    performer, out = Performer(character(), "a", 0), blank()
    found = shown(performer.pose(script_of(TurnStarted(0, "a", "1", mixed)), seconds(0.5), out), MOUTH)
    assert found == {1: 1.0}


def test_between_two_open_mouths_no_frame_shows_both() -> None:
    fading = [{"aa": 1 - i / 20, "O": i / 20} for i in range(21)]
    script = script_of(TurnStarted(0, "a", "1", tracked([{"aa": 1.0}] * 20 + fading + [{"O": 1.0}] * 20)))
    performer, out = Performer(character(), "a", 0), blank()
    found = [shown(performer.pose(script, at, out), MOUTH) for at in range(seconds(0.05), seconds(0.6), 97)]
    assert found[0] == {1: 1.0} and found[-1] == {3: 1.0}
    assert all(len(drawings) == 1 for drawings in found)


def test_no_frame_shows_the_mouths_of_two_moods() -> None:
    script = script_of(
        TurnStarted(0, "a", "1", held("O")),
        *(ExpressionSet(seconds(1), "a", name) for name in ("sad", "happy")),
    )
    performer, out = Performer(character(), "a", 0), blank()
    for at in range(seconds(0.9), seconds(1.3), 97):
        assert list(shown(performer.pose(script, at, out), MOUTH).values()) == [1.0]


@pytest.mark.parametrize("seed", range(6))
def test_no_mouth_is_shown_for_less_than_two_pictures_though_moods_change_as_it_speaks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["aa", "E", "O", "sil", "PP"]
    runs = [(str(rng.choice(names)), int(rng.integers(4, 25))) for _ in range(60)]
    spoken = tracked([{name: 1.0} for name, n in runs for _ in range(n)])
    spoken.finish()
    events: list[object] = [TurnStarted(seconds(1), "a", "1", spoken)]
    t = 0.5
    while t < 1 + spoken.length / 100:
        events.append(ExpressionSet(seconds(t), "a", str(rng.choice(["happy", "sad", "surprised", "laugh"]))))
        t += float(rng.uniform(0.2, 0.9))
    end = seconds(1) + spoken.length * 480
    events.append(TurnEnded(end, "a", "1"))
    script, performer, out = script_of(*events), Performer(character(), "a", 0), blank()
    step = 240
    drawn = [
        next(iter(shown(performer.pose(script, at, out), MOUTH))) for at in range(0, end + seconds(0.5), step)
    ]
    changes = np.flatnonzero(np.diff(drawn))
    assert len(changes) > 40
    assert np.diff(changes).min() * step / SAMPLE_RATE >= 2 / 30 - 1e-9


def test_an_open_mouth_of_an_expression_closes_in_pauses_and_with_the_sound() -> None:
    said = tracked([{"aa": 1.0}] * 100 + [{"sil": 1.0}] * 30 + [{"aa": 1.0}] * 70)
    turn = TurnStarted(seconds(1), "a", "1", said), TurnEnded(seconds(3), "a", "1")
    open_mouth, performer, out = 3, Performer(character(), "a", 0), blank()

    def at(script: Script, time_s: float) -> tuple[set[int], float]:
        performer.pose(script, seconds(time_s), out)
        return set(shown(out, MOUTH)), float(out.channels[CHANNEL_INDEX["jaw"]])

    surprised = script_of(ExpressionSet(0, "a", "surprised"), *turn)
    assert at(surprised, 0.9)[0] == {open_mouth}, "before it speaks"
    for time in (2.15, 3.1, 3.9, 5.0):
        assert at(surprised, time) == ({0}, 0.0)
    again = script_of(
        ExpressionSet(0, "a", "surprised"), *turn, ExpressionSet(seconds(3.5), "a", "surprised")
    )
    assert at(again, 3.45)[0] == {0}
    assert at(again, 4.2)[0] == {open_mouth}


def test_the_jaw_moves_without_a_jump_where_shapes_change_at_once() -> None:
    script = script_of(TurnStarted(seconds(1), "a", "1", tracked([{"aa": 1.0}] * 10 + [{"sil": 1.0}] * 10)))
    performer, out = Performer(character(), "a", 0), blank()
    jaw = [
        float(performer.pose(script, at, out).channels[CHANNEL_INDEX["jaw"]])
        for at in range(seconds(0.9), seconds(1.3), 200)
    ]
    assert max(jaw) > 0.85
    assert np.abs(np.diff(jaw)).max() < 0.14


def test_a_mouth_is_seen_for_two_pictures_at_30_a_second_whatever_the_sound_says() -> None:
    rng = np.random.default_rng(4)
    hasty = tracked([{str(rng.choice(["aa", "E", "O", "sil"])): 1.0} for _ in range(900)])
    script = script_of(TurnStarted(0, "a", "1", hasty))
    performer, out = Performer(character(), "a", 0), blank()
    drawn = [next(iter(shown(performer.pose(script, i * SAMPLE_RATE // 30, out), MOUTH))) for i in range(260)]
    changes = np.flatnonzero(np.diff(drawn))
    assert len(changes) > 20
    assert np.diff(changes).min() >= 2


def test_the_mouth_is_shut_with_the_silence_of_an_interruption() -> None:
    script = script_of(
        TurnStarted(seconds(1), "a", "1", held("aa", 5)), TurnEnded(seconds(2), "a", "1", interrupted=True)
    )
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(2) - 1, out), MOUTH) == {1: 1.0}
    assert shown(performer.pose(script, seconds(2), out), MOUTH) == {0: 1.0}
    performer.pose(script, seconds(2.03), out)
    assert out.channels[CHANNEL_INDEX["jaw"]] == 0.0


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_mouth_is_shut_80_ms_after_the_end(interrupted: bool) -> None:
    script = script_of(
        TurnStarted(seconds(1), "a", "1", held("aa", 5)), TurnEnded(seconds(2), "a", "1", interrupted)
    )
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(2) - 1, out), MOUTH) == {1: 1.0}
    for at in range(seconds(2.08), seconds(3), 1600):
        performer.pose(script, at, out)
        assert shown(out, MOUTH) == {0: 1.0}
        assert out.channels[CHANNEL_INDEX["jaw"]] == 0.0


def test_a_turn_that_came_to_light_late_moves_the_mouth_with_the_sound() -> None:
    heard, stall = track(20), seconds(0.25)
    rows = [  # the turn in time, and the same turn found out about after a stall
        script_of(TurnStarted(seconds(1), "a", "1", heard)),
        script_of(TurnStarted(seconds(1) + stall, "a", "1", heard, heard_from=seconds(1))),
    ]
    performers = [Performer(character(), "a", 0) for _ in rows]
    for at in range(seconds(1) + stall, seconds(3), 1600):
        mouths = [
            shown(performer.pose(script, at, blank()), MOUTH)
            for performer, script in zip(performers, rows, strict=True)
        ]
        assert mouths[0] == mouths[1]


def test_a_turn_that_came_to_light_late_does_not_make_the_body_jump() -> None:
    start, stall = seconds(1), seconds(0.4)
    script = script_of(TurnStarted(start + stall, "a", "1", held("aa", 9), heard_from=start))
    still = script_of()
    performers = Performer(character(), "a", 0), Performer(character(), "a", 0)
    poses = [
        performer.pose(which, start + stall, blank()).channels.copy()
        for performer, which in zip(performers, (script, still), strict=True)
    ]
    moved = np.abs(poses[0] - poses[1])
    moved[CHANNEL_INDEX["jaw"]] = 0
    assert moved.max() < 1e-6


def test_a_track_that_is_late_is_silence() -> None:
    script = script_of(TurnStarted(0, "a", "1", held("aa", 0.5)))
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(0.52), out), MOUTH) == {0: 1.0}


def test_turns_that_join_to_the_sample_keep_talking_whichever_event_came_first() -> None:
    first, second = TurnEnded(seconds(2), "a", "1"), TurnStarted(seconds(2), "a", "2", held("O"))
    for order in ((first, second), (second, first)):
        script = script_of(TurnStarted(seconds(1), "a", "1", held("aa", 1)), *order)
        performer, out = Performer(character(), "a", 0), blank()
        assert shown(performer.pose(script, seconds(2.5), out), MOUTH) == {3: 1.0}


def test_silence_shows_the_mouth_of_the_expression() -> None:
    script = script_of(ExpressionSet(0, "a", "surprised"))
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(1), out), MOUTH) == {3: 1.0}
