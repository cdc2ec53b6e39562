"""How long a thread that works ahead rests between pieces of sound, so that frames have the machine."""

from __future__ import annotations

from time import monotonic
from typing import Final

REST: Final = 0.4
"""Live, the thread rests after a piece of sound for this share of what the piece lasts, for each second that
is decoded ahead, `_LITTLE_AHEAD_S` at least and `_WELL_AHEAD_S` at most: there little more is decoded than is
played. At full speed a conversation of minutes would take the GIL and a core from the picture for 20 seconds,
and from the first frames of a turn, which have much to draw."""
_WITH_ROOM: Final = 0.2
"""Of that rest, what is left of it while frames leave room: well ahead, up to five times what is played."""
_WELL_AHEAD_S: Final = 2.0
_LITTLE_AHEAD_S: Final = 1.0
"""Where less is ahead, twice and more of what is played is decoded."""


class Rest:
    """Parameter: `share`, of what a piece of sound lasts, for each second ahead; 0: there is no rest."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.room = False
        """Whether frames leave room for more than is played meanwhile. From any thread."""
        self._over_s = 0.0

    def begin(self, piece_s: float, ahead_s: float) -> None:
        """A piece of so many seconds was worked on, with so much ahead before it: rest from now on."""
        share = self.share * (_WITH_ROOM if self.room else 1.0)
        self._over_s = monotonic() + share * piece_s * min(max(ahead_s, _LITTLE_AHEAD_S), _WELL_AHEAD_S)

    @property
    def left_s(self) -> float:
        """Seconds until it is over, 0 where it is. On the clock of the machine, which waits go by."""
        return max(0.0, self._over_s - monotonic())
