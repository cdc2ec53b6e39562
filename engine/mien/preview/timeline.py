"""The session's time as a line that is held, clicked and made longer."""

from __future__ import annotations

from typing import Final

from slimgui import imgui

from mien.composite import RGBA
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import FIELD, LINE, QUIET, TEXT, packed
from mien.stage.shown import TimelineSpan, TurnStatus

_HIGH: Final = 30.0
SPEAKERS: Final[tuple[RGBA, ...]] = (
    (0.384, 0.596, 0.871, 1.0),
    (0.851, 0.588, 0.380, 1.0),
    (0.486, 0.729, 0.510, 1.0),
    (0.757, 0.518, 0.737, 1.0),
    (0.831, 0.749, 0.404, 1.0),
)
_FADED: Final = 0.55
_ZOOM: Final = 1.25
"""A notch of the wheel."""
_SHORTEST_S: Final = 1.0
"""Of what is seen."""
_AHEAD: Final = 0.8
"""Share of what is seen that lies ahead, where time has gone out of it."""


class Timeline:
    """A line with the speakers in colours. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._scrubbing = False
        self._was_paused = False
        self._wide_s: float | None = None
        """How many seconds are seen; None: all."""
        self._first_s = 0.0
        """The first of them."""

    def draw(self, span: TimelineSpan, turns: tuple[TurnStatus, ...]) -> None:
        """Lay it out."""
        x, y = imgui.get_cursor_screen_pos()
        wide = imgui.get_content_region_avail()[0]
        imgui.invisible_button("timeline", (wide, _HIGH))
        imgui.set_item_key_owner(imgui.Key.KEY_MOUSE_WHEEL_Y)  # which would move the panel
        first, last = span.first_s, max(span.last_s, span.newest_s, span.first_s + _SHORTEST_S)
        self._zoom(span, (first, last), (x, wide))
        seen_s = last - first if self._wide_s is None else self._wide_s
        begin = first if self._wide_s is None else self._first_s
        if imgui.is_item_hovered() and not self._scrubbing:
            at = begin + (imgui.get_mouse_pos()[0] - x) / wide * seen_s
            more = "" if self._wide_s is None else f"\nseen: {clock(begin)} to {clock(begin + seen_s)}"
            widgets.tip(f"{clock(at)}: click or drag to go there; the wheel zooms{more}", pointed=True)
        per_s = wide / seen_s
        self._scrub(begin, (x, per_s), span)
        drawing = imgui.get_window_draw_list()
        drawing.push_clip_rect((x - 4.0, y), (x + wide + 4.0, y + _HIGH), True)
        drawing.add_rect_filled((x, y + 9.0), (x + wide, y + 23.0), packed(FIELD), 3.0)
        self._turns(turns, begin, (x, y, wide), per_s)
        newest = x + (span.newest_s - begin) * per_s
        if span.newest_s > span.now_s:
            drawing.add_rect_filled((newest - 0.5, y + 6.0), (newest + 0.5, y + 26.0), packed(QUIET))
        now = x + (span.now_s - begin) * per_s
        drawing.add_rect_filled((now - 1.0, y + 4.0), (now + 1.0, y + 28.0), packed(TEXT))
        drawing.add_circle_filled((now, y + 4.0), 3.5, packed(TEXT))
        if self._wide_s is not None:  # where of all it is
            drawing.add_rect_filled((x, y + 27.0), (x + wide, y + 29.0), packed(LINE))
            share = wide / (last - first)
            left, right = (x + (one - first) * share for one in (begin, begin + seen_s))
            drawing.add_rect_filled((left, y + 27.0), (right, y + 29.0), packed(QUIET))
        drawing.pop_clip_rect()

    def let_go(self) -> None:
        """Nobody holds it any more: time goes on, if it did before."""
        if self._scrubbing:
            self._scrubbing = False
            if not self._was_paused:
                self._asking.ask(self._asking.stage.resume)

    def _turns(
        self, turns: tuple[TurnStatus, ...], begin: float, place: tuple[float, float, float], per_s: float
    ) -> None:
        drawing, cast = imgui.get_window_draw_list(), self._asking.stage.cast
        x, y, wide = place
        for turn in turns:
            if turn.starts_s is None or turn.state == "dropped":
                continue
            until = turn.starts_s + (turn.length_s if turn.length_s is not None else turn.heard_s)
            left = max(x, x + (turn.starts_s - begin) * per_s)
            right = min(x + wide, x + (until - begin) * per_s)
            if right > x and left < x + wide:
                known = cast.index(turn.speaker) if turn.speaker in cast else 0
                colour = SPEAKERS[known % len(SPEAKERS)]
                if turn.state == "queued":
                    colour = (*colour[:3], _FADED)
                drawing.add_rect_filled((left, y + 9.0), (max(right - 1.0, left + 1.0), y + 23.0),
                                        packed(colour), 2.0)  # fmt: skip

    def _zoom(self, span: TimelineSpan, whole: tuple[float, float], place: tuple[float, float]) -> None:
        """The wheel: as much more or less is seen about the pointer. What is seen goes on with the time."""
        first, last = whole
        notches = imgui.get_io().mouse_wheel if imgui.is_item_hovered() else 0.0
        if notches:
            seen_s = last - first if self._wide_s is None else self._wide_s
            begin = first if self._wide_s is None else self._first_s
            share = min(max((imgui.get_mouse_pos()[0] - place[0]) / place[1], 0.0), 1.0)
            wide_s = max(_SHORTEST_S, seen_s * _ZOOM**-notches)
            self._wide_s, self._first_s = wide_s, begin + share * (seen_s - wide_s)
        if self._wide_s is None:
            return
        if self._wide_s >= last - first:
            self._wide_s = None
            return
        is_out = not self._first_s <= span.now_s <= self._first_s + self._wide_s
        # A hand that looks at another time is left alone while it is there.
        if is_out and not self._scrubbing and not imgui.is_item_hovered():
            self._first_s = span.now_s - (1.0 - _AHEAD) * self._wide_s
        self._first_s = min(max(self._first_s, first), last - self._wide_s)

    def _scrub(self, begin: float, place: tuple[float, float], span: TimelineSpan) -> None:
        """Go where the pointer holds it. Time stands still meanwhile."""
        stage, ask = self._asking.stage, self._asking.ask
        if imgui.is_item_active():
            if not self._scrubbing:
                self._scrubbing, self._was_paused = True, stage.paused
                if not self._was_paused:
                    ask(stage.pause)
            to = begin + (imgui.get_mouse_pos()[0] - place[0]) / place[1]
            ask(stage.seek, min(max(to, span.first_s), span.last_s))
        else:
            self.let_go()


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds."""
    minutes, rest = divmod(max(0.0, seconds), 60.0)
    return f"{int(minutes)}:{rest:04.1f}"
