"""Looking back: no further than shows, never far, and what is cut off is the state that was replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.motion import Performer
from mien.motion.standing import standing
from mien.motion.timeline import recent, states
from mien.script import DrawingSet, Event, ExpressionSet, GazeSet, GestureSet, Placed
from mien.types import CHANNEL_INDEX, Affine
from motion.cast import BROW, COAT, blank, character, script_of, seconds, shown
from motion.test_gestures import moving

WINDOW = 10_000
HOME = Affine(tx=10.0, ty=20.0)


class Counted(Sequence[Event]):
    """Events that count how often they are looked at."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.looks = 0

    def __len__(self) -> int:
        return len(self.events)

    def __getitem__(self, i: int) -> Event:  # type: ignore[override]
        self.looks += 1
        return self.events[i]


def lane(times: Sequence[int]) -> list[Event]:
    return [ExpressionSet(at, "a", f"e{i}") for i, at in enumerate(times)]


def names(events: Sequence[Event]) -> list[str]:
    return [event.expression for event in events if isinstance(event, ExpressionSet)]


def test_what_is_younger_than_the_window_is_found_and_the_state_before_it() -> None:
    events = lane([0, 100, 50_000, 60_000])
    assert names(states(events, 60_000, WINDOW)) == ["e3", "e2"]
    assert names(states(events, 65_000, WINDOW)) == ["e3", "e2"]
    assert names(states(events, 70_000, WINDOW)) == ["e3"]
    assert names(states(events, 50, WINDOW)) == ["e0"]
    assert states(events, -1, WINDOW) == []


def test_the_state_that_held_before_more_events_than_are_looked_at_is_found_behind_them() -> None:
    events = lane([0, *range(65_000, 65_000 + 50 * 100, 100)])
    found = states(events, 70_000, WINDOW)
    assert names(found) == [*(f"e{i}" for i in range(50, 38, -1)), "e0"]
    assert names(recent(events, 70_000, WINDOW)) == names(found)[:12]
    assert names(states(events[1:], 70_000, WINDOW)) == names(found)[:12]


@pytest.mark.parametrize("count", [20, 1000, 20_000])
def test_a_burst_in_one_moment_hides_nothing_before_it_and_costs_no_more(count: int) -> None:
    events = Counted(lane([0, 1000, *[90_000] * count, 90_001]))
    assert names(states(events, 90_010, WINDOW)) == [f"e{count + 2}", "e1"]
    assert events.looks < 120


@given(st.lists(st.integers(0, 4000), max_size=60), st.integers(-10, 4100))
def test_states_end_with_one_that_is_older_than_the_window_where_any_is(times: list[int], at: int) -> None:
    window = 300
    events = lane(sorted(times))
    found = states(events, at, window)
    assert [event.at for event in found] == sorted((event.at for event in found), reverse=True)
    assert bool(found) == any(event.at <= at for event in events)
    if any(event.at <= at - window for event in events):
        assert found[-1].at <= at - window


def test_an_expression_told_long_ago_holds_under_fourteen_that_came_and_went() -> None:
    # In 29 ms, of which a face has hardly begun to see the first.
    flicker = [ExpressionSet(seconds(10) + i * 100, "a", ["angry", "sad"][i % 2]) for i in range(14)]
    script = script_of(ExpressionSet(seconds(1), "a", "happy"), *flicker)
    performer, out = Performer(character(), "a", 0), blank()
    before = shown(performer.pose(script, seconds(10) - 1, out), BROW)
    after = shown(performer.pose(script, seconds(10) + 14 * 100, out), BROW)
    assert max(after, key=lambda d: after[d]) == max(before, key=lambda d: before[d])


def test_an_outfit_told_long_ago_holds_under_what_is_told_again_and_again() -> None:
    again = [DrawingSet(seconds(10) + i * 60, "a", "coat", ["", "plain"][i % 2]) for i in range(40)]
    script = script_of(DrawingSet(seconds(1), "a", "coat", "raincoat"), *again)
    performer, out = Performer(character(), "a", 0), blank()
    assert shown(performer.pose(script, seconds(10) + 40 * 60, out), COAT)[1] > 0.5


