"""A panel without a window: a stand-in for the stage, a pointer, and where things lie in the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytest
from slimgui import imgui

from mien.clock import FrameRate
from mien.composite.gl import open_headless
from mien.observe import Ledger
from mien.preview import widgets
from mien.preview.board import Board
from mien.preview.gui import Gui
from mien.stage.shown import (
    AtlasPage,
    ChannelState,
    ExpressionState,
    Repertoire,
    Residency,
    SlotOutline,
    SlotState,
    TimelineSpan,
    TurnStatus,
)
from mien.types import U8, Size

CLICKED: Final = (
    "button",
    "small_button",
    "invisible_button",
    "slider_float",
    "begin_combo",
    "selectable",
    "input_text_with_hint",
)
EXPRESSION: Final = ExpressionState(
    "happy", ("mouth: smile",), ("brows",), (), ('"Layer 9" = "brow"', "draw it"), (("mouth", "aa"),)
)
POINTS: Final = (380.0, 4000.0)
"""So high that every section is seen without scrolling."""


class Stage:
    """Says what a stage says of itself, and writes down what is asked of it."""

    size = Size(640, 360)
    fps = FrameRate.of(30)

    def __init__(self) -> None:
        self.ledger = Ledger(1000 / 30, realtime=True)
        self.cast: tuple[str, ...] = ("wren", "otto")
        self.told: list[tuple[Any, ...]] = []
        self.paused = False
        self.noted = ""
        self.recording: Path | None = None
        self.held: dict[str, float] = {}
        self.shown: set[int] = {0}
        self.parts: list[tuple[int, tuple[int, int]]] = []

    def _tell(self, *told: Any) -> None:
        self.told.append(told)

    def channels(self, who: str, *, in_parts: bool = False) -> tuple[ChannelState, ...]:
        return (
            ChannelState("head_yaw", -1.0, 1.0, 0.0, 0.25, "gaze", self.held.get("head_yaw")),
            ChannelState("breath", -1.0, 1.0, 0.0, 0.25, "idle", self.held.get("breath")),
        )

    def hold(self, who: str, channel: str, value: float, *, seconds: float = 0.1) -> None:
        self.held[channel] = value
        self._tell("hold", who, channel, round(value, 2))

    def let_go(self, who: str, channel: str | None = None, *, seconds: float = 0.1) -> None:
        for name in [channel] if channel else list(self.held):
            self.held.pop(name, None)
        self._tell("let_go", who, channel)

    def repertoire(self, who: str) -> Repertoire:
        return Repertoire(
            ("happy", "very_sad"), {}, ("sil", "aa"), ("wave",), {"hat": ("red", "blue"), "mouth": ("aa",)},
            ("hat", "mouth"), ("head_yaw", "breath"), "mouth",
        )  # fmt: skip

    def slots(self, who: str) -> tuple[SlotState, ...]:
        return (
            SlotState("hat", ("red", "blue"), "red", (("red", 1.0),), "default", None, False, False, "", ()),
            SlotState(
                "mouth", ("aa",), "aa", (("aa", 0.5), ("", 0.5)), "mouth", None, False, True, "hat", ()
            ),
        )

    def expression(self, who: str) -> ExpressionState:
        return EXPRESSION

    def outlines(self, who: str, slots: Any = None) -> tuple[SlotOutline, ...]:
        self._tell("outlines", who, tuple(slots))
        return ()

    def atlas_pages(self) -> tuple[AtlasPage, ...]:
        return (
            AtlasPage(0, Size(64, 32), 8192, "wren", ("hat/red",), 0 in self.shown),
            AtlasPage(1, Size(64, 64), 16384, "", (), 1 in self.shown),
        )

    def page_picture(self, number: int, size: int = 256, *, part: tuple[int, int] = (0, 1)) -> U8 | None:
        self.parts.append((number, part))
        if part[0] == 0:
            self._tell("page_picture", number)
        return np.full((64 // part[1], 64, 4), 128, np.uint8)

    def residency(self) -> Residency:
        return Residency(2, 1, 24576, 8192, None, 1, 0)

    def turns(self) -> tuple[TurnStatus, ...]:
        return (
            TurnStatus("turn-1", "wren", "Good [happy] evening!", "done", 0.0, 2.0, 2.0, False),
            TurnStatus("turn-2", "otto", "", "playing", 2.5, None, 0.5, False),
            TurnStatus("turn-3", "wren", "Cut.", "queued", None, 3.0, 0.0, False),
            TurnStatus("turn-4", "gone", "Never said.", "dropped", None, None, 0.0, True),
        )

    @property
    def timeline(self) -> TimelineSpan:
        return TimelineSpan(0.0, 3.0, 3.0, 10.0)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in ("set_expression", "gesture", "nod", "burst", "look_at", "show_viseme", "wear", "solo",
                        "mute", "interrupt", "seek", "pause", "resume"):  # fmt: skip
            raise AttributeError(name)

        def call(*arguments: Any) -> None:
            self.paused = {"pause": True, "resume": False}.get(name, self.paused)
            self._tell(name, *arguments)

        return call


class Rig:
    """Lays a panel out, and works it by its pointer."""

    def __init__(self, stage: Stage, gui: Gui) -> None:
        self.stage, self.gui = stage, gui
        self.board = Board(cast(Any, stage))
        self.places: dict[str, tuple[float, float, float, float]] = {}
        """Label of what can be clicked -> its box in points."""
        self.board.open()

    def lay_out(self, times: int = 1) -> None:
        """So many times."""
        for _ in range(times):
            self.places.clear()
            for _ in range(64):  # as in frames in which nothing is laid out
                self.board._pages.read(self.gui.canvas)
            self.laid_out = self.gui.lay_out(lambda: self.board.draw(self.gui.canvas), POINTS, 1.0, 1 / 30)
            self.gui.canvas.draw(self.laid_out, Size(round(POINTS[0]), round(POINTS[1])), 1.0)

    def point(self, label: str, across: float = 0.5) -> None:
        """At the middle of something, or so far across it."""
        left, top, right, bottom = self.places[label]
        self.gui.point(left + across * (right - left), (top + bottom) / 2)
        self.lay_out(2)

    def click(self, label: str, across: float = 0.5) -> None:
        """Point at it, press, and let go."""
        self.point(label, across)
        self.gui.click(0, 0, down=True)
        self.lay_out(2)
        self.gui.click(0, 0, down=False)
        self.lay_out(2)

    def found(self, label: str) -> None:
        """The last thing laid out lies where it does."""
        self.places[label.rpartition("###")[2]] = (*imgui.get_item_rect_min(), *imgui.get_item_rect_max())


@contextmanager
def rig(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Iterator[Rig]:
    """A panel with every section unfolded, in a GL context of its own."""
    heading = widgets.heading
    monkeypatch.setattr(widgets, "heading", lambda title, **_: heading(title))
    with open_headless() as ctx:
        gui = Gui(ctx)
        one = Rig(stage, gui)
        for name in CLICKED:
            real = getattr(imgui, name)

            def noted(label: str, *arguments: Any, _real: Any = real, **keywords: Any) -> Any:
                result = _real(label, *arguments, **keywords)
                one.found(label)
                return result

            monkeypatch.setattr(imgui, name, noted)
        one.lay_out(3)
        yield one
        one.board.end()
        gui.close()
    ctx.release()
