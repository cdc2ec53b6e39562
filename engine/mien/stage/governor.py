"""What a live frame may save: coarser steps of slow parts, then pixels, before one is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple


class Level(NamedTuple):
    """How a frame is drawn."""

    scale: float
    """Of its width and height. Multiples of 1/4, so that tiles of 16 pixels lie on the blocks of four in
    which llvmpipe draws: at 7/8 a frame costs what it costs at 1, and at 5/8 what it costs at 3/4."""
    hold_px: float
    """By how many pixels of what is drawn a joint may be off where it is held: see `HeldJoints`."""
    cost: float
    """What a frame is expected to take, as a share of one of all pixels in which nothing is held."""

    @property
    def reach_px(self) -> float:
        """The same in pixels of the frame."""
        return self.hold_px / self.scale

    @property
    def coarse(self) -> bool:
        """Whether what moves slowly moves in coarser steps."""
        return self.hold_px > 0.0


EXACT: Final = Level(1.0, 0.0, 1.0)
"""All pixels, nothing held."""

LEVELS: Final = (
    EXACT,
    Level(1.0, 1 / 2, 0.75),
    Level(0.75, 1 / 2, 0.55),
    Level(0.5, 1 / 2, 0.35),
)
"""From best to cheapest. Only scales are seen as a step, hence the first two. Holding to 1/8 pixel saves as
much as it costs: see docs/benchmarks/compositor-profile.md."""


def exact_of(levels: Sequence[Level]) -> tuple[Level, ...]:
    """Those of different scales, with nothing held."""
    scales = dict.fromkeys(level.scale for level in levels)
    return tuple(Level(scale, 0.0, scale**1.2) for scale in scales)


def levels_for(*, holds: bool, scales: bool) -> tuple[Level, ...]:
    """From best to cheapest, where joints can be held, and frames drawn at other scales."""
    levels = LEVELS if holds else exact_of(LEVELS)
    return tuple(level for level in levels if scales or level.scale == 1.0)


FULL: Final = 0.85
"""Share of the interval: a frame that took more was nearly too late."""
STRIKES: Final = 2
"""So many of them, not far apart, and the level goes down. One alone is a chance of the system's."""
FORGOTTEN: Final = 8
"""Frames in time that make one of them forgotten."""
ROOM: Final = 0.75
"""Share of the interval that a frame at the next better level is to stay under."""
HALF_LIFE_NS: Final = 120_000_000
"""In which the highest load of late counts half."""
ROOM_NS: Final = 150_000_000
"""For how long there has to be room, without a frame that leaves none, before the level goes up."""
SURE_NS: Final = 500_000_000
"""The same after failed tries, at most: a gust now and then is no reason to stay down for ever."""
LONGEST_WAIT_NS: Final = 16_000_000_000
"""For how long after failed tries none is made."""
PROBATION_NS: Final = 2_000_000_000
"""A level that has to be given up sooner was a failed try."""
LIGHTER: Final = 0.75
"""Share of the load at which a try failed, below which it says nothing any more."""

TURNS: Final = 0.5
"""Waits for the GIL count up to this share of what a frame took."""


def with_turns(took_ms: float, gil_ms: float) -> float:
    """What a frame took, in ms, with its waits for the GIL. Beside threads that are busy it waits the more
    often the more it does; a thread that keeps the GIL for long is no reason to do less."""
    return took_ms + min(gil_ms, TURNS * took_ms)