def test_a_look_told_long_ago_is_where_the_eyes_come_from() -> None:
    looks = [GazeSet(seconds(10) + i * 60, "a", -0.6, 0.0) for i in range(30)]
    script = script_of(GazeSet(seconds(1), "a", 0.9, 0.0), *looks)
    performer, out = Performer(character(), "a", 0), blank()
    turned = performer.pose(script, seconds(10) + 30 * 60, out).channels[CHANNEL_INDEX["head_yaw"]]
    alone = performer.pose(
        script_of(GazeSet(seconds(1), "a", 0.9, 0.0)), seconds(10) + 30 * 60, blank()
    ).channels[CHANNEL_INDEX["head_yaw"]]
    assert turned == pytest.approx(alone, abs=0.02)


LONG_AGO: dict[str, Callable[[int, np.random.Generator], Event]] = {
    "expression": lambda at, rng: ExpressionSet(at, "a", str(rng.choice(["happy", "angry", "sad", "wink"]))),
    "drawing": lambda at, rng: DrawingSet(at, "a", "coat", str(rng.choice(["", "plain", "raincoat"]))),
    "gaze": lambda at, rng: GazeSet(at, "a", float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
    "gesture": lambda at, rng: GestureSet(at, "a", str(rng.choice(["", "explain", "chin"]))),
    "arms": lambda at, rng: GestureSet(at, "a", str(rng.choice(["explain", "chin"]))),
    "place": lambda at, rng: Placed(at, "a", 1.0, float(rng.uniform(-300, 300)), 0.0, seconds(2)),
}
"""One of each kind that holds until the next."""


@pytest.mark.parametrize("seed", [0, 2])
@pytest.mark.parametrize("kind", LONG_AGO)
def test_a_burst_of_any_length_begins_at_what_was_told_long_ago(kind: str, seed: int) -> None:
    """More in a row than are looked at, 1.1 ms apart, so that none counts as replaced at once."""
    rng = np.random.default_rng(seed)
    tell, count = (
        LONG_AGO[kind],
        int(rng.integers(65, 81) if kind in ("gaze", "place") else rng.integers(14, 31)),
    )
    before = [tell(seconds(at), rng) for at in sorted(rng.uniform(0, 4, 3))]
    end = seconds(10) + 53 * count
    without, whole = (
        script_of(*before),
        script_of(*before, *(tell(end - 53 * k, rng) for k in range(count, 0, -1))),
    )
    performer = Performer(moving() if kind == "arms" else character(), "a", 0)
    alone, burst = performer.pose(without, end, blank()), performer.pose(whole, end, blank())
    # In 90 ms a head gets nowhere, and a face not far: whoever has forgotten what held is at rest now.
    slow = [i for name, i in CHANNEL_INDEX.items() if name.startswith(("head", "body", "shrug", "shoulder"))]
    assert np.abs(burst.channels - alone.channels)[slow].max() < 0.05
    stands = [standing(script.lanes("a"), end, HOME).placement for script in (without, whole)]
    assert abs(stands[0].tx - stands[1].tx) < 25
    for index in range(len(character().slots)) if kind != "gaze" else ():  # a look far away brings a blink
        one, two = shown(alone, index), shown(burst, index)
        assert max(abs(one.get(k, 0.0) - two.get(k, 0.0)) for k in {*one, *two, 0}) < 0.4


def test_a_gesture_told_fifty_times_in_a_moment_moves_no_arm_twice() -> None:
    told = [GestureSet(seconds(10), "a", "chin")] * 50
    script = script_of(GestureSet(seconds(1), "a", "chin"), *told)
    performer, out = Performer(character(), "a", 0), blank()
    once = script_of(GestureSet(seconds(1), "a", "chin"))
    pose = performer.pose(script, seconds(10.2), out).channels.tolist()
    assert pose == performer.pose(once, seconds(10.2), blank()).channels.tolist()
