"""What is drawn over a window's picture hears first of all that is done to it."""

from __future__ import annotations

from window.running import run

ESCAPE, A, B, LEFT, PRESS, RELEASE = 256, 65, 66, 0, 1, 0


def test_an_overlay_is_drawn_over_the_picture_and_hears_first(display: str) -> None:
    told = run(display, "overlay.py")
    assert told["kept"] and told["hidden draws nothing"]
    assert told["got ready"] == told["drawn"] == [320, 180, 1.0]
    assert told["red"] and told["the rest is the picture"] and told["gone when hidden"]
    assert told["heard"] == [
        ["click", LEFT, PRESS], ["click", LEFT, RELEASE], ["scroll", 1.0], ["scroll", 1.0],
        ["press", A, PRESS], ["type", "a"], ["press", A, RELEASE],
        ["press", ESCAPE, PRESS], ["press", ESCAPE, RELEASE],
    ]  # fmt: skip
    assert told["pointed"] == ["point", 100, 50]
    assert told["open"], "the overlay took the key"
    assert told["heard while hidden"] == [["press", B, PRESS], ["press", B, RELEASE]]
    before, beside, full, hidden, after = told["in full screen"]
    assert beside[2:] == [420, 180] and full == hidden == [0, 0, 1280, 800]
    assert after == before, "its panel was hidden while it filled the screen"
    assert told["closed"] == 1 and told["closed by its key"] and told["closed with the window"] == 1
    assert told["ledger"] == 0
