"""Every channel of a character: its value, who has the say, and a slider that overrides it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from slimgui import imgui

from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import CLEAR, HELD, HELD_KNOB
from mien.stage.shown import ChannelState

_NAME: Final = 106.0
_OWNER: Final = 74.0
_FREE: Final = 22.0
_ROW: Final = 24.0
_ROWS: Final = 6
"""Rows that are laid out with one step."""
_HELD_FIELD: Final = (0.275, 0.216, 0.141, 1.0)
_CLAMPED: Final = imgui.SliderFlags.ALWAYS_CLAMP
OWNERS: Final = {
    "idle": "idle",
    "expression": "expression",
    "mouth": "mouth",
    "gaze": "gaze",
    "blink": "blink",
    "gesture": "gesture",
    "cue": "cue",
    "physics": "physics",
    "host": "held here",
}
MEANS: Final = {
    "idle": "life by itself: sway, breath, posture",
    "expression": "the expression that is set",
    "mouth": "what follows the voice",
    "gaze": "looks, and what of the head goes with them",
    "blink": "a blink",
    "gesture": "the gesture that is shown",
    "cue": "nods, bursts, and what listening does",
    "physics": "what hangs, and follows the head and the body",
    "host": "what is held here or by the program",
}
"""What owners are, in words."""


class Channels:
    """Sliders. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def parts(self) -> Iterator[None]:
        """Lay it out, some rows with each step."""
        asking, who = self._asking, self._asking.who
        held = sum(state.held is not None for state in asking.known_channels())
        if not widgets.heading("Channels", is_open=False, mark=f"{held} held" if held else ""):
            return
        states = asking.channels()
        held = sum(state.held is not None for state in states)
        widgets.label(f"{held} held" if held else "drag to hold; Ctrl-click to type")
        if held:
            imgui.same_line()
            if widgets.ghost("let all go"):
                asking.ask(asking.stage.let_go, who)
                asking.forget()
        left = imgui.get_cursor_pos_x()
        wide = imgui.get_content_region_avail()[0] - _NAME - _OWNER - _FREE
        rows = 0
        for state in states:
            if imgui.is_rect_visible((100.0, _ROW)):
                asking.see("channels")
                self._row(state, left, wide)
                rows += 1
                if rows % _ROWS == 0:
                    yield
            else:
                imgui.dummy((1.0, imgui.get_frame_height()))

    def _row(self, state: ChannelState, left: float, wide: float) -> None:
        asking, who, name = self._asking, self._asking.who, state.name
        is_held = state.held is not None
        widgets.label(name.replace("_", " "))
        widgets.tip(f"from {state.low:g} to {state.high:g}; {state.rest:g} where nothing moves it")
        imgui.same_line(left + _NAME)
        imgui.set_next_item_width(wide)
        if is_held:
            imgui.push_style_color(imgui.Col.SLIDER_GRAB, HELD_KNOB)
            imgui.push_style_color(imgui.Col.SLIDER_GRAB_ACTIVE, HELD_KNOB)
            imgui.push_style_color(imgui.Col.FRAME_BG, _HELD_FIELD)
        # Of one that is held what it is held at, so that the hand and the slider are at one place.
        shown = state.value if state.held is None else state.held
        changed, value = imgui.slider_float(f"##{name}", shown, state.low, state.high, "%.2f", _CLAMPED)
        if is_held:
            imgui.pop_style_color(3)
        if changed:
            # At once: the hand eases as it likes.
            value = min(max(value, state.low), state.high)
            if asking.ask(asking.stage.hold, who, name, value, seconds=0.0):
                asking.held(name, value)
        imgui.same_line(left + _NAME + wide + 8.0)
        if is_held:
            imgui.text_colored(HELD, OWNERS["host"])
            imgui.same_line(left + _NAME + wide + _OWNER)
            imgui.push_style_color(imgui.Col.BUTTON, CLEAR)
            if imgui.button(f"\N{MULTIPLICATION SIGN}##{name}", (_FREE, 0.0)):
                asking.ask(asking.stage.let_go, who, name)
                asking.forget()
            imgui.pop_style_color()
            widgets.tip("let go")
        else:
            imgui.text_disabled(OWNERS.get(state.owner, state.owner))
            means = MEANS.get(state.owner, "")
            widgets.tip(f"{state.because}\n({means})" if state.because else means)
