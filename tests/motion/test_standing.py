"""Where a character stands: eased, never a jump, and the same from whichever time one looks."""

from __future__ import annotations

import numpy as np
import pytest

from mien.clock import SAMPLE_RATE
from mien.motion.standing import Standing, gone, standing
from mien.script import Entered, Event, Exited, Placed, Script
from mien.types import Affine

HOME = Affine(tx=10.0, ty=20.0)
SECOND = SAMPLE_RATE


def at(events: list[Event], sample: int) -> Standing:
    script = Script()
    for event in events:
        script.append(event)
    return standing(script.lanes("a"), sample, HOME)


def test_without_events_everybody_is_at_home() -> None:
    assert at([], 5 * SECOND) == Standing(HOME, 1.0)


def test_a_move_is_eased_and_ends_exactly_where_it_was_told() -> None:
    move = Placed(SECOND, "a", 0.5, 110.0, 30.0, SECOND)
    ways = [at([move], SECOND + k * SECOND // 8).placement for k in range(9)]
    assert ways[0] == HOME and ways[-1] == Affine(a=0.5, d=0.5, tx=110.0, ty=30.0)
    steps = np.diff([way.tx for way in ways])
    assert (steps > 0).all() and steps[0] < steps[3] > steps[-1]


def test_a_cut_is_one() -> None:
    move = Placed(SECOND, "a", 1.0, 110.0, 20.0, 0)
    assert at([move], SECOND - 1).placement == HOME
    assert at([move], SECOND).placement.tx == 110.0


def test_who_comes_by_the_side_slides_in_whole_and_who_goes_is_gone_at_the_end() -> None:
    events: list[Event] = [
        Exited(0, "a", 0.0, 0.0, False, 0),
        Entered(SECOND, "a", -200.0, 0.0, False, SECOND),
        Exited(3 * SECOND, "a", 300.0, 0.0, False, SECOND),
    ]
    assert at(events, SECOND - 1).opacity == 0.0
    assert at(events, SECOND) == Standing(HOME._replace(tx=-190.0), 1.0)
    assert at(events, 2 * SECOND) == Standing(HOME, 1.0)
    assert 10.0 < at(events, 3 * SECOND + SECOND // 2).placement.tx < 310.0
    assert at(events, 4 * SECOND).opacity == 0.0
    script = Script()
    for event in events:
        script.append(event)
    assert [gone(script.lanes("a"), t * SECOND) for t in range(5)] == [True, False, False, False, True]


def test_who_comes_in_the_very_moment_of_having_gone_comes_from_the_side_all_the_same() -> None:
    events: list[Event] = [Exited(0, "a", 0.0, 0.0, False, 0), Entered(0, "a", -200.0, 0.0, False, SECOND)]
    assert at(events, 0) == Standing(HOME._replace(tx=-190.0), 1.0)
    moves: list[Event] = [Placed(0, "a", 1.0, 110.0, 20.0, 0), Placed(0, "a", 1.0, 210.0, 20.0, SECOND)]
    assert at(moves, 0).placement.tx == 110.0


def test_a_fade_stays_where_it_is() -> None:
    events: list[Event] = [
        Exited(0, "a", 0.0, 0.0, False, 0),
        Entered(SECOND, "a", 0.0, 0.0, True, SECOND),
        Exited(3 * SECOND, "a", 0.0, 0.0, True, SECOND),
    ]
    seen = [at(events, SECOND + k * SECOND // 4) for k in range(13)]
    rises = [0.0, 0.16, 0.5, 0.84, 1.0]
    assert [round(one.opacity, 2) for one in seen] == [*rises, 1.0, 1.0, 1.0, *reversed(rises)]
    assert {one.placement for one in seen} == {HOME}


def told(seed: int) -> list[Event]:
    """Twelve seconds in which somebody is told to come, to go and to move, also while it does."""
    rng = np.random.default_rng(seed)
    events: list[Event] = []
    here = True
    for t in np.sort(rng.uniform(0.0, 12.0, 30)):
        sample, lasts = round(float(t) * SECOND), int(rng.integers(SECOND // 5, SECOND))
        x, y, scale = (float(v) for v in rng.uniform((0, 0, 0.5), (300, 100, 1.5)))
        fades = bool(rng.random() < 0.5)
        if rng.random() < 0.5:
            events.append(Placed(sample, "a", scale, x, y, lasts))
        elif here:
            events.append(Exited(sample, "a", 0.0 if fades else 400.0, 0.0, fades, lasts))
            here = False
        else:
            events.append(Entered(sample, "a", 0.0 if fades else -400.0, 0.0, fades, lasts))
            here = True
    return events


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_told_nothing_that_is_seen_jumps(seed: int) -> None:
    script = Script()
    for event in told(seed):
        script.append(event)
    step = SECOND // 240
    before: Standing | None = None
    for sample in range(0, 13 * SECOND, step):
        now = standing(script.lanes("a"), sample, HOME)
        if before is not None:
            if before.opacity > 0.0 and now.opacity > 0.0:
                assert abs(now.placement.tx - before.placement.tx) < 60.0
                assert abs(now.placement.a - before.placement.a) < 0.12
                assert abs(now.opacity - before.opacity) < 0.05
            elif before.opacity != now.opacity:  # it appears or vanishes: unseen, or beside the frame
                edge = now if now.opacity else before
                assert edge.opacity < 0.05 or abs(edge.placement.tx) > 60.0
        before = now


@pytest.mark.parametrize("seed", range(3))
def test_seeking_either_way_and_a_script_that_is_still_told_give_the_same(seed: int) -> None:
    events = told(seed)
    samples = [k * SECOND // 3 for k in range(39)]
    forward = [at([e for e in events if e.at <= sample], sample) for sample in samples]
    script = Script()
    for event in events:
        script.append(event)
    backward = [standing(script.lanes("a"), sample, HOME) for sample in reversed(samples)]
    assert backward[::-1] == forward


def test_a_long_session_forgets_nothing_that_is_seen() -> None:
    script, kept = Script(), Script()
    for k in range(2000):
        event = Placed(k * SECOND // 10, "a", 1.0, float(k % 7) * 30.0, 0.0, SECOND)
        script.append(event)
        kept.append(event)
        script.seal(event.at)
    assert len(script.lanes("a")["place"]) < 300
    for sample in range(199 * SECOND + SECOND // 2, 202 * SECOND, SECOND // 7):
        assert standing(script.lanes("a"), sample, HOME) == standing(kept.lanes("a"), sample, HOME)
