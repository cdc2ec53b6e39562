"""What the colours of a graph mean, a mark each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from slimgui import imgui

from mien.preview import widgets

_MORE: Final = "and {} more"


class Mark(NamedTuple):
    """One colour."""

    text: str
    colour: int
    """As draw lists take it."""
    what: str
    """It means and counts: told under the pointer."""


def legend(marks: Sequence[Mark], lines: int) -> None:
    """Lay marks out in so many lines. Those for which there is no room are counted, and told under the
    pointer."""
    drawing = imgui.get_window_draw_list()
    left, top = imgui.get_cursor_screen_pos()
    right = left + imgui.get_content_region_avail()[0]
    line = imgui.get_text_line_height_with_spacing()
    more = imgui.calc_text_size(_MORE.format(len(marks)))[0] + 12.0
    x, row = left, 0
    for k, mark in enumerate(marks):
        wide = imgui.calc_text_size(mark.text)[0] + 15.0
        is_last = row == lines - 1
        # In the last line room is left to say that there are more.
        end = right - more if is_last and k < len(marks) - 1 else right
        if x + wide > end and x > left:
            if is_last:
                imgui.set_cursor_screen_pos((x, top + row * line))
                imgui.text_disabled(_MORE.format(len(marks) - k))
                widgets.tip("\n".join(f"{one.text}: {one.what}" for one in marks[k:]))
                break
            x, row = left, row + 1
        y = top + row * line
        imgui.set_cursor_screen_pos((x + 15.0, y))
        drawing.add_rect_filled((x, y + 4.0), (x + 9.0, y + 13.0), mark.colour, 2.0)
        imgui.text_disabled(mark.text)
        widgets.tip(mark.what)
        x += wide + 12.0
    # As high whatever is in it: what lies below stays where a hand finds it.
    imgui.set_cursor_screen_pos((left, top))
    imgui.dummy((1.0, lines * line))
