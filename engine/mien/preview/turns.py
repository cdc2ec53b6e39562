"""The queue of turns, and the session's time in the hand: pause, go on, seek."""

from __future__ import annotations

from typing import Final

from slimgui import imgui

from mien.composite import RGBA
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import BAD, FIELD, GOOD, HELD, QUIET, TEXT, packed
from mien.stage.shown import TimelineSpan, TurnStatus

_HIGH: Final = 30.0
_KNOWN: Final = 6
"""Turns of the list at most: those that play and wait, and before them some that are over."""
_STATES: Final[dict[str, RGBA]] = {"playing": GOOD, "queued": TEXT, "done": QUIET, "dropped": BAD}
SPEAKERS: Final[tuple[RGBA, ...]] = (
    (0.384, 0.596, 0.871, 1.0),
    (0.851, 0.588, 0.380, 1.0),
    (0.486, 0.729, 0.510, 1.0),
    (0.757, 0.518, 0.737, 1.0),
    (0.831, 0.749, 0.404, 1.0),
)
_FADED: Final = 0.55


class Turns:
    """Buttons, a timeline, and the queue. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._scrubbing = False
        self._was_paused = False
        self._lines = 0
        """Of the queue, at most so far."""

    def draw(self) -> None:
        """Lay it out."""
        if not widgets.heading("Turns"):
            return
        stage, ask = self._asking.stage, self._asking.ask
        span, turns = stage.timeline, stage.turns()
        if widgets.button(
            "go on###stand" if stage.paused else "pause###stand", lit=stage.paused, colour=HELD
        ):
            ask(stage.resume if stage.paused else stage.pause)
        imgui.same_line()
        if widgets.button("interrupt"):
            ask(stage.interrupt)
        imgui.set_item_tooltip("stop the speaker, and drop what is queued")
        imgui.same_line(spacing=12.0)
        widgets.label(f"{_clock(span.now_s)} of {_clock(span.last_s)}")
        self._timeline(span, turns)
        self._queue(turns)

    def _timeline(self, span: TimelineSpan, turns: tuple[TurnStatus, ...]) -> None:
        stage = self._asking.stage
        drawing = imgui.get_window_draw_list()
        x, y = imgui.get_cursor_screen_pos()
        wide = imgui.get_content_region_avail()[0]
        imgui.invisible_button("timeline", (wide, _HIGH))
        if imgui.is_item_hovered():
            imgui.set_tooltip("click or drag to go there")
        first, last = span.first_s, max(span.last_s, span.newest_s, span.first_s + 1.0)
        per_s = wide / (last - first)
        self._scrub(first, (x, per_s), span)
        drawing.add_rect_filled((x, y + 9.0), (x + wide, y + 23.0), packed(FIELD), 3.0)
        cast = stage.cast
        for turn in turns:
            if turn.starts_s is None or turn.state == "dropped":
                continue
            until = turn.starts_s + (turn.length_s if turn.length_s is not None else turn.heard_s)
            left, right = max(x, x + (turn.starts_s - first) * per_s), x + (until - first) * per_s
            if right > x:
                known = cast.index(turn.speaker) if turn.speaker in cast else 0
                colour = SPEAKERS[known % len(SPEAKERS)]
                if turn.state == "queued":
                    colour = (*colour[:3], _FADED)
                drawing.add_rect_filled((left, y + 9.0), (max(right - 1.0, left + 1.0), y + 23.0),
                                        packed(colour), 2.0)  # fmt: skip
        newest = x + (span.newest_s - first) * per_s
        if span.newest_s > span.now_s:
            drawing.add_rect_filled((newest - 0.5, y + 6.0), (newest + 0.5, y + 26.0), packed(QUIET))
        now = x + (span.now_s - first) * per_s
        drawing.add_rect_filled((now - 1.0, y + 4.0), (now + 1.0, y + 28.0), packed(TEXT))
        drawing.add_circle_filled((now, y + 4.0), 3.5, packed(TEXT))

    def _scrub(self, first: float, place: tuple[float, float], span: TimelineSpan) -> None:
        """Go where the pointer holds the timeline. Time stands still meanwhile."""
        stage, ask = self._asking.stage, self._asking.ask
        if imgui.is_item_active():
            if not self._scrubbing:
                self._scrubbing, self._was_paused = True, stage.paused
                if not self._was_paused:
                    ask(stage.pause)
            to = first + (imgui.get_mouse_pos()[0] - place[0]) / place[1]
            ask(stage.seek, min(max(to, span.first_s), span.last_s))
        else:
            self.let_go()

    def let_go(self) -> None:
        """Nobody holds the timeline any more: time goes on, if it did before."""
        if self._scrubbing:
            self._scrubbing = False
            if not self._was_paused:
                self._asking.ask(self._asking.stage.resume)

    def _queue(self, turns: tuple[TurnStatus, ...]) -> None:
        coming = [turn for turn in turns if turn.state in ("playing", "queued")]
        over = [turn for turn in turns if turn.state not in ("playing", "queued")]
        shown = [*over[max(0, len(over) - max(1, _KNOWN - len(coming))) :], *coming[:_KNOWN]]
        if not shown:
            widgets.quiet("nobody has anything to say")
        left = imgui.get_cursor_pos_x()
        wide = imgui.get_content_region_avail()[0]
        for turn in shown:
            imgui.text_colored(_STATES[turn.state], widgets.clipped(turn.speaker, 66.0))
            imgui.same_line(left + 74.0)
            text = widgets.clipped(" ".join(turn.text.split()) or turn.key, wide - 156.0)
            imgui.text_colored(TEXT if turn.state == "playing" else QUIET, text)
            if turn.text and imgui.is_item_hovered():
                imgui.set_tooltip(turn.text)
            told = _told(turn)
            imgui.same_line(left + wide - imgui.calc_text_size(told)[0])
            imgui.text_disabled(told)
        if len(coming) > _KNOWN:
            widgets.quiet(f"and {len(coming) - _KNOWN} more")
        # As high as it ever was: what lies below stays where a hand finds it.
        lines = max(1, len(shown)) + (len(coming) > _KNOWN)
        self._lines = max(self._lines, lines)
        if lines < self._lines:
            line = imgui.get_text_line_height_with_spacing()
            imgui.dummy((1.0, (self._lines - lines) * line - imgui.get_style().item_spacing[1]))


def _told(turn: TurnStatus) -> str:
    """How far a turn has come, in a few words."""
    if turn.state == "playing":
        return (
            f"{turn.heard_s:.1f} s" if turn.length_s is None else f"{turn.heard_s:.1f}/{turn.length_s:.1f} s"
        )
    if turn.state == "dropped":
        return "dropped"
    if turn.interrupted:
        return f"cut at {turn.heard_s:.1f} s"
    return "" if turn.length_s is None else f"{turn.length_s:.1f} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60.0)
    return f"{int(minutes)}:{rest:04.1f}"
