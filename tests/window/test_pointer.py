"""Real events of a pointer, and of a desktop that gives a window other sizes."""

from __future__ import annotations

import pytest

from window.running import run


def test_the_pointer_leads_the_gaze_places_and_makes_larger(display: str) -> None:
    told = run(display, "pointer.py")
    assert told["gaze right"][0] > 0.5 and told["gaze right"][1] < -0.2
    assert told["gaze left"][0] < -0.5 and told["gaze left"][1] > 0.2
    assert told["gaze let go"] == told["gaze off"] == [0, 0]
    x, y, size = told["stood"]
    assert told["dragged"] == pytest.approx([x + 0.2, y - 0.1, size], abs=1 / 180)
    assert told["wheel"][2] == pytest.approx(1.1**3)
    assert told["head moved"] == pytest.approx([0, 0], abs=3)
    assert told["put back"] == pytest.approx([x, y, size], abs=1 / 180)
    assert told["dragged in a larger window"] == pytest.approx([x + 0.1, y, size], abs=1 / 180)
    assert told["full screen"] == [1280, 800] and told["again"] == [640, 640]


def test_a_window_that_is_resized_three_hundred_times_goes_on(display: str) -> None:
    told = run(display, "resized.py")
    assert told["shown"] == 300 and told["minimised"] == 20 and told["sizes"] > 240
    assert told["size"] == [400, 400, 3] and told["empty above"] == 0 and told["picture"] > 1000
    assert told["uploads"] == told["compiles"] == 0
    assert told["while dragged"] == told["asked"] == 200
