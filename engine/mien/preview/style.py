"""How the panel looks: colours, letters, distances in points."""

from __future__ import annotations

from importlib.resources import files
from typing import Final, cast

from slimgui import imgui

from mien.composite import RGBA

LETTERS: Final = 14.0
"""Points that letters are high."""

BACKGROUND: Final = (0.094, 0.098, 0.114)
TEXT: Final = (0.875, 0.886, 0.914, 1.0)
QUIET: Final = (0.557, 0.580, 0.635, 1.0)
FIELD: Final = (0.157, 0.165, 0.192, 1.0)
FIELD_UNDER: Final = (0.204, 0.216, 0.251, 1.0)
FIELD_HELD: Final = (0.243, 0.259, 0.302, 1.0)
LINE: Final = (0.176, 0.184, 0.212, 1.0)
ACCENT: Final = (0.302, 0.561, 0.929, 1.0)
ACCENT_UNDER: Final = (0.396, 0.631, 0.957, 1.0)
KNOB: Final = (0.216, 0.380, 0.612, 1.0)
"""Of sliders, whose value is written over it."""
HELD_KNOB: Final = (0.647, 0.408, 0.133, 1.0)
HELD: Final = (0.929, 0.627, 0.278, 1.0)
"""What the panel holds, against what the engine would do."""
GOOD: Final = (0.388, 0.757, 0.541, 1.0)
BAD: Final = (0.922, 0.404, 0.388, 1.0)
CLEAR: Final = (0.0, 0.0, 0.0, 0.0)
_FONTS: Final = (b"\0\1\0\0", b"OTTO", b"ttcf", b"true")
"""How files of fonts begin."""

_COLOURS: Final[dict[imgui.Col, RGBA]] = {
    imgui.Col.TEXT: TEXT,
    imgui.Col.TEXT_DISABLED: QUIET,
    imgui.Col.WINDOW_BG: CLEAR,
    imgui.Col.CHILD_BG: CLEAR,
    imgui.Col.POPUP_BG: (0.129, 0.137, 0.161, 1.0),
    imgui.Col.BORDER: LINE,
    imgui.Col.FRAME_BG: FIELD,
    imgui.Col.FRAME_BG_HOVERED: FIELD_UNDER,
    imgui.Col.FRAME_BG_ACTIVE: FIELD_HELD,
    imgui.Col.SCROLLBAR_BG: CLEAR,
    imgui.Col.SCROLLBAR_GRAB: FIELD_UNDER,
    imgui.Col.SCROLLBAR_GRAB_HOVERED: FIELD_HELD,
    imgui.Col.SCROLLBAR_GRAB_ACTIVE: QUIET,
    imgui.Col.CHECK_MARK: TEXT,
    imgui.Col.CHECKBOX_SELECTED_BG: ACCENT,
    imgui.Col.SLIDER_GRAB: KNOB,
    imgui.Col.SLIDER_GRAB_ACTIVE: ACCENT,
    imgui.Col.BUTTON: FIELD,
    imgui.Col.BUTTON_HOVERED: FIELD_UNDER,
    imgui.Col.BUTTON_ACTIVE: FIELD_HELD,
    imgui.Col.HEADER: CLEAR,
    imgui.Col.HEADER_HOVERED: FIELD,
    imgui.Col.HEADER_ACTIVE: FIELD_UNDER,
    imgui.Col.SEPARATOR: LINE,
    imgui.Col.INPUT_TEXT_CURSOR: TEXT,
    imgui.Col.TEXT_SELECTED_BG: (0.302, 0.561, 0.929, 0.45),
    imgui.Col.NAV_CURSOR: CLEAR,
}


def dress(context: imgui.WrappedContext) -> None:
    """Give a new context of the library this look."""
    style = context.style
    for which, colour in _COLOURS.items():
        style.colors[which] = colour
    style.window_padding = (14.0, 10.0)
    style.window_rounding = style.window_border_size = 0.0
    style.frame_padding = (8.0, 3.0)
    style.frame_rounding = style.popup_rounding = style.grab_rounding = 4.0
    style.frame_border_size = 0.0
    style.item_spacing = (6.0, 5.0)
    style.item_inner_spacing = (6.0, 4.0)
    style.scrollbar_size = 9.0
    style.scrollbar_rounding = 5.0
    style.grab_min_size = 8.0
    style.indent_spacing = 12.0
    config = imgui.FontConfig()
    config.size_pixels = LETTERS
    try:
        letters = (files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf").read_bytes()
    except (ImportError, OSError):  # an installation without the whole extra: the library's own
        context.io.fonts.add_font_default(config)
    else:
        context.io.fonts.add_font_from_memory_ttf(letters, LETTERS, config)


def add(context: imgui.WrappedContext, font: bytes, number: int) -> bool:
    """Add letters that the context's own font does not have, of the font of this number in a file's bytes.
    False where the library cannot read it."""
    config = imgui.FontConfig()
    config.size_pixels = LETTERS
    config.merge_mode = True
    config.font_no = number
    if font[:4] not in _FONTS:  # what is damaged further on the library tells on the terminal
        return False
    # By its types it always gives one: of a file that it cannot read it gives none.
    return (
        cast("imgui.Font | None", context.io.fonts.add_font_from_memory_ttf(font, LETTERS, config))
        is not None
    )


def packed(colour: RGBA) -> int:
    """A colour as the library's draw lists take it."""
    red, green, blue, alpha = (round(255 * part) for part in colour)
    return alpha << 24 | blue << 16 | green << 8 | red
