"""Looking at single slots: solo, mute and outlines. A view of the stage, and no part of its script."""

from __future__ import annotations

from collections.abc import Iterable

from mien.stage.shown import SlotOutline, SlotState
from mien.stage.talking import Talking


class SlotView(Talking):
    """The part of a stage on which slots are looked at, for who looks for why a face looks wrong."""

    def slots(self, who: str) -> tuple[SlotState, ...]:
        """Every slot of a character, bottom to top: what it can show, what it showed in the last frame, and
        who said so. On the stage's own thread. Raises ScriptError, WrongThread."""
        raise NotImplementedError

    def solo(self, who: str, slots: str | Iterable[str] = ()) -> None:
        """Draw only these slots of a character, from the next frame on; none: all again. Others of the cast
        are drawn as before.

        The slot within whose shape one is drawn is drawn with it. A view: nothing is written into the script,
        and nothing that is told or played changes. Slots that are drawn as one picture are drawn by
        themselves while one of them is not shown (see `SlotState.together`). From any thread. Raises
        ScriptError for a slot that the character does not have.
        """
        raise NotImplementedError

    def mute(self, who: str, slots: str | Iterable[str] = ()) -> None:
        """Do not draw these slots of a character, from the next frame on, solo or not; none: all are drawn.

        What is drawn within the shape of one of them is not seen either. Otherwise as `solo`.
        """
        raise NotImplementedError

    def outlines(self, who: str, slots: str | Iterable[str] | None = None) -> tuple[SlotOutline, ...]:
        """Where slots draw something on the last frame, bottom to top: boxes for a host to draw over it.

        `slots`: of these, None: of all. Who is off stage has none. Of slots that are drawn as one picture
        each has its own box. On the stage's own thread. Raises ScriptError, WrongThread.
        """
        raise NotImplementedError
