"""How sections ask things of a stage: when what is dear is read, and that what is refused is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, ParamSpec

from mien.errors import MienError
from mien.stage.shown import ChannelState, ExpressionState, Repertoire, SlotState

if TYPE_CHECKING:
    from mien.stage.window import Window

P = ParamSpec("P")

_SELDOM: Final = 20
"""Looks between two readings of what hardly ever changes."""
_KINDS: Final = ("channels", "slots", "expression")
_FOLDED: Final = {5: "channels", 15: "slots"}
"""At which of so many looks what is folded is read, for its marks: a program may hold channels as well."""


class Asking:
    """What all sections of a panel have in common. Parameters: `stage`.

    Who has the say over channels and slots takes a stage most of a millisecond to work out. It is kept, and
    read anew by `look`, one kind at a time, in frames in which the panel has nothing else to do.
    """

    def __init__(self, stage: Window) -> None:
        self.stage = stage
        self.who = ""
        """Of whose face and slots the panel tells; "" while nobody is in the cast."""
        self.refused = ""
        """Why the last thing asked could not be done; "" when it could."""
        self._channels: tuple[str, tuple[ChannelState, ...]] | None = None
        self._slots: tuple[str, tuple[SlotState, ...]] | None = None
        self._expression: tuple[str, ExpressionState] | None = None
        self._asked: tuple[str, str] | None = None
        """(who, expression) that was asked for since one was read."""
        self._repertoire: tuple[str, Repertoire] | None = None
        self._seen: dict[str, bool] = {}
        """What was shown when the panel was laid out last: of `_KINDS`."""
        self._seen_at: dict[str, int] = {}
        """At which look something was on the screen last."""
        self._looks = 0

    def ask(self, call: Callable[P, object], /, *arguments: P.args, **keywords: P.kwargs) -> bool:
        """Make a call of the stage's; False where it is refused."""
        try:
            call(*arguments, **keywords)
        except MienError as error:
            self.refused = str(error)
            return False
        self.refused = ""
        return True

    def channels(self) -> tuple[ChannelState, ...]:
        """Of `who`, as they were when they were read last."""
        if self._channels is None or self._channels[0] != self.who:
            self._channels = (self.who, self.stage.channels(self.who, in_parts=True))
        return self._channels[1]

    def slots(self) -> tuple[SlotState, ...]:
        """Of `who`, as they were when they were read last."""
        if self._slots is None or self._slots[0] != self.who:
            self._slots = (self.who, self.stage.slots(self.who))
        return self._slots[1]

    def expression(self) -> ExpressionState:
        """That `who` shows, as it was when it was read last."""
        if self._expression is None or self._expression[0] != self.who:
            self._expression = (self.who, self.stage.expression(self.who))
        return self._expression[1]

    def expression_name(self) -> str:
        """The same by name; one that was asked for by a button until it is read what is shown."""
        asked = self._asked
        return asked[1] if asked is not None and asked[0] == self.who else self.expression().name

    def express(self, name: str) -> None:
        """Ask for an expression of `who`."""
        if self.ask(self.stage.set_expression, self.who, name):
            self._asked = self.who, name

    def known_channels(self) -> tuple[ChannelState, ...]:
        """Of `who`, as far as they were ever read: nothing is asked of the stage."""
        return self._channels[1] if self._channels is not None and self._channels[0] == self.who else ()

    def known_slots(self) -> tuple[SlotState, ...]:
        """The same of slots."""
        return self._slots[1] if self._slots is not None and self._slots[0] == self.who else ()

    def repertoire(self) -> Repertoire:
        """Of `who`."""
        if self._repertoire is None or self._repertoire[0] != self.who:
            self._repertoire = (self.who, self.stage.repertoire(self.who))
        return self._repertoire[1]

    def held(self, channel: str, value: float) -> None:
        """A channel is held there now: what is known of it says so before it is read anew."""
        if self._channels is not None:
            who, states = self._channels
            self._channels = (
                who,
                tuple(one._replace(held=value) if one.name == channel else one for one in states),
            )

    def forget(self) -> None:
        """Read anew what is shown next: something was asked that changes it."""
        self._channels = self._slots = self._expression = None

    def see(self, kind: str) -> None:
        """Something of this kind is on the screen."""
        self._seen[kind] = True
        self._seen_at[kind] = self._looks

    @property
    def sees(self) -> bool:
        """Something is on the screen that `look` would read anew."""
        return bool(self._seen)

    def look(self) -> None:
        """Read one kind of what is shown, each in its turn. What is refused is said by its section."""
        self._looks += 1
        seen = [kind for kind in _KINDS if self._seen.pop(kind, False)]
        if self._looks % _SELDOM == 0:
            self._repertoire = None
        elif (folded := self._folded) and self.who in self.stage.cast:
            self._read(folded)
        elif seen:
            kind = seen[self._looks % len(seen)]
            self._seen = {other: True for other in seen if other != kind}
            if self.who in self.stage.cast:
                self._read(kind)

    @property
    def _folded(self) -> str:
        """What has not been on the screen for long and is looked at now; "" for nothing."""
        kind = _FOLDED.get(self._looks % _SELDOM, "")
        return kind if self._looks - self._seen_at.get(kind, -_SELDOM) >= _SELDOM else ""

    def _read(self, kind: str) -> None:
        """Read one of `_KINDS` anew; where that is refused, the section that shows it is told so."""
        try:
            if kind == "channels":
                self._channels = (self.who, self.stage.channels(self.who, in_parts=True))
            elif kind == "expression":
                self._expression, self._asked = (self.who, self.stage.expression(self.who)), None
            else:
                self._slots = (self.who, self.stage.slots(self.who))
        except MienError:
            self.forget()
