"""What several sections of the panel are made of. Called while a panel is laid out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from slimgui import imgui

from mien.bounded_cache import BoundedCache
from mien.composite import RGBA
from mien.preview.letters import letters
from mien.preview.style import ACCENT, ACCENT_UNDER, BACKGROUND, BAD, CLEAR, HELD, LINE, QUIET, TEXT, packed

_BAR: Final = (0.231, 0.125, 0.129, 1.0)
_NOTE_BAR: Final = (0.129, 0.165, 0.231, 1.0)
_TIP: Final = 300.0
"""Points that lines under the pointer are wide at most: they stay within the panel."""
_TIP_GAP: Final = 14.0
"""Points from the pointer to what is told there."""
_LABEL: Final = 104.0
"""Points that labels of figures are wide at most."""
_INK: Final = (*BACKGROUND, 1.0)
_OPEN = imgui.TreeNodeFlags.DEFAULT_OPEN | imgui.TreeNodeFlags.SPAN_AVAIL_WIDTH


def heading(title: str, *, is_open: bool = True, mark: str = "") -> bool:
    """A section's title under a line; whether the section is unfolded. `mark`: what a hand has changed in it,
    to be seen while it is folded."""
    wide = imgui.get_content_region_avail()[0]
    rule()
    flags = _OPEN if is_open else imgui.TreeNodeFlags.SPAN_AVAIL_WIDTH
    flags |= imgui.TreeNodeFlags.NO_TREE_PUSH_ON_OPEN
    imgui.push_style_var(imgui.StyleVar.FRAME_PADDING, (0.0, 3.0))
    unfolded = imgui.tree_node(title, flags)
    imgui.pop_style_var()
    if mark and not unfolded:
        right = imgui.get_cursor_pos_x() + wide
        imgui.same_line(right - imgui.calc_text_size(mark)[0])
        imgui.text_colored(HELD, mark)
    return unfolded


def rule() -> None:
    """A line across the panel."""
    x, y = imgui.get_cursor_screen_pos()
    wide = imgui.get_content_region_avail()[0]
    imgui.get_window_draw_list().add_rect_filled((x, y + 3), (x + wide, y + 4), packed(LINE))
    imgui.dummy((0.0, 5.0))


def label(text: str) -> None:
    """Words beside something, in the quiet colour."""
    text = letters.shown(text)
    imgui.align_text_to_frame_padding()
    imgui.text_disabled(text)


def quiet(text: str) -> None:
    """A line in the quiet colour, wrapped."""
    text = letters.shown(text)
    imgui.push_style_color(imgui.Col.TEXT, QUIET)
    imgui.text_wrapped(text)
    imgui.pop_style_color()


def lamp(text: str, colour: RGBA) -> None:
    """Words behind a dot, both in a colour."""
    x, y = imgui.get_cursor_screen_pos()
    middle = (x + 5.0, y + 0.5 * imgui.get_text_line_height())
    imgui.get_window_draw_list().add_circle_filled(middle, 4.0, packed(colour))
    imgui.dummy((10.0, 0.0))
    imgui.same_line(spacing=4.0)
    imgui.text_colored(colour, text)


def clipped(text: str, points: float) -> str:
    """As much of a text as is no wider than so many points."""
    text = letters.shown(text)
    if (known := _clipped.get((text, points))) is not None:
        return known
    if imgui.calc_text_size(text)[0] <= points:
        return _clipped.put((text, points), text)
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        if imgui.calc_text_size(f"{text[:middle]}…")[0] <= points:
            fits = middle
        else:
            over = middle
    return _clipped.put((text, points), f"{text[:fits].rstrip(' .,;:')}…")


def wrapped(text: str, points: float, most: int) -> tuple[str, ...]:
    """A text in lines no wider than so many points; of more than `most` lines the last ends in dots."""
    text = letters.shown(text)
    if (known := _wrapped.get((text, points, most))) is not None:
        return known
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most - 1:
        line = words.pop(0)
        while words and imgui.calc_text_size(f"{line} {words[0]}")[0] <= points:
            line = f"{line} {words.pop(0)}"
        lines.append(clipped(line, points))
    if words:
        lines.append(clipped(" ".join(words), points))
    return _wrapped.put((text, points, most), tuple(lines))


_clipped: Final[BoundedCache[tuple[str, float], str]] = BoundedCache(1000)
_wrapped: Final[BoundedCache[tuple[str, float, int], tuple[str, ...]]] = BoundedCache(200)


def button(text: str, *, lit: bool = False, colour: RGBA = ACCENT) -> bool:
    """A button; `lit`: it stands for what is so now. True when it was clicked."""
    if not lit:
        return imgui.button(text)
    with coloured(colour):
        return imgui.button(text)


@contextmanager
def coloured(colour: RGBA) -> Iterator[None]:
    """Buttons in a colour, with dark letters."""
    under = ACCENT_UNDER if colour == ACCENT else colour
    imgui.push_style_color(imgui.Col.BUTTON, colour)
    imgui.push_style_color(imgui.Col.BUTTON_HOVERED, under)
    imgui.push_style_color(imgui.Col.BUTTON_ACTIVE, under)
    imgui.push_style_color(imgui.Col.TEXT, _INK)
    try:
        yield
    finally:
        imgui.pop_style_color(4)


def flow(names: Iterable[tuple[str, str, bool]], colour: RGBA = ACCENT) -> str | None:
    """Buttons of (id, text, lit), as many in a line as fit. The id of the one that was clicked."""
    clicked = None
    right = imgui.get_cursor_screen_pos()[0] + imgui.get_content_region_avail()[0]
    end = None
    for name, spelt, lit in names:
        text = letters.shown(spelt)
        wide = imgui.calc_text_size(text)[0] + 16.0
        if end is not None and end + 6.0 + wide <= right:
            imgui.same_line()
        if button(f"{text}##{name}", lit=lit, colour=colour):
            clicked = name
        end = imgui.get_item_rect_max()[0]
    return clicked


def tip(text: str, *, pointed: bool | None = None) -> None:
    """What is told while the pointer is over what was laid out last, or, where it is given, while `pointed`:
    all of it, in as many lines as it takes."""
    if not (imgui.is_item_hovered(imgui.HoveredFlags.FOR_TOOLTIP) if pointed is None else pointed):
        return
    text = letters.shown(text)
    imgui.set_next_window_pos(_beside_pointer(imgui.calc_text_size(text, wrap_width=_TIP)))
    if imgui.begin_tooltip():
        imgui.push_text_wrap_pos(_TIP)
        imgui.text(text)
        imgui.pop_text_wrap_pos()
        imgui.end_tooltip()


def _beside_pointer(size: tuple[float, float]) -> tuple[float, float]:
    """Where a tip with a text of this size goes: below the pointer or above it, and all of it in the panel,
    where it fits into that. The library puts one that is too tall for either beside it, half out of sight."""
    padding, panel, (x, y) = (
        imgui.get_style().window_padding,
        imgui.get_io().display_size,
        imgui.get_mouse_pos(),
    )
    wide, high = size[0] + 2 * padding[0], size[1] + 2 * padding[1]
    left = max(0.0, min(x + _TIP_GAP, panel[0] - wide))
    below, above = y + _TIP_GAP, y - _TIP_GAP - high
    fits = below if below + high <= panel[1] or above < 0 else above
    return left, max(0.0, min(fits, panel[1] - high))


def bar(text: str, *, wrong: bool = True) -> None:
    """A sentence over the lower edge of the panel, all of it: nothing moves for it. `wrong`: something could
    not be done."""
    text = letters.shown(text)
    wide, high = imgui.get_window_size()
    tall = imgui.calc_text_size(text, wrap_width=wide - 28.0)[1] + 16.0
    drawing = imgui.get_foreground_draw_list()
    drawing.add_rect_filled((0.0, high - tall), (wide, high), packed(_BAR if wrong else _NOTE_BAR))
    edge = packed(BAD if wrong else ACCENT)
    drawing.add_rect_filled((0.0, high - tall), (wide, high - tall + 1.0), edge)
    size, place = imgui.get_font_size(), (14.0, high - tall + 8.0)
    drawing.add_text(imgui.get_font(), size, place, packed(TEXT), text, wide - 28.0)


def ghost(text: str) -> bool:
    """A button without a ground of its own."""
    imgui.push_style_color(imgui.Col.BUTTON, CLEAR)
    imgui.push_style_color(imgui.Col.TEXT, QUIET)
    try:
        return imgui.small_button(text)
    finally:
        imgui.pop_style_color(2)


def figures(told: Iterable[tuple[str, str, RGBA | None, str]], columns: int = 2) -> None:
    """(label, value, colour of the value, what it is, told under the pointer), so many in a line."""
    left = imgui.get_cursor_pos_x()
    wide = imgui.get_content_region_avail()[0] / columns
    for k, (name, value, colour, what) in enumerate(told):
        column = k % columns
        if column:
            imgui.same_line(left + column * wide)
        imgui.text_disabled(name)
        tip(what)
        imgui.same_line(left + column * wide + _LABEL)
        if colour is None:
            imgui.text(value)
        else:
            imgui.text_colored(colour, value)
        tip(what)
