"""Frames brought to a screen: held until their refresh, swapped, and what that says of the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from mien.clock import SAMPLE_RATE, Clock, FrameRate
from mien.observe.clock_jumps import ClockJumps
from mien.observe.screen import NO_SCREEN, Screen
from mien.observe.stops import Stops
from mien.stage.cadence import Cadence
from mien.stage.pacing import Due, Playhead
from mien.stage.refresh import DOUBTED, WAITED_NS, Refresh
from mien.stage.refresh_grid import LEAST

_AT_ONCE: Final = 6
"""Swaps in a row that do not wait: the driver has room for more than the screen asks for, and always will.
Drivers hold 1 to 3."""
_MOST: Final = 40
"""Swaps of a search."""
_PAUSES: Final = (0.0, 0.0, 0.0, 0.3, 0.0, 1.4, 0.5, 0.0, 0.2, 1.6, 0.4, 0.0)
"""Of a period, between those: a swap that waits for the screen returns with it, however late it was begun."""
_LONGEST_NS: Final = 600_000_000
"""A search takes no longer."""
_AGAIN: Final = 2
"""Waits that a second look takes: the phase is known by each."""
_FIRST_AGAIN_NS: Final = 1_000_000_000
_LAST_AGAIN_NS: Final = 64_000_000_000
"""After a search that found nothing the next comes so much later, each time twice as much."""
_SECOND: Final = 1_000_000_000


class Shown(NamedTuple):
    """How a frame came to the screen."""

    presented_ns: int
    """When it was there, by the clock of the schedule."""
    due_ns: int
    """When it was due there."""
    waited_until_ns: int
    """Up to then it was to wait for its refresh: that is nobody's lateness."""
    screen: Screen
    """The same in refreshes, as far as those are known."""


