"""The queue of turns, and the session's time in the hand: pause, go on, seek."""

from __future__ import annotations

from math import ceil
from typing import Final

from slimgui import imgui

from mien.composite import RGBA
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.style import BAD, FIELD, GOOD, HELD, QUIET, TEXT, packed
from mien.preview.timeline import Timeline, clock
from mien.stage.shown import TurnStatus

_LINES: Final = 5
"""Of the list: those that play and wait, and before them some that are over. There is room for all of them
from the first: what lies below stays where a hand finds it."""
_STEP: Final = 32.0
_STATES: Final[dict[str, RGBA]] = {"playing": GOOD, "queued": TEXT, "done": QUIET, "dropped": BAD}


class Turns:
    """Buttons, a timeline, and the queue. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._timeline = Timeline(asking)

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
        widgets.tip("stop the speaker, and drop what is queued")
        imgui.same_line(spacing=12.0)
        widgets.label(f"{clock(span.now_s)} of {clock(span.last_s)}")
        widgets.tip("where the session is, of what is known of it: minutes and seconds")
        self._timeline.draw(span, turns)
        self._queue(turns)

    def let_go(self) -> None:
        """Nobody holds the timeline any more: time goes on, if it did before."""
        self._timeline.let_go()

    def _queue(self, turns: tuple[TurnStatus, ...]) -> None:
        shown, more = _listed(turns)
        left, top = imgui.get_cursor_pos()
        if not shown:
            widgets.quiet("nobody has anything to say")
        wide = imgui.get_content_region_avail()[0]
        for turn in shown:
            self._go_to(turn, wide)
            imgui.text_colored(_STATES[turn.state], widgets.clipped(turn.speaker, 66.0))
            imgui.same_line(left + 74.0)
            told = _told(turn)
            takes = imgui.calc_text_size(told)[0]
            # In steps: what fits is not looked for anew with each figure that is as wide.
            room = wide - 74.0 - _STEP * ceil((takes + 8.0) / _STEP)
            text = widgets.clipped(" ".join(turn.text.split()) or turn.key, room)
            imgui.text_colored(TEXT if turn.state == "playing" else QUIET, text)
            imgui.same_line(left + wide - takes)
            imgui.text_disabled(told)
        if more:
            widgets.quiet(f"and {more} more that wait")
        imgui.set_cursor_pos((left, top))
        high = _LINES * imgui.get_text_line_height_with_spacing() - imgui.get_style().item_spacing[1]
        imgui.dummy((1.0, high))

    def _go_to(self, turn: TurnStatus, wide: float) -> None:
        """A turn's line is a button under its words: a click goes to where it begins."""
        place = imgui.get_cursor_pos()
        clicked = imgui.invisible_button(f"turn/{turn.key}", (wide, imgui.get_text_line_height()))
        goes = turn.starts_s is not None and turn.state != "dropped"
        if imgui.is_item_hovered():
            x, y = imgui.get_item_rect_min()
            right, bottom = imgui.get_item_rect_max()
            if goes:
                ground = packed(FIELD)
                imgui.get_window_draw_list().add_rect_filled((x - 4.0, y), (right + 4.0, bottom), ground, 3.0)
            told = [f"{turn.speaker}: {turn.text}" if turn.text else turn.speaker, _in_words(turn)]
            if turn.state != "dropped":
                told += ["a click goes to its beginning" if goes else "it has no place on the timeline yet"]
            widgets.tip("\n".join(told), pointed=True)
        if clicked and goes and turn.starts_s is not None:
            self._asking.ask(self._asking.stage.seek, turn.starts_s)
        imgui.set_cursor_pos(place)


def _listed(turns: tuple[TurnStatus, ...]) -> tuple[list[TurnStatus], int]:
    """Turns that there are lines for, one that is over among them, and how many more wait."""
    coming = [turn for turn in turns if turn.state in ("playing", "queued")]
    over = [turn for turn in turns if turn.state not in ("playing", "queued")]
    over = over[-max(1, _LINES - len(coming)) :]
    room = _LINES - len(over)
    if len(coming) > room:
        room -= 1  # the last line says how many more there are
    return [*over, *coming[:room]], len(coming[room:])


def _in_words(turn: TurnStatus) -> str:
    """What `_told` says, as a sentence."""
    heard, long = f"{turn.heard_s:.1f} s", "" if turn.length_s is None else f"{turn.length_s:.1f} s"
    if turn.state == "dropped":
        return "dropped: nothing of it was heard"
    if turn.state == "playing":
        return f"{heard} of it are heard" + (f", of {long}" if long else "")
    if turn.interrupted:
        return f"interrupted when {heard} of it had been heard"
    return f"it lasts {long}" if long else "nobody knows yet how long it lasts"


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
