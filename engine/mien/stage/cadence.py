"""Frames on the refresh of the screen: each stays as its neighbour, or a refresh more or less."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from mien.clock import Clock, FrameRate
from mien.observe.stops import Stops
from mien.stage.pacing import Due, Pacer
from mien.stage.refresh import Refresh

OPENS: Final = 0.25
"""Of a period after a refresh: from then on a swap is of the next one, and has most of a period for that."""
_NEAR: Final = Fraction(1, 500)
"""A screen's rate that is so near to a simple ratio of the frames' is taken for that: 59.94 Hz shows each of
30 frames a second for two refreshes, and not one for a single refresh each 17 s."""
_SIMPLE: Final = 12
"""Largest denominator of a simple ratio: 24 frames a second on 50 Hz are 25/12 refreshes each."""
_OTHER: Final = 0.005
"""Of a period: a screen that has become so much faster or slower has another ratio."""
_SPARE_NS: Final = 1_000_000
"""A frame is begun so much before what the last ones took."""
_MOST_WAITING: Final = 8
"""Refreshes that pictures may wait in a driver."""
_EASE: Final = 0.95
"""What frames took most is forgotten so slowly."""
_FOLLOW: Final = 0.1
"""Share by which what they mostly take follows each."""


class Cadence(Pacer):
    """A schedule of refreshes where those are known, and by the clock where they are not.

    Frame k is meant for refresh `first + floor(k * ratio)`: two neighbours never differ by more than one.
    A screen that is slower than the frames shows one at each refresh, and none is missed for that.
    Parameters: as of Pacer; `refresh` is looked at, and changed by others.
    """

    def __init__(
        self, clock: Clock, fps: FrameRate | int, stops: Stops | None = None, *, refresh: Refresh
    ) -> None:
        super().__init__(clock, fps, stops)
        self._refresh = refresh
        self._epoch: int | None = None
        """Of the refreshes' numbers, of those that frames are meant for now; None: they go by the clock."""
        self._first, self._at = 0, 0
        """A frame and its refresh, from which the others' follow."""
        self._ratio = Fraction(1)
        self._ratio_of_ns = 0.0
        self._latest: int | None = None
        """The refresh that the last frame was given, or one up to which the driver has others' pictures to
        show."""
        self._seen_ns = 0
        """When the last frame is seen."""
        self._most_ns = self._mostly_ns = 0.0
        """What frames took: most, of late, and mostly."""

    def after(self, refresh: int) -> None:
        """The next frame is shown after that refresh: up to it the driver has pictures to show."""
        self._latest = refresh if self._latest is None else max(refresh, self._latest)

    def start(self) -> None:
        """Frame 0 is due now."""
        super().start()
        self._epoch = None

    def took(self, ns: float) -> None:
        """A frame took so long, from when it was begun until it could be swapped, or its GPU was done."""
        self._most_ns = max(float(ns), self._most_ns * _EASE)
        self._mostly_ns += _FOLLOW * (ns - self._mostly_ns)

    @property
    def over(self) -> int:
        """Frames of the schedule whose interval is over: all before the one that is due now."""
        if not self._follows():
            return super().over
        return self._frame_at(self._clock.now_ns())

    @property
    def deadline_ns(self) -> int:
        """When the next frame is due."""
        return self._begin_ns(self._refresh_of(self._next)) if self._follows() else super().deadline_ns

    def frame_of(self, due: Due) -> int:
        """How many frames the schedule would have had by then, had all been shown at its rate."""
        if due.planned is None:
            return due.index
        return max(0, self._rate.frame_at(due.scheduled_ns - self.start_ns))

    def next(self) -> Due:
        """Sleep until the next frame is due, unless it is already."""
        self._refresh.look(self._clock.now_ns())
        if not self._refresh.known:
            if self._epoch is not None:
                self._by_the_clock()
            return super().next()
        moved_ns, off_ns = self._move(), abs(self._refresh.period_ns - self._ratio_of_ns)
        if moved_ns or not self._follows() or off_ns > _OTHER * self._ratio_of_ns:
            self._follow()
        # Of the frames that are over, and of those that another would be shown in place of, none is begun.
        newest = self._frame_of(self._earliest(self._clock.now_ns()))
        skipped = max(0, newest - self._next)
        index = self._next + skipped
        self._next = index + 1
        planned = self._refresh_of(index)
        scheduled_ns = self._begin_ns(planned)
        if self._latest is not None:
            # Nobody sees more than one at a time: the one before is to be seen first.
            scheduled_ns = max(
                scheduled_ns, min(self._refresh.time_of(self._latest), self._opens_ns(planned))
            )
        self._clock.sleep_until_ns(scheduled_ns)
        now_ns = self._clock.now_ns()
        self._latest = refresh = max(planned, self._earliest(now_ns))
        self._seen_ns = self._refresh.time_of(refresh)
        return Due(index, scheduled_ns, skipped, now_ns, planned, refresh, self._refresh.time_of(refresh))

    def opens_ns(self, due: Due) -> int:
        """From when on a swap brings it to its refresh, and to none before."""
        return 0 if due.refresh is None else self._opens_ns(due.refresh)

    def _follows(self) -> bool:
        """Whether frames are meant for refreshes as those are numbered now."""
        return self._refresh.known and self._epoch == self._refresh.epoch

    def _follow(self) -> None:
        """From the next frame on: it is meant for the first refresh that it can make, when it is due."""
        refresh = self._refresh
        before = self._due_by_now_ns()
        self._ratio_of_ns = refresh.period_ns
        self._ratio = ratio_of(self._rate, refresh.period_ns)
        self._epoch = refresh.epoch
        if not self._most_ns:
            self._most_ns = self._mostly_ns = refresh.period_ns / 2
        due_ns = max(before, self._clock.now_ns())
        self._first, self._at = self._next, self._earliest(due_ns)

    def _due_by_now_ns(self) -> int:
        """When the next frame was to be begun, by what was known until now."""
        if self._epoch is None:
            return self.due_ns(self._next)
        return self._clock.now_ns()

    def _by_the_clock(self) -> None:
        """From the next frame on, which is due now, or when the last is seen."""
        self._epoch = self._latest = None
        self.start_ns = max(self._clock.now_ns(), self._seen_ns) - self._rate.due_ns(self._next)

    def _refresh_of(self, index: int) -> int:
        steps = (index - self._first) * self._ratio.numerator // self._ratio.denominator
        return self._at + steps

    def _earliest(self, now_ns: int) -> int:
        """The refresh that a frame can make that is begun now: one after that of the last."""
        earliest = self._refresh.before(now_ns + round(self._mostly_ns)) + 1
        if self._latest is None:
            return earliest
        # Its number is of other refreshes, perhaps: nothing waits for longer than that.
        return max(earliest, min(self._latest + 1, earliest + _MOST_WAITING))

    def _frame_at(self, now_ns: int) -> int:
        """The last frame that was to be begun by now."""
        return self._frame_of(
            self._refresh.before(now_ns + round(self._lead_ns - OPENS * self._refresh.period_ns)) + 1
        )

    def _frame_of(self, number: int) -> int:
        """The last frame that is meant for that refresh, or for one before."""
        ratio = self._ratio
        return self._first + ((number - self._at + 1) * ratio.denominator - 1) // ratio.numerator

    @property
    def _lead_ns(self) -> float:
        """From when a frame is begun until it is to be swapped."""
        return min(self._most_ns + _SPARE_NS, float(self._ratio) * self._refresh.period_ns)

    def _opens_ns(self, refresh: int) -> int:
        return self._refresh.time_of(refresh - 1) + round(OPENS * self._refresh.period_ns)

    def _begin_ns(self, refresh: int) -> int:
        return self._opens_ns(refresh) - round(self._lead_ns)


def ratio_of(rate: FrameRate, period_ns: float) -> Fraction:
    """How many refreshes of that period a frame stays on the mean: 1 or more, and a simple ratio if it is
    near to one."""
    exact = Fraction(1_000_000_000) / rate.exact / Fraction(period_ns)
    if exact <= 1 + _NEAR:
        return Fraction(1)
    for denominator in range(1, _SIMPLE + 1):
        near = Fraction(round(exact * denominator), denominator)
        if abs(near - exact) <= _NEAR * exact:
            return near
    return exact.limit_denominator(1000)
