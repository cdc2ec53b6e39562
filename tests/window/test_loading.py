"""A window is there before its characters are."""

from __future__ import annotations

from window.running import run


def test_while_it_is_being_loaded_a_bar_moves_and_the_window_can_be_closed(display: str) -> None:
    told = run(display, "loading.py")
    assert told["opened"] and told["bar moves"] and told["bar alone"] == 0
    assert told["Escape"] == told["q"] == "the window was closed while it was being loaded; open another."
    assert told["threads"] == [] and told["fails"] == "as what loads does" and told["again"]
