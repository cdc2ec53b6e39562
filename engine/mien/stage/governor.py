"""How many pixels a live frame has: fewer before one is left out, and all again when there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SCALES: Final = (1.0, 0.75, 0.5)
"""Of a frame's width and height. Multiples of 1/4, so that tiles of 16 pixels lie on the blocks of four in
which llvmpipe draws: at 7/8 a frame costs what it costs at 1, and at 5/8 what it costs at 3/4. Two characters
at 1280x720 take 24, 19 and 13 ms of processor time, read back."""
FULL: Final = 0.85
"""Share of the interval: a frame that took more was nearly too late."""
STRIKES: Final = 2
"""So many of them, not far apart, and the scale goes down. One alone is a chance of the system's."""
FORGOTTEN: Final = 8
"""Frames in time that make one of them forgotten."""
ROOM: Final = 0.75
"""Share of the interval that a frame at the next higher scale is to stay under."""
GROWTH: Final = 1.2
"""The power of the ratio of scales by which frames are expected to grow. Pixels alone would make it 2; the
rest of a frame does not grow: measured it is 0.8 to 1.0 on two idle cores."""
HALF_LIFE_NS: Final = 120_000_000
"""In which the highest load of late counts half."""
FIRST_WAIT_NS: Final = 200_000_000
"""For how long there has to be room before the scale goes up."""
LONGEST_WAIT_NS: Final = 16_000_000_000
PROBATION_NS: Final = 2_000_000_000
"""A scale that has to be given up sooner was tried in vain."""
LIGHTER: Final = 0.75
"""Share of the load at which a try was in vain, below which it says nothing any more."""


class Governor:
    """Picks the scale of the next frame from what frames took. Pure: it is told the time.

    Down it goes by one scale after two frames that were nearly too late, or one for which others were left
    out. Up it goes by one when the highest load of late leaves room for more pixels, for 0.2 s; a try in vain
    doubles that time, up to 16 s, as long as the load stays what it was. So under a steady load it tries
    seldom, and when the load goes it is back within a second. What is drawn, and when, is not its business.

    Parameters: `interval_ns` of frames; `scales`, from 1 down.
    """

    def __init__(self, interval_ns: int, scales: Sequence[float] = SCALES) -> None:
        self._interval_ns = interval_ns
        self._scales = tuple(scales)
        self._level = 0
        self._load = 0.0
        self._strikes = 0.0
        self._settling = False
        self._at_ns: int | None = None
        self._room_since_ns: int | None = None
        self._tried_ns: int | None = None
        self._load_before = 0.0
        self._wait_ns = FIRST_WAIT_NS
        self._in_vain_at = 0.0

    @property
    def scale(self) -> float:
        """Of the frame to be begun next."""
        return self._scales[self._level]

    def took(self, now_ns: int, produced_ns: int | None, left_out: int = 0) -> float:
        """A frame of the present scale was finished; the scale of the next.

        `now_ns`, any clock that does not go back; `produced_ns`, from when it was begun until its pixels were
        there, or None where only later than that was looked, and so nobody knows; `left_out`, frames whose
        time was over before it was shown.
        """
        passed_ns = 0 if self._at_ns is None else max(0, now_ns - self._at_ns)
        self._at_ns = now_ns
        self._load *= 0.5 ** (passed_ns / HALF_LIFE_NS)
        if produced_ns is None:
            return self._rise(now_ns)
        load = produced_ns / self._interval_ns
        if self._settling:
            # The first frame of a scale is drawn whole, also where nothing moves: it says little.
            self._settling = False
            self._load = max(self._load, min(load, ROOM))
            return self.scale
        self._load = max(self._load, min(load, 2.0))
        if load < FULL:
            self._strikes = max(0.0, self._strikes - 1 / FORGOTTEN)
            return self._rise(now_ns)
        self._room_since_ns = None
        self._strikes += STRIKES if left_out else 1
        if self._strikes >= STRIKES:
            self._fall(now_ns)
        return self.scale

    def _fall(self, now_ns: int) -> None:
        self._strikes = 0.0
        if self._level + 1 == len(self._scales):
            return
        if self._tried_ns is not None and now_ns - self._tried_ns < PROBATION_NS:
            self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)
            self._in_vain_at = self._load_before
        self._tried_ns = None
        self._move(1)

    def _rise(self, now_ns: int) -> float:
        if self._tried_ns is not None and now_ns - self._tried_ns >= PROBATION_NS:
            self._tried_ns, self._wait_ns, self._in_vain_at = None, FIRST_WAIT_NS, 0.0
        if self._level == 0:
            return self.scale
        growth: float = (self._scales[self._level - 1] / self.scale) ** GROWTH
        if self._load * growth > ROOM:
            self._room_since_ns = None
            return self.scale
        if self._room_since_ns is None:
            self._room_since_ns = now_ns
        lighter = self._load < LIGHTER * self._in_vain_at
        if now_ns - self._room_since_ns >= (FIRST_WAIT_NS if lighter else self._wait_ns):
            self._tried_ns, self._load_before = now_ns, self._load
            self._move(-1)
        return self.scale

    def _move(self, by: int) -> None:
        self._level += by
        self._room_since_ns, self._settling = None, True
