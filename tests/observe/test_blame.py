"""Named is what would have made a frame on time, had it been absent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.observe.blame import SUM, Blame, index_of_blame
from mien.observe.causes import BECAUSE, CAUSES, FOREIGN

T = 33.0
CAUSE = ("build", "draw", "gil", "host")


def name(usual: tuple[float, ...], parts: tuple[float, ...]) -> str:
    """The cause of a frame after many that took what is usual."""
    blame = Blame(CAUSE, frozenset({"gil"}))
    for _ in range(9):
        blame.learn(usual)
    return blame.name(parts, T)


@pytest.mark.parametrize(
    ("usual", "parts", "cause"),
    [
        # The longest part is what it always is; what was added to it is not.
        ((4, 8, 0, 20), (4, 22, 0, 20), "draw"),
        ((4, 8, 0, 20), (12, 8, 0, 20), "build"),
        ((4, 8, 0, 20), (4, 8, 3, 20), "gil"),
        ((4, 8, 0, 20), (4, 8, 0, 30), "host"),
        # Two that grew, each enough: the one that grew more.
        ((4, 8, 0, 20), (10, 15, 0, 20), "draw"),
        # It is always too much, and one part alone is: that.
        ((4, 40, 0, 1), (4, 40, 0, 1), "draw"),
        ((4, 8, 0, 35), (4, 8, 0, 35), "host"),
        # Always too much, each would do: the largest, whatever trembled by a little.
        ((4, 16, 0, 20), (5, 16, 0, 20), "host"),
        # The lock is never usual, though it was held in every frame.
        ((4, 14, 12, 8), (4, 14, 12, 8), "gil"),
        # None alone would do: the one of the largest that explains most of it.
        ((4, 35, 0, 1), (4, 35, 300, 1), "gil"),
        # Nor that: it is all of them.
        ((60, 60, 0, 1), (61, 60, 0, 1), SUM),
    ],
)
def test_the_cause_is_what_the_frame_would_have_been_on_time_without(
    usual: tuple[float, ...], parts: tuple[float, ...], cause: str
) -> None:
    assert name(usual, parts) == cause


def test_of_the_first_frame_nothing_is_usual() -> None:
    assert Blame(CAUSE, frozenset()).name((2, 50, 0, 10), T) == "draw"


def test_what_is_usual_is_the_median_of_the_last_frames() -> None:
    blame = Blame(CAUSE, frozenset({"gil"}))
    for spike in (0, 0, 0, 500, 0):
        blame.learn((1, 5 + spike, 7, 2))
    assert blame.usual() == [1, 5, 0, 2]
    for _ in range(64):
        blame.learn((1, 9, 7, 2))
    assert blame.usual() == [1, 9, 0, 2]


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=1, max_size=9), st.floats(0, 50))
def test_who_is_named_alone_was_enough_or_explains_half(
    of_parts: list[tuple[float, float]], budget: float
) -> None:
    parts, usual = [part for part, _ in of_parts], [as_usual for _, as_usual in of_parts]
    over = sum(parts) - budget
    if over <= 0:
        return
    index = index_of_blame(parts, usual, budget)
    if index is None:
        assert all(part < over for part in parts)
    else:
        assert parts[index] >= over or parts[index] - usual[index] >= over / 2


def test_every_cause_is_said_in_words() -> None:
    assert set(BECAUSE) == set(CAUSES)
    assert {"gc", "gil", "cores", "stopped"} == FOREIGN
