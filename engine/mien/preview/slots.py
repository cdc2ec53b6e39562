"""The slots of a character: what each shows, alone, not at all, or with its box over the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from slimgui import imgui

from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import ACCENT, BAD, HELD
from mien.preview.why import origin_line, origins_told
from mien.stage.shown import SlotState

_MARK: Final = 24.0
_ROW: Final = 24.0
_NEAR: Final = 1.0
"""Points between a row and the line below it that tells where its drawing comes from."""
_ROWS: Final = 6
"""Rows that are laid out with one step."""


class Slots:
    """A row for each slot. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self.outlined: dict[str, set[str]] = {}
        """Who -> slots whose boxes are drawn over the picture."""

    def parts(self) -> Iterator[None]:
        """Lay it out, some rows with each step."""
        asking, who = self._asking, self._asking.who
        outlined = self.outlined.setdefault(who, set())
        if not widgets.heading("Slots", is_open=False, mark=_mark_of(asking.known_slots(), len(outlined))):
            return
        states = asking.slots()
        solo = {state.name for state in states if state.solo}
        mute = {state.name for state in states if state.mute}
        widgets.label("S alone, M muted, O boxed")
        if solo or mute or outlined:
            imgui.same_line()
            if widgets.ghost("reset all"):
                asking.ask(asking.stage.solo, who, ())
                asking.ask(asking.stage.mute, who, ())
                outlined.clear()
                asking.forget()
        left = imgui.get_cursor_pos_x()
        wide = imgui.get_content_region_avail()[0]
        rows = 0
        # As people stack them: what is in front comes first.
        for state in reversed(states):
            if imgui.is_rect_visible((100.0, _ROW)):
                asking.see("slots")
                self._row(state, left, wide, (solo, mute, outlined))
                rows += 1
                if rows % _ROWS == 0:
                    yield
            else:
                origin = imgui.get_text_line_height() + _NEAR if state.origins else 0.0
                imgui.dummy((1.0, imgui.get_frame_height() + origin))

    def _row(
        self, state: SlotState, left: float, wide: float, marked: tuple[set[str], set[str], set[str]]
    ) -> None:
        asking, who, name = self._asking, self._asking.who, state.name
        solo, mute, outlined = marked
        imgui.push_id(name)
        if self._mark("S", name in solo, HELD, f"draw only {name}"):
            asking.ask(asking.stage.solo, who, tuple(solo ^ {name}))
            asking.forget()
        imgui.same_line(spacing=3.0)
        if self._mark("M", name in mute, BAD, f"do not draw {name}"):
            asking.ask(asking.stage.mute, who, tuple(mute ^ {name}))
            asking.forget()
        imgui.same_line(spacing=3.0)
        if self._mark("O", name in outlined, ACCENT, f"draw the box of {name} over the picture"):
            outlined ^= {name}
        imgui.same_line(left + 3 * _MARK + 18.0)
        half = (wide - 3 * _MARK - 18.0) * 0.45
        imgui.align_text_to_frame_padding()
        imgui.text(widgets.clipped(name.replace("_", " "), half - 8.0))
        pointed = imgui.is_item_hovered()
        imgui.same_line(left + 3 * _MARK + 18.0 + half)
        shown = next((drawing for drawing, _ in state.shown), "")
        more = len(state.shown) - 1
        text = shown.replace("_", " ") if shown else "nothing"
        widgets.label(widgets.clipped(f"{text} +{more}" if more > 0 else text, half))
        pointed = pointed or imgui.is_item_hovered()
        if state.origins:
            gap = imgui.get_style().item_spacing[1]
            imgui.set_cursor_pos((left + 3 * _MARK + 18.0, imgui.get_cursor_pos_y() - gap + _NEAR))
            origin_line(state, wide - 3 * _MARK - 18.0)
            pointed = pointed or imgui.is_item_hovered()
        if pointed:
            widgets.tip(_told(state), pointed=True)
        imgui.pop_id()

    @staticmethod
    def _mark(text: str, on: bool, colour: tuple[float, float, float, float], help_: str) -> bool:
        if on:
            with widgets.coloured(colour):
                clicked = imgui.button(text, (_MARK, 0.0))
        else:
            clicked = imgui.button(text, (_MARK, 0.0))
        widgets.tip(help_)
        return clicked


def _mark_of(states: Sequence[SlotState], outlined: int) -> str:
    """What a hand has changed, in a few words."""
    solo, mute = sum(state.solo for state in states), sum(state.mute for state in states)
    counts = ((solo, "alone"), (mute, "muted"), (outlined, "boxed"))
    return ", ".join(f"{n} {what}" for n, what in counts if n)


def _told(state: SlotState) -> str:
    """All that is known of a slot, a line each."""
    shown = ", ".join(f"{drawing or 'nothing'} {round(100 * weight)} %" for drawing, weight in state.shown)
    known = not state.because or state.because.startswith(state.owner) or state.owner == "default"
    by = state.because or state.owner if known else f"{state.owner}, {state.because}"
    lines = [f"{state.name} shows {shown or 'nothing'}, because of: {by}"]
    if state.clipped_to:
        lines.append(f"within the shape of {state.clipped_to}")
    if len(state.together) > 1:
        lines.append(f"drawn as one picture: {', '.join(state.together)}")
    return "\n".join([*lines, *origins_told(state)])
