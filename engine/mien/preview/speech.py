"""A text field that speaks: a member of the cast says what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from slimgui import imgui

from mien.errors import MienError
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.letters import letters

if TYPE_CHECKING:
    from mien.stage.window import Window

_HINT: Final = "say something: [happy] Good evening!"
_FREE: Final = "type on, or Esc: keys are the window's"
"""The same while keys go to the field."""


class Speaker(Protocol):
    """Who turns texts into turns, as `mien.Speaking` does."""

    def say(self, speaker: str, text: str) -> None:
        """Have a text spoken; returns at once."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a text is still being made."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Speech:
    """The field, and who speaks. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._text = ""
        self._has_keys = False
        self._speaking: Speaker | None = None
        self.wrong = ""
        """Why the last text is not heard; the synthesizer's thread tells it."""

    def draw(self) -> None:
        """Lay it out."""
        if not widgets.heading("Say"):
            return
        who = self._asking.who
        imgui.set_next_item_width(imgui.get_content_region_avail()[0] - 64.0)
        entered, self._text = imgui.input_text_with_hint(
            "##text",
            _FREE if self._has_keys else _HINT,
            self._text,
            imgui.InputTextFlags.ENTER_RETURNS_TRUE,
        )
        self._has_keys = imgui.is_item_active()
        letters.shown(self._text)  # has what it lacks looked for
        if entered:
            imgui.set_keyboard_focus_here(-1)  # the next one is typed at once
        imgui.same_line()
        busy = self._speaking is not None and self._speaking.busy
        clicked = imgui.button("...###speak" if busy else "speak###speak", (58.0, 0.0))
        widgets.tip("being spoken" if busy else f"{who} says it", pointed=imgui.is_item_hovered())
        if (entered or clicked) and self._text.strip() and who:
            self._say(who)

    def end(self) -> None:
        """End the synthesizer. Idempotent."""
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            speaking.close()

    def _say(self, who: str) -> None:
        self.wrong = ""
        try:
            if self._speaking is None:
                self._speaking = _speaking(self._asking.stage, self._told)
            self._speaking.say(who, self._text)
        except MienError as error:
            self.wrong = str(error)
            return
        self._text = ""

    def _told(self, _who: str, wrong: str) -> None:
        """On the synthesizer's thread."""
        self.wrong = wrong


def _speaking(stage: Window, told: Callable[[str, str], object]) -> Speaker:
    from mien.stage.speaking import Speaking

    return Speaking(stage, tell=told)
