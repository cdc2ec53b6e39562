"""A screen that a test has made: its refresh, its driver's queue and its faults, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from random import Random

from mien.clock import SAMPLE_RATE, FrameRate, VirtualClock
from mien.observe import ClockJumps
from mien.observe.clock_jumps import Times
from mien.observe.stops import Stops
from mien.stage.pacing import Due
from mien.stage.presenting import Presenter, Shown

MS = 1_000_000
RATES: dict[str, Fraction | float] = {
    "50": 50,
    "59.94": Fraction(60000, 1001),
    "60": 60,
    "75": 75,
    "120": 120,
    "144": 144,
}


@dataclass
class Screen:
    """Frames are seen at refreshes. `swap` returns when its driver says so; the clock is moved to there.

    `room`: frames that may wait in the driver's queue; 0: a swap returns when its own frame is seen.
    """

    clock: VirtualClock
    hz: Fraction | float
    room: int = 0
    jitter_ms: float = 0.0
    """Threads wake up to so much after the refresh."""
    missed: float = 0.0
    """Share of frames that the compositor brings to the screen a refresh late."""
    waits: bool = True
    """False: a swap returns at once; the newest frame is seen."""
    takes_ms: float = 0.0
    """What a swap takes whatever the screen does."""
    variable: bool = False
    """The screen refreshes when a frame is there, at most `hz` times a second."""
    phase_ns: int = 3_456_789
    seed: int = 1

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.seen: list[tuple[int, object]] = []
        """The refresh at which each swap was seen, and what it showed."""
        self.showing: object = None
        self.slowed = 1.0

    @property
    def period_ns(self) -> float:
        return float(1_000_000_000 / Fraction(self.hz))

    def number(self, at_ns: int) -> int:
        """The refresh at that time or before."""
        return int((at_ns - self.phase_ns) // self.period_ns)

    def time(self, number: int) -> int:
        return self.phase_ns + round(number * self.period_ns)

    def swap(self) -> None:
        now_ns = self.clock.now_ns()
        if self.takes_ms:
            self.clock.advance_ns(round(self.takes_ms * MS))
        if self.variable:
            self._swap_variable(now_ns)
            return
        seen = self.number(self.clock.now_ns()) + 1
        if self.seen and self.waits:
            seen = max(seen, self.seen[-1][0] + 1)
        seen += self.chance.random() < self.missed
        self.seen.append((seen, self.showing))
        if not self.waits:
            return
        # It returns when no more than `room` frames wait behind it.
        returns = (
            seen if not self.room else (self.seen[-1 - self.room][0] if len(self.seen) > self.room else None)
        )
        if returns is not None and self.time(returns) > now_ns:
            woken_ns = round(self.chance.random() * self.jitter_ms * MS)
            self.clock.sleep_until_ns(self.time(returns) + woken_ns)

    def _swap_variable(self, now_ns: int) -> None:
        last_ns = self.seen[-1][0] if self.seen else 0
        seen_ns = max(now_ns, last_ns + round(self.period_ns))
        self.seen.append((seen_ns, self.showing))
        self.clock.sleep_until_ns(seen_ns + 20_000)


@dataclass
class Frame:
    """What became of a frame of the schedule."""

    due: Due
    at: int
    shown: Shown
    skew_ms: float


@dataclass
class Showing:
    """A window's loop without a window: frames of a sound that is heard by the clock, on a screen."""

    screen: Screen
    fps: int | Fraction = 30
    cost_ms: Callable[[int], float] = lambda _nth: 4.0
    heard_off_ms: Callable[[], float] = lambda: 0.0
    """How far from the truth a device says that it is."""
    stops: Stops | None = None
    quiet: bool = False
    frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.screen.clock
        self.slept_ns = self.wall_ns = 0
        self.jumps = ClockJumps(self._times)
        self.again = 0
        self.presenter = Presenter(
            self.clock, FrameRate.of(self.fps), self.stops, self.screen.swap, self._again, jumps=self.jumps
        )
        self.origin_ns = 0
        self._counted = 0

    def heard(self) -> int:
        """The sample that is heard now; a process that does not run hears nothing."""
        lost_ns = self.stops.lost_ns if self.stops is not None else 0
        return (self.clock.now_ns() - lost_ns) * SAMPLE_RATE // 1_000_000_000

    def start(self) -> None:
        self.presenter.start()

    def run(self, frames: int) -> list[Frame]:
        """Show so many; what became of them."""
        begun = len(self.frames)
        for _ in range(frames):
            self.step()
        return self.frames[begun:]

    def step(self) -> None:
        presenter = self.presenter
        due = presenter.next()
        said = self.heard() + round(self.heard_off_ms() * SAMPLE_RATE / 1000)
        at = presenter.sample(due, said, 1 << 50, 0)
        self.clock.advance_ns(round(self.cost_ms(self._counted) * MS))
        self._counted += 1
        presenter.hold(due)
        self.screen.showing = due.index
        shown = presenter.show(due, changed=True)
        presenter.look(quiet=self.quiet)
        self.jumps.look(self.clock.now_ns())
        self.frames.append(Frame(due, at, shown, presenter.skew_ms(at, self.heard(), shown)))

    def stays(self, last: int) -> list[int]:
        """For how many refreshes each of the last frames stayed on the screen, looks at it left out."""
        seen = [(number, showing) for number, showing in self.screen.seen if showing != "again"][-last:]
        return [later - sooner for (sooner, _), (later, _) in pairwise(seen)]

    def errors_ms(self, last: int) -> list[float]:
        """Animation errors of the last frames, by when the screen did show them."""
        seen = [number for number, showing in self.screen.seen if showing != "again"][-last:]
        frames = self.frames[-last:]
        times = [self.screen.time(number) / MS for number in seen]
        shown = [frame.at * 1000 / SAMPLE_RATE for frame in frames]
        return [abs((shown[n] - shown[n - 1]) - (times[n] - times[n - 1])) for n in range(1, len(frames))]

    def _again(self) -> None:
        self.again += 1
        self.screen.showing = "again"

    def _times(self) -> Times:
        now_ns = self.clock.now_ns()
        return Times(now_ns, now_ns + self.slept_ns, now_ns + self.slept_ns + self.wall_ns)
