"""Where characters are on the frame: who is at a place, where somebody stands, and looks at a place."""

from __future__ import annotations

from typing import Final, NamedTuple

from mien.arguments import number_of
from mien.stage.talking import Talking

_FAR: Final = 1e6
"""Pixels that a place may be from the frame."""
_REACH: Final = 0.25
"""Heights of the frame at which something beside the eyes is looked at half-way."""
_DOWN: Final = 1.6
"""How much farther up or down the same is: eyes turn less that way."""


class Standing(NamedTuple):
    """Where a character stands, or goes."""

    x: float
    """Of its anchor, which is where it stands: widths of the frame from the left."""
    y: float
    """Heights of the frame from the top; 1 is the lower edge."""
    size: float
    """As it was given; 1 fills the frame's height."""


class Placed(Talking):
    """The part of a stage that knows the frame's places. From any thread."""

    def standing(self, who: str) -> Standing:
        """Where somebody stands, or goes; of one off stage, where it stood, or would.

        What it says, `move` and `enter` take. Raises ScriptError for a name that is not there.
        """
        self._check_in_cast(who)
        return Standing(*self._show.blocking.stands_at(who))

    def who_is_at(self, x: float, y: float) -> str | None:
        """Who of those on stage is at a place, in pixels from the frame's top left; None for nobody.

        Of several the one whose middle is nearest, and of these the one in front. A character is where its
        canvas is, whatever is drawn there just now.
        """
        x, y = (_pixels(name, value) for name, value in (("x", x), ("y", y)))
        return self._show.blocking.at(x, y)

    def look_at_place(self, who: str, x: float, y: float) -> None:
        """Turn eyes and head to a place on the frame, or beside it, in pixels from its top left.

        May be told every frame, as `look_at` may: eyes follow what moves. Of one off stage it does nothing.
        """
        self._check()
        self._check_in_cast(who)
        x, y = (_pixels(name, value) for name, value in (("x", x), ("y", y)))
        place = self._show.blocking.places.get(who)
        if place is None:
            return
        reach = _REACH * self._show.blocking.frame.height
        self.look_at(who, (_turned(x - place.x, reach), _turned(y - place.y, _DOWN * reach)))


def _turned(way: float, reach: float) -> float:
    """-1..1: how far eyes turn for what is so many pixels away."""
    return way / (abs(way) + reach)


def _pixels(name: str, value: float) -> float:
    return number_of(name, value, -_FAR, _FAR, "pixels from the frame's top left")
