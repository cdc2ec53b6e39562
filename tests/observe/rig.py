"""A frame loop without a picture: a meter on a virtual clock, with stages that cost what a test says."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any

from mien.audio.session import AudioCounters
from mien.clock import VirtualClock
from mien.composite.gl.counters import Counters
from mien.observe import TABLE, Cores, FrameRecord, Ledger, MetricTable, TurnRecord, Waits
from mien.observe.turn_record import Record
from mien.script import Script
from mien.stage.instruments import Instruments
from mien.stage.meter import FrameMeter

FPS = 25
T = 1000 / FPS
T_NS = 1_000_000_000 // FPS
SAMPLES = 48_000 // FPS
MS = 1_000_000

STAGES = ("built", "drawn", "read", "swapped", "taken")


class Pauses:
    """What a collector or a heartbeat says: intervals that a test has put there."""

    def __init__(self) -> None:
        self.intervals: list[tuple[int, int]] = []
        self.slack: list[int | None] = []
        self.starving: list[tuple[int, int]] = []

    def pauses(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        cut = [(max(start, start_ns), min(end, end_ns)) for start, end in self.intervals]
        return [(start, end) for start, end in cut if start < end]

    gaps = pauses

    def starved(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        return self.starving

    def between(self, slack_ns: int | None) -> None:
        self.slack.append(slack_ns)


class LedgerWithLast(Ledger):
    """Keeps its last frame: whoever writes the records takes them, and others add theirs behind it."""

    last: FrameRecord | None = None

    def _append(self, record: Record) -> None:
        super()._append(record)
        if isinstance(record, FrameRecord):
            self.last = record


@dataclass
class Rig:
    """`frame` runs one frame of the schedule; the clock moves by what its stages cost, by nothing else."""

    realtime: bool = True
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(5_000_000_000))
    table: MetricTable = TABLE
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.cpu_ns = 0
        self.waited_ns = 0
        self.times: int | None = None
        self.drawing_ns = 0
        self.loop_us = 80.0
        self.ended: deque[TurnRecord] = deque()
        self.audio = AudioCounters(**dict.fromkeys((field.name for field in fields(AudioCounters)), 0))
        self.player = SimpleNamespace(rebuilds=0, rebuild_us=0.0, misses=0, miss_ended=[], held=None)
        self.supply = SimpleNamespace(upload_ms=0.0)
        show: Any = SimpleNamespace(
            player=self.player,
            supply=self.supply,
            script=Script(0),
            session=SimpleNamespace(ended=self.ended, entrances=SimpleNamespace(late=0)),
            audio=SimpleNamespace(counters=lambda: self.audio),
        )
        self.ledger = LedgerWithLast(T, realtime=self.realtime, keep=True, table=self.table)
        self.gpu_ms: float | None = None
        timer = SimpleNamespace(take=lambda: self.gpu_ms)
        compositor: Any = SimpleNamespace(counters=self.counters, timer=timer)
        self.meter = FrameMeter(
            self.ledger,
            show,
            compositor,
            Instruments(
                self.clock.now_ns,
                lambda: self.cpu_ns,
                lambda: Waits(self.waited_ns, self.times),
                cores=Cores(lambda: b""),
                loop_us=lambda: self.loop_us,
            ),
        )
        self.start_ns = self.clock.now_ns()
        self.meter.restart(self.start_ns)

    def spend(self, ms: float, *, running: bool = True) -> tuple[int, int]:
        """Let time pass, with the frame's thread running or not. Returns the interval."""
        start_ns = self.clock.now_ns()
        self.clock.advance_ns(round(ms * MS))
        self.cpu_ns += round(ms * MS) if running else 0
        return start_ns, self.clock.now_ns()

    def crowd(self, share: float) -> None:
        """From now on others have so large a share of what runs on the cores."""
        self.meter._others_share = share

    def due(self, index: int) -> None:
        """Sleep until frame `index` is due."""
        self.clock.sleep_until_ns(self.start_ns + index * T_NS)

    def frame(self, index: int, **costs: float) -> FrameRecord:
        """Frame `index`, begun when due; each stage named costs so many ms."""
        self.due(index)
        self.meter.begin()
        for stage in STAGES:
            if stage in costs:
                self.spend(costs[stage])
                getattr(self.meter, stage)()
        return self.end(index)

    def end(self, index: int, **how: Any) -> FrameRecord:
        """Close the frame and return its record."""
        self.meter.end(index, index * SAMPLES, **how)
        return self.last

    def heard(self, **more: int) -> None:
        """Let audio counters grow."""
        self.audio = replace(self.audio, **{k: getattr(self.audio, k) + v for k, v in more.items()})

    @property
    def last(self) -> FrameRecord:
        assert self.ledger.last is not None
        return self.ledger.last
