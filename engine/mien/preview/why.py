"""In the panel: where drawings come from, and why an expression looks as it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from slimgui import imgui

from mien.art.looks import NEUTRAL
from mien.composite import RGBA
from mien.origin import How
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import ACCENT_UNDER, HELD, QUIET
from mien.stage.shown import ExpressionState, SlotState

_COLOURS: Final[dict[How, RGBA]] = {"guessed": HELD, "made": ACCENT_UNDER}
"""Of what is not as the art says."""
_LINES: Final = 3
"""Lines that each kind of a thing takes at most; all of it is told under the pointer."""
_MENDS: Final = 3
"""Most things that are told to do."""
_MOST_TOLD: Final = 6
"""Most lines on the drawings of one slot."""


class Why:
    """Why the expression that is shown looks as it does. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._lines: dict[str, int] = {}
        """Of each of the cast, how many lines it has taken at most: what lies below stays where a hand finds
        it."""

    def draw(self) -> None:
        """Lay it out."""
        who = self._asking.who
        line, left = imgui.get_text_line_height(), imgui.get_cursor_pos_x()
        top, wide = imgui.get_cursor_pos_y(), imgui.get_content_region_avail()[0]
        high = self._lines.get(who, 1) * line
        if not imgui.is_rect_visible((wide, high)):
            imgui.dummy((1.0, high))
            return
        self._asking.see("expression")
        state = self._asking.expression()
        told = [
            (text, colour) for what, colour in why_told(state) for text in widgets.wrapped(what, wide, _LINES)
        ]
        self._lines[who] = most = max(self._lines.get(who, 1), len(told))
        for k, (text, colour) in enumerate(told):
            imgui.set_cursor_pos((left, top + k * line))
            imgui.text_colored(colour, text)
        imgui.set_cursor_pos((left, top))
        imgui.dummy((wide, most * line))
        widgets.tip("\n".join(state.lines()))


def why_told(state: ExpressionState) -> Iterator[tuple[str, RGBA]]:
    """What it changes; what it lacks, and what is in its way; what can be done, a line each."""
    changes = "; ".join(state.changes) or ("as it is drawn" if state.name == NEUTRAL else "as neutral")
    yield f"{state.name}: {changes}", QUIET
    lacks = [f"lacks {', '.join(state.lacks)}"] if state.lacks else []
    if wrong := "; ".join([*lacks, *state.blocked]):
        yield wrong, HELD
    for what in state.mend[:_MENDS]:
        yield f"- {what}", QUIET
    if (left := len(state.mend) - _MENDS) > 0:
        yield f"and {left} more, under the pointer", QUIET


def origin_line(state: SlotState, points: float) -> None:
    """Lay out where what a slot shows comes from; of one that shows nothing, what it could show."""
    shown = next((drawing for drawing, _ in state.shown if drawing), "")
    origin = state.origins.get(shown) or next(iter(state.origins.values()))
    told = origin.brief
    if origin.how == "made":  # of what is told of the layers as well what they were taken for
        same = (one for one in state.origins.values() if one.layers == origin.layers and one.how != "made")
        told = next((f"made of {one.brief}" for one in same), told)
    imgui.text_colored(_COLOURS.get(origin.how, QUIET), widgets.clipped(told, points))


def origins_told(state: SlotState) -> list[str]:
    """The drawings of a slot and where each comes from, those that have it in common in a line."""
    told = []
    for origin in dict.fromkeys(state.origins.values()):
        drawings = [name for name, own in state.origins.items() if own == origin]
        more = f" and {len(drawings) - 2} more" if len(drawings) > 2 else ""
        under = f"; under {origin.under}" if origin.under else ""
        told.append(f"{', '.join(drawings[:2])}{more}: {origin}{under}")
    return told[:_MOST_TOLD]
