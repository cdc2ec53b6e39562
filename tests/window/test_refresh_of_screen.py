"""A window goes by the refresh of its screen, as far as a display without one can show it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from window.running import run


def test_a_window_goes_by_the_screen_where_swaps_wait_for_one_and_else_by_the_clock(display: str) -> None:
    told = run(display, "refresh.py")
    assert told["paced by"] == "the clock: a software renderer's swaps wait for no screen"
    # Looked for all the same: Xvfb has no refresh, and swaps take as long as they take.
    assert not told["found"] and told["because"].startswith("the clock: ")
    assert told["refreshes"] in ([], [None] * 3)
    assert told["paced by a screen"].startswith("the screen's refresh, measured as 7")
    offsets = told["offsets"][1:]
    assert told["offsets"][0] is None and set(offsets) == {2, 3}
    assert all(a != b for a, b in pairwise(offsets))
    assert set(told["late"]) == {0} and told["hz"] == pytest.approx(75, rel=1e-3)
    assert set(told["delays"]) == {0} and told["totals"] == [0, 0]
    assert max(told["swapped"]) <= 0.2  # what it waits for its refresh is no lateness