class Governor:
    """Picks the level of the next frame from what frames took. Pure: it is told the time.

    Down it goes by one level after two frames that were nearly too late, or one for which others were left
    out. Up it goes by one scale when the highest load of late leaves room for what the better level costs,
    for 0.15 s. After a failed try it waits, twice as long each time and up to 16 s, as long as the load is
    what it was. So under a steady load it tries seldom, and when the load goes it is back within a second.
    What is drawn, and when, is not its business.

    Parameters: `interval_ns` of frames; `levels`, from best to cheapest.
    """

    def __init__(self, interval_ns: int, levels: Sequence[Level] = LEVELS) -> None:
        self._interval_ns = interval_ns
        self._levels = tuple(levels)
        self._index = 0
        self._load = 0.0
        self._fixed = 0.0
        """Share of it that is the same at all levels."""
        self._strikes = 0.0
        self._settling = False
        self._at_ns: int | None = None
        self._room_since_ns: int | None = None
        self._tried_ns: int | None = None
        # Of a frame of all pixels, by what one of the level took.
        self._load_before = 0.0
        self._wait_ns = ROOM_NS
        self._failed_at = 0.0
        self._fell_ns = 0

    @property
    def level(self) -> Level:
        """Of the frame to be begun next."""
        return self._levels[self._index]

    @property
    def spare_ms(self) -> float:
        """What the busiest frames of late leave of their interval; nothing below the best level."""
        return max(0.0, ROOM - self._load) * self._interval_ns / 1e6 if self._index == 0 else 0.0

    def rehearse(self, draw: Callable[[Level], int]) -> Level:
        """Begin with the best level that leaves room on the machine as it is now; that level.

        `draw` draws a frame as of now at a level, waits for it and returns what it took in ns. The first at
        each level is drawn whole, which says nothing of those that follow.
        """
        for index in range(len(self._levels)):
            self._index = index
            draw(self.level)
            self._load = draw(self.level) / self._interval_ns
            if self._load < FULL:
                break
        return self.level

    def took(self, now_ns: int, produced_ns: int | None, left_out: int = 0, fixed_ns: int = 0) -> Level:
        """A frame of the present level was finished; the level of the next.

        `now_ns`, any clock that does not go back; `produced_ns`, from when it was begun until its pixels were
        there, or None where only later than that was looked, and so nobody knows; `left_out`, frames whose
        time was over before it was shown; `fixed_ns`, how much of `produced_ns` is known to be the same at
        all levels.
        """
        passed_ns = 0 if self._at_ns is None else max(0, now_ns - self._at_ns)
        self._at_ns = now_ns
        self._load *= 0.5 ** (passed_ns / HALF_LIFE_NS)
        if produced_ns is None:
            return self._rise(now_ns)
        load = produced_ns / self._interval_ns
        if load >= self._load:
            self._fixed = min(1.0, fixed_ns / produced_ns) if produced_ns else 0.0
        if self._settling:
            self._settling = False
            self._load = max(self._load, min(load, ROOM))
            return self.level
        self._load = max(self._load, min(load, 2.0))
        if load < FULL:
            self._strikes = max(0.0, self._strikes - 1 / FORGOTTEN)
            return self._rise(now_ns)
        self._room_since_ns = None
        self._strikes += STRIKES if left_out else 1
        if self._strikes >= STRIKES:
            self._fall(now_ns)
        return self.level

    def _fall(self, now_ns: int) -> None:
        self._strikes = 0.0
        if self._index + 1 == len(self._levels):
            return
        self._fell_ns = now_ns
        if self._tried_ns is not None and now_ns - self._tried_ns < PROBATION_NS:
            self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)
            self._failed_at = self._load_before
        self._tried_ns = None
        self._move(self._index + 1)

    def _rise(self, now_ns: int) -> Level:
        if self._tried_ns is not None and now_ns - self._tried_ns >= PROBATION_NS:
            self._tried_ns, self._wait_ns, self._failed_at = None, ROOM_NS, 0.0
        if self._index == 0:
            return self.level
        better = self._index - 1
        if not self._fits(better):
            self._room_since_ns = None
            return self.level
        if self._room_since_ns is None:
            self._room_since_ns = now_ns
        whole = self._expected(1.0)
        lighter = whole < LIGHTER * self._failed_at
        wait_ns = ROOM_NS if lighter else self._wait_ns
        room_ns = now_ns - self._room_since_ns
        if room_ns >= min(wait_ns, SURE_NS) and now_ns - self._fell_ns >= wait_ns:
            self._tried_ns, self._load_before = now_ns, whole
            # What is held is no step that is seen.
            scale = self._levels[better].scale
            while better and self._levels[better - 1].scale == scale and self._fits(better - 1):
                better -= 1
            self._move(better)
        return self.level

    def _fits(self, index: int) -> bool:
        """Whether the highest load of late leaves room for frames of a level."""
        return self._expected(self._levels[index].cost) <= ROOM

    def _expected(self, cost: float) -> float:
        """The highest load of late, as it would have been at a level of this cost."""
        return self._load * (self._fixed + (1.0 - self._fixed) * cost / self.level.cost)

    def _move(self, index: int) -> None:
        before = self.level
        self._index = index
        self._room_since_ns = None
        # The first frame of another scale is drawn whole, also where nothing moves: it says little.
        self._settling = self.level.scale != before.scale
