"""Where eyes look: within the figures of people, never a stare, on the partner as a turn ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.character import Character, Override
from mien.motion import Performer
from mien.motion.chance import Chance
from mien.motion.floor import State
from mien.motion.wander import PARTNER as AT_PARTNER
from mien.motion.wander import VIEWER, Kind, Wander
from mien.script import ExpressionSet, GazeSet, PartnerSet, Script, TurnEnded, TurnStarted
from mien.talk.director import Director, Place
from mien.types import CHANNEL_INDEX, F64
from motion.cast import LID_LEFT, blank, busy_script, character, script_of, seconds, shown, track

PARTNER = (0.8, 0.0)
FPS = 30


def gaze(
    script: Script, start_s: float, end_s: float, seed: int = 0, key: str = "a", who: Character | None = None
) -> F64:
    """(frames, 2) where the eyes are directed, with what the head adds."""
    performer, out = Performer(who or character(), key, seed), blank()
    rows = []
    for i in range(round((end_s - start_s) * FPS)):
        v = performer.pose(script, seconds(start_s + i / FPS), out).channels
        yaw, pitch = v[CHANNEL_INDEX["head_yaw"]], v[CHANNEL_INDEX["head_pitch"]]
        rows.append((v[CHANNEL_INDEX["gaze_x"]] + 0.6 * yaw, v[CHANNEL_INDEX["gaze_y"]] - 0.6 * pitch))
    return np.array(rows, np.float64)


def at_partner(looks: F64) -> F64:
    """(frames,) 1 where they are on the partner."""
    return np.asarray(np.hypot(*(looks - PARTNER).T) < 0.35, np.float64)


def played(*host: object, seed: int, ends_known: bool = True) -> Script:
    """What a host told, and what the director made of it: the partner of "a" is to the right."""
    places = {"a": Place(300, 200), "b": Place(900, 200)}
    script, director = Script(seed), Director(seed, places)
    for introduced in director.introduced():
        script.append(introduced)
    for event in host:
        script.append(event)  # type: ignore[arg-type]
        for derived, _ in director.direct(event, script):  # type: ignore[arg-type]
            script.append(derived)
    return script


def pondering(x: float, y: float) -> Character:
    """One whose thinking looks to a side, with eyes that it takes for itself."""
    plain = character()
    thinking = plain.expressions["thinking"]
    looking = replace(thinking, channels={"gaze_x": x, "gaze_y": y}, override_gaze="blend")
    return replace(plain, expressions={**plain.expressions, "thinking": looking})


def longest_still(looks: F64) -> float:
    """The longest time, in seconds, for which eyes are exactly where they were."""
    still = (np.diff(looks, axis=0) == 0).all(axis=1)
    longest = run = 0
    for one in still.tolist():
        run = run + 1 if one else 0
        longest = max(longest, run)
    return longest / FPS


@pytest.mark.parametrize("seed", range(4))
def test_eyes_are_never_exactly_still_for_a_second(seed: int) -> None:
    script = busy_script(np.random.default_rng(seed), 30, without="stare")  # which is what its name says
    performer, out = Performer(pondering(0.8, -0.9), "a", seed), blank()
    rows = [
        performer.pose(script, seconds(i / FPS), out).channels[
            [CHANNEL_INDEX["gaze_x"], CHANNEL_INDEX["gaze_y"]]
        ]
        for i in range(FPS * 30)
    ]
    assert longest_still(np.array(rows, np.float64)) < 1.0


@pytest.mark.parametrize("seed", range(5))
def test_a_thought_looks_away_for_a_moment_and_is_no_stare(seed: int) -> None:
    script = script_of(
        PartnerSet(0, "a", *PARTNER),
        ExpressionSet(seconds(3), "a", "thinking"),
        TurnStarted(seconds(4), "b", "1", track(16)),
        GazeSet(seconds(4.2), "a", *PARTNER),
    )
    looks = gaze(script, 3, 20, seed, who=pondering(-0.7, -0.8))
    away = np.hypot(*(looks - (-0.7, -0.8)).T) < 0.35
    assert away[: FPS * 2].any(), "it looks where the thought does"
    assert at_partner(looks[FPS * 2 :]).mean() > 0.5
    run = longest = 0
    for one in away.tolist():
        run = run + 1 if one else 0
        longest = max(longest, run)
    assert longest <= 2.1 * FPS


@pytest.mark.parametrize("known", [True, False])
def test_a_turn_ends_with_a_look_at_the_partner(known: bool) -> None:
    ends = []
    for seed in range(30):
        turn = TurnStarted(seconds(2), "a", "1", track(5), None, seconds(5) if known else None)
        script = played(turn, TurnEnded(seconds(7), "a", "1"), seed=seed)
        ends.append(at_partner(gaze(script, 7.0 if known else 7.2, 7.3, seed))[-1])
    assert np.mean(ends) == 1.0


def test_who_speaks_looks_at_the_partner_for_two_fifths_of_the_time_and_who_listens_for_three_quarters() -> (
    None
):
    spoken, heard = [], []
    for seed in range(12):
        a = TurnStarted(seconds(1), "a", "1", track(9), None, seconds(9))
        b = TurnStarted(seconds(10.1), "b", "2", track(9), None, seconds(9))
        script = played(a, TurnEnded(seconds(10), "a", "1"), b, TurnEnded(seconds(19.1), "b", "2"), seed=seed)
        spoken.append(at_partner(gaze(script, 1, 10, seed)).mean())
        heard.append(at_partner(gaze(script, 10.1, 19.1, seed)).mean())
    assert 0.35 <= np.mean(spoken) <= 0.5
    assert 0.65 <= np.mean(heard) <= 0.85


def test_a_look_that_is_told_is_held_for_a_while() -> None:
    for seed in range(20):
        told = GazeSet(seconds(5), "a", -0.6, 0.3)
        script = played(TurnStarted(seconds(2), "a", "1", track(9)), told, seed=seed)
        looks = gaze(script, 5.1, 5.85, seed)
        assert (np.hypot(*(looks - (-0.6, 0.3)).T) < 0.25).all()


def test_looks_do_not_depend_on_from_where_they_are_looked_back_on() -> None:
    script = played(
        ExpressionSet(seconds(0.5), "a", "thinking"),
        TurnStarted(seconds(2), "a", "1", track(5), None, seconds(5)),
        TurnEnded(seconds(7), "a", "1"),
        TurnStarted(seconds(7.4), "b", "2", track(4), None, seconds(4)),
        TurnEnded(seconds(11.4), "b", "2"),
        seed=4,
    )
    forward = gaze(script, 0, 20, 4)
    for i in np.random.default_rng(2).integers(0, len(forward), 60).tolist():
        alone = gaze(script, i / FPS, (i + 1) / FPS, 4)
        assert np.array_equal(alone[0], forward[i])


def test_eyes_that_laugh_open_again() -> None:
    script = script_of(ExpressionSet(0, "a", "laugh"), TurnStarted(0, "a", "1", track(20)))
    performer, out = Performer(character(), "a", 0), blank()
    shut = [
        next(iter(shown(performer.pose(script, seconds(0.2 + i / FPS), out), LID_LEFT))) >= 5
        for i in range(19 * FPS)
    ]
    assert shut[0]
    assert np.mean(shut) < 0.2


@pytest.mark.parametrize("override", ["none", "block"])
def test_eyes_that_laugh_blink_in_between_unless_that_is_blocked(override: Override) -> None:
    laugh = replace(character().expressions["laugh"], override_blink=override)
    laughing = replace(character(), expressions={**character().expressions, "laugh": laugh})
    script = script_of(ExpressionSet(0, "a", "laugh"), TurnStarted(0, "a", "1", track(30)))
    performer, out = Performer(laughing, "a", 0), blank()
    blinks = []
    for i in range(29 * FPS):
        performer.pose(script, seconds(1 + i / FPS), out)
        blinks.append(performer.blink)
    assert (max(blinks) > 0.9) == (override == "none")
    assert max(blinks) > 0.9 or max(blinks) == 0.0


@pytest.mark.parametrize("state", ["idle", "speaking", "listening"])
def test_looks_neither_repeat_nor_fall_into_step(state: State) -> None:
    def partner(key: str, seed: int) -> F64:
        wander = Wander(Chance(seed, key))
        told: Kind = AT_PARTNER if state == "listening" else VIEWER
        kinds = [wander.kind(state, 0, k * seconds(0.5), told, True) for k in range(1200)]
        return np.array([kind == AT_PARTNER for kind in kinds], np.float64)

    def r(one: F64, other: F64, lag: int) -> float:
        return float(np.corrcoef(one[: len(one) - lag], other[lag:])[0, 1])

    for seed in range(3):
        one, other = partner("a", seed), partner("b", seed)
        assert max(abs(r(one, other, lag)) for lag in range(10)) < 0.3
        assert max(r(one, one, lag) for lag in range(10, 600)) < 0.4
