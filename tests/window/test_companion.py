"""A companion on the desktop, and windows on screens of more dots."""

from __future__ import annotations

from pathlib import Path

import pytest

from window.running import run


def test_a_companion_is_clicked_through_beside_its_character_and_goes_where_it_is_dragged(
    display: str, tmp_path: Path
) -> None:
    told = run(display, "companion.py", "composites", str(tmp_path))
    assert told["plain"] is None and not told["frame"] and told["over others"]
    assert (told["clear"], told["opaque"]) == (0, 255)
    assert (told["through beside"], told["through on it"]) == (1, 0)
    assert told["clear places"] > 10
    assert told["clicked"] == [[0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [0, 1]], "by what is seen of it"
    assert told["made in frames"] == 0
    left, top = told["corner"]
    assert told["seen until"] == [pytest.approx(1280, abs=4), 800], "it stands in the corner, and sways"
    assert told["moved to"] == [left - 25, top - 10] and told["stands"] == 0.5
    before, with_panel, after = told["panel"]
    assert before == after == [left - 25, top - 10, 320, 180]
    assert with_panel == [1280 - 700, top - 10 - 460, 700, 640], "no room at its right, and it was too low"
    first, dragged, hidden = told["panel, dragged"]
    assert first == with_panel and dragged == [with_panel[0] - 200, top - 110 - 460, 700, 640]
    assert hidden == [dragged[0], top - 110, 320, 180], "who was dragged stays where it is seen"
    assert told["panel, grown"] == [[352 + 380, 198 + 460], [700, 640]], "the wheel leaves the panel alone"
    drawn, of_frame = told["outlined"]
    assert drawn == pytest.approx(460 + of_frame, abs=3), "the outline is where the figure is"
    without, recording, over = told["dot"]
    assert without == over == 0 and 100 < recording < 130, "a disc of 12 points says that a clip is recorded"
    assert told["dot in the frame"] == 0
    x, y = told["looks at the pointer far away"]
    assert x < -0.8 and y < -0.5
    width, height, moved = told["grown"]
    assert (width, height) == (round(320 * 1.1**2), 218) and moved == 180 - height
    assert told["left by its key"]


def test_where_the_desktop_shows_nothing_transparent_it_is_a_plain_window_and_says_why(display: str) -> None:
    told = run(display, "companion.py", "plain")
    assert told["plain"].startswith("this is a plain window: the desktop shows no transparent ones; start a ")
    assert told["frame"] and not told["over others"] and told["left by its key"]


@pytest.mark.parametrize(("dots", "scale"), [(96, 1), (192, 2)])
def test_on_a_screen_of_more_dots_it_is_as_large_to_the_eye(display: str, dots: int, scale: int) -> None:
    told = run(display, "scaled.py", str(dots))
    assert told["scale"] == scale and told["pixels"] == [320 * scale, 180 * scale]
    assert told["fills it"] and told["colours"] > 1000
    assert told["unlike the frame"] < (2 if scale > 1 else 1e-9)
    assert told["dragged"] == pytest.approx(0.1, abs=1 / 180)
    assert told["still"] == [180, 320, 4]
