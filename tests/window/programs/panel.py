"""The panel of a window, worked by real keys and a real pointer."""

from __future__ import annotations

from typing import Any

import glfw
import numpy as np
from hands import Hands, tell
from slimgui import imgui

import mien
from mien.preview import Panel, widgets

CLICKED = ("button", "small_button", "invisible_button", "slider_float", "input_text_with_hint")
WIDE = 380
places: dict[str, tuple[float, float, float, float]] = {}
"""Label -> box in points of the panel."""
heading = widgets.heading
unfolded = False


def note(name: str) -> None:
    real = getattr(imgui, name)

    def noted(label: str, *arguments: Any, **keywords: Any) -> Any:
        result = real(label, *arguments, **keywords)
        places[label] = (*imgui.get_item_rect_min(), *imgui.get_item_rect_max())
        return result

    setattr(imgui, name, noted)


for each in CLICKED:
    note(each)
widgets.heading = lambda title, *, is_open=True, mark="": heading(
    title, is_open=is_open or unfolded, mark=mark
)

told: dict[str, Any] = {}
asked: list[Any] = []
window = mien.open_window(
    {"wren": "wren", "otto": "otto"}, size=(480, 600), playout="null", seed=3, quality="fixed"
)
with window:
    hands = Hands(window)
    panel = Panel(window)
    window.overlay = panel
    set_expression = window.set_expression

    def express(who: str, expression: str) -> None:
        asked.append([who, expression])
        set_expression(who, expression)

    window.set_expression = express  # type: ignore[method-assign]

    def at(label: str, across: float = 0.5) -> tuple[float, float]:
        left, top, right, bottom = places[label]
        return (panel._left + left + across * (right - left), (top + bottom) / 2)

    def click(label: str, across: float = 0.5) -> None:
        hands.point(*at(label, across))
        hands.frames(3)
        hands.desk.button(1, down=True)
        hands.frames(3)
        hands.desk.button(1, down=False)
        hands.frames(4)

    def shows_its_picture() -> bool:
        return bool((hands.seen()[:, :480] == window.screenshot()[..., :3]).all())

    # Hidden
    hands.frames(4)
    queues = len(window.ledger._queues)
    assert panel._gui is not None and panel._board is not None, "it was got ready"
    ready = panel._gui.canvas.counts
    made = (ready.copies, ready.draws)
    told["hidden"] = [panel.layouts, (ready.copies, ready.draws) == made, panel._board._frames._queue is None]
    hands.point(470, 300)
    hands.desk.click()
    hands.desk.key("a")
    hands.frames(2)
    told["hidden still"] = [
        panel.layouts,
        (ready.copies, ready.draws) == made,
        panel._board._frames._queue is None,
    ]

    # Shown
    hands.desk.key("h")
    hands.frames(6)
    assert panel._gui is not None and panel._board is not None
    told["shown"] = panel.is_shown
    told["wider"] = list(glfw.get_framebuffer_size(hands.handle))
    told["picture beside it"] = shows_its_picture()
    told["something is there"] = len(np.unique(hands.seen()[:, 480:].reshape(-1, 3), axis=0)) > 30
    hands.frames(20)
    counts = panel._gui.canvas.counts
    before = (panel.layouts, counts.copies, counts.draws, counts.triangles, counts.pixels)
    hands.frames(30)
    after = (panel.layouts, counts.copies, counts.draws, counts.triangles, counts.pixels)
    told["of 30 frames"] = [now - then for now, then in zip(after, before, strict=True)]
    with window._compositor.current():
        kept = panel._gui.canvas.read()[..., :3]
    told["what is seen is what is kept"] = bool((hands.seen()[:, 480:] == kept).all())

    # Worked
    click("happy##expressions/happy")
    told["asked"] = list(asked)
    hands.point(*at("sad##expressions/sad"))
    hands.frames(4)
    hands.desk.button(1, down=True)
    hands.frames(1)
    hands.desk.button(1, down=False)
    hands.frames(1)
    told["asked in the next frame"] = asked[-1]
    unfolded = True
    panel._board._faces.parts = lambda: iter(())  # type: ignore[method-assign]
    panel._board._turns.draw = lambda: None  # type: ignore[method-assign]
    hands.frames(8)
    click("##head_yaw", across=0.9)
    hands.frames(10)
    yaw = {one.name: one for one in window.channels("wren")}["head_yaw"]
    told["held"] = [yaw.owner, yaw.held is not None and yaw.held > 0.5 and abs(yaw.value - yaw.held) < 1e-3]

    # Typed into
    click("##text")
    for key in ("h", "i", "q", "space"):
        hands.desk.key(key)
        hands.frames(4)
    told["typed"] = panel._board._speech._text
    window.clipboard = "from elsewhere"
    hands.desk.key("v", "Control_L")
    hands.frames(8)
    told["pasted"] = panel._board._speech._text
    for key in ("a", "c"):
        hands.desk.key(key, "Control_L")
        hands.frames(8)
    told["copied"] = window.clipboard
    told["typing shows it still"] = panel.is_shown
    hands.desk.key("Escape")
    hands.frames(6)
    told["escape leaves the field"] = window.is_open and panel.is_shown and not panel._gui.wants_text

    # The wheel over it scrolls it, and moves nobody
    stood = window.standing("wren")
    hands.point(480 + 200, 500)
    hands.frames(2)
    first = places["##text"][1]
    hands.desk.wheel(-3)
    hands.frames(8)
    told["scrolled"] = places["##text"][1] < first and window.standing("wren") == stood

    # Hidden again
    hands.desk.key("h")
    hands.frames(3)
    layouts, copies = panel.layouts, counts.copies
    hands.frames(5)
    told["hidden again"] = [panel.is_shown, panel.layouts - layouts, counts.copies - copies]
    told["as wide as before"] = list(glfw.get_framebuffer_size(hands.handle))
    told["alone"] = shows_its_picture()
    told["nobody listens"] = len(window.ledger._queues) == queues
    hands.desk.key("h")
    hands.frames(3)
    told["made in frames"] = window.ledger.count("gl_alloc_after_ready_total")

    # Closed when it was laid out and not drawn yet, and shown anew by another library's context
    for frames in (1, 8):
        panel.close()
        panel.show()
        hands.frames(frames)
    told["shown anew"] = panel.is_shown and panel._gui.canvas.counts.draws > 0
told["closed"] = panel._gui is None

with mien.open_window({"wren": "wren"}, size=(1200, 300), playout="null", quality="fixed") as window:
    panel = Panel(window)
    window.overlay = panel
    hands = Hands(window)
    hands.frames(2)
    panel.show()
    hands.frames(3)
    picture = hands.seen()[:, :820]
    told["no room"] = [list(glfw.get_framebuffer_size(hands.handle)), list(window._fit)]
    told["fitted beside it"] = bool((picture[47:253] > 0).any(axis=2).mean() > 0.9 and not picture[:47].any())

shown_of = {}
imgui.is_rect_visible = lambda *_: True  # rows below the window as well
for name in ("wren", "otto", "mizzle"):
    with mien.open_window({name: name}, size=(320, 240), playout="null") as window:
        panel = Panel(window)
        window.overlay = panel
        panel.show()
        hands = Hands(window)
        places.clear()
        for _ in range(200):  # as many steps as fit into a frame, which are few on a busy machine
            hands.frames(1)
            if "page/0" in places:
                break
        shown_of[name] = [panel._board.asking.who, "page/0" in places, "##breath" in places]  # type: ignore[union-attr]
told["of each"] = shown_of
tell(told)