class Presenter:
    """Who brings a window's frames to the screen, in their refresh where that is known.

    Parameters: as of `Cadence`; `swap` swaps the buffers; `again` puts the same picture into the back buffer
    once more; `jumps` says when the machine slept; `because`: why the screen is not looked for, if it is not.
    """

    def __init__(
        self,
        clock: Clock,
        fps: FrameRate | int,
        stops: Stops | None,
        swap: Callable[[], object],
        again: Callable[[], object],
        *,
        jumps: ClockJumps | None = None,
        because: str = "",
    ) -> None:
        self.refresh = Refresh()
        self.pacer = Cadence(clock, fps, stops, refresh=self.refresh)
        self.searches = 0
        """How often the screen was looked for or looked at again."""
        self._clock, self._swap, self._again = clock, swap, again
        self._jumps, self._slept = jumps, 0 if jumps is None else jumps.suspends
        self._looks = not because
        if because:
            self.refresh.because = because
        self._wait_ns = _FIRST_AGAIN_NS
        self._next_search_ns: int | None = None
        self._next_look_ns = 0
        self._playhead = Playhead(self.pacer.interval_ns)
        self._last: int | None = None
        """The refresh at which the last frame was shown,"""
        self._stayed: int | None = None
        """and for how many the one before it was."""
        self._chosen_ns = self._drawn_ns = 0

    @property
    def paced_by(self) -> str:
        """By what frames go, for people."""
        hz = self.refresh.hz
        if hz is not None:
            return f"the screen's refresh, measured as {hz:.2f} Hz"
        return f"the clock: {self.refresh.because}"

    def find(self) -> bool:
        """Look for the screen's refresh by swaps of a picture that stands; whether it was found. Takes some
        12 refreshes, or as good as nothing where swaps do not wait. The context is current."""
        if not self._looks:
            return False
        self.searches += 1
        clock, refresh = self._clock, self.refresh
        began_ns, at_once, shortest = clock.now_ns(), 0, 0
        ended_ns: int | None = None
        room = 0
        refresh.forget("it is being looked for")
        for _ in range(_MOST):
            if refresh.seen >= len(_PAUSES) or clock.now_ns() - began_ns > _LONGEST_NS:
                break
            if shortest and not at_once:
                clock.sleep_until_ns(clock.now_ns() + round(_PAUSES[refresh.seen] * shortest))
            waited, returned_ns = refresh.seen, self._swap_again()
            if refresh.seen == waited:
                at_once, ended_ns = at_once + 1, None
                room = max(room, at_once if not waited else 0)
                if at_once >= _AT_ONCE:
                    return self._not_found("swaps return at once, they wait for no screen", settled=True)
                continue
            before_ns, ended_ns, at_once = ended_ns, returned_ns, 0
            if before_ns is not None:
                step = returned_ns - before_ns
                shortest = min(shortest, step) if shortest else step
        if refresh.seen < LEAST:
            return self._not_found("too few swaps have waited for the screen")
        if not refresh.search():
            return self._not_found(refresh.because)
        self._wait_ns = _FIRST_AGAIN_NS
        self._filled(room)
        return True

    def start(self) -> None:
        """A run begins: frame 0 is due now."""
        self._last = self._stayed = None
        self.pacer.start()

    def next(self) -> Due:
        """Sleep until the next frame is due, unless it is already."""
        jumps = self._jumps
        if jumps is not None and jumps.suspends != self._slept:
            self._slept = jumps.suspends
            self.refresh.forget("the machine has slept")
            self._next_search_ns = None
        return self.pacer.next()

    def sample(self, due: Due, heard: int, known: int, least: int) -> int:
        """Which sample the frame is to show: that which will be heard when it is seen, as of `Playhead`."""
        self._chosen_ns = now_ns = self._clock.now_ns()
        if due.shown_ns is None:
            return self._playhead.at(heard, known, least)
        return self._playhead.at_refresh(heard, known, least, now_ns, due.shown_ns)

    def hold(self, due: Due) -> None:
        """The frame is drawn: wait until a swap brings it to its refresh, and to none before."""
        self._drawn_ns = self._clock.now_ns()
        self._clock.sleep_until_ns(self.pacer.opens_ns(due))

    def show(self, due: Due, *, changed: bool, gpu_ms: float | None = None) -> Shown:
        """Swap the buffers, unless what is on the screen stays; after `hold`. How the frame came there.

        `gpu_ms`: what the GPU takes for one, where that is known.
        """
        clock, refresh = self._clock, self.refresh
        begun_ns = ended_ns = clock.now_ns()
        if changed:
            self._swap()
            ended_ns = clock.now_ns()
            refresh.swapped(begun_ns, ended_ns)
        drawn_ns = self._drawn_ns - due.begun_ns
        self._playhead.took(ended_ns - self._chosen_ns)
        self.pacer.took(drawn_ns if gpu_ms is None else max(drawn_ns, gpu_ms * 1e6))
        if due.planned is None or due.refresh is None or due.shown_ns is None or not refresh.known:
            self._last = self._stayed = None
            return Shown(ended_ns, due.scheduled_ns, 0, NO_SCREEN)
        if not changed:
            seen = due.refresh
        elif ended_ns - begun_ns >= WAITED_NS:
            seen = max(refresh.nearest(ended_ns), refresh.before(begun_ns) + 1)
        else:
            seen = refresh.before(begun_ns) + 1
        stayed, self._stayed = self._stayed, None if self._last is None else seen - self._last
        told = Screen(
            refresh.hz,
            idle=max(0, seen - refresh.before(self._drawn_ns) - 1),
            late=max(0, seen - due.planned),
            offset=self._stayed,
            latency=seen - refresh.before(due.begun_ns),
            uneven=stayed is not None and self._stayed is not None and abs(self._stayed - stayed) > 1,
        )
        self._last = seen
        due_ns = refresh.time_of(due.planned)
        return Shown(refresh.time_of(seen), due_ns, min(ended_ns, due.shown_ns), told)

    def look(self, *, quiet: bool) -> None:
        """After a frame: look at the screen, or for it, where that is due. `quiet`: nobody speaks, and it may
        cost a frame or two. The context is current."""
        if not self._looks:
            return
        now_ns = self._clock.now_ns()
        if self.refresh.known:
            if (
                self.refresh.doubt(now_ns) > (DOUBTED if quiet else 2 * DOUBTED)
                and now_ns >= self._next_look_ns
            ):
                self._look_again()
                self._next_look_ns = self._clock.now_ns() + _SECOND // 4
        elif self._next_search_ns is None or (now_ns >= self._next_search_ns and quiet):
            if self._next_search_ns is None and not quiet:
                self._next_search_ns = now_ns + self._wait_ns
                return
            self.find()

    def skew_ms(self, at: int, heard: int, shown: Shown) -> float:
        """How far the mouth is ahead of the sound where sample `at` is seen, and `heard` is heard now."""
        return (at - heard) * 1000 / SAMPLE_RATE - (shown.presented_ns - self._clock.now_ns()) / 1e6

    def _look_again(self) -> None:
        """Swap until it waits: drivers that have room for frames say nothing of the screen else."""
        self.searches += 1
        waits = swaps = 0
        while waits < _AGAIN and swaps < _AT_ONCE + _AGAIN:
            before_ns = self._clock.now_ns()
            waits += self._swap_again() - before_ns >= WAITED_NS
            swaps += 1
        if waits < _AGAIN or self.refresh.doubt(self._clock.now_ns()) > 2 * DOUBTED:
            self._not_found("swaps do not wait for the screen as they did")
        else:
            self._filled(swaps + 1 - waits)

    def _filled(self, room: int) -> None:
        """The driver holds so many pictures that are not seen yet."""
        if self.refresh.known:
            self.pacer.after(self.refresh.before(self._clock.now_ns()) + room)

    def _swap_again(self) -> int:
        """Show the same picture again; when the swap returned."""
        self._again()
        begun_ns = self._clock.now_ns()
        self._swap()
        ended_ns = self._clock.now_ns()
        self.refresh.swapped(begun_ns, ended_ns)
        return ended_ns

    def _not_found(self, because: str, *, settled: bool = False) -> bool:
        self.refresh.forget(because)
        wait_ns, self._wait_ns = self._wait_ns, min(2 * self._wait_ns, _LAST_AGAIN_NS)
        self._next_search_ns = self._clock.now_ns() + (3600 * _SECOND if settled else wait_ns)
        return False
