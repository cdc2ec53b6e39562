"""The panel costs nothing while it is hidden and little while it is shown, and does what hands tell it."""

from __future__ import annotations

from window.running import run


def test_the_panel_is_worked_by_keys_and_pointer(display: str) -> None:
    told = run(display, "panel.py")
    assert told["hidden"] == told["hidden still"] == [0, True, True], "nothing was made, nothing laid out"
    assert told["shown"] and told["something is there"]
    assert told["wider"] == [480 + 380, 600] and told["picture beside it"]
    layouts, copies, draws, triangles, pixels = told["of 30 frames"]
    assert copies == 30
    assert layouts <= 10, "no more than every third frame of 30 a second"
    assert draws <= 30 * 4 and triangles <= 30 * 2500 and pixels <= 30 * 380 * 600 // 4
    assert told["what is seen is what is kept"]
    assert told["asked"] == [["wren", "happy"]]
    assert told["asked in the next frame"] == ["wren", "sad"]
    assert told["held"] == ["host", True]
    assert told["typed"] == "hiq " and told["typing shows it still"] and told["escape leaves the field"]
    assert told["pasted"] == told["copied"] == "hiq from elsewhere"
    assert told["scrolled"]
    assert told["hidden again"] == [False, 0, 0]
    assert told["as wide as before"] == [480, 600] and told["alone"] and told["nobody listens"]
    assert told["made in frames"] == 0 and told["closed"] and told["shown anew"]
    # On a screen of 1280 pixels: the picture is made smaller, and keeps its shape.
    assert told["no room"] == [[1200, 300], [0, 47, 820, 205]] and told["fitted beside it"]
    assert told["of each"] == {name: [name, True, True] for name in ("wren", "otto", "mizzle")}


def test_without_its_library_one_sentence_says_what_to_install(display: str) -> None:
    told = run(display, "no_library.py")
    assert told["said"] == [told["said"][0]] * 2
    assert "pip install 'mien[preview]', then press H." in told["said"][0] and "\n" not in told["said"][0]
    assert (
        "libstdc++.so.6" in told["said of a broken one"] and "install it anew" in told["said of a broken one"]
    )
    assert not told["shown"] and told["open"] and told["frames"] >= 5
