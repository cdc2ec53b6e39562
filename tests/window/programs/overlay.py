"""An overlay over a window's picture, and real keys, clicks and turns of the wheel."""

from __future__ import annotations

from typing import Any

import glfw
import moderngl
from hands import Hands, tell

import mien
from mien.types import Size


class Panel:
    """Takes what comes, when it is told to, and leaves GL state as no program would."""

    def __init__(self) -> None:
        self.is_shown, self.width = False, 0.0
        self.takes = False
        self.heard: list[Any] = []
        self.closed = 0

    def get_ready(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        screen.ctx.enable(moderngl.BLEND | moderngl.CULL_FACE | moderngl.DEPTH_TEST)
        self.ready = (*size, scale)

    def draw(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        ctx = screen.ctx
        screen.use()
        ctx.scissor = (0, size.height - 10, 20, 10)
        screen.clear(1.0, 0.0, 0.0, 1.0, viewport=(0, size.height - 10, 20, 10))
        ctx.enable(moderngl.BLEND | moderngl.CULL_FACE | moderngl.DEPTH_TEST)
        ctx.viewport = (3, 3, 5, 5)
        ctx.texture((4, 4), 4).use(0)
        self.drawn = (*size, scale)

    def press(self, key: int, action: int, mods: int) -> bool:
        self.heard.append(["press", key, action])
        return self.takes

    def type(self, text: str) -> bool:
        self.heard.append(["type", text])
        return self.takes

    def point(self, x: float, y: float) -> bool:
        self.heard.append(["point", x, y])
        return self.takes

    def click(self, button: int, action: int, mods: int) -> bool:
        self.heard.append(["click", button, action])
        return self.takes

    def scroll(self, dx: float, dy: float) -> bool:
        self.heard.append(["scroll", dy])
        return self.takes

    def close(self) -> None:
        assert glfw.get_current_context()
        self.closed += 1


told: dict[str, Any] = {}
window = mien.open_window({"wren": "wren"}, size=(320, 180), playout="null", seed=3)
with window:
    hands = Hands(window)
    panel = Panel()
    window.overlay = panel
    told["kept"] = window.overlay is panel
    told["got ready"] = list(panel.ready)
    hands.frames(3)
    told["hidden draws nothing"] = not hasattr(panel, "drawn")
    panel.is_shown = True
    hands.frames(1)
    over = hands.seen()
    told["drawn"] = list(panel.drawn)
    told["red"] = over[:10, :20].reshape(-1, 3).tolist() == [[255, 0, 0]] * 200
    told["the rest is the picture"] = bool((over[20:] == window.screenshot()[20:, :, :3]).all())
    panel.is_shown = False
    hands.frames(1)
    told["gone when hidden"] = not (hands.seen()[:10, :20] == [255, 0, 0]).all()

    panel.takes = panel.is_shown = True
    hands.point(100, 50)
    hands.desk.click()
    hands.desk.wheel(2)
    hands.desk.key("a")
    hands.desk.key("Escape")
    hands.frames(1)
    told["heard"] = [one for one in panel.heard if one[0] != "point"]
    told["pointed"] = [one for one in panel.heard if one[0] == "point"][-1]
    told["open"] = window.is_open
    panel.is_shown, panel.takes, panel.heard = False, False, []
    hands.point(120, 60)
    hands.desk.click()
    hands.desk.key("b")
    hands.frames(1)
    told["heard while hidden"] = [*panel.heard]

    def stands_now() -> list[int]:
        """After a panel is shown or hidden, or the screen filled or not."""
        hands.frames(4)
        return [*glfw.get_window_pos(hands.handle), *glfw.get_window_size(hands.handle)]

    stands = [stands_now()]
    panel.is_shown, panel.width = True, 100.0
    stands.append(stands_now())
    hands.desk.key("f")
    stands.append(stands_now())
    panel.is_shown = False
    stands.append(stands_now())
    hands.desk.key("f")
    stands.append(stands_now())
    told["in full screen"] = stands
    window.overlay = None
    told["closed"] = panel.closed
    last = Panel()
    window.overlay = last
    hands.desk.key("Escape")
    hands.frames(1)
    told["closed by its key"] = not window.is_open
told["closed with the window"] = last.closed
told["ledger"] = window.ledger.count("gl_alloc_after_ready_total")
tell(told)
